"""The preview of a departure: everything that will change, and when, within one scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from perilune.forecasting.contracts.departures import (
    CapacityChange,
    Departure,
    Follows,
    Going,
    Handed,
    Terms,
)
from perilune.forecasting.contracts.mitigations import Doing
from perilune.forecasting.contracts.scenarios import ScenarioResult
from perilune.forecasting.contracts.together import Together
from perilune.forecasting.engine.parting import edits_of
from perilune.forecasting.models import Mitigation
from perilune.forecasting.queries.departures import may_plan_for, rep_names
from perilune.forecasting.queries.parting import (
    Parting,
    eve,
    parting,
    peers_of,
    quota_changes,
    reports_of,
    seat_of,
    there_on,
)
from perilune.forecasting.queries.scenarios import scenario_results
from perilune.forecasting.queries.together import together
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.errors import NotFound, Problem, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.contracts import Holding, Person
from perilune.people.queries import (
    absences_as_of,
    company,
    fte_with_and_without,
    people,
    reps_as_of,
    teams_as_of,
    tokens_of,
)
from perilune.planning.contracts import Assumption, Edit, Scenario, ScenarioHead
from perilune.territories.contracts import DraftState
from perilune.territories.queries import drafts

WAITING = (DraftState.PLANNING, DraftState.REVIEW)


def follows(found: Departure, as_of: AsOf, scope: Scope) -> Follows:
    """Return what a departure changes, but for the forecast, which takes longer.

    A reader whose scope does not hold the rep learns that it is outside of it, and no figure.
    """
    terms, day = found.terms, found.terms.day
    if day is None or not may_plan_for(terms.rep_id, scope):
        return Follows(found, refused=_("This rep is outside what you see."),
                       scope_label=scope.label)  # fmt: skip
    given, names = parting(terms, as_of), rep_names()
    user = user_of(terms.rep_id)
    ends = terms.going is Going.LEAVE and terms.closes_access
    ends = ends and user is not None and not user.is_owner
    return Follows(
        found,
        accounts=[
            Handed(row["id"], row["name"] or "", row["value"], to or None, names.get(to, ""))
            for row in given.accounts
            for to in (given.account_taker[row["id"]],)
        ],
        deals=list(_deals(given, names)),
        tasks=sum(1 for to in given.task_taker.values() if to),
        quotas=quota_changes(terms, as_of),
        reports=sorted({names.get(held.rep_id, "") for held in _led(terms, day, as_of)}),
        reports_to=names.get(terms.reports_to or 0, ""),
        username=user.username if user and ends else "",
        tokens=len(tokens_of(user.username)) if user and ends else 0,
        mitigations=_mitigations(user),
        drafts=_waiting(user, scope),
        capacity=_capacity(terms, day, as_of),
        problems=problems(terms, as_of),
        scope_label=scope.label,
    )


def _led(terms: Terms, day: date, as_of: AsOf) -> list[Holding]:
    return [] if terms.going is Going.ABSENCE else reports_of(terms.rep_id, day, as_of)


def _deals(given: Parting, names: dict[int, str]) -> Iterator[Handed]:
    for row in given.deals:
        to = given.deal_taker[row["id"]]
        yield Handed(
            row["id"], row["name"] or "", row["value"], to or None, names.get(to, ""),
            row["account"] or "", row["stage_name"] or "", row["close_date"],
            bool(row["is_commit"]),
        )  # fmt: skip


def user_of(rep_id: int) -> Person | None:
    """Return the user who is a rep and has access, or None."""
    return next((person for person in people() if person.rep_id == rep_id), None)


def _mitigations(user: Person | None) -> int:
    if user is None:
        return 0
    open_ones = Mitigation.objects.filter(owner=user.username)
    return open_ones.exclude(status=Doing.CLOSED.value).count()


def _waiting(user: Person | None, scope: Scope) -> int:
    if user is None:
        return 0
    return sum(
        1
        for head in drafts(scope, user.username)
        if head.author == user.username and head.state in WAITING
    )


def periods_of(day: date) -> tuple[Period, Period]:
    """Return the quarter of today, or that of the day where it is later, and the next."""
    here = company()
    first = here.calendar.find(here.today.day, Grain.QUARTER)
    return first, here.calendar.shift(first, 1)


def _capacity(terms: Terms, day: date, as_of: AsOf) -> list[CapacityChange]:
    seat = seat_of(terms.rep_id, day, as_of)
    named = teams_as_of(as_of)
    wanted = [seat.team_id if seat else None]
    if terms.going is Going.MOVE:
        wanted.append(terms.team_id)
    found = []
    for team in dict.fromkeys(one for one in wanted if one in named and one is not None):
        for period in periods_of(day):
            before, after = fte_with_and_without(
                as_of, period, team, terms.rep_id,
                last_day=terms.last_day if terms.going is Going.LEAVE else None,
                away=(day, terms.last_day, terms.fte) if terms.going is Going.ABSENCE else None,
                moved=(day, terms.team_id) if terms.going is Going.MOVE else None,
            )  # fmt: skip
            found.append(CapacityChange(named[team]["name"] or "", period, before, after))
    return found


# -- the forecast ----------------------------------------------------------------------------------


def edits(terms: Terms, as_of: AsOf) -> tuple[Edit, ...]:
    """Return what a scenario can say of a departure; nothing while its day is not known."""
    if terms.day is None:
        return ()
    takers = parting(terms, as_of).account_taker if terms.hands_over else {}
    return edits_of(terms, terms.day, takers)


def forecasts(found: Departure, as_of: AsOf, scope: Scope) -> list[ScenarioResult]:
    """Return this quarter and the next with and without a departure, on the same random numbers.

    Refused where the rep is outside the scope, or the role sees groups only.
    """
    results: list[ScenarioResult] = []
    for period, scenario in _scenarios(found, as_of, scope):
        results += scenario_results((scenario,), period, as_of, scope)
    return results


def answers(found: Departure, as_of: AsOf, scope: Scope) -> list[Together]:
    """Return what a departure does to everything one entry moves, this quarter and the next.

    The same edits, tables and figures as those of a scenario. Refused as `forecasts`, and where
    there is no history to stand on.
    """
    return [
        together(scenario, period, as_of, scope, company())
        for period, scenario in _scenarios(found, as_of, scope)
    ]


def _scenarios(found: Departure, as_of: AsOf, scope: Scope) -> Iterator[tuple[Period, Scenario]]:
    """Give a departure as a scenario of each of its quarters."""
    if found.terms.day is None or not may_plan_for(found.terms.rep_id, scope):
        raise Refused(_("This rep is outside what you see."))
    made = edits(found.terms, as_of)
    listed = tuple(Assumption(at, edit) for at, edit in enumerate(made, 1))
    for period in periods_of(found.terms.day):
        head = ScenarioHead(0, found.rep, found.author, period.name, (), 0, len(listed))
        yield period, Scenario(head, listed)


# -- what is wrong ---------------------------------------------------------------------------------


def problems(terms: Terms, as_of: AsOf) -> list[Problem]:
    """Return everything that stands against these terms, each with its field."""
    state = reps_as_of(as_of).get(terms.rep_id)
    if state is None:
        raise NotFound(_("This rep does not exist (any more)."))
    wrong = list(_wrong_days(terms, state["hire_date"], state["leave_date"]))
    # of days that cannot be, nothing more can be said
    return wrong or [*_wrong_place(terms, as_of), *_wrong_takers(terms, as_of)]


def _wrong_days(terms: Terms, hired: date | None, left: date | None) -> Iterator[Problem]:
    day = terms.day
    if day is None:
        name = "last_day" if terms.going is Going.LEAVE else "first_day"
        yield Problem(_("Which day?"), {}, name)
        return
    first = eve(day) if terms.going is Going.LEAVE else day
    if hired and first < hired:
        yield Problem(_("This day lies before the hire date."), {},
                      "last_day" if terms.going is Going.LEAVE else "first_day")  # fmt: skip
    if left and (terms.going is not Going.LEAVE or left != terms.last_day) and left < day:
        yield Problem(_("The rep leaves on %(day)s already."), {"day": left.isoformat()},
                      "last_day" if terms.going is Going.LEAVE else "first_day")  # fmt: skip
    if terms.going is Going.ABSENCE:
        if terms.last_day and terms.last_day < day:
            yield Problem(_("The last day lies before the first."), {}, "last_day")
        if not 0 < terms.fte <= 1:
            yield Problem(_("FTE lies above 0 and at most at 1."), {}, "fte")


def _changes_work(seat: Holding, terms: Terms) -> bool:
    """Tell whether a mover gets another team, manager or product family."""
    before = (seat.team_id, seat.manager_id)
    sold = seat.product_family if terms.product_family is None else terms.product_family
    return before != (terms.team_id, terms.manager_id) or sold != seat.product_family


def _wrong_place(terms: Terms, as_of: AsOf) -> Iterator[Problem]:
    day = terms.day
    if day is None:
        return
    if terms.going is Going.MOVE:
        seat = seat_of(terms.rep_id, day, as_of)
        if terms.team_id not in teams_as_of(as_of):
            yield Problem(_("Which team?"), {}, "team_id")
        elif seat and not _changes_work(seat, terms):
            yield Problem(_("The rep is in this team already."), {}, "team_id")
    if terms.going is Going.ABSENCE:
        for state in absences_as_of(as_of).values():
            ends = state["last_day"] or date.max
            is_theirs = state["rep_id"] == terms.rep_id and state["first_day"]
            if is_theirs and state["first_day"] <= (terms.last_day or date.max) and ends >= day:
                yield Problem(
                    _("An absence from %(day)s is on record already."),
                    {"day": state["first_day"].isoformat()}, "first_day",
                )  # fmt: skip
                return


def _wrong_takers(terms: Terms, as_of: AsOf) -> Iterator[Problem]:
    day = terms.day
    if day is None or not terms.hands_over:
        return
    here = there_on(day, as_of)
    if any(line.rep_id == terms.rep_id for line in terms.takers):
        yield Problem(_("Somebody else takes over."), {}, "taker_1")
    elif any(not _is_there(line.rep_id, day, as_of) for line in terms.takers):
        yield Problem(_("Whoever takes over is there on that day."), {}, "taker_1")
    elif not (set(here) - {terms.rep_id}) and not terms.takers:
        yield Problem(_("Nobody is there to take over: choose by hand."), {}, "rule")


def _is_there(rep_id: int, day: date, as_of: AsOf) -> bool:
    state = reps_as_of(as_of).get(rep_id)
    return state is not None and (state["leave_date"] or date.max) >= day


def choices_of_takers(terms: Terms, as_of: AsOf) -> tuple[list[tuple[int, str]], list[int]]:
    """Return (id, name) of whoever may take over, the peers first, and the peers."""
    day, names = terms.day or as_of.day, rep_names()
    peers = peers_of(terms, as_of)
    others = [
        rep for rep in names
        if rep != terms.rep_id and rep not in peers and _is_there(rep, day, as_of)
    ]  # fmt: skip
    ordered = sorted(peers, key=lambda rep: names[rep].casefold())
    ordered += sorted(others, key=lambda rep: names[rep].casefold())
    return [(rep, names[rep]) for rep in ordered], peers
