"""The tiles of the cockpit: one figure each, beside the period before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext, ngettext

from perilune.kernel.calendar import Period
from perilune.metrics.contracts import MEASURES, MeasureHistory, MeasureRow, Unit
from perilune.metrics.web import words
from perilune.people.web.gate import PageRequest
from perilune.ui import formats
from perilune.ui.contracts import Change, Format, Kpi, Sparkline

TILES = (
    "won_amount", "target", "win_rate_closed", "coverage", "cycle_first_contact", "cycle_creation",
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
        "won_amount",
        "coverage",
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
    is_won = row.measure == "won_amount" and len(months) > 1
    return Kpi(
        gettext(measure.label),
        row.value,
        # days are the unit of the figure, not a part of it: large digits, small word
        Format.NUMBER if measure.unit is Unit.DAYS else words.format_of(row.measure),
        currency=request.company.currency,
        decimals=words.decimals_of(row.measure),
        unit=_unit(row),
        changes=_changes(request, period, item),
        is_rise_good={"higher": True, "lower": False}.get(measure.better),
        # the sentence above the tiles names the level of the target
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


def _unit(row: MeasureRow) -> str:
    if row.value is None:
        return ""
    days = ngettext("day", "days", round(row.value))
    return {Unit.TIMES: gettext("times"), Unit.DAYS: days}.get(MEASURES[row.measure].unit, "")


def _changes(request: PageRequest, period: Period, item: MeasureHistory) -> list[Change]:
    """Return how the figure moved since the period before and the year before (rule 11)."""
    calendar, unit = request.company.calendar, MEASURES[item.row.measure].unit
    # of a year, the period before is the year before
    bases = {
        calendar.shift(period, -1): item.previous,
        calendar.year_ago(period): item.year_ago,
    }
    return [
        Change(
            change,
            gettext("vs %(base)s") % {"base": base.name},
            change_format(unit),
            is_noise=None if compared.exceeds_noise is None else not compared.exceeds_noise,
        )
        for base, compared in bases.items()
        if (change := change_of(item.row, compared.row)) is not None
    ]


def _detail(name: str, by_name: Mapping[str, MeasureHistory], request: PageRequest) -> str:
    row = by_name[name].row
    if row.value is None:
        span = words.interval(row, request.company.currency)
        return span or words.note(row.note)
    if name == "won_amount":
        return _deals_won(row, by_name["win_rate_closed"].row)
    if name == "selling_time":
        share = by_name["selling_time_coverage"].row.value or 0
        return gettext("on %(share)s of rep-days") % {"share": formats.percent(share, 0)}
    return ""


def _deals_won(won: MeasureRow, rate: MeasureRow) -> str:
    """Return the count of the wins, with the win rate unless it rests on too few (rule 13)."""
    deals = ngettext("%(n)s deal", "%(n)s deals", won.n) % {"n": formats.number(won.n, 0)}
    if rate.value is None:
        return deals
    return gettext("%(deals)s, win rate %(share)s") % {
        "deals": deals,
        "share": formats.percent(rate.value, 1),
    }


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
                detail=gettext("No forecast has come due yet."),
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
