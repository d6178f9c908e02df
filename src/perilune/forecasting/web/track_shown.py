"""The track record as components: pictures, tables, file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from perilune.forecasting.contracts import BY_LABELS, ForecastResult
from perilune.forecasting.contracts.track import (
    CALLED,
    LEAST,
    Recorded,
    Score,
    TrackRecord,
)
from perilune.forecasting.web import track_words as words
from perilune.ui import formats
from perilune.ui.contracts import Chart, Column, Format, Link, Row, Status, Table, Tone
from perilune.ui.export import Export
from perilune.ui.filters import scope_label

KEPT = 60


# -- the picture of ranges -------------------------------------------------------------------------


def picture(found: TrackRecord, today: ForecastResult) -> Chart | None:
    """Return range bars over time with what came; None where nothing was recorded."""
    if not found.totals:
        return None
    span = today.total.range
    days = [formats.day(one.day) for one in found.totals] + [gettext("Today")]
    low: list[float | None] = [one.p10 for one in found.totals]
    high: list[float | None] = [one.p90 for one in found.totals]
    middle: list[float | None] = [one.p50 for one in found.totals]
    low.append(span.p10 if span else None)
    high.append(span.p90 if span else None)
    middle.append(span.p50 if span else None)
    width = [
        None if a is None or b is None else b - a for a, b in zip(low, high, strict=True)
    ]  # fmt: skip
    came: list[float | None] = [*(one.came for one in found.totals), None]
    hidden = {"silent": True, "itemStyle": {"opacity": 0}, "tooltip": {"show": False}}
    bar = {"type": "bar", "stack": "range", "barMaxWidth": 14}
    options = {
        "legend": {"data": ["p10–p90", "p50", gettext("What came")]},
        "xAxis": {"type": "category", "data": days},
        "yAxis": {"type": "value"},
        "series": [
            {"name": "p10", **bar, "data": low, **hidden},
            {"name": "p10–p90", **bar, "data": width,
             "itemStyle": {"color": "token:expected", "opacity": 0.8}},
            {"name": "p50", "type": "scatter", "symbol": "diamond", "symbolSize": 8, "data": middle,
             "itemStyle": {"color": "token:ink"}, "z": 4},
            {"name": gettext("What came"), "type": "line", "step": "middle", "data": came,
             "symbol": "circle", "symbolSize": 6, "itemStyle": {"color": "token:won"},
             "lineStyle": {"color": "token:won"}},
        ],
        "tooltip": {"trigger": "axis"},
    }  # fmt: skip
    return Chart(
        "track-record",
        gettext("Recorded ranges and what came"),
        options,
        sentence=gettext(
            "Each bar is a recorded range from p10 to p90, the diamond its p50; the line is what "
            "the period brought. The last bar is today's."
        ),
        format=Format.MONEY,
        currency=found.currency,
        height="large",
    )


# -- tables ----------------------------------------------------------------------------------------


def _ratio(name: str, label: str, hint: str = "") -> Column:
    return Column(name, label, Format.PERCENT, unit="%", decimals=1, hint=hint)


def _score_columns() -> tuple[Column, ...]:
    return (
        _ratio(
            "wape",
            gettext("Error (WAPE)"),
            gettext("Sum of the absolute errors over the sum of what was won."),
        ),
        _ratio("bias", gettext("Bias")),
        _ratio(
            "pinball",
            gettext("Quantile loss"),
            gettext(
                "CRPS as far as p10, p50 and p90 tell it: 2/3 of their quantile losses, over what "
                "was won."
            ),
        ),
        _ratio(
            "coverage",
            gettext("Inside"),
            gettext("Share of outcomes between p10 and p90; it should be 80 %."),
        ),
        _ratio("width", gettext("Width"), gettext("p90 less p10, over what was won.")),
        Column("points", gettext("Forecasts"), Format.NUMBER),
        Column(
            "periods",
            gettext("Separate"),
            Format.NUMBER,
            hint=gettext("Periods times units: forecasts of one period err together."),
        ),
        Column("note", gettext("Remark")),
    )


def _scores(score: Score) -> tuple[Any, ...]:
    note = None
    if score.points < LEAST:
        note = Status(gettext("fewer than eight"), Tone.WATCH)
    return (
        score.wape, score.bias, score.pinball, score.coverage, score.width, score.points,
        score.periods, note,
    )  # fmt: skip


def rules(found: TrackRecord) -> Table:
    """Return the recorded range beside the members, the naive ones and the calls."""
    columns = (
        Column("rule", gettext("Rule"), is_title=True),
        *_score_columns()[:2],
        _ratio(
            "shown",
            gettext("Range there"),
            gettext("The error of the recorded range at the same days: like against like."),
        ),
        *_score_columns()[2:],
    )
    rows = []
    for one in found.rules:
        if not one.score.points:
            continue
        wape, bias, *rest = _scores(one.score)
        rows.append(Row(one.rule, (words.rule(one.rule), wape, bias, one.shown_wape, *rest)))
    return Table(
        columns,
        rows,
        gettext("By rule: range, members, naive ones and calls"),
        is_dense=True,
        name="rules",
        note=gettext("Of everything in scope. Members and calls have no range of their own."),
    )


def levels(found: TrackRecord) -> Table:
    """Return the recorded ranges by level and lead time."""
    columns = (
        Column("level", gettext("Level"), is_title=True),
        Column("lead", gettext("Lead time")),
        *_score_columns(),
    )
    rows = [
        Row(
            f"{one.by.value}-{one.lead}",
            (gettext(BY_LABELS[one.by]), words.lead(one.lead), *_scores(one.score)),
            level=0 if one.lead is None else 1,
        )
        for one in found.levels
    ]
    return Table(
        columns, rows, gettext("By level and lead time"), is_dense=True, name="levels",
    )  # fmt: skip


def forecasts(found: TrackRecord, today: ForecastResult, exports: Sequence[Link]) -> Table:
    """Return every recorded forecast of the total, oldest first; the last row is today's."""

    def money(name: str, label: str) -> Column:
        return Column(name, label, Format.MONEY, currency=found.currency, decimals=0)

    columns = (
        Column("day", gettext("As of"), Format.DATE, is_title=True),
        Column("period", gettext("Period")),
        Column("weeks", gettext("Weeks before"), Format.NUMBER),
        money("p10", "p10"),
        money("p50", "p50"),
        money("p90", "p90"),
        money("called", gettext("Call")),
        money("came", gettext("What came")),
        _ratio("error", gettext("Error"), gettext("p50 less what came, over what came.")),
        Column("inside", gettext("Inside")),
    )
    rows = [_forecast(one) for one in found.totals[-KEPT:]]
    rows.append(_today(today))
    return Table(
        columns,
        rows,
        gettext("Every recorded forecast, the last row is today's"),
        export_urls=exports if found.totals else (),
        is_dense=True,
        name="forecasts",
        note=gettext("The %(kept)s latest; the file has all.") % {"kept": KEPT}
        if len(found.totals) > KEPT
        else "",
    )


