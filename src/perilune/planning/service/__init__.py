"""Verbs on scenarios, each one private change set; on annual plans; series read from a file."""

from perilune.planning.service.edits import (
    edit_add,
    edit_change,
    edit_remove,
    edit_reorder,
)
from perilune.planning.service.hiring import (
    HIRING_JOB,
    ask_hiring,
    start_hiring,
    take_hiring,
)
from perilune.planning.service.kpi import remove_kpi, set_kpi
from perilune.planning.service.letter_paper import letter_pdf
from perilune.planning.service.letters import acknowledge_letter, deliver_letters, make_letters
from perilune.planning.service.long_view import keep_long_view
from perilune.planning.service.plan_activating import (
    PLAN_JOB,
    activate_plans,
    take_back_plan,
)
from perilune.planning.service.plan_building import (
    LEAST_HISTORY,
    Proposal,
    clone_plan,
    create_plan,
    months_before,
)
from perilune.planning.service.plan_editing import (
    people_add,
    people_remove,
    reconcile,
    redo_plan,
    set_cells,
    set_rule,
    undo_plan,
    unfix,
)
from perilune.planning.service.plan_states import (
    approve_plan,
    archive_plan,
    change_plan,
    comment_plan,
    publish_plan,
    reject_plan,
    submit_plan,
    task_done,
    unpublish_plan,
)
from perilune.planning.service.scenarios import (
    scenario_change,
    scenario_copy,
    scenario_create,
    scenario_delete,
    scenario_share,
    scenario_undo,
)
from perilune.planning.service.series import series_read

__all__ = [
    "HIRING_JOB",
    "LEAST_HISTORY",
    "PLAN_JOB",
    "Proposal",
    "acknowledge_letter",
    "activate_plans",
    "approve_plan",
    "archive_plan",
    "ask_hiring",
    "change_plan",
    "clone_plan",
    "comment_plan",
    "create_plan",
    "deliver_letters",
    "edit_add",
    "edit_change",
    "edit_remove",
    "edit_reorder",
    "keep_long_view",
    "letter_pdf",
    "make_letters",
    "months_before",
    "people_add",
    "people_remove",
    "publish_plan",
    "reconcile",
    "redo_plan",
    "reject_plan",
    "remove_kpi",
    "scenario_change",
    "scenario_copy",
    "scenario_create",
    "scenario_delete",
    "scenario_share",
    "scenario_undo",
    "series_read",
    "set_cells",
    "set_kpi",
    "set_rule",
    "start_hiring",
    "submit_plan",
    "take_back_plan",
    "take_hiring",
    "task_done",
    "undo_plan",
    "unfix",
    "unpublish_plan",
]
