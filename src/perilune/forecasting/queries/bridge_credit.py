"""Whose the deals of a bridge are: credited reps at both ends, and their units on the day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from perilune.forecasting.contracts import By
from perilune.forecasting.contracts.bridge import BridgeRequest
from perilune.forecasting.engine.journeys import (
    NEVER,
    OPEN,
    Bools,
    Credit,
    Ints,
    Shares,
    whole_credit,
)
from perilune.forecasting.queries.bridge_sides import EPOCH, End, Ends
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.store import queries as store

Split = dict[int, tuple[tuple[int, int], ...]]
NOBODY = -1


@dataclass(frozen=True, eq=False)
class Credited:
    """The engine's credit, the units by number (None: unassigned), and the reps of its rows."""

    credit: Credit
    units: tuple[int | None, ...]
    rep: Ints


def credited(ends: Ends, request: BridgeRequest, scope: Scope) -> Credited:
    """Return who is credited with the deals of a bridge, by the cut that was asked for."""
    sides = (ends.before, ends.restated, ends.after)
    seen = [end.exists & end.seen for end in sides]
    if request.by is By.TOTAL:
        return Credited(whole_credit(*seen), (None,), ends.restated.owner)
    splits = [_splits(scope, at) for at in (request.since, request.since, request.until)]
    deal, rep, shares = _rows(ends, seen, splits)
    units = _Units(request, scope)
    last = units.last_days(ends.after)[deal]
    first = np.full(len(deal), units.first)
    before = units.numbers(units.then, rep, first)
    restated = units.numbers(units.now, rep, first)
    after = units.numbers(units.now, rep, last)
    # a rep who came since has no unit at the opening: what they were handed went to the later one
    came = (restated == units.unassigned) & ~shares[1].is_any
    between = np.where(came, after, restated)
    credit = Credit(deal, *_three(shares), before, restated, between, after)
    return Credited(credit, tuple(units.known), rep)


def people_behind(found: Credited) -> list[int]:
    """Return how many reps stand behind each unit at either end."""
    credit = found.credit
    sides = (
        (credit.unit_before, credit.shares_before),
        (credit.unit_after, credit.shares_after),
    )
    reps: list[set[int]] = [set() for _ in found.units]
    for unit, shares in sides:
        rows = np.flatnonzero(shares.is_any)
        for number, rep in zip(unit[rows].tolist(), found.rep[rows].tolist(), strict=True):
            reps[number].add(rep)
    return [len(some) for some in reps]


def _three(shares: Sequence[Shares]) -> tuple[Shares, Shares, Shares]:
    return shares[0], shares[1], shares[2]


# -- rows ------------------------------------------------------------------------------------------


def _rows(
    ends: Ends, seen: Sequence[Bools], splits: Sequence[Split]
) -> tuple[Ints, Ints, list[Shares]]:
    """Return a row for each deal and rep credited at any end: position, rep, shares at each."""
    sides = (ends.before, ends.restated, ends.after)
    divided = np.isin(ends.ids, sorted({deal for split in splits for deal in split}))
    whole = np.flatnonzero(~divided)
    reps, owner = np.unique(np.concatenate([end.owner for end in sides]), return_inverse=True)
    owner = owner.reshape(3, -1)
    keys = [
        deals * len(reps) + owner[side][deals]
        for side in range(3)
        for deals in (whole[seen[side][whole]],)
    ]
    pairs = np.unique(np.concatenate(keys))
    deal, who = pairs // len(reps), pairs % len(reps)
    one, nothing = np.ones(len(deal), np.int64), np.zeros(len(deal), np.int64)
    shares = [
        Shares(nothing, (seen[side][deal] & (owner[side][deal] == who)).astype(np.int64), one)
        for side in range(3)
    ]
    more = [row for at in np.flatnonzero(divided) for row in _divided(int(at), ends, seen, splits)]
    if not more:
        return deal, reps[who], shares
    extra = np.array(more, np.int64)
    shares = [
        Shares(*(np.concatenate([a, b]) for a, b in zip(part, extra[:, k : k + 3].T, strict=True)))
        for part, k in zip(shares, (2, 5, 8), strict=True)
    ]
    return np.concatenate([deal, extra[:, 0]]), np.concatenate([reps[who], extra[:, 1]]), shares


