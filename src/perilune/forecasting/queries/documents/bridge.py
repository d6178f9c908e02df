"""The pipeline bridge as JSON."""

from __future__ import annotations

from typing import Any

from perilune.forecasting.contracts.bridge import Bridge, BridgeDeal, BridgeRow
from perilune.forecasting.queries.documents.shared import SCHEMA, money_text
from perilune.kernel.rates import RateSet


def bridge_document(bridge: Bridge) -> dict[str, Any]:
    """Return the answer as JSON: money as strings of the major unit."""
    request, currency = bridge.request, bridge.currency
    gap = bridge.gap
    return {
        "schema": SCHEMA,
        "from": request.since.day.isoformat(),
        "to": request.until.day.isoformat(),
        "period": request.period.name if request.period else None,
        "by": request.by.value,
        "currency": currency,
        "rates": "budget" if request.rates is RateSet.BUDGET else "actual",
        "type": request.deal_type or None,
        "todays_organisation": request.is_todays,
        "scope": bridge.scope_label,
        "store_version": bridge.store_version,
        "on_record_since": bridge.counted_from.isoformat() if bridge.counted_from else None,
        "deals_without_rate": bridge.unrated,
        "at_budget_rates": gap
        and {
            "opening": money_text(gap.opening_budget, currency),
            "opening_difference": money_text(gap.opening_difference, currency),
            "closing": money_text(gap.closing_budget, currency),
            "closing_difference": money_text(gap.closing_difference, currency),
        },
        "rows": [_row(row, currency) for row in bridge.rows],
    }


def _row(row: BridgeRow, currency: str) -> dict[str, Any]:
    if row.is_withheld:
        return {"unit": row.label, "unit_id": row.unit_id, "withheld": True}
    return {
        "unit": row.unit if row.unit_id is None else row.label,
        "unit_id": row.unit_id,
        "opening": {"value": money_text(row.opening, currency), "deals": row.opening_count},
        "components": {
            line.component.value: {"value": money_text(line.value, currency), "deals": line.count}
            for line in row.lines
        },
        "closing": {"value": money_text(row.closing, currency), "deals": row.closing_count},
        "residual": money_text(row.residual, currency),
    }


def bridge_deal_document(deal: BridgeDeal, bridge: Bridge) -> dict[str, Any]:
    """Return a deal behind a reason, before and after."""

    def facts(known: Any) -> dict[str, Any] | None:
        if not known:
            return None
        names = ("owner", "stage", "category", "type", "currency")
        day = known["close_date"]
        return {name: known[name] for name in names} | {
            "close_date": day.isoformat() if day else None,
            "amount": money_text(known["amount"], known["currency"]),
        }

    return {
        "id": deal.id,
        "name": deal.name,
        "value": money_text(deal.value, bridge.currency),
        "before": facts(deal.before),
        "after": facts(deal.after),
    }
