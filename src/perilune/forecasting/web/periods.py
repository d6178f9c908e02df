"""The ways between the periods of the forecast, and to its track record."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext

from perilune.kernel.calendar import Grain, Period
from perilune.people.web.gate import PageRequest
from perilune.ui.contracts import Tab


def tabs(request: PageRequest, current: Period | None, *, is_track: bool = False) -> list[Tab]:
    """Return the periods around the as-of, the one that is shown, and the track record."""
    calendar, day = request.company.calendar, request.as_of.day
    month, quarter, year = (
        calendar.find(day, grain) for grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
    )
    following = calendar.shift(quarter, 1)
    # on the quarter's last day what is to be forecast is the next one
    is_last = quarter.end == day
    offered = [following, quarter, month, year] if is_last else [quarter, month, following, year]
    if current is not None and current.name not in [item.name for item in offered]:
        offered.append(current)
    shown = "" if current is None else current.name
    return [
        *(
            Tab(item.name, reverse("forecasting:period", args=[item.name]), item.name == shown)
            for item in offered
        ),
        Tab(gettext("Track record"), reverse("forecasting:track"), is_track),
    ]
