"""Reads of planning: scenarios and annual plans that a person may see, and what they make."""

from perilune.planning.engine import apply, idle
from perilune.planning.engine.standing import Book, books, handed_over, presence
from perilune.planning.engine.stored import edit_of
from perilune.planning.queries.answers import leavers, year_plan
from perilune.planning.queries.choices import (
    Choices,
    Names,
    choices,
    names_of,
    sharers,
)
from perilune.planning.queries.files import scenario_of
from perilune.planning.queries.kpi import kpis, kpis_in_force
from perilune.planning.queries.learning import way_back
from perilune.planning.queries.letters import letter, letters, own_letters, unacknowledged
from perilune.planning.queries.plans import (
    company_years,
    draft_plans,
    loaded_plan,
    plan,
    plan_named,
    plan_names,
    plans,
    unit_names,
)
from perilune.planning.queries.proofs import proof
from perilune.planning.queries.reserves import reserves
from perilune.planning.queries.scenarios import author_of, changes, heads, own_scenario, scenario
from perilune.planning.queries.season import (
    due_tasks,
    lacking,
    own_quota,
    readiness,
    sent_back,
    to_approve,
)
from perilune.planning.queries.sharing import (
    plans_to_propose,
    proposals_of_plan,
    proposals_of_scenario,
    proposals_refused,
    proposals_waiting,
    said_of_scenario,
)
from perilune.planning.queries.taking import (
    plan_of_circle,
    plan_ties,
    scenario_named,
    scenario_ties,
    take_preview,
)
from perilune.planning.queries.workbooks import (
    Holder,
    Waiting,
    file_merge,
    holder_named,
    holders,
    mailed_workbooks,
    subtree,
    waiting,
    workbooks,
)

__all__ = [
    "Book",
    "Choices",
    "Holder",
    "Names",
    "Waiting",
    "apply",
    "author_of",
    "books",
    "changes",
    "choices",
    "company_years",
    "draft_plans",
    "due_tasks",
    "edit_of",
    "file_merge",
    "handed_over",
    "heads",
    "holder_named",
    "holders",
    "idle",
    "kpis",
    "kpis_in_force",
    "lacking",
    "leavers",
    "letter",
    "letters",
    "loaded_plan",
    "mailed_workbooks",
    "names_of",
    "own_letters",
    "own_quota",
    "own_scenario",
    "plan",
    "plan_named",
    "plan_names",
    "plan_of_circle",
    "plan_ties",
    "plans",
    "plans_to_propose",
    "presence",
    "proof",
    "proposals_of_plan",
    "proposals_of_scenario",
    "proposals_refused",
    "proposals_waiting",
    "readiness",
    "reserves",
    "said_of_scenario",
    "scenario",
    "scenario_named",
    "scenario_of",
    "scenario_ties",
    "sent_back",
    "sharers",
    "subtree",
    "take_preview",
    "to_approve",
    "unacknowledged",
    "unit_names",
    "waiting",
    "way_back",
    "workbooks",
    "year_plan",
]
