"""A rolling origin as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from perilune.forecasting.contracts.backtests import BacktestResult
from perilune.forecasting.queries.documents.shared import SCHEMA, money_text


def backtest_document(result: BacktestResult) -> dict[str, Any]:
    """Return a row per origin, unit and method, and the pooled scores."""
    amounts = ("actual", "p10", "p50", "p90", "mean", "crps")
    rows = []
    for row in result.rows:
        shown: dict[str, Any] = {
            "origin": row.origin.isoformat(), "until": row.until.isoformat(), "unit": row.label,
            "method": row.method,
        }  # fmt: skip
        shown |= {name: money_text(getattr(row, name), result.currency) for name in amounts}
        rows.append(shown)
    scores = [
        {
            key: round(value, 4) if isinstance(value, float) else value
            for key, value in asdict(item).items()
        }
        for item in result.scores
    ]
    return {
        "schema": SCHEMA,
        "horizon": result.horizon.value,
        "currency": result.currency,
        "scope": result.scope_label,
        "left_out": result.left_out,
        "rows": rows,
        "pooled": scores,
    }
