"""What edits of people, deals and markets do to what is drawn; the difference on the same luck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.engine.expectation import CLASS_KEYS
from perilune.forecasting.engine.sampling import FURTHEST
from perilune.forecasting.engine.simulation import Draw, simulate
from perilune.forecasting.engine.windows import Floats, Ints


@dataclass(frozen=True, eq=False)
class Deals:
    """What becomes of r open deals: (r,) seat, power on the chance, factor on the value.

    A deal of chance p is won with 1 - (1 - p) ** win: the factor acts on each day's chance.
    handed: (r,) which deals change hands. load: (r,) open deals of the holder over those before.
    """

    seat: Ints
    win: Floats
    value: Floats
    handed: NDArray[np.bool_]
    load: Floats

    def under(self, hands: float, strain: float) -> Deals:
        """Return the deals where those in other hands do so well and load weighs so much.

        hands: factor on the chances of deals that change hands. strain: power of the load by which
        each day's chance falls; 0 where load plays no part, 1 where time is all.
        """
        win = np.where(self.handed, self.win * hands, self.win) * self.load**-strain
        return replace(self, win=win)


@dataclass(frozen=True, eq=False)
class Seller:
    """New business of one seller. wins: (K,) factor by class; value: factor on what a win brings.

    like: the rep whose streams these are; of somebody who is not there yet, `key` is set and the
    streams are the mean of those of several reps.
    """

    seat: int
    like: tuple[int, ...]
    wins: Floats
    value: float = 1.0
    key: int | None = None


def stretched(draw: Draw, mean: Floats, whole: Draw | None = None) -> Draw:
    """Return a draw whose seats bring `mean` (L,), as the forecast stretches them.

    What the forecast holds beyond the furthest stretch is no deal of the draw: no edit reaches it.
    whole: return this one instead, stretched alike: the draw as if everybody stayed.
    """
    simulated = sum(draw.means(len(mean)))
    factor = np.where(simulated > 0, mean / np.maximum(simulated, 1e-9), 1.0)
    factor = np.clip(factor, 0.0, FURTHEST)
    found = whole or draw
    return replace(
        found,
        deal_value=found.deal_value * factor[found.deal_seat],
        new_value=found.new_value * factor[found.new_seat],
    )


def edited(draw: Draw, deals: Deals, sellers: Sequence[Seller]) -> Draw:
    """Return what is drawn after the edits; streams of reps who are no seller stay as they are.

    Several sellers with the streams of one rep share each win: what moves is neither made nor lost
    on any path.
    """
    return replace(_held(draw, deals), **_sold(draw, sellers))


def _held(draw: Draw, deals: Deals) -> Draw:
    """Return a draw with what becomes of its open deals."""
    order = np.argsort(deals.seat, kind="stable")
    win = np.where(deals.win == 1, draw.deal_win, 1 - (1 - draw.deal_win) ** deals.win)
    return replace(
        draw,
        deal_seat=deals.seat[order],
        deal_key=draw.deal_key[order],
        deal_value=(draw.deal_value * deals.value)[order],
        deal_win=win[order],
    )


def _sold(draw: Draw, sellers: Sequence[Seller]) -> dict[str, Any]:
    """Return the columns of a draw's streams under what becomes of its sellers."""
    seat, key, kind, value, wins = _streams(draw, sellers)
    return {
        "new_seat": seat.astype(np.int64),
        "new_key": key.astype(np.int64),
        "new_kind": kind.astype(np.int64),
        "new_value": value,
        "new_wins": wins,
    }


