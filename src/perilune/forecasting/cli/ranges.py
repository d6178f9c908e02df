"""The range of a period, as a table or as JSON."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Annotated

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.forecasting import service
from perilune.forecasting.cli.asking import acting_scope
from perilune.forecasting.cli.backtests import learn_first
from perilune.forecasting.contracts import (
    REST_LABELS,
    STATUS_LABELS,
    By,
    ForecastResult,
    ForecastRow,
)
from perilune.forecasting.queries import range_for
from perilune.forecasting.queries.documents import as_document
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain
from perilune.people.contracts import Company
from perilune.people.queries import company
from perilune.ui import formats
from perilune.ui.filters import scope_label

AsOfOption = Annotated[str, typer.Option("--as-of", help="A day or an instant; default today.")]
PeriodOption = Annotated[
    str, typer.Option(help="2026, 2026-Q3 or 2026-07; default the quarter of the as-of.")
]
ByOption = Annotated[By, typer.Option(help="Rows below the total.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RecordOption = Annotated[bool, typer.Option("--record", help="Record the run for ever.")]


def forecast_command(
    as_of: AsOfOption = "",
    period: PeriodOption = "",
    by: ByOption = By.TOTAL,
    as_json: JsonOption = False,
    record: RecordOption = False,
) -> None:
    """Show the range of a period: won to date, pessimistic, realistic, optimistic, track record.

    Example: perilune forecast --as-of 2017-12-01 --period 2017-12 --by region --json
    """
    found = company()
    at = AsOf.parse(as_of, found.zone) if as_of else found.today
    asked = found.calendar.parse(period) if period else found.calendar.find(at.day, Grain.QUARTER)
    scope = acting_scope(at)
    learn_first(at)
    result = range_for(asked, by, at, scope)
    if record:
        run = service.run_record(
            asked,
            by,
            at,
            scope,
            actor=os.environ.get("PERILUNE_AS", "owner"),
            created_at=datetime.now(UTC),
        )
        typer.echo(gettext("Recorded as run %(id)s.") % {"id": run}, err=True)
    if as_json:
        typer.echo(json.dumps(as_document(result), ensure_ascii=False))
    else:
        _print(result, found)


def _label(row: ForecastRow, result: ForecastResult) -> str:
    if row.label == "total":
        return str(scope_label(result.scope_label))
    name = gettext(REST_LABELS[row.label]) if row.label in REST_LABELS else row.label
    if not result.is_group(row):
        return name
    return gettext("%(team)s with its teams") % {"team": name}


def _print(result: ForecastResult, found: Company) -> None:
    request = result.request
    day = formats.day(request.as_of.day)
    table = Table(title=f"{found.name} · {request.period.name} · {day} · {result.currency}")
    table.add_column(gettext("Unit"), min_width=10)
    for label in (gettext("Won"), "p10", "p50", "p90", "WAPE", "80 %"):
        table.add_column(label, justify="right", no_wrap=True)
    table.add_column(gettext("Status"))
    for depth, row in result.outline():
        test = row.backtest
        amounts = (row.won_to_date, row.p10, row.p50, row.p90)
        table.add_row(
            "  " * max(depth - 1, 0) + _label(row, result),
            *(formats.money(amount, result.currency, 0, symbol=False) for amount in amounts),
            *(formats.percent(ratio, 0) for ratio in (test.wape, test.coverage80)),
            gettext(STATUS_LABELS[row.status]),
        )
    console = Console()
    console.print(table)
    for note in result.total.notes:
        text = gettext(note.message)
        console.print(text % note.params if note.params else text)
    if result.uncounted:
        left_out = gettext("Deals without an exchange rate, not counted")
        console.print(f"{left_out}: {formats.number(result.uncounted, 0)}")
