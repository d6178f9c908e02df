"""The risks of a period, as a table or as JSON."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.forecasting.cli.asking import acting_scope
from perilune.forecasting.contracts import (
    RISK_WORDS,
    DealAtRisk,
    Figure,
    Mitigation,
    PortfolioRisk,
    RiskList,
)
from perilune.forecasting.queries import risks_of
from perilune.forecasting.queries.documents import money_text
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.people.queries import company, target
from perilune.ui import formats

SCHEMA = 1


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
        document = as_document(answer, deals, asked, at, found.currency)
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


def as_document(
    answer: RiskList, deals: tuple[DealAtRisk, ...], period: Period, at: AsOf, currency: str
) -> dict[str, Any]:
    """Return the answer as JSON: money as strings of the major unit, ratios as numbers."""
    return {
        "schema": SCHEMA,
        "as_of": at.day.isoformat(),
        "period": period.name,
        "currency": currency,
        "scope": answer.scope_label,
        "store_version": answer.store_version,
        "open_deals": answer.open_deals,
        "deals_at_risk": len(answer.deals),
        "expected": money_text(answer.expected, currency),
        "revenue_at_risk": money_text(answer.revenue, currency),
        "note": answer.note.message if answer.note else None,
        "portfolio": [_portfolio(risk, currency) for risk in answer.portfolio],
        "deals": [_deal(deal, currency) for deal in deals],
    }


def _portfolio(risk: PortfolioRisk, currency: str) -> dict[str, Any]:
    return {
        "risk": risk.kind.value,
        "subject": risk.subject,
        "facts": dict(risk.facts),
        "share": risk.share,
        "revenue_at_risk": money_text(risk.figure.revenue, currency),
        "deals": list(risk.deals),
        "mitigation": _act(risk.mitigation),
    }


def _deal(deal: DealAtRisk, currency: str) -> dict[str, Any]:
    return {
        "id": deal.id,
        "name": deal.name,
        "account": deal.account,
        "owner": deal.owner,
        "team": deal.team,
        "stage": deal.stage,
        "close_date": deal.close_date.isoformat() if deal.close_date else None,
        "value": money_text(deal.value, currency),
        "chance": _ratio(deal.win),
        "revenue_at_risk": money_text(deal.revenue, currency),
        "risks": [
            {
                "risk": risk.kind.value,
                "facts": dict(risk.facts),
                **_figure(risk.figure, currency),
                "mitigation": _act(risk.mitigation),
            }
            for risk in deal.risks
        ],
        "asleep": [risk.kind.value for risk in deal.silenced],
    }


def _figure(figure: Figure, currency: str) -> dict[str, Any]:
    note = figure.why_none
    return {
        "revenue_at_risk": money_text(figure.revenue, currency),
        "chance_without": _ratio(figure.chance_without),
        "like_deals": figure.peers,
        "why_no_figure": note and (note.message % note.params if note.params else note.message),
    }


def _act(act: Mitigation | None) -> dict[str, Any] | None:
    if act is None:
        return None
    return {
        "owner": act.owner,
        "status": act.doing.value,
        "due": act.due.isoformat() if act.due else None,
        "asleep_until": act.snoozed_until.isoformat() if act.snoozed_until else None,
        "reason": act.reason or None,
    }


def _ratio(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


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
