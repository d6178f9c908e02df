"""Pure computation: who is under whom, how much of whom is there, which days are worked."""

from perilune.people.engine.capacity import fte_days, fte_on, fte_total
from perilune.people.engine.hierarchy import (
    ancestors,
    current_holdings,
    managed_teams,
    overlaps,
    reps_under,
    team_subtree,
    topmost,
)
from perilune.people.engine.workdays import holidays_of, is_workday, workdays

__all__ = [
    "ancestors",
    "current_holdings",
    "fte_days",
    "fte_on",
    "fte_total",
    "holidays_of",
    "is_workday",
    "managed_teams",
    "overlaps",
    "reps_under",
    "team_subtree",
    "topmost",
    "workdays",
]
