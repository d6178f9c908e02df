"""The preview of a departure as a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perilune.forecasting.contracts.departures import Follows
from perilune.forecasting.contracts.scenarios import ScenarioResult
from perilune.forecasting.queries.documents.shared import SCHEMA, english, money_text
from perilune.kernel.ranges import Range


def departure_document(
    found: Follows, results: Sequence[ScenarioResult], currency: str
) -> dict[str, Any]:
    """Return everything that changes as JSON: money as strings of the major unit, days as ISO."""
    terms = found.departure.terms
    return {
        "schema": SCHEMA,
        "id": found.departure.id or None,
        "standing": found.departure.standing.value,
        "rep": found.departure.rep,
        "going": terms.going.value,
        "day": terms.day.isoformat() if terms.day else None,
        "terms": terms.kept(),
        "scope": found.scope_label,
        "refused": found.refused,
        "problems": [
            {"field": one.field, "what": one.message % one.params} for one in found.problems
        ],
        "accounts": [{"id": one.id, "name": one.name, "to": one.to} for one in found.accounts],
        "deals": [
            {
                "id": one.id, "name": one.name, "value": money_text(one.value, currency),
                "stage": one.stage, "is_commit": one.is_commit, "to": one.to,
            }
            for one in found.deals
        ],
        "tasks": found.tasks,
        "quotas": [
            {
                "starts": one.starts.isoformat(), "ends": one.ends.isoformat(), "level": one.level,
                "before": money_text(one.before, one.currency or currency),
                "after": money_text(one.after, one.currency or currency),
                "needs_letter": True,
            }
            for one in found.quotas
        ],
        "reports": list(found.reports),
        "access_closed": found.username or None,
        "tokens_revoked": found.tokens,
        "capacity": [
            {
                "team": one.team, "period": one.period.name,
                "fte_before": round(one.before, 4), "fte_after": round(one.after, 4),
            }
            for one in found.capacity
        ],
        "forecast": [_forecast(one) for one in results],
    }  # fmt: skip


def _forecast(result: ScenarioResult) -> dict[str, Any]:
    def span(of: Range | None) -> dict[str, str | None] | None:
        names = ("p10", "p50", "p90", "mean")
        if of is None:
            return None
        return {name: money_text(getattr(of, name), result.currency) for name in names}

    return {
        "period": result.period.name,
        "before": span(result.total.base),
        "after": span(result.total.scenario),
        "difference": span(result.total.delta),
        "notes": [english(note) for note in result.notes]
        + [english(item.why) for item in result.unapplied],
    }
