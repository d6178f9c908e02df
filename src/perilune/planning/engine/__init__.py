"""Scenarios applied to input tables, and the engines of the annual plan. Pure.

Each edit is one small function of the tables; a scenario is their composition in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

from perilune.planning.contracts import (
    Absence,
    Assumption,
    Edit,
    Hire,
    Index,
    Leave,
    Move,
    Price,
    Quota,
    Ramp,
    Shock,
    Tables,
)
from perilune.planning.engine import (
    crediting,
    driving,
    hiring,
    leaving,
    levers,
    market,
    moves,
    outlook,
    people,
    potential,
    producing,
    ramping,
    scheduling,
    seasons,
    segmenting,
    simulating,
    staffing,
)
from perilune.planning.engine.allocating import allocate
from perilune.planning.engine.reserves import Change, Level, reserves
from perilune.planning.engine.splitting import least_moved, split

__all__ = [
    "Change",
    "Level",
    "allocate",
    "apply",
    "crediting",
    "driving",
    "hiring",
    "idle",
    "least_moved",
    "leaving",
    "levers",
    "outlook",
    "potential",
    "producing",
    "ramping",
    "reserves",
    "scheduling",
    "seasons",
    "segmenting",
    "simulating",
    "split",
    "staffing",
]


def apply(tables: Tables, assumptions: Sequence[Assumption]) -> Tables:
    """Return the tables with every edit made, in the order of the list.

    No edit returns the very same tables. An edit that finds nothing to act on (a rep who is not in
    the tables, a day past the horizon) changes nothing: `idle` names those.
    """
    return reduce(_edited, assumptions, tables)


def idle(tables: Tables, assumptions: Sequence[Assumption]) -> tuple[int, ...]:
    """Return the ids of the edits that change nothing where they stand in the list."""
    found = []
    for assumption in assumptions:
        after = _edited(tables, assumption)
        if after is tables:
            found.append(assumption.id)
        tables = after
    return tuple(found)


_ACTS: Mapping[type[Edit], Callable[[Tables, Any], Tables]] = {
    Leave: people.leave,
    Absence: people.absence,
    Ramp: people.ramp,
    Move: moves.move,
    Quota: market.quota,
    Price: market.price,
    Shock: market.shock,
    Index: market.index,
}


def _edited(tables: Tables, assumption: Assumption) -> Tables:
    edit = assumption.edit
    if isinstance(edit, Hire):  # the one edit that makes somebody, who is named after it
        return people.hire(tables, edit, -assumption.id)
    return _ACTS[type(edit)](tables, edit)
