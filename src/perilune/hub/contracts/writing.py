"""What crosses the border of a write-back: policies, states, what is proposed, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from perilune.kernel.kinds import Scalar
from perilune.kernel.messages import gettext_noop as _

PURPOSE = "write_back"
"""Of the change sets that say what a service took, or that take what stands there."""

KINDS = ("opportunity", "account", "contact", "lead")
"""What may be written: facts about business. Who works for the company is said by its systems."""

KINDS_IN_ORDER = ("account", "contact", "opportunity", "lead")
"""The same, what others refer to first."""

MOST = 5_000
"""Records of one batch; what is more waits for the next one."""

STRANGE = "\u2047"
"""Before a text of a service that means nothing here: it equals no value of ours."""


class Verb(StrEnum):
    """What a batch does with records there."""

    CHANGE = "change"
    MAKE = "make"
    END = "end"
    RESTORE = "restore"


VERB_LABELS = {
    Verb.CHANGE: _("changes"),
    Verb.MAKE: _("new records"),
    Verb.END: _("deletions"),
    Verb.RESTORE: _("returns of what was deleted"),
}

MOST_OF = {Verb.CHANGE: MOST, Verb.MAKE: 1_000, Verb.END: 100, Verb.RESTORE: 100}
"""Records of one batch by its verb: a mistake with deletions stays small."""


class Policy(StrEnum):
    """Whose value counts where a field was changed on both sides."""

    OURS = "ours"
    THEIRS = "theirs"
    NEWEST = "newest"
    ASK = "ask"
    UNDO = "undo"  # of a batch that takes another one back: only what is still ours


POLICY_LABELS = {
    Policy.OURS: _("ours is written"),
    Policy.THEIRS: _("theirs is taken"),
    Policy.NEWEST: _("the newer one counts"),
    Policy.ASK: _("a person decides"),
    Policy.UNDO: _("only what is still ours"),
}
CHOSEN = (Policy.ASK, Policy.OURS, Policy.THEIRS, Policy.NEWEST)
"""The policies that a company chooses among, the careful one first."""


class Verdict(StrEnum):
    """What is to be done with one field of one record."""

    SAME = "same"
    WRITE = "write"
    TAKE = "take"
    ASK = "ask"
    LEAVE = "leave"


class LineState(StrEnum):
    """Where one field of one record stands in a batch."""

    NEW = "new"
    SAME = "same"
    WAITS = "waits"
    TAKES = "takes"
    ASK = "ask"
    LEFT = "left"
    ASKED = "asked"
    WRITTEN = "written"
    TAKEN = "taken"
    REFUSED = "refused"
    GONE = "gone"
    CANNOT = "cannot"


LINE_LABELS = {
    LineState.NEW: _("not looked at yet"),
    LineState.SAME: _("stands there already"),
    LineState.WAITS: _("will be written"),
    LineState.TAKES: _("theirs will be taken"),
    LineState.ASK: _("a person decides"),
    LineState.LEFT: _("left as it is"),
    LineState.ASKED: _("asked, no answer yet"),
    LineState.WRITTEN: _("written"),
    LineState.TAKEN: _("theirs taken"),
    LineState.REFUSED: _("refused there"),
    LineState.GONE: _("no longer there"),
    LineState.CANNOT: _("cannot be written"),
}

OPEN = (LineState.NEW, LineState.WAITS, LineState.TAKES, LineState.ASKED)
"""The lines that a run still has to work on."""


class BatchState(StrEnum):
    """Where a batch stands."""

    LOOKING = "looking"
    READY = "ready"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


BATCH_LABELS = {
    BatchState.LOOKING: _("Looking"),
    BatchState.READY: _("To be confirmed"),
    BatchState.WRITING: _("Writing"),
    BatchState.DONE: _("Done"),
    BatchState.FAILED: _("Stopped, nothing lost"),
    BatchState.DISCARDED: _("Discarded"),
}

WHYS = {
    "not_writable": _("The other system does not let this field be written."),
    "wrong_type": _("The field there is of another type."),
    "no_choice": _("None of the values that the field takes there means this."),
    "unknown_there": _("The record that is referred to is not known there."),
    "other_pipeline": _("The stage belongs to another pipeline than the deal has there."),
    "other_currency": _("The record has another currency here than there."),
    "not_mapped": _("The field is no longer mapped."),
    "no_key": _("The record has no value in the field by which records are addressed."),
    "busy": _("The record was locked there at each try."),
    "restless": _("The record was changed there at each try."),
    "changed_since": _("It was changed since: it is left as it is."),
    "left_out": _("Left out by a person."),
    "confirmed": _("The answer was lost; the value stands there."),
    "overruled": _("Written, and then changed there by a rule of the other system."),
    "found_there": _("It stands there already, with our id."),
    "made_first": _("What it refers to is made there first, by this batch."),
    "doubled": _("A sync made a record of its own of it. Merge the two here."),
    "still_used": _("Records that stand here refer to it."),
    "back_here": _("It stands here again."),
    "overwrote": _(
        "Somebody changed it there in the moment of writing: that was written over."
        " Taking the batch back puts it back."
    ),
    "unknown_here": _("What stands there means nothing here: sync first."),
    "ended_here": _("The record is not here any more."),
    "ambiguous": _("Several records there carry this key."),
}
"""What is said of a line by code, as msgids; other codes are the service's own, with its words."""


