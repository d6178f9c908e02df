"""What is wrong with write-back, by name: what waits, was refused, and waits for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, Max, Min, OuterRef

from perilune.hub.contracts.health import Trouble, WritingHealth
from perilune.hub.contracts.scopes import MISSING
from perilune.hub.contracts.writing import OPEN, WHYS, BatchState, LineState
from perilune.hub.models import Connection, WriteBatch, WriteLine, WriteRule
from perilune.hub.queries import writing
from perilune.hub.queries.connections import is_alive
from perilune.hub.queries.said import said
from perilune.hub.queries.scopes import missing_scopes
from perilune.kernel.messages import gettext_noop as _

DAYS = 30
"""How long a refused write is told of."""

LATE = timedelta(hours=1)
"""After which a batch that is being written should have come on."""

FORGOTTEN = timedelta(days=1)
"""After which a batch that nobody confirmed is told of."""

_MOST = 2_000
_OPEN = [state.value for state in OPEN]
_SETTLED = [LineState.WRITTEN.value, LineState.SAME.value, LineState.TAKEN.value]
_ON = (BatchState.WRITING.value, BatchState.FAILED.value, BatchState.DONE.value)


def writing_health(name: str, now: datetime) -> tuple[WritingHealth | None, list[Trouble]]:
    """Return how write-back of a connection stands and what is wrong with it; None, if unused."""
    rules = WriteRule.objects.filter(connection__name=name)
    batches = WriteBatch.objects.filter(source=name)
    if not rules.exists() and not batches.exists():
        return None, []
    waiting = WriteLine.objects.filter(batch__source=name, batch__state__in=_ON, state__in=_OPEN)
    since = waiting.aggregate(at=Min("batch__started_at"))["at"]
    asked = writing.asked(name)
    refused = _refused(name, now)
    unconfirmed = list(batches.filter(state=BatchState.READY.value).order_by("looked_at"))
    written = WriteLine.objects.filter(batch__source=name, state=LineState.WRITTEN.value)
    found = WritingHealth(
        written.aggregate(at=Max("answered_at"))["at"], waiting.count(), since, len(asked),
        _asked_since([batch_id for batch_id, _line in asked]), len(refused), len(unconfirmed),
    )  # fmt: skip
    return found, [
        *_stopped(name, now), *_scopes(name, refused), *_refusals(refused), *_to_decide(found),
        *_unconfirmed(unconfirmed, now),
    ]  # fmt: skip


def _asked_since(batch_ids: Sequence[int]) -> datetime | None:
    looked: datetime | None = WriteBatch.objects.filter(id__in=batch_ids).aggregate(
        at=Min("looked_at")
    )["at"]
    return looked


def _refused(name: str, now: datetime) -> list[WriteLine]:
    """Return refused values that no later batch settled, the latest first."""
    later = WriteLine.objects.filter(
        kind=OuterRef("kind"), record_id=OuterRef("record_id"), field=OuterRef("field"),
        batch__source=name, id__gt=OuterRef("id"), state__in=_SETTLED,
    )  # fmt: skip
    rows = WriteLine.objects.filter(
        batch__source=name, state=LineState.REFUSED.value,
        batch__created_at__gte=now - timedelta(days=DAYS),
    ).exclude(Exists(later))  # fmt: skip
    return list(rows.order_by("-id")[:_MOST])


def _stopped(name: str, now: datetime) -> list[Trouble]:
    """Tell of batches that were confirmed and whose values still wait."""
    found = []
    rows = WriteBatch.objects.filter(source=name, state__in=_ON).annotate(
        is_open=Exists(WriteLine.objects.filter(batch=OuterRef("id"), state__in=_OPEN))
    )
    for batch in rows.filter(is_open=True):
        waits = WriteLine.objects.filter(batch=batch, state__in=_OPEN).count()
        params = {"count": waits, "why": said(batch.message, batch.message_params)}
        is_under_way = batch.state == BatchState.WRITING.value and is_alive(batch)
        if is_under_way and now - (batch.started_at or now) < LATE:
            continue
        if is_under_way:
            text, todo = (
                _("Values wait to be written: %(count)s."),
                _("Look whether the worker runs."),
            )
        elif batch.state == BatchState.FAILED.value:
            text = _("Writing stopped; values that wait: %(count)s. %(why)s")
            todo = _("Go on with the batch.")
        else:
            text = _("The process that wrote ended in the middle; values that wait: %(count)s.")
            todo = _("Go on with the batch: what was asked is looked at first.")
        code = "write_waits" if is_under_way else "write_stopped"
        found.append(Trouble(code, text, params, todo, batch.started_at, batch=batch.id))
    return found


def _scopes(name: str, refused: Sequence[WriteLine]) -> list[Trouble]:
    """Tell where writing is switched on and the access that was granted does not allow it."""
    missing = missing_scopes(name)
    told = [line for line in refused if line.code == MISSING and _is_since(name, line)]
    if not missing and not told:
        return []
    at = min((line.answered_at for line in told if line.answered_at), default=None)
    todo = _("Connect again, and allow writing there.")
    if missing:
        text = _("Writing is switched on, and the access that was granted does not allow it:"
                 " %(scopes)s.")  # fmt: skip
        return [Trouble("write_scopes", text, {"scopes": ", ".join(missing)}, todo, at)]
    text = _("Writes were refused for want of a right of the app or token: %(count)s.")
    return [Trouble("write_scopes", text, {"count": len(told)}, todo, at, batch=told[0].batch_id)]


def _is_since(name: str, line: WriteLine) -> bool:
    """Tell whether a write was refused since access was last granted."""
    health = Connection.objects.filter(name=name).values_list("health", flat=True).first() or {}
    granted = health.get("granted_at", "")
    return not granted or (line.answered_at or line.batch.created_at) >= datetime.fromisoformat(
        granted
    )


def _refusals(refused: Sequence[WriteLine]) -> list[Trouble]:
    """Tell of refused values, cause by cause."""
    causes = Counter((line.code, WHYS.get(line.code, line.reason)) for line in refused)
    found = []
    for (code, why), count in causes.most_common():
        if code == MISSING:
            continue
        mine = [line for line in refused if (line.code, WHYS.get(line.code, line.reason)) ==
                (code, why)]  # fmt: skip
        at = min((line.answered_at for line in mine if line.answered_at), default=None)
        text = _("Values refused there: %(count)s. %(reason)s")
        found.append(
            Trouble("write_refused", text, {"count": count, "reason": why or code},
                    _("Look at the batch."), at, is_urgent=False, batch=mine[0].batch_id)
        )  # fmt: skip
    return found


def _to_decide(found: WritingHealth) -> list[Trouble]:
    if not found.asked:
        return []
    text = _("Changed on both sides, and nobody decided: %(count)s.")
    todo = _("Decide whose value counts.")
    return [Trouble("write_asked", text, {"count": found.asked}, todo, found.asked_since,
                    is_urgent=False)]  # fmt: skip


def _unconfirmed(batches: Sequence[WriteBatch], now: datetime) -> list[Trouble]:
    old = [one for one in batches if now - (one.looked_at or one.created_at) > FORGOTTEN]
    if not old:
        return []
    text = _("Batches that were looked at and that nobody confirmed: %(count)s.")
    return [Trouble("write_unconfirmed", text, {"count": len(old)},
                    _("Confirm or discard them."), old[0].looked_at, is_urgent=False,
                    batch=old[0].id)]  # fmt: skip
