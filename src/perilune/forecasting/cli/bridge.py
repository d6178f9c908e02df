"""The pipeline bridge between two days, as a table or as JSON."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.forecasting.cli.asking import acting_scope
from perilune.forecasting.contracts import (
    COMPONENT_LABELS,
    Bridge,
    BridgeDeal,
    BridgeRequest,
    BridgeRow,
    By,
    Component,
)
from perilune.forecasting.queries import bridge_deals, bridge_for, week_before
from perilune.forecasting.queries.documents import bridge_deal_document, bridge_document
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain
from perilune.kernel.rates import RateSet
from perilune.people.queries import company
from perilune.ui import formats
from perilune.ui.filters import scope_label

ALL = "all"


class RateChoice(StrEnum):
    """The rates that convert: those of the budget, or actual ones."""

    BUDGET = "budget"
    ACTUAL = "actual"


def bridge_command(  # noqa: PLR0913, PLR0917  # Typer names every option
    since: Annotated[
        str, typer.Option("--from", help="A day or an instant; default a week before --to.")
    ] = "",
    until: Annotated[str, typer.Option("--to", help="A day or an instant; default today.")] = "",
    period: Annotated[
        str,
        typer.Option(
            help="2026, 2026-Q3 or 2026-07; all: the whole open pipeline; default: of --to."
        ),
    ] = "",
    by: Annotated[By, typer.Option(help="Rows below the total.")] = By.TOTAL,
    rates: Annotated[RateChoice, typer.Option(help="Budget or actual rates.")] = RateChoice.BUDGET,
    deal_type: Annotated[str, typer.Option("--type", help="new, expansion, renewal, other.")] = "",
    is_todays: Annotated[
        bool, typer.Option("--todays-organisation", help="Both ends in the organisation of --to.")
    ] = False,
    reason: Annotated[
        Component | None, typer.Option("--deals", help="List the deals behind a reason.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how the open pipeline of one day became that of another; nothing is left over.

    Example: perilune forecast bridge --from 2026-10-01 --to 2026-10-31 --period 2026-Q4 --by team
    """
    found = company()
    end = AsOf.parse(until, found.zone) if until else found.today
    start = AsOf.parse(since, found.zone) if since else week_before(end)
    quarter = found.calendar.find(end.day, Grain.QUARTER)
    asked = found.calendar.parse(period) if period not in ("", ALL) else quarter
    request = BridgeRequest(
        start,
        end,
        None if period == ALL else asked,
        by,
        RateSet.BUDGET if rates is RateChoice.BUDGET else RateSet.SPOT,
        deal_type,
        is_todays,
    )
    scope = acting_scope(end)
    bridge = bridge_for(request, scope)
    deals = bridge_deals(request, scope, reason, limit=None)[0] if reason else []
    if as_json:
        document = bridge_document(bridge)
        if reason:
            document["deals"] = [bridge_deal_document(each, bridge) for each in deals]
        typer.echo(json.dumps(document, ensure_ascii=False))
    else:
        _print(bridge, deals)


def _print(bridge: Bridge, deals: list[BridgeDeal]) -> None:
    request, currency = bridge.request, bridge.currency
    about = request.period.name if request.period else gettext("all open deals")
    days = f"{formats.day(request.since.day)} → {formats.day(request.until.day)}"
    title = f"{about} · {days} · {currency}"
    shown = [row for row in bridge.rows if not row.is_withheld]
    table = Table(title=title)
    table.add_column("", min_width=12)
    for row in shown:
        table.add_column(_label(row), justify="right", no_wrap=True)

    def add(label: str, values: list[int], *, is_end: bool = False) -> None:
        texts = [formats.money(value, currency, 0, symbol=False) for value in values]
        table.add_row(label, *texts, style="bold" if is_end else "")

    add(gettext("Opening"), [row.opening for row in shown], is_end=True)
    for component in Component:
        if any(line.component is component for row in shown for line in row.lines):
            add(gettext(COMPONENT_LABELS[component]), [row.value(component) for row in shown])
    add(gettext("Closing"), [row.closing for row in shown], is_end=True)
    console = Console()
    console.print(table)
    for deal in deals:
        value = formats.money(deal.value, currency, 0, symbol=False)
        console.print(f"{value:>14}  {deal.name}", markup=False)


def _label(row: BridgeRow) -> str:
    if row.unit == "total":
        return str(scope_label(row.label))
    return gettext("Unassigned") if row.label == "unassigned" else row.label
