"""The risks of a period, as a table or as JSON."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.forecasting.cli.asking import acting_scope
from perilune.forecasting.contracts import (
    RISK_WORDS,
    DealAtRisk,
    RiskList,
)
from perilune.forecasting.queries import risks_of
from perilune.forecasting.queries.documents import risks_document
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.people.queries import company, target
from perilune.ui import formats


def risks_command(
    as_of: Annotated[str, typer.Option("--as-of", help="A day or an instant; default today.")] = "",
    period: Annotated[
        str, typer.Option(help="2026, 2026-Q3 or 2026-07; default the quarter of the as-of.")
    ] = "",
    limit: Annotated[int, typer.Option(help="Deals to list, most at stake first; 0: all.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what endangers a period: deals at risk and the portfolio, with revenue at risk.

    Example: perilune forecast risks --as-of 2026-11-25 --period 2026-Q4 --json
    """
    found = company()
    at = AsOf.parse(as_of, found.zone) if as_of else found.today
    asked = found.calendar.parse(period) if period else found.calendar.find(at.day, Grain.QUARTER)
    scope = acting_scope(at)
    answer = risks_of(asked, at, scope, target=_target(asked, at, scope, found))
    deals = answer.deals[:limit] if limit else answer.deals
    if as_json:
        document = risks_document(answer, deals, asked, at, found.currency)
        typer.echo(json.dumps(document, ensure_ascii=False))
    else:
        _print(
            answer,
            deals,
            f"{found.name} · {asked.name} · {formats.day(at.day)} · {found.currency}",
            found,
        )


def _target(period: Period, at: AsOf, scope: Scope, found: Company) -> int | None:
    """Return the company's target for whoever sees all of it."""
    if scope.owners is not None:
        return None
    goal = target(period, at, currency=found.currency)
    return goal.minor if goal else None


def _print(answer: RiskList, deals: tuple[DealAtRisk, ...], title: str, found: Company) -> None:
    console, currency = Console(), found.currency
    for risk in answer.portfolio:
        money = formats.money(risk.figure.revenue, currency, 0)
        console.print(f"{money:>16}  {gettext(RISK_WORDS[risk.kind].label)}", markup=False)
    table = Table(title=title)
    table.add_column(gettext("Deal"))
    table.add_column(gettext("Risks"))
    for label in (gettext("At risk"), gettext("Chance"), gettext("Value")):
        table.add_column(label, justify="right", no_wrap=True)
    for deal in deals:
        table.add_row(
            deal.account or deal.name,
            ", ".join(gettext(RISK_WORDS[kind].short) for kind in deal.kinds),
            formats.money(deal.revenue, currency, 0, symbol=False),
            formats.percent(deal.win, 0),
            formats.money(deal.value, currency, 0, symbol=False),
        )
    console.print(table)
    if answer.note:
        console.print(gettext(answer.note.message))
