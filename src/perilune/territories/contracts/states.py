"""Where a plan stands, what a change of it did, which deals its moves take along."""

from __future__ import annotations

from enum import StrEnum

from perilune.kernel.messages import gettext_noop as _

IN_FORCE_PLACE = "territories.in_force"
"""Place of panels about a plan in force, on its page; context: `change_set_id`, what it wrote."""


class DraftState(StrEnum):
    """Where a plan stands."""

    PLANNING = "planning"
    REVIEW = "review"
    APPROVED = "approved"
    ACTIVE = "active"
    ARCHIVED = "archived"
    REJECTED = "rejected"


STATE_LABELS: dict[DraftState, str] = {
    DraftState.PLANNING: _("in the making"),
    DraftState.REVIEW: _("under review"),
    DraftState.APPROVED: _("approved"),
    DraftState.ACTIVE: _("in force"),
    DraftState.ARCHIVED: _("archived"),
    DraftState.REJECTED: _("sent back"),
}

EDITABLE = frozenset({DraftState.PLANNING, DraftState.REJECTED})
"""States in which a draft may be changed."""


class EditKind(StrEnum):
    """What a change of a draft did."""

    DESIGN = "design"
    REBALANCE = "rebalance"
    MOVE = "move"
    LOCK = "lock"
    RENAME = "rename"
    SEAT = "seat"
    ADD = "add"
    REMOVE = "remove"
    MERGE = "merge"
    SPLIT = "split"
    RULE = "rule"
    PAIRS = "pairs"
    CONTAINERS = "containers"
    REGION = "region"
    UNDO = "undo"
    REDO = "redo"
    STATE = "state"


EDIT_LABELS: dict[EditKind, str] = {
    EditKind.DESIGN: _("designed anew"),
    EditKind.REBALANCE: _("re-balanced"),
    EditKind.MOVE: _("moved accounts"),
    EditKind.LOCK: _("locked or unlocked"),
    EditKind.RENAME: _("renamed a territory"),
    EditKind.SEAT: _("seated a rep"),
    EditKind.ADD: _("added a territory"),
    EditKind.REMOVE: _("removed a territory"),
    EditKind.MERGE: _("merged two territories"),
    EditKind.SPLIT: _("split a territory"),
    EditKind.RULE: _("changed what a territory may hold"),
    EditKind.PAIRS: _("changed which accounts belong together"),
    EditKind.CONTAINERS: _("said what is handed out whole"),
    EditKind.REGION: _("put territories in a region"),
    EditKind.UNDO: _("took a change back"),
    EditKind.REDO: _("made a change again"),
    EditKind.STATE: _("moved the plan on"),
}

WHOLE = frozenset({
    EditKind.DESIGN, EditKind.REBALANCE, EditKind.ADD, EditKind.REMOVE, EditKind.MERGE,
    EditKind.SPLIT,
})  # fmt: skip
"""Changes after which all territories may have other numbers."""

PLACING = WHOLE | {EditKind.MOVE, EditKind.LOCK, EditKind.RULE, EditKind.PAIRS}
"""Changes of places after which what was proved of a design is no longer about the plan."""

UNDOABLE = PLACING | {
    EditKind.RENAME, EditKind.SEAT, EditKind.CONTAINERS, EditKind.REGION,
}  # fmt: skip


class HoldOver(StrEnum):
    """Which open deals of a moved account stay with whoever had them (rule 31)."""

    COMMIT_STAYS = "commit_stays"
    ALL_STAY = "all_stay"
    ALL_MOVE = "all_move"


HOLD_OVER_LABELS: dict[HoldOver, str] = {
    HoldOver.COMMIT_STAYS: _("deals in commit stay until they close"),
    HoldOver.ALL_STAY: _("all open deals stay until they close"),
    HoldOver.ALL_MOVE: _("all open deals go with the account"),
}
