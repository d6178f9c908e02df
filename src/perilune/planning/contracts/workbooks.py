"""Workbooks of a plan: handed out, returned, merged cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from perilune.planning.contracts.plans import Place

Amounts = Mapping[Place, int | None]
"""Amounts in minor units of the plan's currency; None where a place has none."""

KEEP = 0
"""The choice that leaves an amount as it is now; any other is the id of a returned file."""


class ReturnState(StrEnum):
    """What became of a returned file."""

    WAITING = "waiting"
    MERGED = "merged"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Workbook:
    """A workbook that was handed out.

    key: what the file names itself by. holder: whom it was made for. units: the units in it, a
    leader's topmost first. edition: of the plan at hand-out. base: its inputs then. rep_id: the
    leader whom it is for, None for a unit's.
    """

    id: int
    key: str
    plan_id: int
    holder: str
    units: tuple[str, ...]
    edition: int
    made_by: str
    made_at: datetime
    base: Amounts
    has_returned: bool = False
    rep_id: int | None = None


@dataclass(frozen=True)
class Mailed:
    """A workbook that went to its leader by mail, or did not: problem says why.

    sent_at: when the mail server took it, None while it has not.
    """

    id: int
    holder: str
    edition: int
    address: str
    actor: str
    at: datetime
    sent_at: datetime | None
    problem: str


@dataclass(frozen=True)
class Returned:
    """What a file says of a plan.

    who: whose workbook it is, or the file's name. base: the inputs of its units as they were at
    hand-out, or when a plain sheet was read. cells: what it says of them.
    """

    id: int
    who: str
    file: str
    edition: int
    base: Amounts
    cells: Amounts
    actor: str = ""
    at: datetime | None = None
    state: ReturnState = ReturnState.WAITING
    merged_as: int | None = None

    @property
    def changed(self) -> dict[Place, int | None]:
        """The amounts that it says otherwise than they were."""
        return {p: minor for p, minor in self.cells.items() if self.base.get(p) != minor}


@dataclass(frozen=True)
class MergedCell:
    """An amount that becomes another without a question. who: who says so."""

    place: Place
    before: int | None
    after: int | None
    who: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """What one file says of an amount. old: what it was when that file was handed out."""

    returned: int
    who: str
    old: int | None
    minor: int | None


@dataclass(frozen=True)
class Clash:
    """An amount that files say differently, or that was changed since. now_by: who, if known."""

    place: Place
    now: int | None
    said: tuple[Said, ...]
    now_by: str = ""


@dataclass(frozen=True)
class Merge:
    """What merging returned files would do. same: amounts that say what stands already."""

    changes: tuple[MergedCell, ...]
    clashes: tuple[Clash, ...]
    same: int

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing would be written and nothing is asked."""
        return not self.changes and not self.clashes


@dataclass(frozen=True)
class Taken:
    """What a merge wrote. edition: the plan's after it; count: amounts; decided: by choice."""

    edition: int
    count: int
    decided: int
    files: int
