"""What a person says of the objects of a source that does not know itself what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from perilune.hub.contracts.sync import By, SourceObject
from perilune.kernel.messages import gettext_noop as _

NONE = "-"
"""What a person writes for a column that there is not; an empty one is looked for by its name."""

BORN, STAMP, KNOWN, GONE = "_born", "_stamp", "_known", "_gone"
"""Columns that a source makes: creation, last change, last change where it is a time, deletion."""

_DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Given:
    """An object as a person names it: what its rows are, and columns that tell of them.

    kind: of the records. key, stamp, born, gone: columns of the id, of the last change (a time or a
    growing number), of the creation and of the mark of a deletion; "-" for none. says: how the
    stamp says when (see `engine.sync.cells.Says`), "" without one; born_says the same of born.
    """

    name: str
    kind: str
    key: str = ""
    stamp: str = ""
    born: str = ""
    gone: str = ""
    says: str = ""
    born_says: str = ""

    @property
    def asks_since(self) -> bool:
        """Whether the source can be asked for what changed."""
        return bool(self.says)

    def item(self) -> SourceObject:
        """Return the object as a sync reads it."""
        by = By.VALUES if not self.says else By.NUMBER if self.says == "number" else By.TIME
        known = ("", "")
        if by is By.TIME:
            known = (BORN if self.born_says else KNOWN, KNOWN)
        grain = {"number": 1, "day": _DAY_US}.get(self.says, 1_000_000)
        gone = "" if self.gone in ("", NONE) else GONE
        return SourceObject(
            self.name, self.kind, self.key, BORN, STAMP, gone,
            by=by, grain_us=grain, asks_since=self.asks_since, dated=known, is_given=True,
            ends_unlisted=True,
        )  # fmt: skip


@dataclass(frozen=True)
class SqlObject(Given):
    """Rows of a database: table (or view, with its schema), or a SELECT.

    key_says: whether keys are numbers; gone_says: what the mark is (flag, number, time, text).
    """

    table: str = ""
    key_says: str = ""
    gone_says: str = ""


@dataclass(frozen=True)
class RestObject(Given):
    """Rows of answers over HTTP.

    path: behind the address, with what is always asked; rows: where they are in an answer ("data",
    "data.items", "" for the answer itself; of several lists "open, closed"); one: the path of one
    row, with {key}; total: where an answer says how many rows there are (of several lists, each).

    paging: none, page, offset, cursor, next or link; "" is recognised. page_name: the parameter of
    the page, the offset or the cursor; size_name and size: of how many rows a page has; first: the
    number of the first page; after: where an answer says the next cursor or address.

    since: the parameter of the instant (or number) from which on what changed is asked for, "" for
    none; since_as: how it is written (iso, day, epoch, number). is_sparse: rows leave fields out
    that say nothing, so that none is ever taken for gone.
    """

    path: str = ""
    rows: str = ""
    one: str = ""
    total: str = ""
    paging: str = ""
    page_name: str = ""
    size_name: str = ""
    size: int = 100
    first: int = 1
    after: str = ""
    since: str = ""
    since_as: str = "iso"
    is_sparse: bool = False

    @property
    def asks_since(self) -> bool:
        """Whether the source can be asked for what changed."""
        return bool(self.says and self.since)


PAGINGS = {
    "none": _("All rows in one answer"),
    "page": _("Page number"),
    "offset": _("Offset"),
    "cursor": _("Cursor in the answer"),
    "next": _("Address of the next page in the answer"),
    "link": _("Address of the next page in the Link header"),
}

SINCES = {
    "iso": _("Instant (2026-01-31T12:00:00Z)"),
    "day": _("Day (2026-01-31)"),
    "epoch": _("Seconds since 1970"),
    "number": _("Growing number"),
}

G = TypeVar("G", bound=Given)


def given_of(of: type[G], told: Mapping[str, Any]) -> G:
    """Return an object from what is kept of it; what is not known any more is left out."""
    names = {one.name for one in fields(of)}
    return of(**{name: value for name, value in told.items() if name in names})


@dataclass(frozen=True)
class Probe:
    """An object as it was looked at: completed, its columns, how many rows, the first ones.

    rows: -1 where the source does not say.
    """

    given: Given
    columns: tuple[str, ...]
    rows: int = -1
    sample: Sequence[Sequence[str]] = field(default_factory=tuple)
