"""Put published plans in force on their day: people's quotas as one change set.

Known from the start of the day in the company's zone; it can be taken back as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction

from perilune.history.contracts import Batch, Creation, to_us
from perilune.history.queries import set_info
from perilune.history.service import (
    bulk_append,
    bulk_complete,
    bulk_open,
    bulk_undo,
    reserve_ids,
    retract,
)
from perilune.kernel.asof import start_of_day
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import JobKind, StepResult
from perilune.people.queries import company
from perilune.planning.contracts import LoadedPlan, PlanEditKind, PlanPublished, PlanState
from perilune.planning.models import Plan
from perilune.planning.queries.plans import loaded_plan_of
from perilune.planning.service.plan_quotas import quotas_of
from perilune.planning.service.plan_writing import changing_plan, settle_plan
from perilune.store import service as store

JOB = "planning.activate"
PURPOSE = "plan"
TITLE = _("Annual plan in force")
UNDER_WAY = timedelta(seconds=75)
"""An activation that was begun so lately may still be at work: a step of a job lasts no longer."""
BATCH = 4000


def activate_plans(on: date | None = None, *, actor: str = "schedule") -> list[PlanPublished]:
    """Put every published plan in force whose day has come; return what each wrote.

    on: a day up to the company's today, today if None. Safe to repeat: a plan that is in force is
    left alone, one whose activation broke off is begun anew. Plans go by their day, then by id.
    """
    today = company().today.day
    day = min(on or today, today)
    due = list(
        Plan.objects.filter(state=PlanState.PUBLISHED.value, effective_from__lte=day)
        .order_by("effective_from", "id")
        .values_list("id", flat=True)
    )
    return [found for plan in due if (found := _activated(plan, actor)) is not None]


def take_back_plan(plan_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Roll back what a plan in force wrote: quotas are as before it; the plan is approved again."""
    states = frozenset({PlanState.PUBLISHED})
    with changing_plan(
        plan_id, edition, actor=actor, scope=scope, whole=True, states=states
    ) as held:
        if held.row.change_set_id is None:
            raise Invalid(_("“%(name)s” wrote nothing to take back."), name=held.row.name)
        retract(held.row.change_set_id, actor)
        settle_plan(held.row)
        held.note(PlanEditKind.STATE)


def _activated(plan_id: int, actor: str) -> PlanPublished | None:
    """Put one plan in force; None where somebody else has, or is at it, or it is already."""
    with transaction.atomic():
        row = Plan.objects.select_for_update().get(id=plan_id)
        settle_plan(row)
        if row.state != PlanState.PUBLISHED or row.effective_from is None or not _is_due(row):
            return None
        if row.change_set_id is not None:
            with suppress(NotFound):
                bulk_undo(row.change_set_id)
        begins = _begins(row, row.effective_from)
        row.change_set_id = bulk_open(
            source="local", actor=actor, purpose=PURPOSE, title=TITLE, known_at=begins
        )
        row.save(update_fields=["change_set_id"])
    found = loaded_plan_of(row)
    values, outside = quotas_of(found, row.effective_from)
    us = to_us(begins)
    ids = list(reserve_ids("quota", len(values))) if values else []
    born = [Creation(id_, us, given) for id_, given in zip(ids, values, strict=True)]
    for at in range(0, len(born), BATCH):
        bulk_append(row.change_set_id, Batch("quota", creations=born[at : at + BATCH]))
    with transaction.atomic():
        bulk_complete(row.change_set_id)
        _finish(Plan.objects.select_for_update().get(id=plan_id), found)
    # a large set is left to the worker otherwise, and whoever asked for this looks at once
    store.refresh()
    return PlanPublished(plan_id, row.change_set_id, len(values), outside)


def _is_due(row: Plan) -> bool:
    """Tell whether a plan's quotas are still to be written, or to be written anew."""
    begun = None if row.change_set_id is None else set_info(row.change_set_id)
    if begun is None:
        return True
    is_done = row.settings.get("in_force") == row.change_set_id
    return not is_done and datetime.now(UTC) - begun.recorded_at >= UNDER_WAY


def _begins(row: Plan, day: date) -> datetime:
    """Return the instant from which a plan is known to be in force: the start of its day.

    Of one that was published on its very day, when that was said: before, nobody could know.
    """
    zone = company().zone
    said = row.published_at
    is_late = said is not None and said.astimezone(zone).date() == day
    return said if said is not None and is_late else start_of_day(day, zone)


def _finish(row: Plan, found: LoadedPlan) -> None:
    """Mark a plan as in force; one of the same year before it is superseded."""
    before = (
        Plan.objects.filter(state=PlanState.PUBLISHED.value, year=row.year)
        .exclude(id=row.pk)
        .filter(effective_from__lte=row.effective_from, change_set_id__isnull=False)
        .order_by("-effective_from", "-id")
    )
    for plan in before:
        Plan.objects.filter(id=plan.pk).update(state=PlanState.SUPERSEDED.value)
        row.replaced = row.replaced or plan
    row.settings = {**row.settings, "in_force": row.change_set_id}
    row.save()


# -- the job ---------------------------------------------------------------------------------------


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    done = activate_plans(actor=str(params.get("actor", "schedule")))
    return StepResult(
        cursor={},
        is_done=True,
        done=1,
        total=1,
        message=_("Annual plans in force: %(count)s"),
        message_params={"count": len(done)},
        result={"plans": [{"plan": one.plan_id, "quotas": one.quotas} for one in done]},
    )


PLAN_JOB = JobKind(JOB, _("Put annual plans in force"), _step)
"""Puts published plans in force on their day: daily on a schedule, or by hand."""
