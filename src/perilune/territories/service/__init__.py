"""Verbs of territories: drafts of plans, their approval, and what puts them in force."""

from perilune.territories.service.designing import JOB_KIND as DESIGN_JOB
from perilune.territories.service.designing import design_draft
from perilune.territories.service.drafts import (
    archive,
    change_settings,
    clone_draft,
    comment,
    create_draft,
)
from perilune.territories.service.editing import lock, move_units, redo, rename, seat, undo

__all__ = [
    "DESIGN_JOB",
    "archive",
    "change_settings",
    "clone_draft",
    "comment",
    "create_draft",
    "design_draft",
    "lock",
    "move_units",
    "redo",
    "rename",
    "seat",
    "undo",
]
