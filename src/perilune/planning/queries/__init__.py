"""Reads of planning: scenarios and annual plans that a person may see, and what they make."""

from perilune.planning.engine import apply, idle
from perilune.planning.engine.standing import Book, books, handed_over, presence
from perilune.planning.engine.stored import edit_of
from perilune.planning.queries.choices import (
    Choices,
    Names,
    choices,
    names_of,
    sharers,
)
from perilune.planning.queries.files import scenario_of
from perilune.planning.queries.kpi import kpis, kpis_in_force
from perilune.planning.queries.letters import letter, letters, own_letters, unacknowledged
from perilune.planning.queries.plans import loaded_plan, plan, plan_named, plans, unit_names
from perilune.planning.queries.proofs import proof
from perilune.planning.queries.reserves import reserves
from perilune.planning.queries.scenarios import author_of, changes, heads, own_scenario, scenario

__all__ = [
    "Book",
    "Choices",
    "Names",
    "apply",
    "author_of",
    "books",
    "changes",
    "choices",
    "edit_of",
    "handed_over",
    "heads",
    "idle",
    "kpis",
    "kpis_in_force",
    "letter",
    "letters",
    "loaded_plan",
    "names_of",
    "own_letters",
    "own_scenario",
    "plan",
    "plan_named",
    "plans",
    "presence",
    "proof",
    "reserves",
    "scenario",
    "scenario_of",
    "sharers",
    "unacknowledged",
    "unit_names",
]
