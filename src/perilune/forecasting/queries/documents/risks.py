"""What endangers a period, as JSON."""

from __future__ import annotations

from typing import Any

from perilune.forecasting.contracts.mitigations import Mitigation
from perilune.forecasting.contracts.risks import DealAtRisk, Figure, PortfolioRisk, RiskList
from perilune.forecasting.queries.documents.shared import SCHEMA, money_text, ratio
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period


def risks_document(
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
        "chance": ratio(deal.win),
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
        "chance_without": ratio(figure.chance_without),
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
