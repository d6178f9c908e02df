"""Drafts of territory plans: what they are made of, and what is asked of a design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.territories.contracts.containers import Containers
from perilune.territories.contracts.states import EDITABLE, DraftState, EditKind, HoldOver
from perilune.territories.contracts.units import BoolArray, FloatArray, IntArray

MOST_TERRITORIES = 2000
COLOURS = 12
"""Territories take them in turn."""
MOST_ACCOUNTS = 200_000
"""Accounts of a draft: a design of so many keeps to the time that a step of a job may take."""

BigArray = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Attribute:
    """What is balanced.

    key: `accounts`, `pipeline`, `bookings`, `field:<numeric field of the account>` or
    `workload:<field of visits a year>:<minutes of one>`. tolerance: share of the target that a
    territory may be off. label: an English msgid, or the company's own word. unit: a currency code,
    `hours`, or empty for plain numbers.
    """

    key: str
    tolerance: float = 0.05
    label: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Holder:
    """Who held accounts when the snapshot was taken. record_id: the territory in force, if any.

    region: name of the region in force that it is in, "" for none.
    """

    name: str
    rep_id: int | None
    record_id: int | None = None
    region: str = ""


@dataclass(frozen=True)
class Asked:
    """What a design is asked for.

    k: territories, 0 where `hours` of a rep a year find it. regions: above them, 0 for none;
    region_tolerance: share that a region may be off what its territories are due, 0: as their own.
    stay: how dear it is to leave the present holder, in multiples of the compactness of a plan from
    scratch; 0: nobody stays for its own sake. seed: same seed, same plan. near: km around a common
    middle that make one place; where accounts should stay or several loads are balanced, connection
    is asked of places (see docs/decisions), 0: always of accounts.
    """

    k: int = 0
    hours: float = 0.0
    stay: float = 0.0
    seed: int = 0
    near: float = 8.0
    regions: int = 0
    region_tolerance: float = 0.0


@dataclass(frozen=True)
class Accounts:
    """The accounts of a snapshot as arrays: n of them, m attributes."""

    ids: BigArray
    lon: FloatArray
    """Degrees, NaN where an account has no place."""
    lat: FloatArray
    points: FloatArray
    """(n, 2) km, NaN without a place."""
    owner: BigArray
    """Rep, 0 for none."""
    holder: IntArray
    """Number of the holder, -1 for none."""
    loads: FloatArray
    """(n, m)."""
    pipeline: BigArray
    """Open, minor units of the company's currency."""
    bookings: BigArray
    """Of the last twelve months, minor units."""
    open_deals: IntArray
    months: FloatArray
    """With the present owner."""

    @cached_property
    def placed(self) -> BoolArray:
        """(n,) whether an account has a place."""
        return np.asarray(np.isfinite(self.lon))

    @cached_property
    def cost(self) -> FloatArray:
        """(n,) what moving an account breaks (rule 31), 1 for the mean account.

        The mean of pipeline, bookings and months with the rep, each over the mean account's; what
        nobody has says nothing.
        """
        parts = [
            part / part.mean()
            for part in (self.pipeline.astype(float), self.bookings.astype(float),
                         self.months.astype(float))
            if len(part) and part.mean() > 0
        ]  # fmt: skip
        return np.mean(parts, axis=0) if parts else np.zeros(len(self.ids))


@dataclass(frozen=True)
class TerritoryRow:
    """A territory of a draft. road: km of one round of visits to all accounts, an estimate.

    only: values of account fields, of each of which its accounts must have one. pin_x, pin_y: km,
    where designs keep its centre. region: name of the one that it is in, "" for none. minutes: mean
    way from its centre by the routing server, None where none was asked.
    """

    number: int
    name: str
    rep_id: int | None = None
    holder: int | None = None
    record_id: int | None = None
    colour: int = 0
    is_locked: bool = False
    x: float | None = None
    y: float | None = None
    road: float = 0.0
    only: Mapping[str, Sequence[str]] = field(default_factory=dict, hash=False)
    pin_x: float | None = None
    pin_y: float | None = None
    region: str = ""
    minutes: float | None = None


