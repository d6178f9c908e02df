"""The daily hazards of winning and of losing: how they are learnt from what is over.

A deal that is open at a landmark is at risk on each of the days that follow, until it is won, lost,
gone or the knowledge ends (censoring); days before the first day of data are not at risk (delayed
entry). Days of one deal with equal columns are summed; the counts are Poisson with the exposure in
days, which is the likelihood of a piecewise-constant competing-risk hazard.
Source: Holford, Biometrics 36 (1980) 299-305; landmarks: van Houwelingen, Scand. J. Statist. 34
(2007) 70-85.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from perilune.insights.engine.design import (
    AGE_EDGES,
    LEADS,
    WEEKS,
    Columns,
    Season,
    Yardstick,
    features_of,
    levels_at,
)
from perilune.insights.engine.designs import Designs
from perilune.insights.engine.journeys import FOREVER, LOST, WON, Bools, Floats, Ints, Journeys

HALF_LIFE = 182
"""Days after which what was seen counts half."""
REACH = 4 * HALF_LIFE
"""What is older counts less than a sixteenth and is left out."""
MOST_DAYS = 400_000
"""Open deal-days that are learnt from; of more, a share of the deals is taken by their key."""
FURTHEST = 182
"""Days ahead that the last distance is learnt from."""
YEAR = 365
STEP = 7
NEVER = -30.0
"""Log hazard of what was never at risk: about one in 10^13 a day."""
_PRIOR = 12.0
"""Wins that an owner's own record must outweigh: half a quarter of a rep in the usual sizes."""


@dataclass(frozen=True, eq=False)
class Model:
    """What was learnt as of a day. coef: (2, C) log hazards per day, won then lost.

    owner: owner's number to the (2,) factors of their record. events: (2,) wins and losses seen.
    """

    day: int
    columns: Columns
    yard: Yardstick
    coef: Floats
    owner: dict[int, tuple[float, float]]
    events: tuple[int, int]


def learn(journeys: Journeys, day: int, season: Season) -> Model:
    """Learn both hazards from what was known at the end of a day. Pure: no chance, no clock."""
    columns = Columns(features_of(journeys, day), has_year=day >= YEAR + 28)
    yard = Yardstick.of(journeys, day)
    rows = _rows(journeys, day, season, columns, yard)
    coef = np.zeros((2, int(columns.starts()[-1])))
    owner: dict[int, tuple[float, float]] = {}
    if rows is None:
        # no day at risk was seen: nothing is claimed to come of it
        coef[:, 0] = NEVER
    else:
        fitted = []
        for risk in range(2):
            coef[risk] = _fit(rows, risk, columns)
            fitted.append(np.exp(rows.designs.times(coef[risk]))[rows.design] * rows.exposure)
        owner = _owners(rows, fitted, _PRIOR * columns.leads)
    events = tuple(int(rows.seen[risk]) if rows else 0 for risk in range(2))
    return Model(day, columns, yard, coef, owner, (events[0], events[1]))


@dataclass(frozen=True, eq=False)
class _Rows:
    """Summed days at risk. designs: the U distinct ones; design: (R,) of each row.

    exposure: (R,) weighted days; count: (2, R) weighted wins and losses; seen: (2,) unweighted.
    """

    designs: Designs
    design: Ints
    exposure: Floats
    count: Floats
    owner: Ints
    seen: Ints


