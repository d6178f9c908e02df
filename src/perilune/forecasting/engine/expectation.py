"""From outlooks to what the simulation expects and draws, seat by seat, for one window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.engine.arrivals import new_wins
from perilune.forecasting.engine.panel import Simulated
from perilune.forecasting.engine.presence import Presence, gone, kept
from perilune.forecasting.engine.simulation import Draw
from perilune.forecasting.engine.windows import Floats, Ints, Target
from perilune.insights.contracts import HORIZON, OpenDeals, Outlook

Bools = NDArray[np.bool_]
CLASS_KEYS = 64
HEIRS = 2048
"""Equally likely seats that stand for those who close what changes hands."""


def window_of(target: Target) -> tuple[int, int]:
    """Return the first and last boundary of the window, days ahead, within an outlook's horizon."""
    low = min(target.lead, HORIZON)
    return low, min(target.lead + target.length, HORIZON)


def expected(  # noqa: PLR0917  # what a day knew, and who sits where, one each
    outlooks: Sequence[Outlook | None],
    factors: Sequence[Floats],
    seats: Sequence[Ints],
    count: int,
    target: Target,
    there: Sequence[Presence | None] = (),
) -> Simulated:
    """Return what the simulation expects of the window at K knowledge days.

    outlooks: of each knowledge day, None where there was no model. factors: (D,) corrections of new
    wins, of each. seats: (R,) the seat of each owner of the outlook, -1 outside of what is asked.
    there: whose share each day's records said to change; by default nobody's.
    """
    shape = (len(outlooks), count)
    found = Simulated(np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan))
    if any(there):
        found = replace(found, taken=np.zeros(shape), kept=np.ones(shape))
    if target.lead + target.length > HORIZON:
        return found  # a model of a year says nothing of what lies beyond it
    low, high = window_of(target)
    for row, (outlook, factor, seat) in enumerate(zip(outlooks, factors, seats, strict=True)):
        if outlook is None:
            continue
        mine = seat >= 0
        wins = new_wins(outlook, factor)
        inside = wins[:, :, high] - wins[:, :, low]
        presence = there[row] if row < len(there) else None
        stays = None if presence is None else kept(outlook, presence, low, high)
        every = inside @ outlook.value
        if stays is not None:
            inside = inside * stays
        new = inside @ outlook.value
        sizes = np.mean(outlook.sizes**2, axis=1)
        sure = outlook.open_sure[:, high] if low == 0 else 0.0
        luck = outlook.open_square[:, high] - outlook.open_square[:, low]
        square = np.maximum(luck * float(np.mean(outlook.ratios**2)) - sure, 0.0)
        square = square + inside @ (outlook.value**2 * sizes)
        open_ = outlook.open_mean[:, high] - outlook.open_mean[:, low]
        for into, values in ((found.open, open_), (found.new, new), (found.square, square)):
            into[row] = np.bincount(seat[mine], values[mine], count)
        if stays is not None and presence is not None:
            _note_who_is_away(found, row, (open_, new, every - new), seat, gone(outlook, presence))
    return found


def _note_who_is_away(
    found: Simulated, row: int, parts: tuple[Floats, Floats, Floats], seat: Ints, left: Bools
) -> None:
    """Write what a day's new business is less by, and what of everything stays, seat by seat.

    parts: (R,) open, new and taken of each owner. left: (R,) who is gone: others hold their open
    deals by now, so the company's share of new business stands for theirs.
    """
    assert found.taken is not None and found.kept is not None
    open_, new, taken = parts
    whole = open_ + new + taken
    usual = float((new + taken).sum()) / max(float(whole.sum()), 1e-9)
    whole = np.where(left, np.maximum(whole, (new + taken) / max(usual, 1e-9)), whole)
    away = (seat >= 0) & (taken > 0)
    count = found.taken.shape[1]
    found.taken[row] = np.bincount(seat[away], taken[away], count)
    share = taken[away] / np.maximum(whole[away], 1e-9)
    found.kept[row] = 1.0 - np.minimum(np.bincount(seat[away], share, count), 1.0)


def draw_of(  # noqa: PLR0917  # a day's outlook, its deals and where they sit, one each
    outlook: Outlook,
    factor: Floats,
    deals: OpenDeals,
    seat: Ints,
    owner_seat: Ints,
    target: Target,
    presence: Presence | None = None,
) -> Draw:
    """Return what is drawn at the as-of.

    deals: with chances at the two boundaries of the window (`window_of`). seat: (r,) of each deal;
    owner_seat: (R,) of each owner of the outlook; -1 outside of what is asked. presence: of whom
    there will be less, by default of nobody.
    """
    low, high = window_of(target)
    mine = seat >= 0
    order = np.argsort(seat[mine], kind="stable")
    win = np.maximum(deals.win[:, 1] - deals.win[:, 0], 0.0)
    wins = new_wins(outlook, factor)
    inside = np.maximum(wins[:, :, high] - wins[:, :, low], 0.0)
    stays = None if presence is None else kept(outlook, presence, low, high)
    if stays is not None:
        inside = inside * stays
    kinds = inside.shape[1]
    rows, classes = np.nonzero((owner_seat >= 0)[:, None] & (inside > 0))
    key = (outlook.owners[rows] + 1) * CLASS_KEYS + np.minimum(classes, CLASS_KEYS - 1)
    assert kinds < CLASS_KEYS
    moved, heirs = _moved(outlook, owner_seat, low, high)
    return Draw(
        deal_seat=seat[mine][order],
        deal_key=deals.key[mine][order],
        deal_value=deals.value[mine][order],
        deal_win=win[mine][order],
        new_seat=owner_seat[rows],
        new_key=key,
        new_value=outlook.value[classes],
        new_wins=inside[rows, classes],
        new_kind=classes,
        ratios=outlook.ratios,
        sizes=outlook.sizes,
        shape=outlook.shape,
        moved=moved,
        heirs=heirs,
    )


def _moved(outlook: Outlook, owner_seat: Ints, low: int, high: int) -> tuple[float, Ints]:
    """Return the share of a window's wins that change hands, and 2,048 seats that close them."""
    step = np.diff(outlook.open_mean.sum(axis=0))[low:high]
    whole = float(step.sum())
    if whole <= 0 or not outlook.heirs.any():
        return 0.0, np.zeros(0, dtype=np.int64)
    share = float(step @ outlook.moved[low + 1 : high + 1]) / whole
    upto = np.cumsum(outlook.heirs) / outlook.heirs.sum()
    row = np.searchsorted(upto, (np.arange(HEIRS) + 0.5) / HEIRS)
    return share, owner_seat[np.minimum(row, len(owner_seat) - 1)]
