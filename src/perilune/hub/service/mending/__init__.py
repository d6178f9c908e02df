"""Repairs: records looked through, proposals applied as one change set, taken back, rejected."""

from perilune.hub.contracts.mending import MENDED
from perilune.hub.service.mending.applying import (
    APPLY,
    MOST,
    MOST_AT_ONCE,
    apply,
    apply_start,
    edit,
    reject,
    reopen,
    undo,
)
from perilune.hub.service.mending.looking import LOOK, catch_up, look, look_start, spell

__all__ = [
    "APPLY",
    "LOOK",
    "MENDED",
    "MOST",
    "MOST_AT_ONCE",
    "apply",
    "apply_start",
    "catch_up",
    "edit",
    "look",
    "look_start",
    "reject",
    "reopen",
    "spell",
    "undo",
]