def _streams(draw: Draw, sellers: Sequence[Seller]) -> tuple[NDArray[Any], ...]:
    """Return seat, key, kind, value and wins of the streams, those of the draw first."""
    owner = draw.new_key // CLASS_KEYS - 1
    of_owner = {int(rep): np.flatnonzero(owner == rep) for rep in np.unique(owner)}
    known = [seller for seller in sellers if seller.key is None]
    total = np.zeros(len(owner))
    for seller in known:
        rows = of_owner.get(seller.like[0], np.zeros(0, np.int64))
        total[rows] += seller.wins[draw.new_kind[rows]]
    total = np.round(total, 12)  # parts that make a whole are exactly one
    rest = np.flatnonzero(~np.isin(owner, [seller.like[0] for seller in known]))
    place = [rest]
    parts = [(draw.new_seat[rest], draw.new_value[rest], draw.new_wins[rest])]
    for seller in known:
        rows = of_owner.get(seller.like[0], np.zeros(0, np.int64))
        rows = rows[seller.wins[draw.new_kind[rows]] > 0]
        share = seller.wins[draw.new_kind[rows]] / np.maximum(total[rows], 1e-300)
        share = np.where(np.isclose(share, 1, rtol=0, atol=1e-12), 1.0, share)
        place.append(rows)
        parts.append(
            (
                np.full(len(rows), seller.seat),
                draw.new_value[rows] * share * seller.value,
                draw.new_wins[rows] * total[rows],
            )
        )
    at = np.concatenate(place)
    order = np.argsort(at, kind="stable")
    seat, value, wins = (np.concatenate(column)[order] for column in zip(*parts, strict=True))
    found: list[tuple[NDArray[Any], ...]] = [
        (seat, draw.new_key[at[order]], draw.new_kind[at[order]], value, wins)
    ]
    found += [
        _hired(draw, seller, seller.key, owner) for seller in sellers if seller.key is not None
    ]
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))


def _hired(draw: Draw, seller: Seller, key: int, owner: Ints) -> tuple[NDArray[Any], ...]:
    rows = np.flatnonzero(np.isin(owner, seller.like))
    kinds = len(seller.wins)
    wins = np.bincount(draw.new_kind[rows], draw.new_wins[rows], kinds) / max(len(seller.like), 1)
    brought = np.bincount(
        draw.new_kind[rows], draw.new_wins[rows] * draw.new_value[rows], kinds
    ) / max(len(seller.like), 1)
    some = np.flatnonzero((wins > 0) & (seller.wins > 0))
    return (
        np.full(len(some), seller.seat),
        key * CLASS_KEYS + np.minimum(some, CLASS_KEYS - 1),
        some,
        brought[some] / wins[some] * seller.value,
        wins[some] * seller.wins[some],
    )


def delta(base: Draw, other: Draw, seats: int, paths: int, seed: int) -> Floats:
    """Return (L, S) what each seat brings more in `other` than in `base` on each path.

    Only what differs is drawn: what both sides win with the base's luck, at the difference of the
    values; wins that only one side has as events of their own. So the difference has no noise of
    what stays, as two runs would have whose chances lie under different ceilings.
    """
    new = _differing(_Rows.streams(base), _Rows.streams(other))
    return simulate(_more(base, other, new), seats, paths, seed)


def _more(base: Draw, other: Draw, new: _Rows) -> Draw:
    """Return what is drawn of a difference; new: that of the streams."""
    deals = _differing(_Rows.deals(base), _Rows.deals(other))
    return replace(
        base, deal_seat=deals.seat, deal_key=deals.key, deal_value=deals.value, deal_win=deals.win,
        new_seat=new.seat, new_key=new.key, new_value=new.value, new_wins=new.win,
        new_kind=new.kind,
    )  # fmt: skip


def delta_in_other_hands(
    base: Draw,
    whole: Draw,
    deals: Deals,
    sellers: Sequence[Seller],
    ratios: Floats,
    *,
    seats: int,
    paths: int,
    seed: int,
) -> Floats:
    """Return the difference (L, S) where nobody knows how deals do in other and in fuller hands.

    whole: the base as if everybody stayed, which edits act on. ratios: (Q,) equally likely factors
    on the chances of deals that change hands. How much load weighs is as unknown: strains lie
    evenly between 0 and 1. Every Q-th path lives under the same pair, so that the difference is as
    uncertain as they are.
    """
    made = replace(whole, **_sold(whole, sellers))
    if not deals.handed.any():
        return delta(base, _held(made, deals), seats, paths, seed)
    found, every = np.zeros((seats, paths)), len(ratios)
    new = _differing(_Rows.streams(base), _Rows.streams(made))  # the same in whatever hands
    for at, (ratio, strain) in enumerate(zip(ratios.tolist(), _strains(every), strict=True)):
        more = _more(base, _held(made, deals.under(ratio, strain)), new)
        found[:, at::every] = simulate(more, seats, paths, seed)[:, at::every]
    return found


