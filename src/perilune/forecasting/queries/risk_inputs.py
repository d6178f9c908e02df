"""What the risk engine is handed: facts of the whole company's open deals, limits, chances.

The facts are the company's whoever asks: a deal is as silent, and its like deals are the same, for
a rep as for the director. Who may see which deal is decided where deals are named (`risks.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from perilune.forecasting.contracts.risk_kinds import AMOUNT_QUANTILE, PEERS, STAGE_QUANTILE
from perilune.forecasting.engine.risks import Floats, Ints, RiskFacts
from perilune.forecasting.queries.inputs import first_of
from perilune.insights import queries as insights
from perilune.insights.contracts import HORIZON, horizon_for
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import queries as store
from perilune.store.contracts import Result

YEAR = timedelta(days=365)
"""Limits rest on the deals won in the year before."""


class Chance(NamedTuple):
    """Of an open deal: its chance to be won in a period, and what a win brings, minor units."""

    win: float
    value: float


Chances = Mapping[int, Chance]


def chances(period: Period, as_of: AsOf) -> Chances:
    """Return the chance of each open deal of the company by id; none without enough history.

    The same as `insights.chances` says, without the reasons, which take longer than all else.
    """
    first = first_of(as_of).scalar()
    if not isinstance(first, date) or as_of.day < first:
        return {}
    lead = min(max((period.start - as_of.day).days - 1, 0), HORIZON)
    end = min(max((period.end - as_of.day).days, 0), HORIZON)
    found = insights.outlooks(first, (), horizon_for(end), as_of, company()).deals((lead, end))
    if found is None:
        return {}
    win = np.maximum(found.win[:, 1] - found.win[:, 0], 0.0)
    rows = zip(found.key.tolist(), win.tolist(), found.value.tolist(), strict=True)
    return {key: Chance(chance, value) for key, chance, value in rows}


@dataclass(frozen=True, eq=False)
class RiskInputs:
    """Open deals of the company in order of id: N ids, owners (-1 none), accounts, facts.

    is_two_way: whether silence is known of two-way activity, not only of any.
    """

    ids: Ints
    owner: Ints
    account: Ints
    facts: RiskFacts
    is_two_way: bool
    store_version: int
    sql: str


def read(as_of: AsOf, ids: Sequence[int] | None = None) -> RiskInputs:
    """Return the facts of the open deals as known at the as-of: of all, or of those named."""
    everyone = Scope.company()
    asked = {"every": ids is None, "ids": list(ids or ()) or [0]}
    found = store.run("forecasting.risk_facts", asked, scope=everyone, as_of=as_of)
    kept = store.run("forecasting.risk_kept", scope=everyone, as_of=as_of).dicts()[0]
    columns = _columns(found)
    stage, product = _whole(columns["stage_id"]), _whole(columns["product_id"])
    contacts = columns["contacts"]
    facts = RiskFacts(
        stage=stage,
        age=columns["age"],
        overdue=columns["overdue"],
        pushes=columns["pushes"],
        silent=_silent(columns, is_two_way=kept["keeps_two_way"]),
        stage_days=columns["stage_days"],
        stage_limit=_stage_limits(stage, as_of),
        # where no deal has two roles, contacts are not kept rather than missing
        contacts=contacts if kept["keeps_roles"] else np.full(len(contacts), np.nan),
        value=columns["value"],
        amount_limit=_amount_limits(product, as_of),
        has_next_step=columns["has_next_step"] > 0,
    )
    return RiskInputs(
        _whole(columns["id"]),
        _whole(columns["owner_id"]),
        _whole(columns["account_id"]),
        facts,
        kept["keeps_two_way"],
        found.version,
        found.sql,
    )


def _columns(found: Result) -> dict[str, Floats]:
    table = np.array(found.rows, dtype=float).reshape(-1, len(found.columns))
    return {name: table[:, at] for at, name in enumerate(found.columns)}


def _whole(column: Floats) -> Ints:
    return np.where(np.isfinite(column), column, -1.0).astype(np.int64)


def _silent(columns: Mapping[str, Floats], *, is_two_way: bool) -> Floats:
    """Return the days of silence.

    Where no two-way activity is on record, directions and outcomes are not kept: then any activity
    counts, and a deal without any is silent only where others have some.
    """
    if is_two_way:
        return np.where(np.isfinite(columns["heard_days"]), columns["heard_days"], columns["age"])
    touched = columns["touched_days"]
    if not np.isfinite(touched).any():
        return np.full(len(touched), np.nan)
    return np.where(np.isfinite(touched), touched, columns["age"])


def _stage_limits(stage: Ints, as_of: AsOf) -> Floats:
    asked = {"quantile": STAGE_QUANTILE, "since": as_of.day - YEAR}
    rows = store.run(
        "forecasting.risk_stage_limits", asked, scope=Scope.company(), as_of=as_of
    ).rows
    return _looked_up(stage, {key: days for key, count, days in rows if count >= PEERS}, np.nan)


def _amount_limits(product: Ints, as_of: AsOf) -> Floats:
    asked = {"quantile": AMOUNT_QUANTILE, "since": as_of.day - YEAR}
    rows = store.run(
        "forecasting.risk_amount_limits", asked, scope=Scope.company(), as_of=as_of
    ).rows
    known = {key: value for key, count, value in rows if count >= PEERS}
    return _looked_up(product, known, known.pop(None, np.nan))


def _looked_up(keys: Ints, values: Mapping[int, float], otherwise: float) -> Floats:
    different, place = np.unique(keys, return_inverse=True)
    found = [values.get(int(key), otherwise) for key in different]
    return np.array(found, dtype=float)[place] if len(keys) else np.zeros(0)