def _rows(
    journeys: Journeys, day: int, season: Season, columns: Columns, yard: Yardstick
) -> _Rows | None:
    when, how = journeys.exits(day)
    chosen = _chosen(journeys, day, when)
    parts = []
    bounds = (0, *LEADS, FURTHEST)
    for lead in range(columns.leads):
        low, high = (bounds[lead], bounds[lead + 1]) if columns.leads > 1 else (0, STEP)
        deal, spell, landmark, until = _landmarks(
            journeys, chosen, day, high - low, is_first=lead == 0
        )
        first = np.maximum(landmark + 1 + low, 0)
        last = np.minimum(np.minimum(landmark + high if lead else until, when[deal]), day)
        keep = last >= first
        parts.append((lead, deal[keep], spell[keep], landmark[keep], first[keep], last[keep]))
    parts = [part for part in parts if len(part[1])]
    if not parts:
        return None
    found = [
        _summed(journeys, part, (when, how), season=season, columns=columns, yard=yard, day=day)
        for part in parts
    ]
    index = np.concatenate([item.designs.index for item in found])
    before = np.cumsum([0, *(len(item.designs.index) for item in found[:-1])])
    return _Rows(
        Designs(index, found[0].designs.columns),
        np.concatenate([item.design + low for item, low in zip(found, before, strict=True)]),
        np.concatenate([item.exposure for item in found]),
        np.hstack([item.count for item in found]),
        np.concatenate([item.owner for item in found]),
        found[0].seen if parts[0][0] == 0 else np.zeros(2, dtype=np.int64),
    )


