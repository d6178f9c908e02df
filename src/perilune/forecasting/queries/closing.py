"""The close of periods: where it stands, the checklist, what was learnt after it."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from perilune.forecasting.contracts.closing import Check, Fact, Learnt, Step, StepInfo
from perilune.forecasting.models import PeriodStep
from perilune.history.contracts import DELETED, Event
from perilune.history.queries import timeline
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.store import queries as store

WHOLE = 10_000
TOLD = frozenset(
    {"amount", "currency", "close_date", "stage_id", "owner_id", "is_excluded", DELETED, ""}
)
"""The fields of a deal that decide what a period brought."""


def steps(period: Period, as_of: AsOf | None = None) -> list[StepInfo]:
    """Return the steps in the close of a period, the latest first; as_of: those taken by then."""
    found = PeriodStep.objects.filter(starts=period.start, ends=period.end)
    if as_of is not None:
        found = found.filter(as_of_day__lte=as_of.day)
    return [_info(row) for row in found.order_by("-number")]


def standing(period: Period, as_of: AsOf | None = None) -> StepInfo | None:
    """Return the last step of a period, None before the first."""
    return next(iter(steps(period, as_of)), None)


def close_of(period: Period, as_of: AsOf) -> StepInfo | None:
    """Return the step that froze a period, None while it is open."""
    last = standing(period, as_of)
    return last if last is not None and last.step is Step.CLOSED else None


def _info(row: PeriodStep) -> StepInfo:
    return StepInfo(
        step=Step(row.step),
        number=row.number,
        at=row.at,
        actor=row.actor,
        reason=row.reason,
        is_self_approved=row.is_self_approved,
        as_of=AsOf(row.as_of_at.astimezone(UTC), row.as_of_day),
        store_version=row.store_version,
        currency=row.currency,
        checklist=tuple(row.checklist),
        figures=tuple(row.figures),
    )


def checklist(period: Period, as_of: AsOf, teams_without_quota: int) -> list[Check]:
    """Return what stands against freezing a period, of the whole company."""
    params = {"starts": period.start, "ends": period.end}
    rows = store.run("forecasting.close_checks", params, scope=Scope.company(), as_of=as_of)
    counts = rows.dicts()[0]
    return [
        Check("over", int(as_of.day <= period.end), is_blocking=True),
        Check("fresh", len(store.freshness().waiting), is_blocking=True),
        *(Check(name, int(counts[name])) for name in counts),
        Check("without_quota", teams_without_quota),
    ]


Won = dict[tuple[int, int | None, int | None], tuple[str, int]]


def _won(period: Period, as_of: AsOf, scope: Scope, version: int | None) -> Won:
    params = {"starts": period.start, "ends": period.end}
    found = store.run(
        "forecasting.won_in_period", params, scope=scope, as_of=as_of, version=version
    ).dicts()
    return {
        (row["id"], row["team_id"], row["rep_id"]): (row["name"] or "", int(row["credit"]))
        for row in found
    }


def learnt(
    period: Period, close: StepInfo, as_of: AsOf, scope: Scope, *, with_facts: bool = False
) -> list[Learnt]:
    """Return the deals whose won value is no longer that of record, the largest change first.

    What was known then comes from the store version that the close pinned, what is known now from
    the current one at the as-of. with_facts: also who changed what when, from the history.
    NotFound when the pinned version is not in the store any more.
    """
    try:
        then = _won(period, close.as_of, scope, close.store_version)
    except FileNotFoundError as error:
        raise NotFound(_("The frozen version of the store is gone.")) from error
    now = _won(period, as_of, scope, None)
    found = []
    for key in then.keys() | now.keys():
        before, after = (_minor(won.get(key, ("", 0))[1]) for won in (then, now))
        if before != after:
            name = now.get(key, then.get(key, ("", 0)))[0]
            facts = _facts(key[0], close) if with_facts else ()
            found.append(Learnt(key[0], name or f"#{key[0]}", key[1], key[2], before, after, facts))
    return sorted(found, key=lambda one: (-abs(one.change), one.deal_id))


def _minor(credit: int) -> int:
    return (credit + WHOLE // 2) // WHOLE


def _facts(deal_id: int, close: StepInfo) -> tuple[Fact, ...]:
    events = timeline("opportunity", deal_id, with_retracted=True)
    return tuple(
        _fact(event) for event in events if event.recorded_at > close.at and event.field in TOLD
    )


def _fact(event: Event) -> Fact:
    is_birth = event.field == ""
    old: Any = None if is_birth else event.old
    new: Any = None if is_birth else event.new
    return Fact(event.actor, event.recorded_at, event.field, old, new, event.title or event.source)
