"""Reads of territories: what is in force, drafts and what they hold, store tables."""

from perilune.territories.queries.constraints import choices, constraints
from perilune.territories.queries.containing import containers
from perilune.territories.queries.criteria import criteria_of, rule_fields
from perilune.territories.queries.expecting import outlook
from perilune.territories.queries.forces import drift, in_force
from perilune.territories.queries.frontiers import frontier, frontier_handover
from perilune.territories.queries.gaps import gaps, lacking
from perilune.territories.queries.handing import compare, handover
from perilune.territories.queries.heads import draft, drafts
from perilune.territories.queries.holding import facts_of, holder, place_new
from perilune.territories.queries.points import points
from perilune.territories.queries.potentials import potential_choices
from perilune.territories.queries.ruling import rule_book, rule_runs
from perilune.territories.queries.running import placed_by_plan, rule_preview
from perilune.territories.queries.seating import seating
from perilune.territories.queries.sheets import sheet
from perilune.territories.queries.snapshots import attribute_choices
from perilune.territories.queries.tables import store_tables
from perilune.territories.queries.travelling import routing_server, shown_server
from perilune.territories.queries.years import leavers, proposed_day, year_plan

__all__ = [
    "attribute_choices",
    "choices",
    "compare",
    "constraints",
    "containers",
    "criteria_of",
    "draft",
    "drafts",
    "drift",
    "facts_of",
    "frontier",
    "frontier_handover",
    "gaps",
    "handover",
    "holder",
    "in_force",
    "lacking",
    "leavers",
    "outlook",
    "place_new",
    "placed_by_plan",
    "points",
    "potential_choices",
    "proposed_day",
    "routing_server",
    "rule_book",
    "rule_fields",
    "rule_preview",
    "rule_runs",
    "seating",
    "sheet",
    "shown_server",
    "store_tables",
    "year_plan",
]
