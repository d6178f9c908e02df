"""What scenarios do, as documents: to the forecast, and to everything that one entry moves."""

from __future__ import annotations

from typing import Any

from perilune.forecasting.contracts import Effect, Note, ScenarioResult
from perilune.forecasting.contracts.together import Load, Sides, Together
from perilune.forecasting.queries.documents.shared import money_text
from perilune.kernel.ranges import Range

SCHEMA = 1


def scenario_document(result: ScenarioResult) -> dict[str, Any]:
    """Return the answer as JSON: money as strings of the major unit."""
    return {
        "schema": SCHEMA,
        "scenario": result.scenario_id,
        "name": result.name,
        "period": result.period.name,
        "currency": result.currency,
        "scope": result.scope_label,
        "status": result.status.value,
        "store_version": result.store_version,
        "won_to_date": money_text(result.won_to_date, result.currency),
        "total": _effect(result.total, result.currency),
        "teams": [_effect(team, result.currency) for team in result.teams],
        "notes": [_english(note) for note in result.notes],
        "unapplied": [
            {"edit": item.assumption_id, "why": _english(item.why)} for item in result.unapplied
        ],
    }


def _english(note: Note) -> str:
    return note.message % note.params if note.params else note.message


def _effect(effect: Effect, currency: str) -> dict[str, Any]:
    def span(of: Range | None) -> dict[str, str | None] | None:
        names = ("p10", "p50", "p90", "mean")
        if of is None:
            return None
        return {name: money_text(getattr(of, name), currency) for name in names}

    return {
        "unit": "total" if effect.unit_id is None else effect.label,
        "unit_id": effect.unit_id,
        "base": span(effect.base),
        "delta": span(effect.delta),
        "scenario": span(effect.scenario),
    }


def together_document(answer: Together) -> dict[str, Any]:
    """Return the answer as JSON: money as strings of the major unit."""
    currency = answer.forecast.currency
    cover, risks = answer.cover, answer.risks

    def money(side: Sides[Any]) -> dict[str, str | None]:
        return _both(side, lambda one: money_text(one, currency))

    return {
        "schema": SCHEMA,
        "period": answer.forecast.period.name,
        "currency": currency,
        "capacity": [
            {
                "unit": "total" if row.team_id is None else row.name,
                "team_id": row.team_id,
                "fte": _both(row.fte, _digits),
            }
            for row in answer.capacity
        ],
        "quota_coverage": {
            "level": cover.level or None,
            "target": money(cover.target),
            "quotas": money(cover.quotas),
            "coverage": _both(cover.ratio, _digits),
            "hires_without_quota": cover.without,
        },
        "forecast": scenario_document(answer.forecast),
        "load": {
            "by": "territory" if answer.by_territory else "rep",
            "rows": [_load(row, currency) for row in answer.loads],
        },
        "risks": {
            "deals_at_risk": risks.deals,
            "revenue_at_risk": money_text(risks.revenue, currency),
            "gap_to_target": money(risks.gap),
            "deals_that_change_hands": risks.handed_deals,
            "their_value": money_text(risks.handed_value, currency),
            "accounts_that_change_hands": risks.handed_accounts,
            "taken_by_nobody": risks.nobody,
            "vacant": list(risks.vacant),
        },
    }


def _load(row: Load, currency: str) -> dict[str, Any]:
    return {
        "name": row.name,
        "reps": list(row.reps),
        "changed": row.is_changed,
        "accounts": _both(row.accounts, lambda one: one),
        "open_deals": _both(row.deals, lambda one: one),
        "pipeline": _both(row.value, lambda one: money_text(one, currency)),
        "fte": _both(row.fte, _digits),
    }


def _both(side: Sides[Any], told: Any) -> dict[str, Any]:
    return {"before": told(side.before), "after": told(side.after)}


def _digits(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
