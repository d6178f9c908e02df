"""Risks of everything in scope: what rests on few, what is missing, what the season says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from perilune.forecasting.contracts.mitigations import Mitigation, RiskKey
from perilune.forecasting.contracts.ranges import ForecastRow, Note
from perilune.forecasting.contracts.risk_kinds import RiskKind
from perilune.forecasting.contracts.risks import Figure, PortfolioRisk
from perilune.forecasting.engine.risks import Floats, Ints, half_of, largest_group
from perilune.forecasting.queries.ranges import card
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.store import queries as store

if TYPE_CHECKING:
    from perilune.forecasting.queries.risks import Assessed

FEW_DEALS = 10
CUSTOMER_SHARE, REP_SHARE = 0.15, 0.25
LEAST_REPS = 5
"""Rules 24 and 26: what is said of people is said from a group of five on."""
LOST_SHARE = 0.01
"""Under one working day in a hundred nothing is said of capacity."""
LEAST_SEASON = 0.05
YEAR_BACK = "year_back"
NO_FIGURE = Note(_("Without chances of deals there is no figure."))


@dataclass(frozen=True)
class Asked:
    """What is asked. target: of what the scope covers, minor units, None where there is none."""

    period: Period
    as_of: AsOf
    scope: Scope
    target: int | None = None


@dataclass(frozen=True, eq=False)
class Expected:
    """The open deals that the scope may see: ids, what each is expected to bring, by whom."""

    ids: Ints
    expected: Floats
    account: Ints
    owner: Ints
    accounts: Mapping[int, str]
    owners: Mapping[int, str]


def risks(
    whole: Assessed,
    named: Sequence[Mapping[str, Any]],
    asked: Asked,
    found: Mapping[RiskKey, Mitigation],
) -> tuple[PortfolioRisk, ...]:
    """Return the portfolio's risks, most at stake first; sleeping ones are left out."""
    listed = [
        *(_coverage(whole, named, asked)),
        *(_concentrations(_expected(whole, named)) if whole.has_chances and named else ()),
        *(_capacity(whole, named, asked)),
        *(_season(asked)),
    ]
    with_acts = [
        PortfolioRisk(
            each.kind,
            each.subject,
            each.facts,
            each.figure,
            each.share,
            each.deals,
            found.get(RiskKey(each.kind, None, each.subject)),
        )
        for each in listed
    ]
    awake = [
        each
        for each in with_acts
        if each.mitigation is None or not each.mitigation.sleeps(asked.as_of.day)
    ]
    return tuple(sorted(awake, key=lambda each: -(each.figure.revenue or 0.0)))


def _expected(whole: Assessed, named: Sequence[Mapping[str, Any]]) -> Expected:
    seen = np.isin(whole.inputs.ids, [row["id"] for row in named])
    return Expected(
        whole.inputs.ids[seen],
        np.nan_to_num((whole.win * whole.worth)[seen]),
        whole.inputs.account[seen],
        whole.inputs.owner[seen],
        {row["account_id"]: row["account"] or "" for row in named if row["account_id"]},
        {row["owner_id"]: row["owner"] or "" for row in named if row["owner_id"]},
    )


# -- what rests on few -----------------------------------------------------------------------------


def _concentrations(open_: Expected) -> Iterator[PortfolioRisk]:
    total = float(open_.expected.sum())
    if total <= 0:
        return
    half = half_of(open_.expected)
    if len(half) <= FEW_DEALS < len(open_.ids):
        part = float(open_.expected[half].sum())
        yield PortfolioRisk(
            RiskKind.FEW_DEALS,
            "deals",
            {"deals": len(half)},
            Figure(part),
            part / total,
            tuple(int(id_) for id_ in open_.ids[half]),
        )
    yield from _group(open_, RiskKind.ONE_CUSTOMER, total)
    if len(np.unique(open_.owner[open_.owner >= 0])) >= LEAST_REPS:
        yield from _group(open_, RiskKind.ONE_REP, total)


def _group(open_: Expected, kind: RiskKind, total: float) -> Iterator[PortfolioRisk]:
    is_customer = kind is RiskKind.ONE_CUSTOMER
    column = open_.account if is_customer else open_.owner
    least = CUSTOMER_SHARE if is_customer else REP_SHARE
    found = largest_group(open_.expected, column)
    if found is None or found[1] < least:
        return
    key, share = found
    names = open_.accounts if is_customer else open_.owners
    deals = open_.ids[column == key]
    yield PortfolioRisk(
        kind,
        f"{'account' if is_customer else 'rep'}:{key}",
        {"name": names.get(key, ""), "deals": len(deals), "of": len(open_.ids)},
        Figure(share * total),
        share,
        tuple(int(id_) for id_ in deals),
    )


# -- what is missing -------------------------------------------------------------------------------


def _coverage(
    whole: Assessed, named: Sequence[Mapping[str, Any]], asked: Asked
) -> Iterator[PortfolioRisk]:
    if not asked.target or asked.period.end < asked.as_of.day:
        return
    total = card(asked.period, asked.as_of, asked.scope).total
    won = total.won_to_date or 0.0
    if total.mean is not None:
        likely, has_range = total.mean, 1
    elif whole.has_chances and named:
        likely, has_range = won + float(_expected(whole, named).expected.sum()), 0
    else:
        return
    missing = asked.target - likely
    if missing > 0:
        facts = {"share": missing / asked.target, "has_range": has_range}
        yield PortfolioRisk(RiskKind.COVERAGE_GAP, "target", facts, Figure(missing))


def _capacity(
    whole: Assessed, named: Sequence[Mapping[str, Any]], asked: Asked
) -> Iterator[PortfolioRisk]:
    if asked.scope.aggregates_only or asked.period.end <= asked.as_of.day:
        return
    rows = store.run(
        "forecasting.risk_capacity",
        {"ends": asked.period.end},
        scope=Scope(asked.scope.label, hidden=asked.scope.hidden),
        as_of=asked.as_of,
    ).rows
    mine = [row for row in rows if asked.scope.sees(row[0])]
    planned = sum(row[1] for row in mine)
    lost = sum(row[1] - row[2] for row in mine)
    if len(mine) < LEAST_REPS or not planned or lost / planned < LOST_SHARE:
        return
    revenue = None
    if whole.has_chances and named:
        open_ = _expected(whole, named)
        gone = {row[0]: (row[1] - row[2]) / row[1] for row in mine if row[1]}
        factor = np.array([gone.get(int(owner), 0.0) for owner in open_.owner])
        revenue = float((open_.expected * factor).sum())
    facts = {"days": lost, "of": planned, "reps": len(mine)}
    figure = Figure(revenue, why_none=None if revenue is not None else NO_FIGURE)
    yield PortfolioRisk(RiskKind.CAPACITY_LOSS, "capacity", facts, figure)


# -- what the season says --------------------------------------------------------------------------


def _season(asked: Asked) -> Iterator[PortfolioRisk]:
    if asked.period.end <= asked.as_of.day:
        return
    total = card(asked.period, asked.as_of, asked.scope).total
    remainder = _year_back(total)
    if remainder is None or total.mean is None or total.won_to_date is None:
        return
    to_come = total.mean - total.won_to_date
    if to_come > remainder >= 0:
        share = (to_come - remainder) / to_come
        if share >= LEAST_SEASON:
            yield PortfolioRisk(
                RiskKind.SEASONALITY, "season", {"share": share}, Figure(to_come - remainder)
            )


def _year_back(row: ForecastRow) -> float | None:
    return next((member.remainder for member in row.members if member.name == YEAR_BACK), None)
