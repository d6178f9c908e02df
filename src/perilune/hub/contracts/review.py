"""What crosses the border of duplicates in a home: searches, groups to judge, merges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from perilune.hub.contracts.duplicates import Part, Role
from perilune.kernel.messages import gettext_noop as _


class GroupState(StrEnum):
    """What became of a group."""

    OPEN = "open"
    MERGED = "merged"
    DIFFERENT = "different"
    LATER = "later"


GROUP_STATES = {
    GroupState.OPEN: _("to judge"),
    GroupState.MERGED: _("merged"),
    GroupState.DIFFERENT: _("different"),
    GroupState.LATER: _("later"),
}

COMPARED: Mapping[str, Sequence[tuple[Role, tuple[str, ...]]]] = {
    "account": (
        (Role.NAME, ("name",)),
        (Role.REGISTRATION, ("siret", "siren", "vat_number")),
        (Role.DOMAIN, ("website",)),
        (Role.PHONE, ("phone",)),
        (Role.ADDRESS, ("street",)),
        (Role.POSTCODE, ("postcode",)),
        (Role.CITY, ("city",)),
        (Role.COUNTRY, ("country",)),
    ),
}
"""What a model compares of each kind: what a column holds, and the fields that fill it, first come.

Persons are found by rule, see `hub.engine.persons`.
"""

PERSONS: Mapping[str, str] = {"contact": "account_id", "lead": "company"}
"""Kinds of persons: the field that says where they work."""

RULES = {
    "email": _("the same e-mail address"),
    "name_place": _("the same name at the same company"),
    "name_phone": _("the same name and telephone"),
    "arrived": _("looked like a record that existed when it arrived"),
}
"""Rules that find persons, in words."""


@dataclass(frozen=True)
class SearchInfo:
    """A look through all records of a kind, and how far it was worked through.

    quality: precision and recall on people's answers, each (value, low, high), None without enough.
    counts: groups by state; questions: those asked because the answer teaches most.
    """

    id: int
    kind: str
    actor: str
    merge: float
    different: float
    records: int
    candidates: int
    fields: tuple[str, ...]
    quality: Mapping[str, Any] | None
    seconds: float
    job_id: int | None
    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[GroupState, int]
    questions: int
    answers: int


@dataclass(frozen=True)
class GroupLine:
    """A group in the queue."""

    id: int
    ids: tuple[int, ...]
    titles: tuple[str, ...]
    weakest: float | None
    rule: str
    is_question: bool
    state: GroupState


@dataclass(frozen=True)
class PairWhy:
    """A pair of a group, its probability and why, the weightiest first."""

    left: int
    right: int
    probability: float
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class GroupView:
    """A group to judge. gone: records of it that are not there any more."""

    id: int
    kind: str
    ids: tuple[int, ...]
    gone: tuple[int, ...]
    weakest: float | None
    rule: str
    is_question: bool
    state: GroupState
    pairs: tuple[PairWhy, ...]
    before: int | None
    after: int | None


@dataclass(frozen=True)
class MergeLine:
    """A merge that was done."""

    change_set_id: int
    kind: str
    kept: int
    gone: tuple[int, ...]
    title: str
    actor: str
    at: datetime
    undone_at: datetime | None
    undone_by: str
