"""What crosses the border of `history`: drafts of rows go in, events and states come out.

Drafts are named tuples: an import makes them by the hundred thousand.

Times are integer microseconds UTC (`known_us`), values are encoded scalars (`kernel.kinds.encode`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from perilune.kernel.kinds import Scalar

CREATION = ""
"""The field name of a creation row, whose new value holds all first values."""

SEVERAL = "*"
"""The field name of a row of several fields known at one instant: old and new are objects."""

DELETED = "~"
"""The field name that says that a record is gone (new true) or back (new false)."""

PRIVATE = "private"
"""The purpose of a set that only its actor and their circle may read: the journal leaves it out."""

MERGED = "merged"
"""The source under which a record that was merged away is known: its id leads to what it became."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_us(at: datetime) -> int:
    """Return an aware instant as microseconds UTC since 1970 (exact)."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_us(us: int) -> datetime:
    """Return the UTC instant of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=us)


class Creation(NamedTuple):
    """A record's birth with all its first values.

    key, digest: the identity in the set's source (its id or natural key) and a digest of what the
    source said; an empty key leaves no identity.
    """

    record_id: int
    known_us: int
    values: Mapping[str, Scalar]
    key: str = ""
    digest: int = 0


class Update(NamedTuple):
    """One field of one record going from old to new; field DELETED for the end of the record."""

    record_id: int
    known_us: int
    field: str
    old: Scalar
    new: Scalar


class Sent(NamedTuple):
    """What a source said last of a record: the next import compares source-then with source-now.

    values: None where the key is only another name of the record (it was merged into it).
    """

    key: str
    record_id: int
    digest: int
    values: Mapping[str, Scalar] | None


class Batch(NamedTuple):
    """Rows of one kind that are written in one short transaction."""

    kind: str
    creations: Sequence[Creation] = ()
    updates: Sequence[Update] = ()
    sent: Sequence[Sent] = ()


class Columns(NamedTuple):
    """New records of one kind, by column, known in part at their birth and wholly at their end.

    births, ends: microseconds UTC. early and late are the columns of the two steps; where birth and
    end are one, late counts alone for a field that both have. A field of both is written at the end
    only where it differs.
    """

    kind: str
    ids: Sequence[int]
    keys: Sequence[str]
    digests: Sequence[int]
    births: Sequence[int]
    ends: Sequence[int]
    early: Mapping[str, Sequence[Scalar]]
    late: Mapping[str, Sequence[Scalar]]


@dataclass(frozen=True)
class Event:
    """One change row with its set, for timelines and audit. `field` "" is a creation."""

    id: int
    change_set_id: int
    kind: str
    record_id: int
    known_at: datetime
    recorded_at: datetime
    actor: str
    source: str
    purpose: str
    title: str
    field: str
    old: Any
    new: Any


class Act(NamedTuple):
    """What a change set did to a record: created, changed or ended it, and which fields."""

    kind: str
    record_id: int
    what: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class SetInfo:
    """A change set as the audit shows it."""

    id: int
    source: str
    actor: str
    purpose: str
    title: str
    known_at: datetime
    recorded_at: datetime
    completed_at: datetime | None
    retracted_at: datetime | None
    retracted_by: str
    rows: int = 0


@dataclass(frozen=True)
class Conflict:
    """A later edit that stands on a value whose change set was retracted."""

    kind: str
    record_id: int
    field: str
    kept: Scalar


@dataclass(frozen=True)
class Retraction:
    """What a rollback did: records touched, and the later edits that stand."""

    change_set_id: int
    records: int
    conflicts: tuple[Conflict, ...] = field(default=())