def _chosen(journeys: Journeys, day: int, when: Ints) -> Bools:
    """Return (m,) which deals are learnt from: all, or a share drawn by a hash of their keys."""
    entered = np.maximum(journeys.created, max(day - REACH, 0))
    spent = np.clip(np.minimum(when, day) - entered, 0, None).sum()
    if spent <= MOST_DAYS:
        return np.ones(journeys.count, dtype=np.bool_)
    mixed = (journeys.key.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    return np.asarray(mixed < np.uint64(2**24 * MOST_DAYS / spent))


def _landmarks(
    journeys: Journeys, chosen: Bools, day: int, spacing: int, *, is_first: bool
) -> tuple[Ints, Ints, Ints, Ints]:
    """Return deals, spells, landmark days and the days before the next landmark.

    Landmarks are `spacing` days apart, counted back from the day; for the nearest distance the day
    of a deal's creation is a landmark too, so that its first days are seen.
    """
    steps = np.arange(day - spacing, max(day - REACH, -spacing) - 1, -spacing, dtype=np.int64)
    found: list[tuple[Ints, Ints, Ints, Ints]] = []
    for mark in steps:
        deal, spell = journeys.open_at(int(mark))
        mine = chosen[deal]
        deal, spell = deal[mine], spell[mine]
        marks = np.full(len(deal), mark)
        found.append((deal, spell, marks, marks + spacing))
    if is_first:
        deal = np.flatnonzero(
            chosen & (journeys.created < day) & (journeys.created >= max(day - REACH, 0))
        )
        marks = journeys.created[deal]
        spell = journeys.on(deal, marks)
        keep = (spell >= 0) & (journeys.state[np.maximum(spell, 0)] == 0)
        deal, spell, marks = deal[keep], spell[keep], marks[keep]
        following = day - (day - marks) // spacing * spacing
        following = np.where(following <= marks, marks + spacing, following)
        # a landmark on the very day of creation would count the same days twice
        apart = (day - marks) % spacing != 0
        found.append((deal[apart], spell[apart], marks[apart], following[apart]))
    if not found:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty, empty
    columns = [np.concatenate(column) for column in zip(*found, strict=True)]
    return columns[0], columns[1], columns[2], columns[3]


def _summed(
    journeys: Journeys,
    part: tuple[int, Ints, Ints, Ints, Ints, Ints],
    exits: tuple[Ints, Ints],
    *,
    season: Season,
    columns: Columns,
    yard: Yardstick,
    day: int,
) -> _Rows:
    """Return the days at risk of one distance, summed where all columns agree."""
    lead, deal, spell, landmark, first, last = part
    length = last - first + 1
    pair = np.repeat(np.arange(len(deal)), length)
    at = np.arange(length.sum()) - np.repeat(length.cumsum() - length, length) + first[pair]
    age = at - journeys.created[deal[pair]]
    week, month = season.at(at)
    bins = np.searchsorted(AGE_EDGES, np.maximum(age, 0), side="right") - 1
    cell = (bins * WEEKS + week) * 12 + (month if columns.has_year else 0)
    is_new = np.ones(len(at), dtype=np.bool_)
    is_new[1:] = (cell[1:] != cell[:-1]) | (pair[1:] != pair[:-1])
    begins = np.flatnonzero(is_new)
    weight = 0.5 ** ((day - at) / HALF_LIFE)
    exposure = np.add.reduceat(weight, begins) if len(begins) else np.zeros(0)
    of_pair = pair[begins]
    when, how = exits
    ends = np.append(begins[1:], len(at)) - 1
    is_exit = at[ends] == when[deal[of_pair]]
    count = np.stack(
        [
            np.where(is_exit & (how[deal[of_pair]] == state), weight[ends], 0.0)
            for state in (WON, LOST)
        ]
    )
    seen = np.array([(row > 0).sum() for row in count], dtype=np.int64)
    levels = levels_at(journeys, columns.features, deal, spell, landmark, yard=yard)
    index = np.vstack(
        [
            columns.base(age[begins], week[begins], month[begins]),
            columns.scored(levels, lead)[:, of_pair],
        ]
    )
    design, index = _distinct(index)
    designs = Designs(np.ascontiguousarray(index.T, dtype=np.int32), int(columns.starts()[-1]))
    return _Rows(designs, design, exposure, count, journeys.owner[spell][of_pair], seen)


def _distinct(index: Ints) -> tuple[Ints, Ints]:
    """Return the design of each row and the (B, U) distinct ones; index is (B, R)."""
    # a sum of columns times odd constants tells designs apart: 64 bits, at most some million rows
    odd = np.random.default_rng(0).integers(1, 2**63, len(index), dtype=np.uint64) | np.uint64(1)
    key = (index.astype(np.uint64) * odd[:, None]).sum(axis=0, dtype=np.uint64)
    __, first, design = np.unique(key, return_index=True, return_inverse=True)
    return design, index[:, first]


def _fit(rows: _Rows, risk: int, columns: Columns) -> Floats:
    """Return the coefficients that maximise the penalised Poisson likelihood."""
    designs, size = rows.designs, len(rows.designs.index)
    count = np.bincount(rows.design, rows.count[risk], size)
    exposure = np.bincount(rows.design, rows.exposure, size)
    ridge = columns.ridge()
    total = max(float(count.sum()), 0.5)
    start = np.zeros(designs.columns)
    start[0] = np.log(total / exposure.sum())
    centre = np.zeros_like(start)
    centre[0] = start[0]

    def loss(coef: Floats) -> tuple[float, Floats]:
        eta = np.minimum(designs.times(coef), 3.0)
        rate = np.exp(eta) * exposure
        away = coef - centre
        over = np.asarray(rate - count, dtype=float)
        value = rate.sum() - count @ eta + 0.5 * (ridge * away) @ away
        slope = designs.turned_times(over) + ridge * away
        return float(value / total), np.asarray(slope / total)

    options = {"maxiter": 300, "ftol": 1e-7, "maxcor": 20}
    # vectors of some hundred numbers: threads would only wait for each other
    from scipy.optimize import minimize  # heavy, and only who learns needs it

    with threadpool_limits(1):
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x, dtype=float)


def _owners(rows: _Rows, fitted: list[Floats], prior: float) -> dict[int, tuple[float, float]]:
    """Return each owner's factor: what happened over what was expected, shrunk to one."""
    size = int(rows.owner.max(initial=-1)) + 2
    slot = rows.owner + 1
    factors = []
    for risk in range(2):
        came = np.bincount(slot, rows.count[risk], size)
        expected = np.bincount(slot, fitted[risk], size)
        factors.append((came + prior) / (expected + prior))
    present = np.bincount(slot, minlength=size) > 0
    return {
        int(number) - 1: (float(factors[0][number]), float(factors[1][number]))
        for number in np.flatnonzero(present)
        if number > 0
    }


__all__ = ["FOREVER", "Model", "learn"]
