"""What crosses the border of a write: what a service takes, how a record stands, what it said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable

from perilune.kernel.errors import Unavailable


class Lost(Unavailable):
    """A write was asked and no answer came: it may have taken place."""


@dataclass(frozen=True)
class TargetField:
    """A field of an object as a target takes it.

    type: as the service calls it. is_key: records can be addressed by its value. choices: the texts
    that a choice takes, in the service's order; empty where any is taken. at_birth: a new record
    takes it, though it may not be writable later.
    """

    name: str
    type: str
    label: str
    is_writable: bool
    is_key: bool = False
    choices: tuple[str, ...] = ()
    at_birth: bool = False


@dataclass(frozen=True)
class There:
    """A record as it stands at a target: texts by field, as a page of a source gives them.

    mark: what a write says that it has seen; changed_at: when the record was last changed;
    is_settled: whether any later change will have another mark.
    """

    key: str
    values: Mapping[str, str]
    mark: str
    changed_at: datetime | None = None
    is_settled: bool = True


class Replied(StrEnum):
    """What came of a write."""

    WRITTEN = "written"
    MOVED = "moved"  # changed since the mark: nothing was written
    DOUBTFUL = "doubtful"  # changed since the mark, perhaps by this very write: its answer was lost
    BUSY = "busy"  # locked for the moment: nothing was written
    REFUSED = "refused"
    GONE = "gone"


class Why(NamedTuple):
    """Why a write was refused: the field ("" for the record), the service's code and words."""

    field: str
    code: str
    text: str


@dataclass(frozen=True)
class Reply:
    """What a target said to a write."""

    what: Replied
    whys: tuple[Why, ...] = ()


class Write(NamedTuple):
    """Some fields of one record that are to be written, all or none.

    mark: of the record as it was looked at; was: what stood in the fields then. by: (field, value)
    of the key by which the record is addressed instead of its id.
    """

    key: str
    values: Mapping[str, str]
    mark: str
    was: Mapping[str, str]
    by: tuple[str, str] | None = None


class Target(Protocol):
    """What a connector must be able to do to be written to; any verb may raise Unavailable.

    A write that raises may have taken place: whoever asked looks at the record again.
    at_once: how many records one request can write.
    """

    at_once: int

    def takes(self, name: str) -> tuple[TargetField, ...]:
        """Return the fields of an object and which of them can be written."""

    def standing(self, name: str, keys: Sequence[str], fields: Sequence[str]) -> dict[str, There]:
        """Return records as they stand, by key; one that is not there (any more) is left out."""

    def write(self, name: str, writes: Sequence[Write]) -> list[Reply]:
        """Write to records, each unless it was changed since its mark; return what came of each.

        A record that is not there is never made.
        """


@runtime_checkable
class TellsBefore(Protocol):
    """A target that tells what its last change of a field replaced."""

    def before(
        self, name: str, keys: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, str]]:
        """Return by key and field what stood there before the value that stands there now."""


class Mark(NamedTuple):
    """A record of ours that is (to be) made there: the field that keeps our id, and that id."""

    field: str
    text: str


class Made(NamedTuple):
    """What a target said to a creation, and the key of the record that was made."""

    reply: Reply
    key: str = ""


@runtime_checkable
class Maker(Protocol):
    """A target in which records can be made, each known by our id in a field of its own."""

    def marks(self, name: str) -> tuple[TargetField, ...]:
        """Return the fields of an object that can keep our id."""

    def marked(self, name: str, marks: Sequence[Mark], since: datetime | None) -> dict[str, str]:
        """Return the keys of records that carry our ids, by our id.

        since: when the first of them was asked for, where an answer was lost: a service whose
        search lags is asked for all that changed from then on.
        """

    def make(self, name: str, mark: Mark, values: Mapping[str, str]) -> Made:
        """Make a record that carries our id. DOUBTFUL where one may stand there already."""


@runtime_checkable
class Ender(Protocol):
    """A target in which records can be deleted. restores: and brought back from here.

    by_hand: (days, where) within which, and where, a person brings them back there.
    """

    restores: bool
    by_hand: tuple[int, str]

    def end(self, name: str, key: str) -> Reply:
        """Delete a record; GONE where it is not there."""

    def restore(self, name: str, key: str) -> Reply:
        """Bring a deleted record back."""
