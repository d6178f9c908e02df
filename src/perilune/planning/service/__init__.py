"""Verbs on scenarios, each one private change set; and series read from a file."""

from perilune.planning.service.edits import (
    edit_add,
    edit_change,
    edit_remove,
    edit_reorder,
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
    "edit_add",
    "edit_change",
    "edit_remove",
    "edit_reorder",
    "scenario_change",
    "scenario_copy",
    "scenario_create",
    "scenario_delete",
    "scenario_share",
    "scenario_undo",
    "series_read",
]
