"""Paths of what a window may bring, seat by seat: open deals are won or not, new ones arrive.

Every deal and every stream of new ones has numbers of its own, drawn from (seed, key) alone: the
same deal has the same luck in every scenario, and a changed deal changes its own seat only.
A deal of chance p is won on about p of the S paths; the paths on which it might be are visited by
geometric steps of the next power of two above p, and accepted with the rest. Arrivals are a Poisson
process laid along the paths.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numba import njit

from perilune.forecasting.engine.windows import Floats, Ints

PATHS = 4096
"""Paths that pages draw: the noise of p10 is then under one per cent of the spread."""
_WORTH_A_THREAD = 5_000_000
"""Draws below which a second thread costs more than it saves."""


@dataclass(frozen=True, eq=False)
class Draw:
    """What is drawn for L seats.

    deal_seat, deal_key: (r,) ascending seats, and keys; deal_value: (r,) what a win brings;
    deal_win: (r,) chance of a win in the window. new_seat, new_key, new_value, new_wins: (q,) the
    same of streams of new deals, with the wins expected; new_kind: (q,) row of sizes. ratios,
    shape: quantiles of mean one that the value of a deal is multiplied by, and of any win; sizes:
    (K, Q) those of new wins by kind. moved: share of the won deals that another seat closes; heirs:
    (2048,) seats that close them, equally likely, -1 for one outside of what is asked.
    """

    deal_seat: Ints
    deal_key: Ints
    deal_value: Floats
    deal_win: Floats
    new_seat: Ints
    new_key: Ints
    new_value: Floats
    new_wins: Floats
    new_kind: Ints
    ratios: Floats
    sizes: Floats
    shape: Floats
    moved: float = 0.0
    heirs: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def means(self, seats: int) -> tuple[Floats, Floats]:
        """Return (L,) expected from open deals, and from new ones."""
        open_ = np.bincount(self.deal_seat, self.deal_win * self.deal_value, seats)
        if self.moved > 0:
            leaves = open_ * self.moved
            here = self.heirs[self.heirs >= 0]
            part = np.bincount(here, minlength=seats) / len(self.heirs)
            open_ = open_ - leaves + part * leaves.sum()
        new = np.bincount(self.new_seat, self.new_wins * self.new_value, seats)
        return np.asarray(open_, dtype=float), np.asarray(new, dtype=float)


def simulate(draw: Draw, seats: int, paths: int, seed: int) -> Floats:
    """Return (L, S) what each path brings each seat, minor units."""
    out = np.zeros((seats, paths))
    _deals(
        draw.deal_seat, draw.deal_key, draw.deal_value, draw.deal_win, draw.ratios, draw.moved,
        draw.heirs, np.uint64(seed), out,
    )  # fmt: skip

    def arrive(rows: slice) -> None:
        _arrivals(
            draw.new_seat[rows], draw.new_key[rows], draw.new_value[rows], draw.new_wins[rows],
            draw.new_kind[rows], draw.sizes, np.uint64(seed), out,
        )  # fmt: skip

    parts = _halves(draw.new_seat, draw.new_wins * paths)
    if len(parts) == 1:
        arrive(parts[0])
    else:
        with ThreadPoolExecutor(len(parts)) as threads:
            list(threads.map(arrive, parts))
    return out


def _halves(seat: Ints, draws: Floats) -> list[slice]:
    """Return the streams as one part, or as two of about as many draws that share no seat.

    Each seat is drawn by one thread in the order of its streams: the digits are those of one part.
    """
    whole = [slice(0, len(seat))]
    if draws.sum() < _WORTH_A_THREAD or (np.diff(seat) < 0).any():
        return whole
    middle = int(np.searchsorted(np.cumsum(draws), draws.sum() / 2))
    bound = int(np.searchsorted(seat, seat[min(middle, len(seat) - 1)]))
    return [slice(0, bound), slice(bound, len(seat))] if bound else whole


# The compiled part below is typed by what it is called with: numba infers, mypy cannot follow.


@njit(cache=True, nogil=True)
def _mixed(state):  # type: ignore[no-untyped-def]
    """Return the state after a step of splitmix64, and its 64 bits. Source: Steele et al. 2014."""
    state = state + np.uint64(0x9E3779B97F4A7C15)
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state, z ^ (z >> np.uint64(31))


@njit(cache=True, nogil=True)
def _uniform(bits):  # type: ignore[no-untyped-def]
    """Return a number in (0, 1)."""
    return (np.float64(bits >> np.uint64(11)) + 0.5) * (1.0 / 9007199254740992.0)


@njit(cache=True, nogil=True)
def _start(seed, key, stream):  # type: ignore[no-untyped-def]
    __, bits = _mixed(seed ^ (np.uint64(key) * np.uint64(0xD1342543DE82EF95)))
    __, bits = _mixed(bits ^ np.uint64(stream))
    return bits


@njit(cache=True, nogil=True)
def _ceiling(number):  # type: ignore[no-untyped-def]
    """Return the smallest power of two that is not below a number above zero."""
    ceiling = 1.0
    while ceiling < number:
        ceiling *= 2.0
    while ceiling * 0.5 >= number:
        ceiling *= 0.5
    return ceiling


@njit(cache=True, nogil=True)
def _deals(seat, key, value, win, ratios, moved, heirs, seed, out):  # type: ignore[no-untyped-def]  # noqa: C901, PLR0913, PLR0917  # compiled: arrays, one each
    paths, sizes = out.shape[1], len(ratios)
    for row in range(len(seat)):
        chance = win[row]
        if chance <= 0.0:
            continue
        ceiling = _ceiling(min(chance, 1.0))
        accept = chance / ceiling
        state = _start(seed, key[row], 1)
        step = 0.0 if ceiling >= 1.0 else 1.0 / np.log1p(-ceiling)
        path = -1
        while True:
            path += 1
            if ceiling < 1.0:
                state, bits = _mixed(state)
                jump = np.log(_uniform(bits)) * step
                if jump >= paths - path:
                    break
                path += int(jump)
            if path >= paths:
                break
            state, bits = _mixed(state)
            if _uniform(bits) < accept:
                # the low bits are no part of the uniform number above
                amount = value[row] * ratios[int(bits & np.uint64(2047)) % sizes]
                if moved > 0.0:
                    state, bits = _mixed(state)
                    at = _closer(seat[row], moved, heirs, bits)
                else:
                    at = seat[row]
                if at >= 0:
                    out[at, path] += amount


@njit(cache=True, nogil=True)
def _closer(seat, moved, heirs, bits):  # type: ignore[no-untyped-def]
    """Return the seat that a win is credited to: its own, or one of the heirs."""
    return heirs[int(bits & np.uint64(2047))] if _uniform(bits) < moved else seat


@njit(cache=True, nogil=True)
def _arrivals(seat, key, value, wins, kind, sizes, seed, out):  # type: ignore[no-untyped-def]  # noqa: PLR0917  # as above
    paths, count = out.shape[1], sizes.shape[1]
    for row in range(len(seat)):
        expected = wins[row]
        if expected <= 0.0:
            continue
        ceiling = _ceiling(expected)
        accept = expected / ceiling
        state = _start(seed, key[row], 2)
        place = 0.0
        while True:
            state, bits = _mixed(state)
            place -= np.log(_uniform(bits)) / ceiling
            if place >= paths:
                break
            state, bits = _mixed(state)
            if _uniform(bits) < accept:
                size = sizes[kind[row], int(bits & np.uint64(2047)) % count]
                out[seat[row], int(place)] += value[row] * size
