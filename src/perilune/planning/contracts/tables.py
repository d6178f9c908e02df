"""The input tables of the forecast, as a scenario edits them. Engines read these and nothing else.

Days are columns: column 0 is the day after the as-of, the last column lies HORIZON days after it.
Every array is read-only. Ids are those of the records; 0 stands for «none».
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
Flags = NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)
Columns = Mapping[str, NDArray[Any]]

HORIZON = 371
"""Column number of the last day: 53 weeks on from the first day after the as-of."""
DAYS = HORIZON + 1
"""Columns of every table by day."""

Unit = tuple[str, int]
"""Whose a quota is: («rep», id), («team», id) or («company», 0)."""


@dataclass(frozen=True)
class Effects:
    """What the market does by day, as few distinct patterns of factors; 1 changes nothing.

    arrival: (P, DAYS) on the number of new deals. amount: on what a deal brings when it is won on
    that day. win, lose: on a deal's chance of being won, or lost, on that day, if it is still open.
    """

    arrival: Floats
    amount: Floats
    win: Floats
    lose: Floats

    @classmethod
    def neutral(cls) -> Effects:
        """Return one pattern that changes nothing."""
        return cls(*(_locked(np.ones((1, DAYS))) for _ in range(4)))

    @property
    def is_neutral(self) -> bool:
        """Tell whether no pattern changes anything."""
        return all(bool((part == 1).all()) for part in self.parts)

    @property
    def parts(self) -> tuple[Floats, Floats, Floats, Floats]:
        """The four factors in the order of the fields."""
        return self.arrival, self.amount, self.win, self.lose


@dataclass(frozen=True)
class Handovers:
    """Changes of holder ahead, sorted by (item, day): from `day` (a column) on `rep` holds `item`.

    item: (M,) a place in the deals or in the accounts. At most one row for an item and day.
    """

    item: Ids
    day: Ids
    rep: Ids

    @classmethod
    def none(cls) -> Handovers:
        """Return no change at all."""
        return cls(*(_locked(np.zeros(0, dtype=np.int64)) for _ in range(3)))

    def holders(self, first: Ids, day: int) -> Ids:
        """Return who holds each item on a day, where `first` (N,) hold them before any change."""
        held = first.copy()
        due = self.day <= day
        held[self.item[due]] = self.rep[due]  # sorted by day: the latest of an item is written last
        return held


@dataclass(frozen=True)
class Tables:
    """What is known of people, deals, accounts and quotas, and what is assumed of the days ahead.

    People, R rows. A rep's own row comes first (`like` is the rep). A person may have more rows:
    each further one is new business taken over with another rep's accounts. Summed by `reps` they
    are the person.

    reps: (R,) rep ids; a planned hire has an id below zero: minus the id of its edit.
    team: (R,) team ids. start: (R,) the column a hire starts on, -1 for who is here today.
    ramp_days: (R,) days a hire takes to full productivity, 0 for who is here today.
    share: (R, DAYS) how much of the rep there is on a day against today (1 as now, 0 gone); of a
        hire against a fully ramped rep of its team, all heads of the edit together.
    like: (R,) whose arrivals it resembles: a rep id, or -1 - team id for the mean of a team.

    New deals of row r on day d: the rate of like[r] x share[r, d] x arrival_factor[r, d], each
    bringing amount_factor[r, d] times what those of like[r] bring; their daily chances follow
    win_factor and lose_factor.

    Open deals, D rows.

    deal_id, deal_rep, deal_account, deal_product: (D,) ids; deal_value: (D,) in minor units of the
    company's currency. deal_commit: (D,) in the commit category. deal_moves: holders to come.
    deal_pattern: (D,) which pattern of deal_effects a deal follows.

    Accounts, A rows.

    account_id, account_home: (A,) ids, `home` being the rep who holds it today.
    account_weight: (A,) its share of its home's new business; a home's weights sum to at most 1,
        the rest belongs to no account and never moves. account_segment, account_sector: (A,) codes
        into segments and sectors, -1 unknown. account_moves: holders to come.
    account_pattern: (A,) which pattern of market_effects its new business follows; rest_pattern
        is that of the business of no account.

    products, mix: (K,) product ids and their shares of new business by value, at most 1 together.
    mix_amount: (K, DAYS) price factors of new business by product.
    quotas: amount in minor units by (unit, name of the period).
    ramp: (team id or 0 for all, column from, days) in order: the last one that fits a hire's start
        is its ramp, unless ramp_fixed (R,) says that the hire has its own.
    """

    as_of: date
    reps: Ids
    team: Ids
    share: Floats
    like: Ids
    start: Ids
    ramp_days: Ids
    ramp_fixed: Flags
    deal_id: Ids
    deal_rep: Ids
    deal_account: Ids
    deal_product: Ids
    deal_value: Floats
    deal_commit: Flags
    account_id: Ids
    account_home: Ids
    account_weight: Floats
    account_segment: Ids
    account_sector: Ids
    segments: tuple[str, ...]
    sectors: tuple[str, ...]
    products: Ids
    mix: Floats
    quotas: Mapping[tuple[Unit, str], int]
    ramp: tuple[tuple[int, int, int], ...]
    deal_pattern: Ids
    account_pattern: Ids
    mix_amount: Floats
    rest_pattern: int = 0
    deal_effects: Effects = field(default_factory=Effects.neutral)
    market_effects: Effects = field(default_factory=Effects.neutral)
    deal_moves: Handovers = field(default_factory=Handovers.none)
    account_moves: Handovers = field(default_factory=Handovers.none)

    def column(self, day: date) -> int:
        """Return the column of a day: 0 for today and before, DAYS for what lies too far ahead."""
        return min(max((day - self.as_of).days - 1, 0), DAYS)

    def day(self, column: int) -> date:
        """Return the day of a column."""
        return self.as_of + timedelta(days=column + 1)

    def deal_holders(self, column: int) -> Ids:
        """Return (D,) who holds each open deal on a day: whom it counts for if it closes then."""
        return self.deal_moves.holders(self.deal_rep, column)

    @property
    def arrival_factor(self) -> Floats:
        """(R, DAYS) on the number of new deals: the market, and accounts that came or went."""
        return self._market[0]

    @property
    def amount_factor(self) -> Floats:
        """(R, DAYS) on the amounts of new deals: the market and prices."""
        return self._market[1]

    @property
    def win_factor(self) -> Floats:
        """(R, DAYS) on the chance of a new deal to be won on a day."""
        return self._market[2]

    @property
    def lose_factor(self) -> Floats:
        """(R, DAYS) on the chance of a new deal to be lost on a day."""
        return self._market[3]

    @cached_property
    def _market(self) -> tuple[Floats, Floats, Floats, Floats]:
        from perilune.planning.contracts.market import factors

        return factors(self)


def tables(
    as_of: date,
    *,
    people: Columns,
    deals: Columns | None = None,
    accounts: Columns | None = None,
    products: Columns | None = None,
    names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
    quotas: Mapping[tuple[Unit, str], int] | None = None,
    ramp: tuple[tuple[int, int, int], ...] = (),
) -> Tables:
    """Return the tables of today: everybody is who they are, nothing of the market changes.

    Columns by name, those left out being «none» (0, False; codes -1). people: `id, team, share`
    (1 where left out). deals: `id, rep, account, product, value, commit`. accounts: `id, home,
    weight, segment, sector`; without `weight` each has an equal part of its home's business.
    products: `id, mix`. names: segments and sectors in the order of their codes.
    """
    deal, account, product = dict(deals or {}), dict(accounts or {}), dict(products or {})
    r, d, a, k = (len(part.get("id", ())) for part in (people, deal, account, product))
    home = _ids(account.get("home"), a)
    return Tables(
        as_of=as_of,
        reps=_ids(people.get("id"), r),
        team=_ids(people.get("team"), r),
        share=_floats(people.get("share", np.ones((r, DAYS)))),
        like=_ids(people.get("id"), r),
        start=_ids(None, r, -1),
        ramp_days=_ids(None, r),
        ramp_fixed=_flags(np.zeros(r)),
        deal_id=_ids(deal.get("id"), d),
        deal_rep=_ids(deal.get("rep"), d),
        deal_account=_ids(deal.get("account"), d),
        deal_product=_ids(deal.get("product"), d),
        deal_value=_floats(deal.get("value", np.zeros(d))),
        deal_commit=_flags(deal.get("commit", np.zeros(d))),
        account_id=_ids(account.get("id"), a),
        account_home=home,
        account_weight=_floats(account["weight"]) if "weight" in account else equal_weights(home),
        account_segment=_ids(account.get("segment"), a, -1),
        account_sector=_ids(account.get("sector"), a, -1),
        segments=names[0],
        sectors=names[1],
        products=_ids(product.get("id"), k),
        mix=_floats(product.get("mix", np.zeros(k))),
        quotas=dict(quotas or {}),
        ramp=ramp,
        deal_pattern=_ids(None, d),
        account_pattern=_ids(None, a),
        mix_amount=_floats(np.ones((k, DAYS))),
    )


def equal_weights(home: Ids) -> Floats:
    """Return (A,) weights that give each account of a home an equal part of its business."""
    _, place, count = np.unique(home, return_inverse=True, return_counts=True)
    return _locked(1.0 / count[place].astype(np.float64)) if len(home) else _floats(np.zeros(0))


def _ids(values: NDArray[Any] | None, size: int, default: int = 0) -> Ids:
    given = np.full(size, default) if values is None else np.asarray(values)
    return _locked(given.astype(np.int64))


def _floats(values: NDArray[Any]) -> Floats:
    return _locked(np.asarray(values).astype(np.float64))


def _flags(values: NDArray[Any]) -> Flags:
    return _locked(np.asarray(values).astype(np.bool_))


def _locked(array: NDArray[T]) -> NDArray[T]:
    array.setflags(write=False)
    return array
