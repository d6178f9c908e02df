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
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    # numba takes as long to load as many commands take in all: only who draws pays for it
    from perilune.forecasting.engine.kernels import luck

    out = np.zeros((seats, paths))
    luck.deals(
        _plain(draw.deal_seat), _plain(draw.deal_key), _plain(draw.deal_value),
        _plain(draw.deal_win), _plain(draw.ratios), draw.moved, _plain(draw.heirs),
        np.uint64(seed), out,
    )  # fmt: skip
    seat, key, value, wins, kind, sizes = (
        _plain(column)
        for column in (
            draw.new_seat, draw.new_key, draw.new_value, draw.new_wins, draw.new_kind, draw.sizes,
        )
    )  # fmt: skip

    def arrive(rows: slice) -> None:
        luck.arrivals(
            seat[rows], key[rows], value[rows], wins[rows], kind[rows], sizes, np.uint64(seed), out
        )

    parts = _halves(draw.new_seat, draw.new_wins * paths)
    if len(parts) == 1:
        arrive(parts[0])
    else:
        with ThreadPoolExecutor(len(parts)) as threads:
            list(threads.map(arrive, parts))
    return out


def _plain(column: NDArray[Any]) -> NDArray[Any]:
    """Return a column as the loops are compiled for: a reading-only or strided one is copied.

    For each kind of array they would be compiled, and loaded, once more.
    """
    flags = column.flags
    return column if flags.c_contiguous and flags.writeable else column.copy()


def load_loops() -> None:
    """Load the compiled loops, which a new process takes half a second for.

    Where they were never compiled they are: ten seconds, once on a machine.
    """
    none, empty = np.zeros(0, dtype=np.int64), np.zeros(0)
    sizes = np.ones((1, 1))
    simulate(
        Draw(none, none, empty, empty, none, none, empty, empty, none, empty, sizes, empty), 1, 1, 0
    )


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
