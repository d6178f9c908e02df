"""Answers as JSON: what the command line prints and the API gives is one document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from perilune.forecasting.contracts import ForecastResult, ForecastRow, RunInfo
from perilune.forecasting.queries.documents.shared import SCHEMA, money_text, ratio
from perilune.insights.contracts import DealChance
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period

Say = Callable[[str], str]


def as_document(result: ForecastResult, say: Say = str) -> dict[str, Any]:
    """Return the answer as JSON: money as strings of the major unit, ratios as numbers.

    say: what notes are said in; by default their English. complete: whether the models of open
    deals were all on record; while they are learnt, the plain rules speak alone or with some.
    """
    return {
        "schema": SCHEMA,
        "as_of": result.request.as_of.day.isoformat(),
        "period": result.request.period.name,
        "currency": result.currency,
        "scope": result.scope_label,
        "method": result.pinned.method,
        "store_version": result.pinned.store_version,
        "inputs_digest": result.pinned.inputs_digest,
        "complete": result.is_complete,
        "uncounted": result.uncounted,
        "rows": [_row(row, result.currency, say) for row in result.rows],
        "groups": [
            {
                **_row(group.row, result.currency, say),
                "above": group.above,
                "teams": sorted(group.teams),
            }
            for group in result.groups
        ],
    }


def _row(row: ForecastRow, currency: str, say: Say) -> dict[str, Any]:
    test = row.backtest
    return {
        "unit": row.label,
        "unit_id": row.unit_id,
        "won_to_date": money_text(row.won_to_date, currency),
        "p10": money_text(row.p10, currency),
        "p50": money_text(row.p50, currency),
        "p90": money_text(row.p90, currency),
        "mean": money_text(row.mean, currency),
        "existing": money_text(row.existing, currency),
        "near": row.near and [money_text(part, currency) for part in row.near],
        "backtest": {
            "points": test.points,
            "windows": test.windows,
            "wape": ratio(test.wape),
            "bias": ratio(test.bias),
            "coverage80": ratio(test.coverage80),
        },
        "status": row.status.value,
        "notes": [
            say(note.message) % note.params if note.params else say(note.message)
            for note in row.notes
        ],
    }


def deals_document(
    rows: Sequence[DealChance], period: Period, as_of: AsOf, currency: str
) -> dict[str, Any]:
    """Return open deals with their chances in a period as JSON."""
    return {
        "schema": SCHEMA,
        "as_of": as_of.day.isoformat(),
        "period": period.name,
        "currency": currency,
        "rows": [_deal(row, currency) for row in rows],
    }


def _deal(row: DealChance, currency: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "owner_id": row.owner_id,
        "value": money_text(row.value, currency),
        "win": round(row.win, 4),
        "lose": round(row.lose, 4),
        "slip": round(row.slip, 4),
        "ever": round(row.ever, 4),
        "close": row.close and row.close.isoformat(),
        "reasons": [
            {"feature": item.feature, "level": item.level, "effect": round(item.effect, 3)}
            for item in row.reasons
        ],
    }


def run_document(run: RunInfo) -> dict[str, Any]:
    """Return a recorded run as JSON, with the weights that its members had."""
    amounts = ("won_to_date", "p10", "p50", "p90", "mean")
    return {
        "id": run.id,
        "as_of": run.as_of.day.isoformat(),
        "period": run.period,
        "by": run.by.value,
        "scope": run.scope_label,
        "currency": run.currency,
        "created_at": run.created_at.isoformat(),
        "actor": run.actor,
        "method": run.pinned.method,
        "store_version": run.pinned.store_version,
        "inputs_digest": run.pinned.inputs_digest,
        "weights": {name: round(weight, 4) for name, weight in run.mix.items()},
        "rows": [
            {
                "unit": row["label"],
                "unit_id": row["unit_id"],
                **{name: money_text(row[name], run.currency) for name in amounts},
                "status": row["status"],
            }
            for row in run.rows
        ],
    }
