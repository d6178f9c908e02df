"""Units below their own expected path: won to date against the range of the same days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from perilune.forecasting.contracts.ranges import REST_LABELS, By
from perilune.forecasting.engine.judging import chance_below
from perilune.forecasting.queries.ranges import range_for
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.people.queries import company

RARE = 0.05
"""A unit is below its path where chance alone brings so little in one case of twenty."""


@dataclass(frozen=True)
class Below:
    """A unit that won less than it would by chance; amounts in minor units.

    expected: p50, as known before the period began, of what would be won by the as-of.
    noise: the chance that so little, or less, comes by itself. watched: how many units were looked
    at: of twenty units one falls here by chance.
    """

    unit: str
    label: str
    won: float
    expected: float
    noise: float
    watched: int


def below_path(period: Period, by: By, as_of: AsOf, scope: Scope) -> list[Below]:
    """Return the units whose bookings since the period began lie under their own range.

    The path is the forecast that the day before the period would have made of the days up to the
    as-of. Units without enough history for a range are not judged. Empty outside of the period.
    """
    if as_of.day not in period:
        return []
    start = AsOf.end_of(period.start - timedelta(days=1), company().zone)
    so_far = replace(period, end=as_of.day, name=f"{period.name} until {as_of.day.isoformat()}")
    expected = {row.unit: row for row in range_for(so_far, by, start, scope).rows}
    judged = [
        (row, path.range)
        for row in range_for(period, by, as_of, scope).rows
        if (path := expected.get(row.unit)) is not None
        and path.range is not None
        and row.won_to_date is not None
        and (row.unit != "total" or by is By.TOTAL)
        and row.unit not in REST_LABELS  # what belongs to none has nobody who could act
        and (by is not By.REP or scope.sees(row.unit_id))  # a split may name a rep of elsewhere
    ]
    found = [
        Below(
            row.unit,
            row.label,
            row.won_to_date or 0.0,
            path.p50,
            chance_below(row.won_to_date or 0.0, path.p10, path.p50, path.p90),
            len(judged),
        )
        for row, path in judged
    ]
    return sorted((unit for unit in found if unit.noise <= RARE), key=lambda unit: unit.noise)
