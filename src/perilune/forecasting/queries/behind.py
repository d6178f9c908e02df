"""The deals behind a range: the largest of the period and the share of new business (rule 22)."""

from __future__ import annotations

from typing import Any

from perilune.forecasting.contracts import Behind, LargeDeal
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.store import queries as store

MOST = 5


def behind(period: Period, as_of: AsOf, scope: Scope) -> Behind:
    """Return the largest deals of a period and their make-up, as known at the as-of."""
    until = min(period.end, as_of.day)
    params = {"starts": period.start, "ends": period.end, "until": until, "most": MOST}
    sums = store.run("forecasting.make_up", params, scope=scope, as_of=as_of).dicts()
    won = [row for row in sums if row["meaning"] == "won"]
    due = [row for row in sums if row["meaning"] == "open"]
    return Behind(
        deals=() if scope.aggregates_only else _largest(params, as_of, scope),
        won_deals=_sum(won, "deals"),
        won_value=_sum(won, "value"),
        new_won=_sum([row for row in won if row["type"] == "new"], "value")
        if any(row["type"] for row in won)
        else None,
        open_deals=_sum(due, "deals"),
        open_value=_sum(due, "value"),
        is_withheld=scope.aggregates_only,
    )


def _largest(params: dict[str, Any], as_of: AsOf, scope: Scope) -> tuple[LargeDeal, ...]:
    rows = store.run("forecasting.behind", params, scope=scope, as_of=as_of).dicts()
    return tuple(
        LargeDeal(
            row["id"],
            row["name"] or f"#{row['id']}",
            row["meaning"] == "won",
            row["close_date"],
            row["stage_name"] or "",
            row["type"] or "",
            row["value"],
        )
        for row in rows
    )


def _sum(rows: list[dict[str, Any]], name: str) -> int:
    return sum(int(row[name] or 0) for row in rows)