@dataclass(frozen=True)
class Sides:
    """One field of one record. known: what the service said last; found: what stands there now.

    wanted: what stands here. edited_us, changed_us: when it was edited here, and when the record
    was last changed there (microseconds UTC, 0 where that is not known).
    """

    known: Scalar
    found: Scalar
    wanted: Scalar
    edited_us: int = 0
    changed_us: int = 0


class Proposal(NamedTuple):
    """A value that was edited here and differs from what the service said last."""

    object: str
    kind: str
    record_id: int
    title: str
    key: str
    field: str
    column: str
    known: Scalar
    wanted: Scalar
    edited_us: int
    origin: str
    policy: Policy


@dataclass(frozen=True)
class LineInfo:
    """One field of one record of a batch, as pages and terminals show it."""

    id: int
    object: str
    kind: str
    record_id: int
    title: str
    key: str
    field: str
    column: str
    known: Scalar
    found: Scalar
    wanted: Scalar
    was: str
    text: str
    policy: Policy
    state: LineState
    decision: str
    decided_by: str
    code: str
    reason: str
    edited_at: datetime | None
    changed_at: datetime | None
    asked_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True)
class BatchInfo:
    """A batch with what came of it. counts: lines by state; undoes, undone_by: ids of batches."""

    id: int
    connection: str
    actor: str
    purpose: str
    verb: Verb
    state: BatchState
    counts: Mapping[LineState, int]
    records: int
    undoes: int | None
    undone_by: int | None
    left_over: int
    confirmed_by: str
    message: str
    message_params: Mapping[str, Any]
    job_id: int | None
    created_at: datetime
    looked_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None

    def count(self, *states: LineState) -> int:
        """Return how many lines are in some states."""
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def may_go(self) -> bool:
        """Whether there is something to write and nobody is at it."""
        is_open = self.state in (BatchState.READY, BatchState.DONE, BatchState.FAILED)
        is_restoring = self.undoes is not None and self.state is BatchState.READY
        return is_open and (is_restoring or self.count(*OPEN) > 0)

    @property
    def may_undo(self) -> bool:
        """Whether it wrote something that no other batch has taken back."""
        is_over = self.state in (BatchState.DONE, BatchState.FAILED)
        wrote = self.count(LineState.WRITTEN, LineState.TAKEN) > 0
        return is_over and wrote and self.undoes is None and self.undone_by is None
