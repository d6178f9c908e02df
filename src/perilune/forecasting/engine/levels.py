"""Which levels have skill of their own, and how those without it are shared out; rows always sum.

See docs/decisions/0007-a-level-without-skill-is-shared-out.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.contracts import NONE_BELOW, By
from perilune.forecasting.engine.combination import Mix
from perilune.forecasting.engine.members import PLAIN, SIMULATION, STANDING
from perilune.forecasting.engine.panel import Ground, Panel
from perilune.forecasting.engine.sampling import Seats
from perilune.forecasting.engine.windows import RECENT_DAYS, Floats, Ints

LADDER = (By.REGION, By.TEAM, By.REP)
"""The levels below the total, from the largest units to the smallest."""
HALF_A_DEAL = 0.5
"""Mean deals of thirteen weeks that a plain share holds of every seat with business: silence of a
quarter is no promise of silence."""


@dataclass(frozen=True, eq=False)
class Sharing:
    """What was said of L seats on K days, and by what rule each level was shared out.

    mean: (K, L) the forecast of each seat. own: (L,) that of the last day with the combination's
    shares inside the smallest units that have skill. pool: (L,) the number of that unit.
    rule: level to the (K,) names of the plain rules that share it out, "" where it has skill.
    """

    mean: Floats
    own: Floats
    pool: Ints
    rule: Mapping[By, tuple[str, ...]]

    def is_plain(self, by: By) -> NDArray[np.bool_] | None:
        """Tell on which of the K days a level was shared out by a plain rule."""
        return np.array([bool(name) for name in self.rule[by]]) if by in self.rule else None

    @property
    def now(self) -> dict[By, str]:
        """The rule of each level at the last day."""
        return {by: names[-1] for by, names in self.rule.items()}


def share_out(
    panels: Mapping[By, Panel], ground: Ground, seats: Seats, mix: Mix, point: Floats
) -> Sharing:
    """Return the forecast of every seat on every day, level by level from the total down.

    point: (K,) the total, NaN where it is undefined. A level below one that is shared out by a
    plain rule is so too. What is decided for a day stands on errors that were over on it.
    """
    rows, size = ground.amount.shape
    free = _free(ground, mix)
    shares = {"": free, **{name: _plain(ground, name) for name in PLAIN}}
    cell = pool = np.zeros(size, dtype=np.int64)
    amount = held = np.nan_to_num(point)[:, None]
    fallen = ("",) * rows
    rule: dict[By, tuple[str, ...]] = {}
    for by in LADDER:
        if by not in panels:
            continue
        inner = _inside(cell, seats.ids(by))
        options = {name: _split(amount, cell, inner, share) for name, share in shares.items()}
        own = _of_units(panels[by], options[""], inner)
        fallen = tuple(rule_of(panels[by], own, row, must=bool(fallen[row])) for row in range(rows))
        amount = _chosen(options, fallen)
        cell, rule[by] = inner, fallen
        if not fallen[-1]:
            pool, held = cell, amount
    every = np.arange(size, dtype=np.int64)
    options = {name: _split(amount, cell, every, share) for name, share in shares.items()}
    mean = np.where(np.isfinite(point)[:, None], _chosen(options, fallen), np.nan)
    own = _split(held[-1:], pool, every, free[-1:])[0]
    return Sharing(mean, own, pool, rule)


def _free(ground: Ground, mix: Mix) -> Floats:
    """Return (K, L) the combination of every seat as it would be by itself."""
    said = dict(ground.said)
    simulated = ground.simulated
    unknown = np.full(ground.amount.shape, np.nan)
    said[SIMULATION] = unknown if simulated is None else simulated.open + simulated.new
    return np.maximum(np.nan_to_num(mix.point(said)), 0.0)


def _plain(ground: Ground, name: str) -> Floats:
    """Return (K, L) what a plain rule says of every seat, NaN on days on which it says nothing."""
    recent = np.nan_to_num(ground.said[STANDING[0]])
    simulated = ground.simulated
    ahead = 0.0 if simulated is None else np.nan_to_num(simulated.open + simulated.new)
    deal = ground.amount.sum(axis=1) / np.maximum(ground.deals.sum(axis=1), 1e-9)
    little = HALF_A_DEAL * deal * ground.target.length / RECENT_DAYS
    said = np.maximum(ground.said[name], 0.0)
    some = np.where(recent + ahead > 0, little[:, None], 0.0)
    if simulated is not None and simulated.kept is not None:
        some = some * simulated.kept
    return np.asarray(said + some)


def _inside(cell: Ints, ids: Ints) -> Ints:
    """Return (L,) the cells that ids cut the cells into."""
    return np.unique(np.stack([cell, ids], axis=1), axis=0, return_inverse=True)[1].ravel()


def _split(amount: Floats, cell: Ints, inner: Ints, share: Floats) -> Floats:
    """Return (K, C') the amounts (K, C) of cells, shared out to the cells inside by (K, L)."""
    size = int(inner.max(initial=-1)) + 1
    outer = np.zeros(size, dtype=np.int64)
    outer[inner] = cell
    part = _grouped(share, inner, size)
    whole = _grouped(part, outer, amount.shape[1])[:, outer]
    equal = 1 / np.bincount(outer, minlength=amount.shape[1])[outer]
    found = np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), equal)
    return np.asarray(amount[:, outer] * np.where(np.isfinite(part), found, np.nan))


def _grouped(values: Floats, group: Ints, size: int) -> Floats:
    """Return (K, size) sums of (K, n) columns by group."""
    order = np.argsort(group, kind="stable")
    found = np.zeros((values.shape[0], size))
    some, first = np.unique(group[order], return_index=True)
    if len(some):
        found[:, some] = np.add.reduceat(values[:, order], first, axis=1)
    return found


def _chosen(options: Mapping[str, Floats], rules: tuple[str, ...]) -> Floats:
    return np.stack([options[name][row] for row, name in enumerate(rules)])


def _of_units(panel: Panel, amount: Floats, cell: Ints) -> Floats:
    """Return (K, U) what the units of a level have of the (K, C) cells."""
    unit = np.full(amount.shape[1], -1, dtype=np.int64)
    for at, item in enumerate(panel.units):
        unit[cell[list(item.seats)]] = at
    return _grouped(amount[:, unit >= 0], unit[unit >= 0], len(panel.units))


def rule_of(panel: Panel, own: Floats, row: int, *, must: bool) -> str:
    """Return "" where a day's past shows the combination better than every plain rule.

    own: (K, U) what the combination's shares would have said. Each rule is judged as it stands, on
    the origins that both know; the rule of the day is the one that did best beside the combination,
    the mean of thirteen weeks where none is judged.
    """
    past = panel.over(row)
    usable = panel.usable(past, own)
    beside = {}
    for name in PLAIN:
        said = panel.said[name]
        both = usable & np.isfinite(said[past])
        if not np.isfinite(said[row]).all() or both.any(axis=1).sum() < NONE_BELOW:
            continue
        ours, theirs = (
            np.abs(one[past] - panel.came[row, past])[both].sum() for one in (own, said)
        )
        beside[name] = float(theirs / max(ours, 1e-9))
    if not beside:
        return STANDING[0] if np.isfinite(panel.said[STANDING[0]][row]).all() else ""
    best = min(beside, key=lambda name: beside[name])
    return best if must or beside[best] <= 1 else ""
