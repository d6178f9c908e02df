"""What crosses the border of merging: the records, whose value survives and why, what moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from perilune.kernel.kinds import Scalar
from perilune.kernel.messages import gettext_noop as _

MERGEABLE = ("account", "contact", "lead")
"""Kinds whose records may be merged."""

PURPOSE = "merge"
"""The purpose of a change set that merges: the bridge and the journal know it by that."""


class Rule(StrEnum):
    """Whose value a field keeps when records become one."""

    KEPT = "kept"
    NEWEST = "newest"
    FULLEST = "fullest"
    LONGEST = "longest"
    SOURCE = "source"
    CHOSEN = "chosen"


RULE_LABELS = {
    Rule.KEPT: _("of the record that stays, else the newest"),
    Rule.NEWEST: _("the newest"),
    Rule.FULLEST: _("of the record with the most fields filled"),
    Rule.LONGEST: _("the longest"),
    Rule.SOURCE: _("of the most trusted source"),
    Rule.CHOSEN: _("chosen by hand"),
}


@dataclass(frozen=True)
class Standing:
    """A record as it stands before a merge.

    values: encoded, without empty ones; known_us: since when each is known; sources: where it is
    known; related: how many records refer to it.
    """

    id: int
    values: Mapping[str, Scalar]
    known_us: Mapping[str, int]
    sources: frozenset[str] = frozenset()
    related: int = 0


@dataclass(frozen=True)
class Rules:
    """Whose value survives, by field (else `Rule.KEPT`), and sources from the most trusted on."""

    by_field: Mapping[str, Rule] = field(default_factory=dict)
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a field is after a merge, from which record (None where nobody has a value), and why."""

    field: str
    value: Scalar
    from_id: int | None
    rule: Rule
    differs: bool


@dataclass(frozen=True)
class MergePlan:
    """What a merge would do; nothing is written.

    moving, dropped: how many records of each kind would refer to the kept one, and how many would
    be there twice and end. mark: what the records were when this was told; merging with it refuses
    when they changed since.
    """

    kind: str
    kept: int
    records: tuple[Standing, ...]
    outcomes: tuple[Outcome, ...]
    moving: Mapping[str, int]
    dropped: Mapping[str, int]
    mark: str


@dataclass(frozen=True)
class Merged:
    """What a merge did."""

    change_set_id: int
    kind: str
    kept: int
    gone: tuple[int, ...]
    moved: int
