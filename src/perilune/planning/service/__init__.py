"""Verbs on scenarios, each one private change set; on annual plans; series read from a file."""

from perilune.planning.service.edits import (
    edit_add,
    edit_change,
    edit_remove,
    edit_reorder,
)
from perilune.planning.service.letter_paper import letter_pdf
from perilune.planning.service.letters import acknowledge_letter, deliver_letters, make_letters
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
    unpublish_plan,
    withdraw_plan,
)
from perilune.planning.service.scenarios import (
    scenario_change,
    scenario_copy,
    scenario_create,
    scenario_delete,
    scenario_share,
    scenario_undo,
)
from perilune.planning.service.season import task_done, task_remove, task_save
from perilune.planning.service.series import series_read
from perilune.planning.service.workbook_paper import finance, write_finance, write_workbook
from perilune.planning.service.workbooks import (
    drop_return,
    hand_out,
    lock_workbooks,
    merge_returns,
    read_file,
    receive_file,
    take_file,
)

__all__ = [
    "LEAST_HISTORY",
    "PLAN_JOB",
    "Proposal",
    "acknowledge_letter",
    "activate_plans",
    "approve_plan",
    "archive_plan",
    "change_plan",
    "clone_plan",
    "comment_plan",
    "create_plan",
    "deliver_letters",
    "drop_return",
    "edit_add",
    "edit_change",
    "edit_remove",
    "edit_reorder",
    "finance",
    "hand_out",
    "letter_pdf",
    "lock_workbooks",
    "make_letters",
    "merge_returns",
    "months_before",
    "people_add",
    "people_remove",
    "publish_plan",
    "read_file",
    "receive_file",
    "reconcile",
    "redo_plan",
    "reject_plan",
    "scenario_change",
    "scenario_copy",
    "scenario_create",
    "scenario_delete",
    "scenario_share",
    "scenario_undo",
    "series_read",
    "set_cells",
    "set_rule",
    "submit_plan",
    "take_back_plan",
    "take_file",
    "task_done",
    "task_remove",
    "task_save",
    "undo_plan",
    "unfix",
    "unpublish_plan",
    "withdraw_plan",
    "write_finance",
    "write_workbook",
]
