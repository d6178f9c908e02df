"""A dossier: one person, where they stand, and what was asked, approved and done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from perilune.kernel.messages import gettext_noop as _

PERSON_KINDS = ("contact", "lead", "rep")
"""Kinds whose records are people."""
USER = "user"
"""Beside them: somebody who signs in."""


class DossierState(StrEnum):
    """Where a dossier stands."""

    LOOKING = "looking"
    FOUND = "found"
    ASKED = "asked"
    APPROVED = "approved"
    DONE = "done"
    REMAINS = "remains"
    DROPPED = "dropped"

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more can happen to it."""
        return self in (DossierState.DONE, DossierState.DROPPED)


STATES: dict[DossierState, str] = {
    DossierState.LOOKING: _("Being looked for"),
    DossierState.FOUND: _("Found"),
    DossierState.ASKED: _("Erasure asked for"),
    DossierState.APPROVED: _("Being erased"),
    DossierState.DONE: _("Erased and proved"),
    DossierState.REMAINS: _("Something remains"),
    DossierState.DROPPED: _("Closed without erasure"),
}


class Ground(StrEnum):
    """Why a person is erased (GDPR, article 17)."""

    ASKED = "asked"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"
    NOT_NEEDED = "not_needed"
    UNLAWFUL = "unlawful"


GROUNDS: dict[Ground, str] = {
    Ground.ASKED: _("The person asked for it"),
    Ground.WITHDRAWN: _("Consent was withdrawn"),
    Ground.OBJECTED: _("The person objected"),
    Ground.NOT_NEEDED: _("No longer needed"),
    Ground.UNLAWFUL: _("Should never have been kept"),
}


class Mention(NamedTuple):
    """A text of another record that may name the person: somebody judges it.

    is_sure: the whole name, an address or a number stands in it; it goes in any case, unless
    somebody else bears the same.
    """

    kind: str
    record_id: int
    field: str
    is_sure: bool = False


@dataclass(frozen=True)
class Candidate:
    """A record that may be the person: its kind (or `user`), and what tells them apart."""

    kind: str
    record_id: int
    name: str
    hint: str = ""


class Place(NamedTuple):
    """A place and how many rows or files of it name the person. label: an English msgid."""

    name: str
    label: str
    found: int


@dataclass(frozen=True)
class Proof:
    """What the search after an erasure read and found; of the values only keyed hashes are kept.

    cells: of every table of every database; bytes: of every file of the home. values: (sort, hash).
    shared: how many others were not looked for, for somebody else bears them too.
    remains: (place, how many); empty when the person is gone. outside: msgids, what no search of
    ours reaches.
    """

    at: datetime
    files: int
    bytes: int
    tables: int
    cells: int
    values: tuple[tuple[str, str], ...]
    remains: tuple[tuple[str, int], ...]
    outside: tuple[str, ...]
    shared: int = 0


@dataclass(frozen=True)
class DossierInfo:
    """A dossier as pages and the command line show it. name: as it stands now, "" once erased."""

    id: int
    state: DossierState
    records: tuple[tuple[str, int], ...]
    name: str
    places: tuple[Place, ...]
    mentions: tuple[Mention, ...]
    chosen: frozenset[Mention]
    shared: tuple[tuple[str, int], ...]
    ground: str
    opened_by: str
    opened_at: datetime
    asked_by: str
    asked_at: datetime | None
    approved_by: str
    approved_at: datetime | None
    is_self_approved: bool
    done_at: datetime | None
    job_id: int | None
    erased: Mapping[str, int]
    proof: Proof | None
    facts: Mapping[str, Any]


OUTSIDE = (
    _("Copies of the home that somebody made elsewhere: backups, disk images, replicas."),
    _("Files that were exported, mailed or downloaded, and files imported from outside the home."),
    _("Other systems: a connected CRM keeps its own record until it is erased there."),
)
"""What no erasure of a home reaches; said beside every proof."""

STAYS: tuple[tuple[str, str], ...] = (
    (
        _("Deals, bookings and their amounts, without the person"),
        _("Accounts and tax must stay verifiable (article 17, paragraph 3 b)."),
    ),
    (
        _("Activities: when, how long, with which account; not with whom, nor what was said"),
        _("No longer personal once the person is taken out (recital 26)."),
    ),
    (
        _("Quotas, assignments and days of a rep, under a number"),
        _("Employment and pay must stay verifiable (article 17, paragraph 3 b and e)."),
    ),
    (
        _("The number under which another system knows the record"),
        _("It names nobody here, and keeps deals on their contact; erase it there as well."),
    ),
    (
        _("Keyed hashes of address, number and name"),
        _("They keep imports and syncs from bringing the person back (article 21, paragraph 3)."),
    ),
    (
        _("Who asked, who approved, when, and the proof"),
        _("You must be able to show that you did it (article 5, paragraph 2)."),
    ),
)
"""What stays, each with its ground. Points of law are defaults for a lawyer to confirm."""
