"""A plan's operating target cut by segment: the same total to the cent, fixed amounts kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from perilune.kernel.money import split_minor
from perilune.planning.contracts import COMPANY, Cell, Content, Level, Place, UnitRow

PREFIX = "segment:"


@dataclass(frozen=True)
class SegmentMisfit:
    """A month whose fixed amounts leave less than nothing, or an amount for nobody; minor units."""

    month: int
    by: int


def cut_by_segment(
    content: Content, weights: Mapping[str, int], history: Mapping[str, int], months: int
) -> tuple[Content, list[SegmentMisfit]]:
    """Return a plan whose operating target of each month is cut by segment, and what does not fit.

    weights: segment to what it counts, whole numbers not below zero. history: what each booked in
    the year before, minor units. Amounts that were fixed stay and the others share what is left, by
    largest remainder. A segment that is not asked for goes unless an amount of it is fixed.
    """
    fixed = {
        place: cell
        for place, cell in content.cells.items()
        if place.unit.startswith(PREFIX) and cell.is_fixed
    }
    wanted = [f"{PREFIX}{name}" for name in weights]
    kept = [unit for unit in content.units
            if unit.startswith(PREFIX) and any(place.unit == unit for place in fixed)]  # fmt: skip
    named = list(dict.fromkeys([*wanted, *kept]))
    units = {unit: row for unit, row in content.units.items() if not unit.startswith(PREFIX)}
    for unit in named:
        name = unit.removeprefix(PREFIX)
        units[unit] = UnitRow(unit, weight=float(weights.get(name, 0)), history=history.get(name))
    cells = {
        place: cell for place, cell in content.cells.items() if not place.unit.startswith(PREFIX)
    } | fixed
    misfits = []
    for month in range(1, months + 1):
        total = content.amount(Level.OPERATING, COMPANY, month)
        if total is None:
            continue
        places = {unit: Place(Level.OPERATING, unit, month) for unit in named}
        left = total - sum(fixed[p].minor for p in places.values() if p in fixed)
        free = [unit for unit in wanted if places[unit] not in fixed]
        shares = [weights[unit.removeprefix(PREFIX)] for unit in free]
        if left < 0 or (left and not sum(shares)):
            misfits.append(SegmentMisfit(month, left))
            continue
        parts = split_minor(left, shares) if sum(shares) else [0] * len(free)
        cells |= {
            places[unit]: Cell(part) for unit, part in zip(free, parts, strict=True)
        }  # fmt: skip
    return replace(content, units=units, cells=cells), misfits
