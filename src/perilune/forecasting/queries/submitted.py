"""Submitted forecasts: what people said a period would bring, and the leader's call among it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from perilune.forecasting.contracts import KINDS, MITIGATION, Call, UnitKey
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
    plain = [store_table(kind.name) for kind in KINDS if kind is not MITIGATION]
    return [*plain, mitigation_table()]


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


PREFERRED = (CALL, "commit", "most_likely")
"""Which of several submitted figures stands for what somebody says of a period."""


def latest_calls(period: Period, as_of: AsOf, currency: str) -> dict[UnitKey, Call]:
    """Return the latest call of every unit: the call itself, else the commit, else most likely.

    It is read whole: the calls of a team and of the company have no owner for the gate to ask for.
    Callers keep those of units that their scope sees whole.
    """
    found: dict[UnitKey, Call] = {}
    for row in submissions(period, as_of, Scope.company()):
        category = row["category"] or CALL
        if category not in PREFERRED or (row["currency"] or currency) != currency:
            continue
        if row["made_on"] is not None and row["made_on"] > as_of.day:
            continue
        key = _key(row)
        rank = PREFERRED.index(category)
        if key not in found or rank < PREFERRED.index(found[key].category):
            found[key] = Call(
                row["amount"],
                row["made_on"],
                row["author"] or "",
                category,
                is_late=bool(row["is_late"]),
                suggested=row["suggested"],
                known_at=_utc(row["known_at"]),
            )
    return found


def last_made_on(period: Period, as_of: AsOf, unit: tuple[int | None, int | None]) -> date | None:
    """Return the day of the last figure that was submitted for a (rep, team), None without one."""
    days = [
        row["made_on"]
        for row in submissions(period, as_of, Scope.company())
        if (row["rep_id"], row["team_id"]) == unit
    ]
    return max((day for day in days if day is not None), default=None)


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def _key(row: dict[str, Any]) -> tuple[str, int]:
    named: Sequence[tuple[str, Any]] = (("rep", row["rep_id"]), ("team", row["team_id"]))
    return next(((kind, id_) for kind, id_ in named if id_ is not None), ("total", 0))
