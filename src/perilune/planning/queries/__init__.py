"""Reads of planning: scenarios that a person may see, their edits, and the tables they make."""

from perilune.planning.engine import apply, idle
from perilune.planning.engine.stored import edit_of
from perilune.planning.queries.choices import (
    Choices,
    Names,
    choices,
    names_of,
    sharers,
)
from perilune.planning.queries.reserves import reserves
from perilune.planning.queries.scenarios import author_of, changes, heads, own_scenario, scenario

__all__ = [
    "Choices",
    "Names",
    "apply",
    "author_of",
    "changes",
    "choices",
    "edit_of",
    "heads",
    "idle",
    "names_of",
    "own_scenario",
    "reserves",
    "scenario",
    "sharers",
]
