"""What is wrong in the records of people, quotas and currencies: named, never silently mended.

Records that are typed in are checked at the door; these may have come in by a file, or became wrong
by a change elsewhere. Whoever counts with them shows what is found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any

from perilune.history.queries import states_as_of
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Holding
from perilune.people.queries.company import company
from perilune.people.queries.organisation import assignments_as_of, reps_as_of, teams_as_of

FULL = 1.0 + 1e-9
KINDS: Mapping[str, str] = {
    "overlap": _("Overlapping assignments"),
    "leave_before_hire": _("Leave before hire"),
    "no_owner": _("Quota without an owner"),
    "negative": _("Negative target"),
    "circle": _("Circular hierarchy"),
    "no_rate": _("Currency without a rate"),
}
"""English msgids of what may be wrong, by the field of a problem."""

States = Mapping[int, Mapping[str, Any]]


def organisation_flaws(at: AsOf) -> tuple[Problem, ...]:
    """Return what is wrong as known at an instant, each with its kind as field."""
    reps, teams = reps_as_of(at), teams_as_of(at)
    quotas = states_as_of("quota", None, at.at)
    return (
        *_overlaps(reps, assignments_as_of(at)),
        *_left_before_hired(reps),
        *_without_owner(quotas, reps, teams),
        *_negative(quotas, reps, teams),
        *_circles({team: state["parent_id"] for team, state in teams.items()}, teams, _TEAMS),
        *_managed(assignments_as_of(at), reps, at.day),
        *_without_rate(quotas, states_as_of("rate", None, at.at)),
    )


_TEAMS = _("These teams lie within one another: %(names)s. None of them is in a total of another.")
_MANAGERS = _("These reps manage one another: %(names)s.")


def _overlaps(reps: States, held: list[Holding]) -> Iterator[Problem]:
    ordered = sorted(held, key=lambda one: (one.rep_id, one.since or date.min))
    for rep, group in groupby(ordered, key=lambda one: one.rep_id):
        theirs = list(group)
        for day in sorted({one.since or date.min for one in theirs}):
            there = [one for one in theirs if (one.since or date.min) <= day]
            there = [one for one in there if one.until is None or one.until >= day]
            total = sum(one.fte for one in there)
            if len(there) > 1 and total > FULL:
                params = {"name": _name(reps, rep), "day": day, "fte": round(total, 2)}
                text = _("%(name)s has assignments that overlap from %(day)s on: %(fte)s FTE.")
                yield Problem(text, params, "overlap")
                break


def _left_before_hired(reps: States) -> Iterator[Problem]:
    for rep, state in reps.items():
        hired, left = state["hire_date"], state["leave_date"]
        if hired and left and left < hired:
            params = {"name": _name(reps, rep), "left": left, "hired": hired}
            text = _("%(name)s leaves on %(left)s, before the hire on %(hired)s: never there.")
            yield Problem(text, params, "leave_before_hire")


def _without_owner(quotas: States, reps: States, teams: States) -> Iterator[Problem]:
    for number, state in quotas.items():
        rep, team, starts = state["rep_id"], state["team_id"], state["starts"]
        params = {"number": number, "starts": starts, "ends": state["ends"]}
        if (rep is not None and rep not in reps) or (team is not None and team not in teams):
            text = _("Quota %(number)s, %(starts)s to %(ends)s, is of nobody who exists.")
            yield Problem(text, params, "no_owner")
        elif rep is not None and starts and (left := reps[rep]["leave_date"]) and left < starts:
            params |= {"name": _name(reps, rep), "left": left}
            text = _("The quota of %(name)s from %(starts)s on has no owner: gone since %(left)s.")
            yield Problem(text, params, "no_owner")


def _negative(quotas: States, reps: States, teams: States) -> Iterator[Problem]:
    for number, state in quotas.items():
        if (state["amount"] or 0) < 0:
            rep, team = state["rep_id"], state["team_id"]
            named = _name(reps, rep) if rep is not None else _name(teams, team) if team else ""
            params = {"number": number, "name": named, "starts": state["starts"]}
            text = _("Quota %(number)s (%(name)s, from %(starts)s on) is below zero.")
            yield Problem(text, params, "negative")


def _circles(parents: Mapping[int, int | None], named: States, text: str) -> Iterator[Problem]:
    told: set[int] = set()
    for start in parents:
        path: list[int] = []
        at: int | None = start
        while at is not None and at in parents and at not in path and at not in told:
            path.append(at)
            at = parents[at]
        if at in path:
            circle = path[path.index(at) :]
            names = ", ".join(_name(named, one) for one in circle)
            yield Problem(text, {"names": names}, "circle")
        told.update(path)


def _managed(held: list[Holding], reps: States, day: date) -> Iterator[Problem]:
    over = {
        one.rep_id: one.manager_id
        for one in held
        if (one.since is None or one.since <= day) and (one.until is None or one.until >= day)
    }
    yield from _circles(over, reps, _MANAGERS)


def _without_rate(quotas: States, rates: States) -> Iterator[Problem]:
    own = company().currency
    since: dict[str, date] = {}
    for state in rates.values():
        if state["rate_set"] == "budget" and state["starts"] is not None:
            code = state["currency"]
            since[code] = min(since.get(code, date.max), state["starts"])
    missing: dict[str, int] = {}
    for state in quotas.values():
        code, starts = state["currency"] or own, state["starts"] or date.min
        if code != own and since.get(code, date.max) > starts:
            missing[code] = missing.get(code, 0) + 1
    for code, count in sorted(missing.items()):
        text = _("%(currency)s has no budget rate: quotas in it are in no total (%(count)s).")
        yield Problem(text, {"currency": code, "count": count}, "no_rate")


def _name(named: States, number: int) -> str:
    return str(named[number]["name"] or f"#{number}") if number in named else f"#{number}"
