"""The course of a period as a chart."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from babel.dates import format_skeleton
from django.utils.translation import gettext

from perilune.forecasting.contracts import ForecastResult, Status
from perilune.ui import formats
from perilune.ui.contracts import Chart, Format

_FILLED = {"color": "token:expected", "opacity": 0.35}


def _day(day: date) -> str:
    return str(format_skeleton("MMMd", day, locale=formats.active_locale()))


def chart(result: ForecastResult, target: int | None, height: str = "medium") -> Chart | None:
    """Return what is won day by day and where the range leads; None without a range."""
    span, period = result.total.range, result.request.period
    if span is None or result.total.won_to_date is None:
        return None
    is_over = result.total.status is Status.FINISHED
    # a period that has not begun starts from nothing
    won = list(accumulate(result.daily)) or [0.0]
    days = [_day(period.start + timedelta(days=n)) for n in range(period.days)]
    at, end = len(won) - 1, period.days - 1

    def line(goal: float) -> list[float | None]:
        steps = max(end - at, 1)
        rest = [round(won[-1] + (goal - won[-1]) * n / steps) for n in range(end - at + 1)]
        return [*[None] * at, *rest]

    def series(name: str, data: list[float | None], **look: Any) -> dict[str, Any]:
        return {"name": name, "type": "line", "showSymbol": False, "data": data, **look}

    low, high = line(span.p10), line(span.p90)
    band = [None if a is None or b is None else b - a for a, b in zip(low, high, strict=True)]
    hidden = {"lineStyle": {"opacity": 0}, "stack": "range", "tooltip": {"show": False}}
    shown = [
        series(
            gettext("Won"), [round(v) for v in won], color="token:won", areaStyle={"opacity": 0.1}
        ),
    ]
    if not is_over:
        shown += [
            series("p10", low, **hidden),
            series("p10–p90", band, **hidden, areaStyle=_FILLED),
            series("p50", line(span.p50), color="token:expected", lineStyle={"type": "dashed"}),
        ]
    if target is not None:
        shown.append(series(gettext("Target"), [target] * len(days), color="token:target"))
    options = {
        "xAxis": {"type": "category", "data": days},
        "yAxis": {"type": "value"},
        "series": shown,
        "tooltip": {"trigger": "axis"},
    }
    return Chart(
        "forecast-fan",
        gettext("Won to date and where it may lead"),
        options,
        height=height,
        format=Format.MONEY,
        currency=result.currency,
    )
