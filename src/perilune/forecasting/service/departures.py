"""The guide's verbs: begin, change, share, confirm, tell, take back; private until the day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import transaction

from perilune.forecasting.contracts.departures import Departure, Going, Standing, Terms
from perilune.forecasting.models import PlannedDeparture
from perilune.forecasting.queries.departures import may_plan_for, own_departure
from perilune.forecasting.queries.follows import edits, problems
from perilune.forecasting.service.leaving import activated
from perilune.forecasting.service.parted import tell_all
from perilune.history.service import retract
from perilune.kernel.calendar import Grain
from perilune.kernel.errors import Conflict, Invalid, NotFound, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, person_named, writing_time
from perilune.people.service import user_set_active
from perilune.planning import service as planning
from perilune.planning.queries import sharers, way_back

_GONE = _("This departure was changed meanwhile: look at it again.")


def departure_begin(terms: Terms, *, actor: str, scope: Scope) -> int:
    """Begin the guide for a rep of the scope; nothing is decided yet. Return the id."""
    if not may_plan_for(terms.rep_id, scope):
        raise NotFound(_("This rep does not exist (any more)."))
    row = PlannedDeparture(rep_id=terms.rep_id, terms=terms.kept(), author=actor)
    _note(row, actor, "begin")
    row.save()
    return row.pk


def departure_change(
    departure_id: int, change: Callable[[Terms], Terms], *, actor: str, edition: int | None = None
) -> None:
    """Give a departure other terms while it is in the guide, or planned and not yet told.

    Invalid with the problem of each field once a day is known.
    """
    with _changing(departure_id, actor, edition) as (row, found):
        if not found.is_open or found.told_set_id is not None:
            raise Conflict(_("It is decided: take it back first."))
        terms = change(found.terms)
        wrong = problems(terms, company().today)
        if wrong:
            raise Invalid(wrong[0].message, tuple(wrong), **wrong[0].params)
        row.terms, row.effective_on = terms.kept(), terms.day
        _note(row, actor, "change")


def departure_confirm(departure_id: int, *, actor: str, edition: int | None = None) -> Departure:
    """Decide: it is written on its day, at once if that has come; private until then."""
    with _changing(departure_id, actor, edition) as (row, found):
        if found.standing is not Standing.DRAFT:
            raise Conflict(_("It is decided already."))
        wrong = problems(found.terms, company().today)
        if wrong:
            raise Invalid(wrong[0].message, tuple(wrong), **wrong[0].params)
        row.standing, row.effective_on = Standing.PLANNED.value, found.terms.day
        row.decided_at, row.problem = writing_time() or datetime.now(UTC), ""
        _note(row, actor, "confirm")
    if row.effective_on is not None and row.effective_on <= company().today.day:
        activated(departure_id, actor)
    return own_departure(departure_id, actor)


def departure_tell(departure_id: int, *, actor: str, edition: int | None = None) -> None:
    """Put the dates in force for everybody before the day: capacity and forecasts know them.

    Accounts, deals, quota and access follow on the day.
    """
    with _changing(departure_id, actor, edition) as (row, found):
        if found.standing is not Standing.PLANNED or found.told_set_id is not None:
            raise Conflict(_("Only what is planned can be told to all."))
        row.told_set_id = tell_all(found.terms, actor)
        _note(row, actor, "tell")


def departure_take_back(departure_id: int, *, actor: str, edition: int | None = None) -> None:
    """Take a departure back: what was written is rolled back, access opens again.

    Before its day nothing but the dates that were told is on record; after it this is the ordinary
    roll-back of a change set: later edits stand. Tokens that were revoked stay so.
    """
    with _changing(departure_id, actor, edition) as (row, found):
        if found.standing in (Standing.DRAFT, Standing.CANCELLED):
            raise Conflict(_("There is nothing to take back."))
        for number in (row.back_set_id, row.change_set_id, row.told_set_id):
            if number is not None:
                _rolled_back(number, actor)
        if found.standing is Standing.ACTIVE and row.closed_user:
            user_set_active(row.closed_user, True)
        row.standing = Standing.CANCELLED.value
        row.change_set_id = row.told_set_id = row.back_set_id = None
        row.moved, row.closed_user = [], ""
        _note(row, actor, "cancel")


def _rolled_back(change_set_id: int, actor: str) -> None:
    try:
        retract(change_set_id, actor)
    except NotFound:
        return  # somebody took it back in the journal before


def departure_plan_again(departure_id: int, *, actor: str) -> None:
    """Undo a taking back before the day: it is planned as it was."""
    with _changing(departure_id, actor, None) as (row, found):
        if found.standing is not Standing.CANCELLED:
            raise Conflict(_("It was not taken back."))
        if found.terms.day is None or found.terms.day <= company().today.day:
            raise Conflict(_("Its day has come: begin the guide anew."))
        row.standing = Standing.PLANNED.value
        _note(row, actor, "confirm")


def departure_discard(departure_id: int, *, actor: str) -> None:
    """Throw away what was only being prepared."""
    with _changing(departure_id, actor, None) as (row, found):
        if found.standing is not Standing.DRAFT:
            raise Conflict(_("It is decided: take it back first."))
        row.delete()


def departure_share(
    departure_id: int, usernames: Sequence[str], *, actor: str, edition: int | None = None
) -> None:
    """Show a departure to exactly these people, by name (rule 24); never to the rep's own user."""
    able = {person.username for person in sharers()}
    with _changing(departure_id, actor, edition) as (row, found):
        for username in usernames:
            person = person_named(username)
            if username not in able or person is None:
                problem = Problem(
                    _("%(name)s cannot open departures."), {"name": username}, "people"
                )
                raise Invalid(problem.message, (problem,), **problem.params)
            if person.rep_id == found.terms.rep_id:
                problem = Problem(_("%(name)s is whom it is about."), {"name": username}, "people")
                raise Invalid(problem.message, (problem,), **problem.params)
        row.shared_with = " ".join(sorted(set(usernames) - {actor}))
        _note(row, actor, "share")


