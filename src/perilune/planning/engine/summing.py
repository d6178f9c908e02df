"""The levels of a plan: shared out from the top with fixed inputs kept, and proved to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from perilune.kernel.money import split_minor
from perilune.planning.contracts import (
    BASIS_POINTS,
    COMPANY,
    NO_CAP,
    NO_FLOOR,
    Cell,
    Content,
    Gap,
    Level,
    Place,
    SumCheck,
    Tree,
    UnitRow,
)
from perilune.planning.engine.allocating import allocate, due_of

Presence = Mapping[str, Sequence[float]]
"""How much of each rep there is by month, 0 to 1."""


@dataclass(frozen=True)
class Misfit:
    """What did not fit in a month: by minor units lacking (positive) or too much, and why."""

    unit: str
    month: int
    by: int
    bound: str
    parts: tuple[str, ...]


def over_of(minor: int, over: int) -> int:
    """Return what an over-assignment of basis points adds to an amount, halves rounded up."""
    return due_of(minor, Fraction(BASIS_POINTS + over, BASIS_POINTS)) - minor


def spread_over(content: Content, places: Sequence[Place], minor: int) -> list[int]:
    """Return an amount of several months by month, to the cent: as they stand, else by season."""
    weights: list[Decimal | int] = [content.amount(*place) or 0 for place in places]
    if not any(weights) and content.season:
        weights = [Decimal(repr(content.season[place.month - 1])) for place in places]
    return list(split_minor(minor, weights if any(weights) else [1] * len(places)))


def shared_out(
    content: Content, presence: Presence, months: int
) -> tuple[dict[Place, Cell], list[Misfit]]:
    """Return the cells of a plan with every target shared out down to the reps, and what is left.

    From the company's operating target of each month. Amounts that are fixed stay; a unit without a
    weight has that of the units below; a rep's weight counts as far as they are there and ramped.
    Floors and caps of a year go by month as the season and the rep's presence. Where a team has no
    operating target of its own it gets one here; street figures of teams and company are sums.
    """
    rows = [row for row in content.units.values() if not row.is_apart]
    number = {row.unit: at + 1 for at, row in enumerate(rows)}
    named = {at: unit for unit, at in number.items()}
    cells = {place: cell for place, cell in content.cells.items() if _is_kept(content, place)}
    bounds = {row.unit: _bounds(row, content, presence, months) for row in rows}
    misfits = []
    for month in range(1, months + 1):
        if content.amount(Level.OPERATING, COMPANY, month) is None:
            continue
        tree = _tree(content, rows, number, presence, bounds, month)
        found = allocate(tree)
        for row, amount in zip(rows, found.amount.tolist(), strict=True):
            place = Place(row.level, row.unit, month)
            if place not in cells:
                cells[place] = Cell(int(amount))
        misfits += [_misfit(gap, month, named) for gap in found.gaps]
    return {**cells, **_street(content, cells, months)}, misfits


def checks(content: Content, months: int) -> list[SumCheck]:
    """Return each sum that must hold, unit by unit and month by month, in order.

    Operating targets of a unit against those of the teams below, those of a team against its reps'
    street quotas, street figures of units against what is below, segments against the company.
    """
    found = []
    for unit, below in content.children.items():
        if not unit:
            continue
        for month in range(1, months + 1):
            found += _checks_of(content, unit, below, month)
    segments = [row.unit for row in content.units.values() if row.kind == "segment"]
    for month in range(1, months + 1) if segments else ():
        own = content.amount(Level.OPERATING, COMPANY, month)
        parts = [content.amount(Level.OPERATING, unit, month) for unit in segments]
        if own is not None and any(part is not None for part in parts):
            total = sum(part or 0 for part in parts)
            found.append(
                SumCheck(Level.OPERATING, "segments", month, own, 0, total, Level.OPERATING)
            )
    return found


def _checks_of(content: Content, unit: str, below: Sequence[str], month: int) -> list[SumCheck]:
    found = []
    row = content.units[unit]
    own = content.amount(Level.OPERATING, unit, month)
    if own is not None:
        # a unit's parts are its teams' targets and the street quotas of its own reps
        parts = [content.amount(content.units[part].level, part, month) for part in below]
        is_reps = all(content.units[part].kind == "rep" for part in below)
        over = over_of(own, row.over)
        total = sum(part or 0 for part in parts)
        level = Level.STREET if is_reps else Level.OPERATING
        found.append(SumCheck(Level.OPERATING, unit, month, own, over, total, level))
    street = content.amount(Level.STREET, unit, month)
    if street is not None:
        total = sum(content.amount(Level.STREET, part, month) or 0 for part in below)
        found.append(SumCheck(Level.STREET, unit, month, street, 0, total, Level.STREET))
    return found


def _is_kept(content: Content, place: Place) -> bool:
    """Tell whether a cell is an input: fixed, the company's, the board's, one apart."""
    cell = content.cells[place]
    row = content.units.get(place.unit)
    if row is None or row.is_apart or place.level is Level.BOARD:
        return row is not None
    is_own = place.level is row.level
    return is_own and (cell.is_fixed or place.unit == COMPANY)


def _tree(  # noqa: PLR0917 - columns of one table
    content: Content,
    rows: Sequence[UnitRow],
    number: Mapping[str, int],
    presence: Presence,
    bounds: Mapping[str, tuple[Sequence[int], Sequence[int]]],
    month: int,
) -> Tree:
    given, is_given, weight = [], [], []
    for row in rows:
        cell = content.cells.get(Place(row.level, row.unit, month))
        keeps = cell is not None and (cell.is_fixed or row.unit == COMPANY)
        given.append(cell.minor if cell is not None and keeps else 0)
        is_given.append(keeps)
        weight.append(_weight(row, content, presence, month))
    ones = range(len(rows))
    return Tree(
        id=np.array([number[row.unit] for row in rows], np.int64),
        parent=np.array([number.get(row.parent, 0) for row in rows], np.int64),
        weight=np.array(weight, np.float64),
        given=np.array(given, np.int64),
        is_given=np.array(is_given, np.bool_),
        floor=np.array([bounds[rows[i].unit][0][month - 1] for i in ones], np.int64),
        cap=np.array([bounds[rows[i].unit][1][month - 1] for i in ones], np.int64),
        over=np.array([1 + row.over / BASIS_POINTS for row in rows], np.float64),
        is_hidden=np.zeros(len(rows), np.bool_),
    )


def _weight(row: UnitRow, content: Content, presence: Presence, month: int) -> float:
    if row.kind == "rep":
        return row.weight * presence.get(row.unit, [1.0] * month)[month - 1]
    if content.children.get(row.unit):
        return row.weight if row.weight > 0 else float("nan")
    return row.weight


def _bounds(
    row: UnitRow, content: Content, presence: Presence, months: int
) -> tuple[list[int], list[int]]:
    """Return floor and cap by month: a year's bound goes by season and presence, to the cent."""
    none = [NO_FLOOR] * months, [NO_CAP] * months
    if row.unit == COMPANY:
        return none
    season = list(content.season) or [1.0] * months
    there = presence.get(row.unit, [1.0] * months)
    parts = [round(1e6 * s * t) for s, t in zip(season, there, strict=True)]
    if not any(parts):
        return none
    low = split_minor(row.floor, parts) if row.floor is not None else none[0]
    high = split_minor(row.cap, parts) if row.cap is not None else none[1]
    return low, high


def _misfit(gap: Gap, month: int, named: Mapping[int, str]) -> Misfit:
    parts = tuple(named[part] for part in gap.parts)
    return Misfit(named[gap.unit], month, gap.by, gap.bound.value, parts)


def _street(content: Content, cells: Mapping[Place, Cell], months: int) -> dict[Place, Cell]:
    """Return the street figures of teams and company: the sums of the reps below."""
    found: dict[Place, Cell] = {}

    def total(unit: str, month: int) -> int | None:
        below = content.children.get(unit, ())
        if content.units[unit].kind == "rep":
            cell = cells.get(Place(Level.STREET, unit, month))
            return None if cell is None else cell.minor
        parts = [part for each in below if (part := total(each, month)) is not None]
        if not parts:
            return None
        found[Place(Level.STREET, unit, month)] = Cell(sum(parts))
        return sum(parts)

    if COMPANY in content.units:
        for month in range(1, months + 1):
            total(COMPANY, month)
    return found
