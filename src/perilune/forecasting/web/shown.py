"""The forecast as components: bar, chart, tables, explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from perilune.forecasting.contracts import (
    BY_LABELS,
    By,
    ForecastResult,
    ForecastRow,
    Status,
)
from perilune.forecasting.web import words
from perilune.ui.contracts import (
    Cell,
    Column,
    Format,
    Link,
    RangeBar,
    Row,
    Table,
    Tone,
)


@dataclass(frozen=True)
class Beside:
    """What stands beside the ranges: the header's target, the rows' targets and calls."""

    goal: int | None = None
    targets: Mapping[tuple[str, int], int] = field(default_factory=dict)
    calls: Mapping[tuple[str, int], int] = field(default_factory=dict)


def bar(result: ForecastResult, target: int | None, call: int | None) -> RangeBar:
    """Return the range beside what is won, target and call: three named figures (rule 22)."""
    row = result.total
    # of a period that is over there is no range to draw
    span = (None, None, None) if row.status is Status.FINISHED else (row.p10, row.p50, row.p90)
    scope = words.label(row, result.scope_label)
    return RangeBar(
        f"{result.request.period.name} · {scope}",
        *span,
        won=row.won_to_date,
        target=target,
        call=call,
        currency=result.currency,
        status=words.mark(row.status),
        track=words.track(row.backtest),
        why_url=reverse("forecasting:why", args=[result.request.period.name]),
    )


def unit_of(row: ForecastRow, result: ForecastResult) -> tuple[str, int]:
    """Return the key of a row's call and target."""
    if row.unit == "total":
        return ("total", 0)
    kind = {By.REP: "rep", By.REGION: "team"}.get(result.request.by, result.request.by.value)
    return (kind, row.unit_id or 0)


def target_of(row: ForecastRow, result: ForecastResult, beside: Beside) -> int | None:
    """Return the quota of a row, of the total the one that the page's header names."""
    if row.unit == "total":
        return beside.goal
    return beside.targets.get(unit_of(row, result))


def attainment(row: ForecastRow, goal: int | None) -> float | None:
    """Return won to date over the target."""
    return row.won_to_date / goal if goal and row.won_to_date is not None else None


def gap(row: ForecastRow, goal: int | None) -> float | None:
    """Return the realistic outcome less the target: below zero it is missed."""
    return row.p50 - goal if goal is not None and row.p50 is not None else None


def share_of_mean(row: ForecastRow, result: ForecastResult) -> float | None:
    """Return a row's contribution to the total's mean, as a share (rule 18)."""
    whole = result.total.mean
    return row.mean / whole if row.mean is not None and whole else None


def grid(result: ForecastResult, beside: Beside, *, may_export: bool = True) -> Table:
    """Return the rows by any cut below their total, with their own ranges."""
    has_targets = any(target_of(row, result, beside) is not None for row in result.rows)
    rows = [_grid_row(row, result, beside, depth) for depth, row in result.outline()]
    return Table(
        _grid_columns(result, beside, has_targets),
        rows,
        caption=gettext("Forecast by unit"),
        export_urls=exports(result) if may_export else (),
        note=gettext(
            "Percentiles of rows do not sum to those of their total, because not all rows are "
            "unlucky at once. What rows bring near those percentiles does: choose it under Show. "
            "A row's share is its contribution to the total's mean."
        ),
        is_dense=True,
        name="forecast",
    )


def _grid_columns(result: ForecastResult, beside: Beside, has_targets: bool) -> tuple[Column, ...]:
    def amount(name: str, label: str, hint: str = "") -> Column:
        # the panel's note names the currency once for all columns
        return Column(name, label, Format.MONEY, unit=" ", decimals=0, hint=hint)

    def share(name: str, label: str, hint: str = "") -> Column:
        return Column(name, label, Format.PERCENT, decimals=0, hint=hint)

    goals = (
        amount("target", gettext("Target")),
        share("attainment", gettext("Attained"), gettext("Won to date over the target.")),
        amount("gap", gettext("Gap"), gettext("Realistic outcome less the target.")),
    )
    called = (amount("call", pgettext("forecast", "Call"), gettext("Leader's call")),)
    return (
        Column("unit", gettext(BY_LABELS[result.request.by]), is_title=True),
        amount("won", gettext("Won")),
        amount("p10", "p10", gettext("Pessimistic: one outcome in ten is lower.")),
        amount("p50", "p50", gettext("Realistic")),
        amount("p90", "p90", gettext("Optimistic: one outcome in ten is higher.")),
        share("share", gettext("Share"), gettext("Contribution to the mean of the total.")),
        *(goals if has_targets else ()),
        *(called if beside.calls else ()),
        share("wape", gettext("Error"), gettext("Sum of the absolute errors over what was won.")),
        share(
            "inside",
            gettext("Inside"),
            gettext("Share of outcomes between p10 and p90; it should be 80 %."),
        ),
        Column("origins", gettext("Origins"), hint=gettext("In brackets: separate windows.")),
        Column("status", gettext("Status")),
    )


def _grid_row(row: ForecastRow, result: ForecastResult, beside: Beside, depth: int) -> Row:
    has_targets = any(target_of(each, result, beside) is not None for each in result.rows)
    test, goal = row.backtest, target_of(row, result, beside)
    found = gap(row, goal)
    tone = Tone.ACT if found is not None and found < 0 else Tone.NEUTRAL
    is_over = row.status is Status.FINISHED
    span = (None, None, None) if is_over else (row.p10, row.p50, row.p90)
    cells = (
        words.row_label(row, result),
        row.won_to_date,
        *span,
        share_of_mean(row, result),
        *((goal, attainment(row, goal), Cell(found, tone=tone)) if has_targets else ()),
        *((beside.calls.get(unit_of(row, result)),) if beside.calls else ()),
        test.wape,
        test.coverage80,
        f"{test.points} ({test.windows})" if test.points else "",
        words.mark(row.status),
    )
    key = f"{row.unit}:all" if result.is_group(row) else row.unit
    return Row(key, cells, level=depth)


def exports(result: ForecastResult) -> tuple[Link, ...]:
    """Return the files of the grid."""
    return tuple(
        Link(
            label,
            reverse("forecasting:export", args=[result.request.period.name, form])
            + f"?by={result.request.by.value}",
            icon="download",
        )
        for form, label in (("csv", "CSV"), ("xlsx", "Excel"))
    )
