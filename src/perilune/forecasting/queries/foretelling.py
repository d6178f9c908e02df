"""What the forecast says of a period, for capabilities below it."""

from __future__ import annotations

from perilune.forecasting.contracts import Status
from perilune.forecasting.queries.ranges import card
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import Foretold


def foretold(period: Period, as_of: AsOf, scope: Scope) -> Foretold | None:
    """Return the total of the forecast that the page shows; None without a range."""
    row = card(period, as_of, scope).total
    if row.range is None or row.won_to_date is None or row.status is Status.FINISHED:
        return None
    ahead = row.range.mean - row.won_to_date
    existing = row.existing
    return Foretold(row.won_to_date, existing, ahead - (existing or 0.0), row.range)
