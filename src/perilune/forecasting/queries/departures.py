"""Departures as their circle sees them (rule 24), and who may be shown one."""

from __future__ import annotations

from datetime import date, datetime

from perilune.forecasting.contracts.departures import Departure, Going, Standing, Terms
from perilune.forecasting.models import PlannedDeparture
from perilune.kernel.errors import NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, reps_as_of

MISSING = _("There is no such departure, or it was not shared with you.")


def departures(username: str) -> list[Departure]:
    """Return the departures of a person and those shared with them, the soonest first."""
    names = rep_names()
    found = [departure_of(row, names) for row in PlannedDeparture.objects.all()]
    return [one for one in found if one.is_seen_by(username)]


def departures_of(rep_id: int, username: str) -> list[Departure]:
    """Return what of a rep's is planned or in force, to whom it shows."""
    names = rep_names()
    rows = PlannedDeparture.objects.filter(rep_id=rep_id).exclude(
        standing__in=[Standing.CANCELLED.value, Standing.OVER.value]
    )
    return [one for row in rows if (one := departure_of(row, names)).is_seen_by(username)]


def leavers(scope: Scope, username: str) -> dict[int, date]:
    """Return the last day of each rep whose departure is decided, to whom it shows (rule 24)."""
    found: dict[int, date] = {}
    for one in departures(username):
        terms = one.terms
        is_decided = one.standing in (Standing.PLANNED, Standing.ACTIVE)
        if terms.going is not Going.LEAVE or not is_decided or terms.last_day is None:
            continue
        if may_plan_for(terms.rep_id, scope):
            found[terms.rep_id] = min(found.get(terms.rep_id, date.max), terms.last_day)
    return found


def departure(departure_id: int, username: str) -> Departure:
    """Return a departure; NotFound where it is not theirs and was not shared with them."""
    row = PlannedDeparture.objects.filter(id=departure_id).first()
    found = None if row is None else departure_of(row, rep_names())
    if found is None or not found.is_seen_by(username):
        raise NotFound(MISSING)
    return found


def own_departure(departure_id: int, username: str) -> Departure:
    """Return a departure to its author; Refused to those it is only shared with."""
    found = departure(departure_id, username)
    if found.author != username:
        raise Refused(_("Only %(author)s changes this departure."), author=found.author)
    return found


def departure_log(departure_id: int, username: str) -> list[tuple[datetime, str, str]]:
    """Return (when, who, verb) of what was done, latest first."""
    departure(departure_id, username)
    log = PlannedDeparture.objects.values_list("log", flat=True).get(id=departure_id)
    return [(datetime.fromisoformat(at), actor, verb) for at, actor, verb in reversed(log)]


def departure_problem(departure_id: int) -> str:
    """Return why a departure could not be written on its day: an English msgid, or nothing."""
    return PlannedDeparture.objects.values_list("problem", flat=True).get(id=departure_id)


def may_plan_for(rep_id: int, scope: Scope) -> bool:
    """Tell whether a scope holds the rep; what is planned shows within it only."""
    return not scope.aggregates_only and scope.sees(rep_id)


def rep_names() -> dict[int, str]:
    """Return the names of all reps as they stand."""
    return {rep: state["name"] or "" for rep, state in reps_as_of(company().today).items()}


def departure_of(row: PlannedDeparture, names: dict[int, str]) -> Departure:
    """Return a row as others see it."""
    return Departure(
        id=row.pk,
        terms=Terms.read(row.terms),
        standing=Standing(row.standing),
        author=row.author,
        shared_with=tuple(row.shared_with.split()),
        edition=row.edition,
        rep=names.get(row.rep_id, f"#{row.rep_id}"),
        change_set_id=row.change_set_id,
        told_set_id=row.told_set_id,
    )
