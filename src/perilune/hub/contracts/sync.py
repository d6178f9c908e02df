"""What crosses the border of a sync: what a source offers, what was asked, what is proved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, runtime_checkable

from perilune.kernel.errors import Conflict, Unavailable
from perilune.kernel.messages import gettext_noop as _


class Changed(Conflict):
    """Columns that were asked for are no longer there: the object's shape changed."""


class Cut(Unavailable):
    """An answer lacks rows that it promised; it can be asked for again."""


class Mode(StrEnum):
    """How much of a source a run reads."""

    FULL = "full"
    INCREMENTAL = "incremental"
    REPAIR = "repair"


class SyncState(StrEnum):
    """Where a sync stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


PROVIDER_LABELS = {
    "salesforce": "Salesforce", "hubspot": "HubSpot", "pipedrive": "Pipedrive", "sql": "SQL",
    "rest": "REST",
}  # fmt: skip
"""What the systems that can be synced are called."""

NAMED = frozenset({"sql", "rest"})
"""Those whose objects a person names: they do not know themselves what their rows mean."""

SYNC_LABELS = {
    SyncState.RUNNING: _("Under way"),
    SyncState.DONE: _("Done"),
    SyncState.FAILED: _("Failed, nothing lost"),
    SyncState.CANCELLED: _("Cancelled"),
}

MODE_LABELS = {
    Mode.FULL: _("everything"),
    Mode.INCREMENTAL: _("what changed"),
    Mode.REPAIR: _("repair"),
}


@dataclass(frozen=True)
class SourceStage:
    """A stage as a source tells it, by the id that its deals name.

    meaning: open, won or lost. probability: from 0 to 1. position: its place in its pipeline.
    """

    key: str
    label: str
    pipeline: str
    pipeline_label: str
    meaning: str
    probability: float
    position: int


@dataclass(frozen=True)
class SourceField:
    """A field as a source describes it. target: the object that it refers to.

    stages: what the values of a field of stages stand for, where the source tells.
    """

    name: str
    type: str
    label: str
    target: str = ""
    is_custom: bool = False
    stages: tuple[SourceStage, ...] = ()


class By(StrEnum):
    """What tells that a row changed: the time of its last change, a growing number, its values.

    A number is kept as so many microseconds, a checksum of the values that are read as those before
    2006.
    """

    TIME = "time"
    NUMBER = "number"
    VALUES = "values"


@dataclass(frozen=True)
class SourceObject:
    """An object of a source that becomes records, and the columns that a sync needs of it.

    key, created, stamp, gone, into: columns of the id, the creation, the last change, the mark of a
    deletion and the id that a merged record lives on as ("" where it has none). history: the
    objects that tell its past. reads: (field, column) as they are best read, where the names are
    the vendor's own; empty: they are recognised. unstamped: columns of which a change does not
    stamp the row; the source mixes them into the fraction of the stamp's second, so that a proof
    sees them. lags: whether a question by time may show changes late; then the rows of the second
    in which a run began, which may have changed again in it, are asked for by their keys. by: what
    the stamp is; grain_us: how coarse it is. asks_since: whether what changed can be asked for;
    where not, each run reads the whole and takes the news. dated: the columns that say from when on
    rows are known, ("", "") for none; None: created and stamp. is_given: a person named it, so that
    its columns say what they are. ends_unlisted: a row that is not found by its key was deleted.
    is_asked: it is not read before somebody chooses it.
    """

    name: str
    kind: str
    key: str = "Id"
    created: str = "CreatedDate"
    stamp: str = "SystemModstamp"
    gone: str = "IsDeleted"
    into: str = ""
    history: tuple[SourceHistory, ...] = ()
    reads: tuple[tuple[str, str], ...] = ()
    unstamped: tuple[str, ...] = ()
    lags: bool = False
    by: By = By.TIME
    grain_us: int = 1_000_000
    asks_since: bool = True
    dated: tuple[str, str] | None = None
    is_given: bool = False
    ends_unlisted: bool = False
    is_asked: bool = False


@dataclass(frozen=True)
class SourceHistory:
    """An object that tells the past of another.

    parent: the column of the record's id. columns: what is asked of it. snapshot: the fields of
    which each row tells the values (a row a change); empty where each row tells one field.
    is_dated: whether its rows can be asked for from an instant on; where not, a record's are asked
    for when the record itself changed. also: (name, column) of other names under which rows tell a
    column. is_optional: a source may lack it, and `describe` says so.
    """

    name: str
    parent: str
    columns: tuple[str, ...]
    snapshot: tuple[str, ...] = ()
    created: str = "CreatedDate"
    key: str = "Id"
    is_dated: bool = True
    also: tuple[tuple[str, str], ...] = ()
    is_optional: bool = False


@dataclass(frozen=True)
class Ask:
    """Rows of an object that are asked for.

    since, until: changed in [since, until), until only of sources that count days; born: created in
    [from, to); keys: these alone. with_gone: deleted ones too. since_by, keys_by: the column of
    `since` and `keys` where it is not the object's; born_by: that of `born`. fields: of a history,
    those wanted.
    """

    object: str
    columns: tuple[str, ...]
    since: datetime | None = None
    born: tuple[datetime, datetime] | None = None
    keys: tuple[str, ...] = ()
    with_gone: bool = False
    since_by: str = "SystemModstamp"
    keys_by: str = "Id"
    until: datetime | None = None
    fields: tuple[str, ...] = ()
    born_by: str = "CreatedDate"


class Page(NamedTuple):
    """Some rows of an answer. token: where the next ones begin, "" at the end.

    total: how many rows the whole answer has, -1 where the source does not say.
    """

    rows: list[list[str]]
    token: str
    total: int


class Source(Protocol):
    """What a connector must be able to do; every verb may raise Unavailable or Refused."""

    def objects(self) -> Sequence[SourceObject]:
        """Return the objects that can be synced; what others refer to comes last."""

    def describe(self, name: str) -> tuple[SourceField, ...]:
        """Return the fields of an object as they are now. NotFound where it may not be seen."""

    def clock(self) -> datetime:
        """Return the source's own time."""

    def counts(self, item: SourceObject) -> Mapping[str, int]:
        """Return how many live rows were created in each month (`2026-03`).

        A source that counts no months may give the whole of a small object under "".
        """

    def page(self, ask: Ask, token: str) -> Page:
        """Return a page of an answer, the first for "". Changed where columns went."""

    def usage(self) -> tuple[int, int]:
        """Return (used, allowed) requests of the day as last told; (0, 0) before."""


