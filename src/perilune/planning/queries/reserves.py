"""Capacity that scenarios of others hold ready: unnamed, at levels of five reps or more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from perilune.history.queries import states_as_of
from perilune.kernel.asof import AsOf
from perilune.people.contracts import Holding
from perilune.people.queries import assignments_as_of, company, reps_as_of, teams_as_of
from perilune.planning.contracts import Assumption, Hire, Leave, Reserve
from perilune.planning.engine.reserves import Change, Level
from perilune.planning.engine.reserves import reserves as summed
from perilune.planning.queries.scenarios import assumptions_of, heads


def reserves(username: str, as_of: AsOf) -> list[Reserve]:
    """Return what scenarios outside a person's circle would change in capacity, from today on.

    Only those whose author lets them show so; only hires and departures of sellers to come.
    """
    mine = {head.id for head in heads(username, as_of)}
    shown = [
        id_
        for id_, state in states_as_of("scenario", None, as_of.at).items()
        if state["is_reserve"] and id_ not in mine
    ]
    if not shown:
        return []
    seats = _seats(as_of)
    changes = [
        change
        for id_ in shown
        for change in _changes(assumptions_of(id_, as_of), seats)
        if change.starts > as_of.day
    ]
    levels, whole = _levels(as_of, seats)
    return summed(changes, levels, whole)


def _changes(assumptions: list[Assumption], seats: Mapping[int, Holding]) -> Iterator[Change]:
    hired: dict[int, Hire] = {}
    for assumption in assumptions:
        edit = assumption.edit
        if isinstance(edit, Hire) and edit.role == "seller":
            hired[-assumption.id] = edit
            yield Change(edit.team_id, edit.starts, edit.heads * edit.fte)
        elif isinstance(edit, Leave):
            day = edit.last_day + timedelta(days=1)
            if edit.rep_id in hired:
                hire = hired[edit.rep_id]
                yield Change(hire.team_id, day, -hire.heads * hire.fte)
            elif edit.rep_id in seats:
                seat = seats[edit.rep_id]
                yield Change(seat.team_id, day, -seat.fte)


def _seats(as_of: AsOf) -> dict[int, Holding]:
    """Return where each seller who is here on the day sells."""
    day, reps = as_of.day, reps_as_of(as_of)
    return {
        held.rep_id: held
        for held in assignments_as_of(as_of)
        if held.role == "seller"
        and (held.since or date.min) <= day <= (held.until or date.max)
        and held.rep_id in reps
        and (reps[held.rep_id]["leave_date"] or date.max) >= day
    }


def _levels(as_of: AsOf, seats: Mapping[int, Holding]) -> tuple[dict[int, Level], Level]:
    teams = teams_as_of(as_of)
    sellers: dict[int, int] = defaultdict(int)
    for seat in seats.values():
        team, seen = seat.team_id, set[int]()
        while team is not None and team in teams and team not in seen:
            seen.add(team)
            sellers[team] += 1
            team = teams[team]["parent_id"]
    levels = {
        id_: Level(state["name"] or "", state["parent_id"], sellers[id_])
        for id_, state in teams.items()
    }
    return levels, Level(company().name, None, len(seats))
