"""What lists ask and answer: conditions, sort, page; rows with values as the store has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from perilune.kernel.kinds import Field

PAGE_SIZE = 50
CASES = "cases"
"""The filter that shows what stands behind a figure; its value names that figure."""


@dataclass(frozen=True)
class Condition:
    """One filter on one column, or on the cases of a figure (column and op are `CASES`).

    op: «contains» (text), «in» (choices, ids of a reference), «named» (a reference whose title
    contains the text), «from», «to» (inclusive bounds), «empty», «filled». value: as in addresses.
    """

    column: str
    op: str
    value: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListQuery:
    """What a list shows. columns empty: the listed ones; sort empty: the kind's own order.

    text: quick filter over the title, the listed texts and the account's name. page from 1.
    """

    kind: str
    columns: tuple[str, ...] = ()
    sort: str = ""
    is_descending: bool = False
    text: str = ""
    conditions: tuple[Condition, ...] = ()
    page: int = 1
    size: int = PAGE_SIZE

    def without(self, column: str, *ops: str) -> ListQuery:
        """Return the same list without the filters on a column."""
        left = tuple(c for c in self.conditions if c.column != column or (ops and c.op not in ops))
        return replace(self, conditions=left, page=1)


@dataclass(frozen=True)
class ListColumn:
    """A column that a list can show. sql: its expression over `t`; is_derived: not stored."""

    field: Field
    sql: str
    is_derived: bool = False

    @property
    def name(self) -> str:
        """The column's name in addresses and results."""
        return self.field.name


@dataclass(frozen=True)
class Total:
    """A sum over all rows of a list in the company's currency; `unrated` rows have no rate."""

    minor: int
    currency: str
    unrated: int = 0
    is_converted: bool = False


@dataclass(frozen=True)
class Measured:
    """What the measures count of the deals of a list, and why that is not the list's sum.

    minor: their value in all. listed, listed_minor: deals that count at the list price of their
    product, for they have no amount. left_out, left_out_minor: deals in no measure: left out by the
    company's rule or omitted from the forecast. given, given_minor: listed deals that are credited
    to others in part or in whole; received, received_minor: credit in deals that are not listed.
    Amounts in minor units of the company's currency.
    """

    minor: int
    listed: int
    listed_minor: int
    left_out: int
    left_out_minor: int
    given: int = 0
    given_minor: int = 0
    received: int = 0
    received_minor: int = 0

    @property
    def is_other(self) -> bool:
        """Whether the measures count otherwise than the list sums."""
        return bool(self.listed or self.left_out or self.given or self.received)


@dataclass(frozen=True)
class ListPage:
    """One page of a list. rows: mappings from column name (and `id`, `currency`) to stored values.

    names: titles of referenced records by kind and id. totals by column name. measured: of deals
    whose amounts are shown, where the measures count otherwise.
    """

    query: ListQuery
    columns: tuple[ListColumn, ...]
    rows: Sequence[Mapping[str, Any]]
    count: int
    totals: Mapping[str, Total] = field(default_factory=dict)
    names: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    measured: Measured | None = None


@dataclass(frozen=True)
class Hit:
    """A found record. rank 0: exactly that; 1: begins so; 2: contains it.

    stage, amount (minor units of currency) and close_date are a deal's: many deals of one account
    are named alike.
    """

    kind: str
    id: int
    title: str
    detail: str = ""
    rank: int = 2
    stage: str = ""
    amount: int | None = None
    currency: str = ""
    close_date: date | None = None


@dataclass(frozen=True)
class Elsewhere:
    """A record exists that the asking person may not see: only whom to ask (rule 35)."""

    kind: str
    ask: str


@dataclass(frozen=True)
class SavedList:
    """A list kept under a name, by one user, perhaps shared with all."""

    id: int
    kind: str
    name: str
    owner: str
    query: str
    is_shared: bool


@dataclass(frozen=True)
class DealCard:
    """A deal on the board. value: expected, in company minor units; stage_days: in this stage."""

    id: int
    name: str
    stage_id: int | None
    owner: str
    account: str
    value: int | None
    close_date: Any
    stage_days: int | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class StageColumn:
    """A column of the board with all its deals counted and summed, and the first of them."""

    stage_id: int
    name: str
    meaning: str
    count: int
    total: int
    cards: tuple[DealCard, ...] = ()
    unrated: int = 0


@dataclass(frozen=True)
class Done:
    """A verb that was carried out: the change set that undoes it, the records it touched.

    change_set_id None: nothing had to be changed. warnings: (field, msgid, params).
    """

    change_set_id: int | None
    ids: tuple[int, ...] = ()
    warnings: tuple[Any, ...] = ()