@runtime_checkable
class CountsDays(Protocol):
    """A source that also counts by the day of the last change: late commits show at once."""

    def days(self, item: SourceObject, since: datetime) -> Mapping[str, int]:
        """Return how many live rows were last changed on each day (UTC, `2026-03-01`) from one."""


@runtime_checkable
class Heads(Protocol):
    """A source that knows how far a growing number is."""

    def head(self, item: SourceObject) -> int:
        """Return the largest number of an object now, 0 where it has no rows."""


@runtime_checkable
class Closes(Protocol):
    """A source that holds something open between two pages."""

    def close(self) -> None:
        """Let go of it; the next page is asked for where the last one ended."""


class Held(NamedTuple):
    """A row as a listing names it: when it was created and last changed (microseconds UTC)."""

    key: str
    created_us: int
    stamp_us: int


@dataclass(frozen=True)
class Month:
    """One object and month on both sides. Sums are order-free checksums of (key, stamp)."""

    month: str
    there: int
    here: int
    sum_there: int
    sum_here: int
    refused: int = 0

    @property
    def is_equal(self) -> bool:
        """Whether both sides hold the same rows in the same state."""
        return self.there == self.here and self.sum_there == self.sum_here


@dataclass
class Difference:
    """The rows of an object that two listings do not share.

    missing: there, not here; stale: here in an older state; extra: here, not there any more.
    """

    missing: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many rows differ."""
        return len(self.missing) + len(self.stale) + len(self.extra)


@dataclass(frozen=True)
class Drift:
    """A change of an object's shape. was and now: names (renamed) or types (retyped)."""

    object: str
    what: str
    field: str
    was: str = ""
    now: str = ""
    is_mapped: bool = False


DRIFTS = {
    "new": _("%(object)s has a new field %(field)s (%(now)s). It can be mapped."),
    "renamed": _("%(object)s: %(was)s is now called %(now)s. The mapping follows."),
    "removed": _("%(object)s: the field %(field)s is gone. What it said last is kept."),
    "retyped": _("%(object)s: %(field)s was %(was)s and is now %(now)s."),
}


@dataclass(frozen=True)
class SyncStep:
    """How far a sync is: done of total, and what it is doing (msgid with placeholders)."""

    is_done: bool
    done: int = 0
    total: int = 0
    message: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
