"""Put published plans in force on their day, and take that back.

All that a plan writes is one change set, known from the start of the day in the company's zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction

from perilune.history.queries import set_info
from perilune.history.service import bulk_append, bulk_complete, bulk_open, bulk_undo, retract
from perilune.kernel.asof import start_of_day
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import JobKind, StepResult
from perilune.people.queries import company
from perilune.store import service as store
from perilune.territories.contracts import Activated, DraftState, EditKind
from perilune.territories.models import Draft, DraftEdit, DraftTerritory
from perilune.territories.queries.loading import loaded_of
from perilune.territories.service.effects import Effects, effects_of
from perilune.territories.service.writing import changing, settle

JOB = "territories.activate"
PURPOSE = "territories"
TITLE = _("Territory plan in force")
UNDER_WAY = timedelta(seconds=75)
"""An activation that was begun so lately may still be at work: a step of a job lasts no longer."""


def activate_due(on: date | None = None, *, actor: str = "schedule") -> list[Activated]:
    """Put every published plan in force whose day has come; return what each wrote.

    on: a day up to the company's today, today if None. Safe to repeat: a plan that is in force is
    left alone, one whose activation broke off is begun anew. Plans go by their day, then by id.
    """
    today = company().today.day
    day = min(on or today, today)
    due = list(
        Draft.objects.filter(state=DraftState.APPROVED.value, effective_from__lte=day)
        .order_by("effective_from", "id")
        .values_list("id", flat=True)
    )
    return [found for draft in due if (found := _activated(draft, actor)) is not None]


def take_back(draft_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Roll back what a plan in force wrote: everything is as before it; the plan is approved again.

    Later edits by hand stand, as of any change set.
    """
    active = frozenset({DraftState.ACTIVE})
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True, states=active) as held:
        if held.row.change_set_id is None:
            raise Invalid(_("“%(name)s” wrote nothing to take back."), name=held.row.name)
        retract(held.row.change_set_id, actor)
        settle(held.row)
        held.note(EditKind.STATE)


def _activated(draft_id: int, actor: str) -> Activated | None:
    """Put one plan in force; None where somebody else has, or is at it."""
    with transaction.atomic():
        row = Draft.objects.select_for_update().get(id=draft_id)
        if row.state != DraftState.APPROVED or row.effective_from is None or _is_busy(row):
            return None
        if row.change_set_id is not None:
            with suppress(NotFound):
                bulk_undo(row.change_set_id)
        begins = _begins(row, row.effective_from)
        row.change_set_id = bulk_open(
            source="local", actor=actor, purpose=PURPOSE, title=TITLE, known_at=begins
        )
        row.save(update_fields=["change_set_id"])
    store.refresh()
    effects = effects_of(loaded_of(row), row.effective_from, begins)
    for batch in effects.batches():
        bulk_append(row.change_set_id, batch)
    with transaction.atomic():
        for number, record in effects.records.items():
            DraftTerritory.objects.filter(draft=row, number=number).update(record_id=record)
        bulk_complete(row.change_set_id)
        done = _finished(Draft.objects.select_for_update().get(id=draft_id), effects)
    # a large set is left to the worker otherwise, and whoever asked for this looks at once
    store.refresh()
    return done


def _begins(row: Draft, day: date) -> datetime:
    """Return the instant from which a plan is known to be in force: the start of its day.

    Of one that was published on its very day, when that was said: before, nobody could know.
    """
    zone = company().zone
    last = DraftEdit.objects.filter(draft=row, kind=EditKind.STATE.value).order_by("-number")
    said = last.values_list("at", flat=True).first()
    is_late = said is not None and said.astimezone(zone).date() == day
    return said if said is not None and is_late else start_of_day(day, zone)


def _is_busy(row: Draft) -> bool:
    """Tell whether an activation was begun a moment ago and may still be at work."""
    begun = None if row.change_set_id is None else set_info(row.change_set_id)
    return begun is not None and datetime.now(UTC) - begun.recorded_at < UNDER_WAY


def _finished(row: Draft, effects: Effects) -> Activated:
    """Mark a plan as in force; one of its layer of which nothing stands beside it is archived."""
    gone = effects.ended | set(effects.records.values())
    plans = Draft.objects.filter(state=DraftState.ACTIVE.value, layer=row.layer).exclude(id=row.pk)
    for plan in plans.order_by("-effective_from", "-id"):
        theirs = set(
            DraftTerritory.objects.filter(draft=plan, record_id__isnull=False).values_list(
                "record_id", flat=True
            )
        )
        if theirs <= gone:
            Draft.objects.filter(id=plan.pk).update(state=DraftState.ARCHIVED.value)
            row.replaced = row.replaced or plan
    row.state = DraftState.ACTIVE.value
    row.save()
    return Activated(
        draft_id=row.pk,
        change_set_id=row.change_set_id or 0,
        accounts=effects.accounts,
        deals=effects.deals,
        territories=len(effects.records),
        kept=effects.kept,
    )


# -- the job ---------------------------------------------------------------------------------------


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    done = activate_due(actor=str(params.get("actor", "schedule")))
    return StepResult(
        cursor={},
        is_done=True,
        done=1,
        total=1,
        message=_("Territory plans in force: %(count)s"),
        message_params={"count": len(done)},
        result={
            "plans": [
                {"draft": a.draft_id, "accounts": a.accounts, "deals": a.deals,
                 "kept": len(a.kept)}
                for a in done
            ]
        },
    )  # fmt: skip


JOB_KIND = JobKind(JOB, _("Put territories in force"), _step)
"""Puts published plans in force on their day: daily on a schedule, or by hand."""