@dataclass(frozen=True)
class DraftHead:
    """A draft as a list shows it.

    settings: `hold_over`; `criteria`, which its accounts meet; `unknown` and `without_rate`, what
    counts as nothing (see `queries.snapshots.Read`); `asked`, what the last design was asked for,
    and `proof`, what is proved of it at the edition that it made.
    """

    id: int
    name: str
    layer: str
    state: DraftState
    author: str
    edition: int
    as_of: AsOf
    accounts: int
    territories: int
    made_at: datetime
    effective_from: date | None
    based_on: int | None
    submitted_by: str = ""
    submitted_at: datetime | None = None
    checked_by: str = ""
    checked_at: datetime | None = None
    is_self_approved: bool = False
    reason: str = ""
    change_set_id: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def may_edit(self) -> bool:
        """Tell whether the state lets it be changed."""
        return self.state in EDITABLE

    @property
    def hold_over(self) -> HoldOver:
        """The plan's rule for open deals."""
        return HoldOver(self.settings.get("hold_over", HoldOver.COMMIT_STAYS))


@dataclass(frozen=True)
class Loaded:
    """A draft with all that it holds, as those see it who may see its whole.

    territory: (n,) number of each account's territory, -1 for none; locked: (n,).
    """

    head: DraftHead
    rows: tuple[TerritoryRow, ...]
    holders: tuple[Holder, ...]
    attributes: tuple[Attribute, ...]
    accounts: Accounts
    territory: IntArray
    locked: BoolArray
    currency: str
    store_version: int
    snapshot_id: int
    snapshot_digest: str
    containers: Containers | None = None

    @cached_property
    def present(self) -> IntArray:
        """(n,) territory that carries on an account's present holder, -1 for none."""
        number = np.full(len(self.holders) + 1, -1, np.int32)
        for row in self.rows:
            if row.holder is not None:
                number[row.holder] = row.number
        return number[self.accounts.holder]

    @cached_property
    def before(self) -> BigArray:
        """(n,) rep who had each account at the snapshot, 0 for none.

        In the main layer its owner, in another one the rep of the territory that held it.
        """
        if not self.head.layer:
            return self.accounts.owner
        reps = np.array([*(holder.rep_id or 0 for holder in self.holders), 0], np.int64)
        return np.asarray(reps[self.accounts.holder])

    @cached_property
    def reps(self) -> BigArray:
        """(k + 1,) rep of each territory, 0 for none; the last is that of number -1."""
        return np.array([*(row.rep_id or 0 for row in self.rows), 0], np.int64)

    @cached_property
    def moved(self) -> BoolArray:
        """(n,) whether an account goes to another rep than whoever had it at the snapshot."""
        to = self.reps[self.territory]
        return np.asarray((self.territory >= 0) & (to > 0) & (to != self.before))


@dataclass(frozen=True)
class Constraint:
    """What a plan must obey. kind: `only`, `pin`, `together`, `apart` or `locked`.

    number: of the territory, of pairs their place in the draft's list. fields: of `only`, each
    with its values. names: of accounts, the first few of count. breach: accounts that break it.
    """

    kind: str
    number: int
    territory: str = ""
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()
    names: tuple[str, ...] = ()
    count: int = 0
    breach: int = 0


@dataclass(frozen=True)
class Gap:
    """What counts as nothing in a draft because it is not known.

    what: as `queries.lacking` takes it. key: of the attribute, or `deals`. is_rate: a value is
    there, but no rate for its currency. count: accounts, of deals the deals.
    """

    what: str
    key: str
    is_rate: bool
    count: int


@dataclass(frozen=True)
class EditInfo:
    """A change of a draft. is_undone: it was taken back."""

    number: int
    kind: EditKind
    actor: str
    at: datetime
    count: int
    territory: int | None
    is_undone: bool


@dataclass(frozen=True)
class CommentInfo:
    """What somebody said of a draft, or of one of its territories."""

    id: int
    actor: str
    at: datetime
    text: str
    territory: int | None


@dataclass(frozen=True)
class DraftView:
    """A draft as a person sees it.

    seen: numbers of the territories that they may see and change; is_whole: they see all of it.
    unplaced: (account id, name) of accounts without a place, of those seen. proof_stands: nothing
    that the proof of the last design speaks of was changed since.
    """

    head: DraftHead
    rows: tuple[TerritoryRow, ...]
    attributes: tuple[Attribute, ...]
    seen: frozenset[int]
    is_whole: bool
    unplaced: tuple[tuple[int, str], ...]
    can_undo: bool
    can_redo: bool
    proof_stands: bool
    edits: tuple[EditInfo, ...]
    comments: tuple[CommentInfo, ...]