def departure_as_scenario(departure_id: int, name: str, *, actor: str, scope: Scope) -> int:
    """Keep what a scenario can say of a departure as a private scenario; return its id."""
    found = own_departure(departure_id, actor)
    here = company()
    made = edits(found.terms, here.today)
    if found.terms.day is None or not made:
        raise Invalid(_("Choose the day first."))
    period = here.calendar.find(max(found.terms.day, here.today.day), Grain.QUARTER).name
    with transaction.atomic():
        scenario = planning.scenario_create(name, period, actor=actor)
        for edit in made:
            planning.edit_add(scenario, edit, actor=actor, scope=scope)
    return scenario


def first_terms(going: Going, rep_id: int, manager_id: int | None) -> Terms:
    """Return the terms that the guide begins with: reports go to the rep's own manager.

    A change of team begins with what it is known, or assumed, to cost: the plan's one law of ramps.
    """
    # who leaves closes nothing more: for them rule 31's hold-over is the exception
    stays = going is not Going.LEAVE
    found = Terms(going, rep_id, reports_to=manager_id, keeps_commit=stays)
    if going is not Going.MOVE:
        return found
    days, missing, _is_learnt = way_back(company().today)
    return found.but(ramp_days=days, ramp_loss=missing)


@contextmanager
def _changing(
    departure_id: int, actor: str, edition: int | None
) -> Iterator[tuple[PlannedDeparture, Departure]]:
    with transaction.atomic():
        row = PlannedDeparture.objects.select_for_update().filter(id=departure_id).first()
        found = own_departure(departure_id, actor)
        if row is None or (edition is not None and edition != found.edition):
            raise Conflict(_GONE)
        yield row, found
        if row.pk is not None:
            row.edition += 1
            row.save()


def _note(row: PlannedDeparture, actor: str, verb: str) -> None:
    row.log = [*row.log, [datetime.now(UTC).isoformat(timespec="seconds"), actor, verb]]
