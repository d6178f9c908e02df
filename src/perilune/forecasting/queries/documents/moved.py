"""Why the range moved, as JSON."""

from __future__ import annotations

from typing import Any

from perilune.forecasting.contracts.moved import FIGURES, Figures, Move
from perilune.forecasting.queries.documents.shared import SCHEMA, money_text


def move_document(move: Move) -> dict[str, Any]:
    """Return the answer as JSON: money as strings of the major unit."""

    def money(values: Figures | None) -> dict[str, str | None] | None:
        named = zip(FIGURES, values, strict=True) if values else ()
        return {name: money_text(value, move.currency) for name, value in named} or None

    return {
        "schema": SCHEMA,
        "period": move.period.name,
        "from": move.since.day.isoformat(),
        "to": move.until.day.isoformat(),
        "scope": move.scope_label,
        "currency": move.currency,
        "store_version": move.store_version,
        "run": move.run_id,
        "then": money(move.then),
        "causes": [
            {"cause": part.cause.value, "deals": part.deals, **(money(part.values) or {})}
            for part in move.parts
        ],
        "now": money(move.now),
        "residual": {name: money_text(move.residual(name), move.currency) for name in FIGURES},
        "won": {
            "then": money_text(move.won_then, move.currency),
            "now": money_text(move.won_now, move.currency),
        },
        "members": [
            {
                "member": item.name,
                "said_then": money_text(item.said_then, move.currency),
                "weight_then": round(item.weight_then, 4),
                "said_now": money_text(item.said_now, move.currency),
                "weight_now": round(item.weight_now, 4),
                "moves_mean_by": money_text(item.value, move.currency),
            }
            for item in move.members
        ],
    }
