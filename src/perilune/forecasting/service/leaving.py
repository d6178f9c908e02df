"""A departure on its day, as one change set, and what comes back after an absence."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction

from perilune.forecasting.contracts.departures import Going, Standing, Terms
from perilune.forecasting.models import PlannedDeparture
from perilune.forecasting.queries.follows import problems, user_of
from perilune.forecasting.service import parted
from perilune.forecasting.service.parted import PURPOSE, Writing, day_of
from perilune.history.contracts import to_us
from perilune.history.queries import set_info, states_as_of
from perilune.history.service import bulk_complete, bulk_open, bulk_undo
from perilune.kernel.asof import start_of_day
from perilune.kernel.errors import Conflict, NotFound, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import JobKind, StepResult
from perilune.people.queries import company
from perilune.people.service import user_end
from perilune.store import service as store

JOB = "departures.activate"
UNDER_WAY = timedelta(seconds=75)
"""What was begun so lately may still be at work: a step of a job lasts no longer."""
BACK = _("Given back after an absence")


def activate_due(*, actor: str = "schedule") -> list[int]:
    """Write every planned departure whose day has come, and what comes back; return their ids.

    Safe to repeat. One that cannot be written says why and stays planned.
    """
    today = company().today.day
    due = PlannedDeparture.objects.filter(standing=Standing.PLANNED.value, effective_on__lte=today)
    done = [pk for pk in due.values_list("pk", flat=True) if activated(pk, actor)]
    for row in PlannedDeparture.objects.filter(standing=Standing.ACTIVE.value):
        terms = Terms.read(row.terms)
        is_over = terms.last_day is not None and terms.last_day < today
        if terms.going is Going.ABSENCE and is_over and _given_back(row.pk, actor):
            done.append(row.pk)
    return done


def activated(departure_id: int, actor: str) -> bool:
    """Write one departure; False where it cannot be, with the reason kept on it."""
    try:
        with transaction.atomic():
            row = _claimed(departure_id, actor)
        if row is None:
            return False
        store.refresh()
        _write(row)
    except PeriluneError as error:
        PlannedDeparture.objects.filter(id=departure_id).update(problem=error.message)
        return False
    store.refresh()
    return True


def _claimed(departure_id: int, actor: str) -> PlannedDeparture | None:
    row = PlannedDeparture.objects.select_for_update().get(id=departure_id)
    if row.standing != Standing.PLANNED or row.effective_on is None or _is_busy(row):
        return None
    if row.change_set_id is not None:  # an attempt that broke off
        with suppress(NotFound):
            bulk_undo(row.change_set_id)
    terms = Terms.read(row.terms)
    if row.told_set_id is None:
        wrong = problems(terms, company().today)
        if wrong:
            raise Conflict(wrong[0].message % wrong[0].params)
    row.change_set_id = parted.opened(terms, actor, _begins(row))
    row.save(update_fields=["change_set_id"])
    return row


def _is_busy(row: PlannedDeparture) -> bool:
    begun = None if row.change_set_id is None else set_info(row.change_set_id)
    return begun is not None and datetime.now(UTC) - begun.recorded_at < UNDER_WAY


def _begins(row: PlannedDeparture) -> datetime:
    """Return from when it is known: the start of its day, or when it was decided if that is later.

    Before it was decided nobody could know.
    """
    here = company()
    day = row.effective_on or here.today.day
    begins = start_of_day(day, here.zone)
    decided = row.decided_at or begins
    return max(begins, min(decided, here.today.at))


def _write(row: PlannedDeparture) -> None:
    terms, here = Terms.read(row.terms), company()
    day, number = day_of(terms), row.change_set_id or 0
    # what stands at the end of today, and not at the instant from which it is known
    as_of = here.today
    writing = Writing(to_us(_begins(row)))
    if row.told_set_id is None:
        parted.dates(writing, terms, day)
    parted.reports(writing, terms, day, as_of)
    parted.quotas(writing, terms, day, as_of)
    parted.seats(writing, terms, day)
    moved = parted.book(writing, terms, as_of)
    writing.write(number)
    with transaction.atomic():
        held = PlannedDeparture.objects.select_for_update().get(id=row.pk)
        bulk_complete(number)
        user = user_of(terms.rep_id)
        if terms.going is Going.LEAVE and terms.closes_access and user and not user.is_owner:
            user_end(user.username, datetime.now(UTC))
            held.closed_user = user.username
        held.standing, held.moved, held.problem = Standing.ACTIVE.value, moved, ""
        held.log = [*held.log, [datetime.now(UTC).isoformat(timespec="seconds"), "", "activate"]]
        held.save()


def _given_back(departure_id: int, actor: str) -> bool:
    """Give back what interim holders still hold; what changed hands by hand since stays there."""
    row = PlannedDeparture.objects.get(id=departure_id)
    terms, here = Terms.read(row.terms), company()
    known = start_of_day((terms.last_day or here.today.day) + timedelta(days=1), here.zone)
    writing = Writing(to_us(known))
    rep = states_as_of("rep", [terms.rep_id]).get(terms.rep_id)
    is_here = rep is not None and (rep["leave_date"] or date.max) >= here.today.day
    for kind in ("account", "opportunity", "activity"):
        held = {record: to for of, record, to in row.moved if of == kind}
        states = states_as_of(kind, list(held)) if held and terms.gives_back and is_here else {}
        for record, state in states.items():
            if state["owner_id"] == held[record]:
                writing.set(kind, record, "owner_id", (held[record], terms.rep_id))
    number = None
    if not writing.is_empty():
        number = bulk_open(source="local", actor=actor, purpose=PURPOSE, title=BACK, known_at=known)
        writing.write(number)
        bulk_complete(number)
    PlannedDeparture.objects.filter(id=departure_id, standing=Standing.ACTIVE.value).update(
        standing=Standing.OVER.value, back_set_id=number
    )
    return True


# -- the job ---------------------------------------------------------------------------------------


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    done = activate_due(actor=str(params.get("actor", "schedule")))
    # a number would tell those who read the list of jobs what is not theirs to know
    return StepResult(cursor={}, is_done=True, done=1, total=1, result={"departures": len(done)})


DEPARTURES_JOB = JobKind(JOB, _("Departures and absences on their day"), _step)
"""Writes planned departures on their day: daily on a schedule, or by hand."""