def _forecast(one: Recorded) -> Row:
    return Row(one.run_id, _told(one), url=reverse("forecasting:run", args=[one.run_id]))


def _told(one: Recorded) -> tuple[Any, ...]:
    error = (one.p50 - one.came) / one.came if one.p50 is not None and one.came else None
    inside = None
    if one.is_inside is not None:
        inside = (
            Status(gettext("inside"), Tone.GOOD)
            if one.is_inside
            else Status(gettext("outside"), Tone.ACT)
        )
    return (
        one.day, one.period, one.weeks, one.p10, one.p50, one.p90, one.said.get(CALLED), one.came,
        error, inside,
    )  # fmt: skip


def _today(result: ForecastResult) -> Row:
    period, day, row = result.request.period, result.request.as_of.day, result.total
    weeks = max(-(-(period.end - day).days // 7), 0)
    url = reverse("forecasting:period", args=[period.name])
    cells = (
        day, period.name, weeks, row.p10, row.p50, row.p90, None, None, None,
        Status(gettext("today: still to come"), Tone.NEUTRAL),
    )  # fmt: skip
    return Row("today", cells, url=url, level=0)


def export_of(found: TrackRecord, today: ForecastResult) -> Export:
    """Return all recorded forecasts of the total, with what they cover (rule 10)."""
    table = forecasts(found, today, ())
    return Export(
        f"track-record-{found.grain.value}-{today.request.as_of.day}",
        table.columns,
        [*(_told(one) for one in found.totals), tuple(_today(today).cells)],
        facts=(
            (gettext("Scope"), str(scope_label(found.scope_label))),
            (gettext("As of"), today.request.as_of.day.isoformat()),
            (gettext("Currency"), found.currency),
        ),
    )
