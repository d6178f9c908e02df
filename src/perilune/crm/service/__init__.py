"""Verbs of the CRM."""

from perilune.crm.engine import Share
from perilune.crm.engine import parse as parse_text
from perilune.crm.engine import show as show_value
from perilune.crm.service.deals import (
    account_reassign,
    is_closing,
    opportunity_close,
    opportunity_move,
    splits_set,
)
from perilune.crm.service.places import accounts_place
from perilune.crm.service.records import (
    edit_undo,
    findings,
    record_change,
    record_create,
    record_delete,
    record_restore,
    records_change,
    records_delete,
)
from perilune.crm.service.setup import (
    CUSTOM_TYPES,
    field_add,
    stage_remove,
    stage_shift,
    view_delete,
    view_save,
)

__all__ = [
    "CUSTOM_TYPES",
    "Share",
    "account_reassign",
    "accounts_place",
    "edit_undo",
    "field_add",
    "findings",
    "is_closing",
    "opportunity_close",
    "opportunity_move",
    "parse_text",
    "record_change",
    "record_create",
    "record_delete",
    "record_restore",
    "records_change",
    "records_delete",
    "show_value",
    "splits_set",
    "stage_remove",
    "stage_shift",
    "view_delete",
    "view_save",
]