def _strains(count: int) -> list[float]:
    """Return evenly spread strains in an order that has nothing to do with that of the ratios."""
    place = np.argsort(np.arange(count) * GOLDEN % 1.0)
    return [float(value) for value in (place + 0.5) / count]


GOLDEN = (5**0.5 - 1) / 2
"""Multiples of it, less their whole parts, fall evenly and in no order."""


@dataclass(frozen=True, eq=False)
class _Rows:
    """Deals or streams of a draw: rows of one key have one luck and one chance."""

    seat: Ints
    key: Ints
    value: Floats
    win: Floats
    kind: Ints

    @classmethod
    def deals(cls, draw: Draw) -> _Rows:
        none = np.zeros(len(draw.deal_key), dtype=np.int64)
        return cls(draw.deal_seat, draw.deal_key, draw.deal_value, draw.deal_win, none)

    @classmethod
    def streams(cls, draw: Draw) -> _Rows:
        return cls(draw.new_seat, draw.new_key, draw.new_value, draw.new_wins, draw.new_kind)

    def drawn(self, win: Floats, sign: int, more: int = 0) -> _Rows:
        """Return the rows with other chances (those of none left out) and signed values."""
        at = win > 0
        key = self.key[at] + more
        return _Rows(self.seat[at], key, sign * self.value[at], win[at], self.kind[at])

    def of(self, keys: Ints) -> _Rows:
        """Return the rows of these keys."""
        at = np.isin(self.key, keys)
        return _Rows(self.seat[at], self.key[at], self.value[at], self.win[at], self.kind[at])

    def told(self) -> dict[int, list[tuple[Any, ...]]]:
        """Return seat, value and chance of each row by its key."""
        found: dict[int, list[tuple[Any, ...]]] = {}
        columns = zip(*(c.tolist() for c in (self.seat, self.value, self.win)), strict=True)
        for key, row in zip(self.key.tolist(), columns, strict=True):
            found.setdefault(key, []).append(row)
        return found


def _differing(base: _Rows, other: _Rows) -> _Rows:
    """Return signed rows that bring what `other` brings more."""
    keys = _unlike(base, other)
    base, other = base.of(keys), other.of(keys)
    known, told = base.told(), other.told()
    parts = []
    for side, against, sign, more in ((base, told, -1, 0), (other, known, 1, _MORE)):
        theirs = np.array([against[k][0][2] if k in against else 0.0 for k in side.key.tolist()])
        both = np.minimum(side.win, theirs)
        parts += [side.drawn(both, sign), side.drawn(side.win - both, sign, more)]
    columns = zip(*((p.seat, p.key, p.value, p.win, p.kind) for p in parts), strict=True)
    return _Rows(*(np.concatenate(column) for column in columns))


def _unlike(base: _Rows, other: _Rows) -> Ints:
    """Return the keys whose rows are not the same on both sides, in the same order."""
    ours, theirs = (np.argsort(side.key, kind="stable") for side in (base, other))
    key = base.key[ours]
    if np.array_equal(key, other.key[theirs]):
        unlike = np.zeros(len(key), dtype=np.bool_)
        for name in ("seat", "value", "win"):
            unlike |= getattr(base, name)[ours] != getattr(other, name)[theirs]
        return np.unique(key[unlike])
    known, told = base.told(), other.told()
    found = [each for each in known.keys() | told if known.get(each) != told.get(each)]
    return np.array(sorted(found), dtype=np.int64)


_MORE = 2**50
"""Added to the keys of wins that edits add: luck that nothing else has."""