def _divided(
    at: int, ends: Ends, seen: Sequence[Bools], splits: Sequence[Split]
) -> Iterator[tuple[int, ...]]:
    """Give the rows of a split deal: position, rep, then low, high and whole at each end."""
    parts: list[dict[int, tuple[int, int, int]]] = []
    for end, is_seen, split in zip(
        (ends.before, ends.restated, ends.after), seen, splits, strict=True
    ):
        named = split.get(int(ends.ids[at]), ((int(end.owner[at]), 1),)) if is_seen[at] else ()
        whole, low = sum(share for _, share in named), 0
        parts.append({})
        for rep, share in named:
            parts[-1][rep] = (low, low + share, whole)
            low += share
    for rep in {rep: None for part in parts for rep in part}:
        yield (at, rep, *(value for part in parts for value in part.get(rep, (0, 0, 1))))


def _splits(scope: Scope, at: AsOf) -> Split:
    rows = store.run("forecasting.bridge_splits", scope=scope, as_of=at).rows
    found: dict[int, list[tuple[int, int]]] = {}
    for deal, rep, share in rows:
        found.setdefault(deal, []).append((rep, int(share)))
    return {deal: tuple(some) for deal, some in found.items()}


# -- units -----------------------------------------------------------------------------------------


class _Seat(NamedTuple):
    """A rep's place from one day to another, both included."""

    since: date
    until: date
    team: int
    region: int | None


_Seats = dict[int, list[_Seat]]


class _Units:
    """Units by number, as the reps of the rows belong to them on a day."""

    def __init__(self, request: BridgeRequest, scope: Scope) -> None:
        self._request = request
        self.now = self._seats(scope, request.until)
        self.then = self.now if request.is_todays else self._seats(scope, request.since)
        self.known: dict[int | None, int] = {None: 0}
        self.unassigned = 0
        start = request.until if request.is_todays else request.since
        self.first = start.day.toordinal() - EPOCH.toordinal()

    def last_days(self, after: End) -> Ints:
        """Return the day on which a deal's last unit is looked up: of closed ones the close."""
        until = self._request.until.day.toordinal() - EPOCH.toordinal()
        closed = (after.meaning != OPEN) & (after.day < NEVER) & ~np.bool_(self._request.is_todays)
        return np.where(closed, after.day, until)

    def numbers(self, seats: _Seats, rep: Ints, day: Ints) -> Ints:
        """Return the number of each row's unit."""
        if self._request.by is By.REP:
            names, at = np.unique(rep, return_inverse=True)
            codes = [self._number(None if name == NOBODY else int(name)) for name in names]
            return np.array(codes, np.int64)[at]
        pairs, at = np.unique(np.stack([rep, day]), axis=1, return_inverse=True)
        codes = [
            self._number(self._unit(seats, who, date.fromordinal(EPOCH.toordinal() + when)))
            for who, when in pairs.T.tolist()
        ]
        return np.array(codes, np.int64)[at.reshape(-1)]

    def _number(self, unit: int | None) -> int:
        return self.known.setdefault(unit, len(self.known))

    def _unit(self, seats: _Seats, rep: int, day: date) -> int | None:
        for seat in seats.get(rep, ()):
            if seat.since <= day <= seat.until:
                return seat.region if self._request.by is By.REGION else seat.team
        return None

    def _seats(self, scope: Scope, at: AsOf) -> _Seats:
        if self._request.by is By.REP:
            return {}
        found: _Seats = {}
        rows: list[Any] = store.run("forecasting.bridge_seats", scope=scope, as_of=at).rows
        for rep, team, region, since, until in rows:
            found.setdefault(rep, []).append(_Seat(since, until, team, region))
        return found
