"""What happens is followed from the records of it: each happening becomes a delivery, once.

The history, the recorded runs, the plans and the notices are the outbox: a feed is read from where
it was left, so that nothing is lost when a process ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from perilune.forecasting import queries as forecasting
from perilune.history import queries as history
from perilune.hub.contracts.hooks import RECORD_KINDS, Happening, SendState
from perilune.hub.models import Delivery, Subscription
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import NEWS
from perilune.people import queries as people
from perilune.planning import queries as planning
from perilune.planning.contracts import PlanState

A_BODY = 100
"""Records that one delivery names."""

MANY = 2_000
"""Records of a kind of one change set, from which on they are counted and not named."""

_SETS = 200


def heads(owner: str) -> dict[str, int]:
    """Return where each feed stands now: a new subscription is told what comes after."""
    scope = scope_of(owner)
    return {
        "records": history.last_event(),
        "forecast": max((run.id for run in forecasting.runs(None, scope)), default=0),
        "plan": len(_published(scope, owner)),
        **{feed.name: feed.head(owner) for feed in NEWS},
    }


def scope_of(owner: str) -> Scope:
    """Return whose rows an owner sees today; nothing for one who is no user (any more)."""
    user = people.user_named(owner)
    if user is None or not user.is_active:
        return Scope(label="mine", owners=frozenset(), aggregates_only=True)
    return people.scope_for(user)


def follow(now: datetime) -> int:
    """Write a delivery for everything that happened since, and return how many."""
    return sum(_followed(one, now) for one in Subscription.objects.filter(is_on=True))


def _followed(of: Subscription, now: datetime) -> int:
    made = 0
    for name in ("records", "forecast", "plan", *NEWS.names()):
        with transaction.atomic():  # what is told and how far it was followed count together
            found = Subscription.objects.select_for_update().get(id=of.id)
            cursor = int(found.cursors.get(name, 0))
            after, happened = _news(name, found, cursor)
            rows = [
                Delivery(
                    subscription=found, event_id=f"{name}-{found.id}-{one.key}", type=one.type,
                    refs=dict(one.refs), state=SendState.WAITING.value, next_at=now, created_at=now,
                )
                for one in happened
                if one.type in found.events
            ]  # fmt: skip
            if after != cursor:
                Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=200)
                found.cursors = {**found.cursors, name: after}
                found.save(update_fields=["cursors"])
                made += len(rows)
    return made


def _news(name: str, of: Subscription, cursor: int) -> tuple[int, list[Happening]]:
    if name == "records":
        return _records(of, cursor)
    scope = scope_of(of.owner)
    if name == "forecast":
        runs = [run for run in forecasting.runs(None, scope) if run.id > cursor]
        found = [Happening(str(run.id), "forecast.recorded", {"run": run.id}) for run in runs]
        return max((run.id for run in runs), default=cursor), found
    if name == "plan":
        plans = _published(scope, of.owner)
        return max(len(plans), cursor), [
            Happening(str(plan.id), "plan.published", {"plan": plan.id}) for plan in plans[cursor:]
        ]
    feed = NEWS.get(name)
    after, rows = feed.since(of.owner, cursor)
    return after, [Happening(str(n), feed.type, {"feed": name, "number": n}) for n in rows]


def _published(scope: Scope, owner: str) -> list[Any]:
    """Return the plans that were ever published and that one sees, in the order of it."""
    found = [plan for plan in planning.plans(scope, owner) if plan.published_at is not None
             and plan.state in (PlanState.PUBLISHED, PlanState.SUPERSEDED)]  # fmt: skip
    return sorted(found, key=lambda plan: (plan.published_at, plan.id))


def _records(of: Subscription, cursor: int) -> tuple[int, list[Happening]]:
    wanted = [kind for kind in RECORD_KINDS if any(e.startswith(f"{kind}.") for e in of.events)]
    found: list[Happening] = []
    events = history.set_events(cursor, _SETS)
    for number, set_id, is_undone in events:
        found += _of_set(number, set_id, is_undone, wanted)
    return (events[-1][0] if events else cursor), found


_UNDONE = {"created": "ended", "ended": "created", "changed": "changed"}


def _of_set(number: int, set_id: int, is_undone: bool, kinds: list[str]) -> Iterator[Happening]:
    """Give what a set did, by kind and verb, some records at a time."""
    by: dict[tuple[str, str], dict[int, list[str]]] = {}
    for act in history.acts_of_set(set_id, kinds):
        what = _UNDONE[act.what] if is_undone else act.what
        by.setdefault((act.kind, what), {})[act.record_id] = list(act.fields)
    for (kind, what), records in by.items():
        refs: Mapping[str, object] = {"kind": kind, "set": set_id, "is_undone": is_undone}
        if len(records) > MANY:
            yield Happening(f"{number}-{kind}-{what}", f"{kind}.{what}", {**refs, "is_many": True})
            continue
        ids = list(records)
        for start in range(0, len(ids), A_BODY):
            some = {str(i): records[i] for i in ids[start : start + A_BODY]}
            yield Happening(
                f"{number}-{kind}-{what}-{start}", f"{kind}.{what}", {**refs, "records": some}
            )
