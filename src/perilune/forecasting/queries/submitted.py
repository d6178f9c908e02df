"""Submitted forecasts: what people said a period would bring, and the leader's call among it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perilune.forecasting.contracts import SUBMISSION
from perilune.forecasting.queries.mitigations import mitigation_table
from perilune.history.queries import store_table
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import StoreTable
from perilune.store import queries as store

CALL = "call"


def store_tables() -> list[StoreTable]:
    """Return the declarations of forecasting's tables for the store."""
    return [store_table(SUBMISSION.name), mitigation_table()]


def submissions(period: Period, as_of: AsOf, scope: Scope) -> list[dict[str, Any]]:
    """Return the submitted forecasts of a period known at the as-of, latest first."""
    params = {"starts": period.start, "ends": period.end}
    return store.run("forecasting.submitted", params, scope=scope, as_of=as_of).dicts()


def calls(period: Period, as_of: AsOf, scope: Scope, currency: str) -> dict[tuple[str, int], int]:
    """Return the latest call by (`rep` or `team`, id), (`total`, 0) for the company's; minor units.

    Calls in another currency are left out: nothing here guesses a rate.
    """
    found: dict[tuple[str, int], int] = {}
    for row in submissions(period, as_of, scope):
        if (row["category"] or CALL) != CALL or (row["currency"] or currency) != currency:
            continue
        if row["made_on"] is not None and row["made_on"] > as_of.day:
            continue
        found.setdefault(_key(row), row["amount"])
    return found


def _key(row: dict[str, Any]) -> tuple[str, int]:
    named: Sequence[tuple[str, Any]] = (("rep", row["rep_id"]), ("team", row["team_id"]))
    return next(((kind, id_) for kind, id_ in named if id_ is not None), ("total", 0))
