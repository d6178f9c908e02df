"""The forecast as components: bar, chart, tables, explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from perilune.forecasting.contracts import (
    BY_LABELS,
    Backtest,
    By,
    ForecastResult,
    ForecastRow,
    RunInfo,
    Status,
)
from perilune.forecasting.web import words
from perilune.ui.contracts import (
    Cell,
    Column,
    Empty,
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


KEPT = 12
SCORES = ("wape", "bias", "coverage80")


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


def _scores(test: Backtest) -> tuple[Any, ...]:
    return (test.wape, test.bias, test.coverage80, test.points, test.windows)


def _score_columns() -> tuple[Column, ...]:
    return (
        Column(
            "wape",
            gettext("Error (WAPE)"),
            Format.PERCENT,
            unit="%",
            hint=gettext("Sum of the absolute errors over the sum of what was won."),
        ),
        Column("bias", gettext("Bias"), Format.PERCENT, unit="%"),
        Column(
            "coverage80",
            gettext("Inside the range"),
            Format.PERCENT,
            unit="%",
            decimals=0,
            hint=gettext("Share of outcomes between p10 and p90; it should be 80 %."),
        ),
        Column("points", gettext("Origins"), Format.NUMBER),
        Column("windows", gettext("Separate windows"), Format.NUMBER),
    )


def unit_of(row: ForecastRow, result: ForecastResult) -> tuple[str, int]:
    """Return the key of a row's call and target."""
    if row.unit == "total":
        return ("total", 0)
    return ("rep" if result.request.by is By.REP else "team", row.unit_id or 0)


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
    """Return the rows by region, team or rep below their total."""
    has_targets = any(target_of(row, result, beside) is not None for row in result.rows)
    rows = [_grid_row(row, result, beside, has_targets) for row in result.rows]
    return Table(
        _grid_columns(result, beside, has_targets),
        rows,
        caption=gettext("Forecast by unit"),
        export_urls=_exports(result) if may_export else (),
        note=gettext(
            "Percentiles of rows do not sum to those of their total, because not all rows are "
            "unlucky at once. Means do: a row's share is its contribution to the total's mean."
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


def _grid_row(row: ForecastRow, result: ForecastResult, beside: Beside, has_targets: bool) -> Row:
    test, goal = row.backtest, target_of(row, result, beside)
    found = gap(row, goal)
    tone = Tone.ACT if found is not None and found < 0 else Tone.NEUTRAL
    is_over = row.status is Status.FINISHED
    span = (None, None, None) if is_over else (row.p10, row.p50, row.p90)
    cells = (
        words.label(row, result.scope_label),
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
    return Row(row.unit, cells, level=0 if row.unit == "total" else 1)


def _exports(result: ForecastResult) -> tuple[Link, ...]:
    return tuple(
        Link(
            label,
            reverse("forecasting:export", args=[result.request.period.name, form])
            + f"?by={result.request.by.value}",
            icon="download",
        )
        for form, label in (("csv", "CSV"), ("xlsx", "Excel"))
    )


def members(result: ForecastResult) -> Table:
    """Return the back-test of the combination, of each member alone and of the naive ones."""
    columns = (
        Column("member", gettext("Rule"), is_title=True),
        Column(
            "remainder",
            gettext("Says of the days to go"),
            Format.MONEY,
            currency=result.currency,
            decimals=0,
        ),
        *_score_columns(),
    )
    rows = [
        Row(item.name, (words.member(item.name), item.remainder, *_scores(item.backtest)))
        for item in result.total.members
    ]
    reason = gettext("No past day could have made this forecast.")
    return Table(
        columns,
        rows,
        caption=gettext("Back-test by rule"),
        empty=Empty(gettext("No back-test"), reason),
        is_dense=True,
        name="members",
    )


def history(runs: Sequence[RunInfo], currency: str) -> Table:
    """Return the recorded runs of a period, one a day: its cuts have one total."""
    columns = (
        Column("as_of", gettext("As of"), Format.DATE, is_title=True),
        *(
            Column(name, label, Format.MONEY, currency=currency, decimals=0)
            for name, label in (
                ("won", gettext("Won")),
                ("p10", gettext("Pessimistic (p10)")),
                ("p50", gettext("Realistic (p50)")),
                ("p90", gettext("Optimistic (p90)")),
            )
        ),
        Column("actor", gettext("Recorded by")),
        Column("created", gettext("Recorded on"), Format.DATE),
    )
    rows = [
        Row(
            run.id,
            (
                run.as_of.day,
                *(run.rows[0][name] for name in ("won_to_date", "p10", "p50", "p90")),
                run.actor,
                run.created_at.date(),
            ),
            url=reverse("forecasting:run", args=[run.id]),
        )
        for run in {run.as_of.day: run for run in reversed(runs)}.values()
    ][::-1][:KEPT]
    nothing = Empty(
        gettext("No recorded forecast"),
        gettext(
            "Record this one, or switch on the weekly schedule: accuracy is measured on these."
        ),
    )
    return Table(columns, rows, caption=gettext("Recorded forecasts"), empty=nothing, name="runs")


def recorded_rows(run: RunInfo) -> Table:
    """Return the rows of a recorded run as they were kept."""
    names = ("won_to_date", "p10", "p50", "p90", "mean")
    labels = (gettext("Won"), "p10", "p50", "p90", gettext("Mean"))
    columns = (
        Column("unit", gettext(BY_LABELS[run.by]), is_title=True),
        *(
            Column(name, text, Format.MONEY, currency=run.currency, decimals=0)
            for name, text in zip(names, labels, strict=True)
        ),
        *_score_columns()[:3],
    )
    rows = [
        Row(
            row["unit"],
            (
                words.label(row["label"], run.scope_label),
                *(row[name] for name in names),
                *(row["backtest"][name] for name in SCORES),
            ),
        )
        for row in run.rows
    ]
    return Table(columns, rows, caption=gettext("Recorded rows"), is_dense=True)
