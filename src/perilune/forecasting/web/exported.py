"""The grid as a file of exactly what is shown, with what the page does not have room for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext

from perilune.forecasting.contracts import BY_LABELS, ForecastResult
from perilune.forecasting.web import near, shown, words
from perilune.forecasting.web.shown import Beside
from perilune.ui.contracts import Column, Format
from perilune.ui.export import Export


def export_of(result: ForecastResult, beside: Beside) -> Export:
    """Return the grid with what it covers (rule 10)."""
    request = result.request
    return Export(
        f"forecast-{request.period.name}-{request.as_of.day}",
        _columns(result),
        list(_rows(result, beside)),
        facts=(
            (gettext("Scope"), words.label("total", result.scope_label)),
            (gettext("As of"), request.as_of.day.isoformat()),
            (gettext("Period"), request.period.name),
            (gettext("Currency"), result.currency),
            (gettext("Store version"), str(result.pinned.store_version)),
            (gettext("Method"), result.pinned.method),
            (gettext("Inputs"), result.pinned.inputs_digest),
        ),
    )


def _columns(result: ForecastResult) -> tuple[Column, ...]:
    amounts = (
        gettext("Won"),
        gettext("Pessimistic (p10)"),
        gettext("Realistic (p50)"),
        gettext("Optimistic (p90)"),
        gettext("Mean"),
        gettext("Target"),
        gettext("Gap to target"),
        gettext("Leader's call"),
    )
    ratios = (
        gettext("Share of the mean"),
        gettext("Attainment"),
        gettext("Error (WAPE)"),
        gettext("Bias"),
        gettext("Inside the range"),
    )
    counts = (gettext("Origins"), gettext("Separate windows"))
    parts = (
        gettext("Near p10"),
        gettext("Near p50"),
        gettext("Near p90"),
        gettext("From open deals"),
        gettext("Not created yet"),
    )
    return (
        Column("unit", gettext(BY_LABELS[result.request.by])),
        *(Column(name, name, Format.MONEY, currency=result.currency) for name in amounts),
        *(Column(name, name, Format.PERCENT) for name in ratios),
        *(Column(name, name, Format.NUMBER) for name in counts),
        Column("status", gettext("Status")),
        *(Column(name, name, Format.MONEY, currency=result.currency) for name in parts),
    )


def _rows(result: ForecastResult, beside: Beside) -> Iterator[tuple[Any, ...]]:
    for _depth, row in result.outline():
        test, goal = row.backtest, shown.target_of(row, result, beside)
        yield (
            words.row_label(row, result),
            row.won_to_date,
            row.p10,
            row.p50,
            row.p90,
            row.mean,
            goal,
            shown.gap(row, goal),
            beside.calls.get(shown.unit_of(row, result)),
            shown.share_of_mean(row, result),
            shown.attainment(row, goal),
            test.wape,
            test.bias,
            test.coverage80,
            test.points,
            test.windows,
            words.mark(row.status),
            *(row.near or (None, None, None)),
            *near.parts(row, result),
        )
