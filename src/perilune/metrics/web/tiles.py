"""The tiles of the cockpit: one figure each, beside the period before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext, ngettext

from perilune.kernel.calendar import Period
from perilune.metrics.contracts import MEASURES, MeasureHistory, MeasureRow, Unit
from perilune.metrics.web import words
from perilune.people.web.gate import PageRequest
from perilune.ui import formats
from perilune.ui.contracts import Format, Kpi, Sparkline

TILES = (
    "target", "won_amount", "coverage", "win_rate_closed", "cycle_first_contact", "cycle_creation",
    "bookings_per_fte", "bookings_per_listed_rep", "bookings_per_active_rep", "selling_time",
    "selling_time_coverage", "attainment",
)  # fmt: skip
"""What the cockpit asks for."""


def tiles(
    request: PageRequest,
    period: Period,
    found: Iterable[MeasureHistory],
    accuracy: Sequence[MeasureRow],
    months: Sequence[float | None],
) -> list[Kpi]:
    """Return the tiles in their order."""
    by_name = {item.row.measure: item for item in found}
    cycle = by_name["cycle_first_contact"]
    # rule 12: the headline where known for 80 % of deals, else the cycle from creation
    is_headline = cycle.row.value is not None and cycle.row.note is None
    chosen = (
        "target",
        "won_amount",
        "coverage",
        "win_rate_closed",
        "cycle_first_contact" if is_headline else "cycle_creation",
        _per_rep(by_name),
        "selling_time",
    )
    shown = [
        _tile(request, period, by_name[name], _detail(name, by_name, request), months)
        for name in chosen
    ]
    return [*shown, *_accuracy(request, period, accuracy)]


def _per_rep(by_name: Mapping[str, MeasureHistory]) -> str:
    for name in ("bookings_per_fte", "bookings_per_listed_rep"):
        if by_name[name].row.value is not None:
            return name
    return "bookings_per_active_rep"


def _tile(
    request: PageRequest,
    period: Period,
    item: MeasureHistory,
    detail: str,
    months: Sequence[float | None],
) -> Kpi:
    row, measure = item.row, MEASURES[item.row.measure]
    change, base = _change(request, period, item)
    is_won = row.measure == "won_amount" and len(months) > 1
    return Kpi(
        gettext(measure.label),
        row.value,
        words.format_of(row.measure),
        currency=request.company.currency,
        decimals=words.decimals_of(row.measure),
        unit=gettext("times") if measure.unit is Unit.TIMES and row.value is not None else "",
        change=change,
        change_format=change_format(measure.unit),
        change_label=gettext("against %(base)s") % {"base": base} if change is not None else "",
        is_rise_good={"higher": True, "lower": False}.get(measure.better),
        is_noise=item.previous.exceeds_noise is False,
        detail=detail or words.note(row.note),
        spark=Sparkline(months, gettext("Won by month, the last twelve")) if is_won else None,
        why_url=words.why(row.measure, period),
    )


def change_of(row: MeasureRow, before: MeasureRow | None) -> float | None:
    """Return a change: relative, of ratios the difference; None where unknown."""
    if before is None or row.value is None or before.value is None:
        return None
    if MEASURES[row.measure].unit in (Unit.RATIO, Unit.TIMES):
        return row.value - before.value
    return row.value / before.value - 1 if before.value else None


def change_format(unit: Unit) -> Format:
    """Return how a change of this unit is written."""
    return {Unit.RATIO: Format.POINTS, Unit.TIMES: Format.NUMBER}.get(unit, Format.PERCENT)


def _change(request: PageRequest, period: Period, item: MeasureHistory) -> tuple[float | None, str]:
    if item.row.measure == "target":
        return None, ""
    before = request.company.calendar.shift(period, -1)
    return change_of(item.row, item.previous.row), before.name


def _detail(name: str, by_name: Mapping[str, MeasureHistory], request: PageRequest) -> str:
    row = by_name[name].row
    if row.value is None:
        span = words.interval(row, request.company.currency)
        return span or words.note(row.note)
    if name == "won_amount":
        return ngettext("%(n)s deal", "%(n)s deals", row.n) % {"n": row.n}
    if name == "win_rate_closed":
        return gettext("of %(n)s closed") % {"n": row.n}
    if name == "selling_time":
        share = by_name["selling_time_coverage"].row.value or 0
        return gettext("recorded on %(share)s of rep-days") % {"share": formats.percent(share, 0)}
    return ""


def _accuracy(request: PageRequest, period: Period, found: Sequence[MeasureRow]) -> list[Kpi]:
    by_name = {row.measure: row for row in found}
    before = request.company.calendar.shift(period, -1)
    chosen = [
        by_name[n] for n in ("forecast_accuracy_call", "forecast_accuracy_model") if n in by_name
    ]
    row = next((item for item in chosen if item.value is not None), None)
    if row is None:
        return [
            Kpi(
                gettext("Forecast accuracy"),
                None,
                Format.PERCENT,
                detail=gettext("Empty until a recorded or submitted forecast has come due."),
                why_url=words.why("forecast_accuracy_call", before),
            )
        ]
    error = by_name["forecast_error_call"].value
    wape = (
        gettext(", error %(share)s") % {"share": formats.percent(error, 0)}
        if error is not None
        else ""
    )
    # an error above the outcome itself leaves no accuracy to speak of: the error alone is told
    value = row.value if row.value is None or row.value >= 0 else None
    return [
        Kpi(
            gettext(MEASURES[row.measure].label),
            value,
            Format.PERCENT,
            decimals=1,
            detail=before.name + wape,
            why_url=words.why(row.measure, before),
        )
    ]
