"""Verbs on scenarios, each one private change set; on annual plans; series read from a file."""

from perilune.planning.queries.history_weights import LEAST_HISTORY, months_before
from perilune.planning.service.account_targets import read_account_targets, set_account_targets
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
from perilune.planning.service.plan_building import Proposal, clone_plan, create_plan
from perilune.planning.service.plan_editing import (
    reconcile,
    redo_plan,
    set_cells,
    set_rule,
    undo_plan,
    unfix,
)
from perilune.planning.service.plan_people import people_add, people_remove
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
from perilune.planning.service.plan_taking import follow_plan, open_as_scenario, take_scenario
from perilune.planning.service.quota_bases import set_bases
from perilune.planning.service.returns import choose_returns
from perilune.planning.service.scenarios import (
    scenario_change,
    scenario_copy,
    scenario_create,
    scenario_delete,
    scenario_share,
    scenario_undo,
)
from perilune.planning.service.season import task_done, task_remove, task_save
from perilune.planning.service.segment_states import (
    apply_segmentation,
    approve_segmentation,
    archive_segmentation,
    reject_segmentation,
    submit_segmentation,
    take_back_segmentation,
)
from perilune.planning.service.segment_targets import cut_targets_by_segment
from perilune.planning.service.segments import (
    choose_potential,
    create_segmentation,
    move_rule,
    put_bands,
    put_markets,
    put_rule,
    remove_rule,
    rename_segmentation,
    take_over,
)
from perilune.planning.service.series import series_read
from perilune.planning.service.sharing import (
    comment_scenario,
    propose_scenario,
    refuse_proposal,
    withdraw_proposal,
)
from perilune.planning.service.workbook_mail import NO_SERVER, WORKBOOK_JOB, mail_workbooks
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
    "HIRING_JOB",
    "LEAST_HISTORY",
    "NO_SERVER",
    "PLAN_JOB",
    "WORKBOOK_JOB",
    "Proposal",
    "acknowledge_letter",
    "activate_plans",
    "apply_segmentation",
    "approve_plan",
    "approve_segmentation",
    "archive_plan",
    "archive_segmentation",
    "ask_hiring",
    "change_plan",
    "choose_potential",
    "choose_returns",
    "clone_plan",
    "comment_plan",
    "comment_scenario",
    "create_plan",
    "create_segmentation",
    "cut_targets_by_segment",
    "deliver_letters",
    "drop_return",
    "edit_add",
    "edit_change",
    "edit_remove",
    "edit_reorder",
    "finance",
    "follow_plan",
    "hand_out",
    "keep_long_view",
    "letter_pdf",
    "lock_workbooks",
    "mail_workbooks",
    "make_letters",
    "merge_returns",
    "months_before",
    "move_rule",
    "open_as_scenario",
    "people_add",
    "people_remove",
    "propose_scenario",
    "publish_plan",
    "put_bands",
    "put_markets",
    "put_rule",
    "read_account_targets",
    "read_file",
    "receive_file",
    "reconcile",
    "redo_plan",
    "refuse_proposal",
    "reject_plan",
    "reject_segmentation",
    "remove_kpi",
    "remove_rule",
    "rename_segmentation",
    "scenario_change",
    "scenario_copy",
    "scenario_create",
    "scenario_delete",
    "scenario_share",
    "scenario_undo",
    "series_read",
    "set_account_targets",
    "set_bases",
    "set_cells",
    "set_kpi",
    "set_rule",
    "start_hiring",
    "submit_plan",
    "submit_segmentation",
    "take_back_plan",
    "take_back_segmentation",
    "take_file",
    "take_hiring",
    "take_over",
    "take_scenario",
    "task_done",
    "task_remove",
    "task_save",
    "undo_plan",
    "unfix",
    "unpublish_plan",
    "withdraw_plan",
    "withdraw_proposal",
    "write_finance",
    "write_workbook",
]
