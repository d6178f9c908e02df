"""Risks of a period: of deals, with what speaks for them and what they put at stake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from perilune.forecasting.contracts.mitigations import Mitigation, RiskKey
from perilune.forecasting.contracts.ranges import Note
from perilune.forecasting.contracts.risk_kinds import DEAL_KINDS, MINOR_KINDS, RiskKind
from perilune.forecasting.contracts.risks import (
    NO_CHANCES,
    NO_MODEL,
    TOO_FEW_PEERS,
    DealAtRisk,
    DealRisk,
    Figure,
    RiskList,
    at_stake,
)
from perilune.forecasting.engine.risks import (
    Bools,
    Floats,
    RiskFacts,
    Stakes,
    holds,
    is_material,
    stakes,
)
from perilune.forecasting.queries import mitigations, portfolio, risk_inputs
from perilune.forecasting.queries.inputs import first_of
from perilune.forecasting.queries.risk_inputs import RiskInputs
from perilune.insights.queries import models_on_record
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.keeping import Kept
from perilune.kernel.scope import Scope
from perilune.people.queries import company as current_company
from perilune.store import queries as store
from perilune.store import service

Rows = list[dict[str, Any]]

COCKPIT_DEALS = 400
"""The cockpit looks at so many deals, those with most at stake: some of them may be asleep."""

Facts = dict[str, Floats]
FACTS: dict[RiskKind, Callable[[RiskFacts], Facts]] = {
    RiskKind.OVERDUE: lambda f: {"days": f.overdue},
    RiskKind.PUSHED: lambda f: {"times": f.pushes},
    RiskKind.SILENT: lambda f: {"days": f.silent},
    RiskKind.OLD_STAGE: lambda f: {"days": f.stage_days, "limit": f.stage_limit},
    RiskKind.SINGLE_THREADED: lambda f: {"people": f.contacts, "days": f.age},
    RiskKind.FAR_AMOUNT: lambda f: {
        "times": f.value / np.where(f.amount_limit > 0, f.amount_limit, np.nan)
    },
    RiskKind.NO_NEXT_STEP: lambda f: {},
}
"""The numbers that each kind's sentence needs, (N,) each."""


@dataclass(frozen=True, eq=False)
class Assessed:
    """The whole company's open deals with their risks; arrays in order of `inputs.ids`.

    win, worth: chance in the period and what a win brings; NaN without chances.
    """

    inputs: RiskInputs
    holds: Mapping[RiskKind, Bools]
    stakes: Mapping[RiskKind, Stakes]
    win: Floats
    worth: Floats

    @property
    def has_chances(self) -> bool:
        """Whether any deal has a chance."""
        return bool(np.isfinite(self.win).any())

    @cached_property
    def expected(self) -> float:
        """What the open deals are expected to bring in the period, minor units."""
        return float(np.nansum(self.win * self.worth))

    @property
    def is_grave(self) -> Bools:
        """(N,) whether a deal has a risk that puts it on the list."""
        found = np.zeros(len(self.inputs.ids), bool)
        for kind in DEAL_KINDS:
            if kind not in MINOR_KINDS:
                found |= self.holds[kind]
        return found


def risks_of(period: Period, as_of: AsOf, scope: Scope, *, target: int | None = None) -> RiskList:
    """Return the risks of a period: of deals that the scope may see, and of all in scope.

    target: of what the scope covers, minor units. Where only totals may be shown no deals are
    named.
    """
    whole, named, found, every = _every(period, as_of, scope)
    deals = _awake(every)
    seen = np.isin(whole.inputs.ids, [row["id"] for row in named])
    expected = float(np.nansum((whole.win * whole.worth)[seen])) if whole.has_chances else None
    return RiskList(
        deals=tuple(deals),
        asleep=tuple(deal for deal in every if deal.silenced),
        portfolio=portfolio.risks(
            whole, named, portfolio.Asked(period, as_of, scope, target), found
        ),
        open_deals=len(named),
        expected=None if scope.aggregates_only else expected,
        scope_label=scope.label,
        note=None if whole.has_chances else Note(NO_MODEL),
        sql=whole.inputs.sql,
        store_version=whole.inputs.store_version,
    )


def at_risk(period: Period, as_of: AsOf, scope: Scope) -> tuple[int, float | None]:
    """Return how many deals `risks_of` names and what they put at stake, without the portfolio."""
    deals = _awake(_every(period, as_of, scope)[3])
    return len(deals), at_stake(deals)


def _awake(every: list[DealAtRisk]) -> list[DealAtRisk]:
    return sorted((deal for deal in every if deal.is_awake), key=most_at_stake)


def _every(
    period: Period, as_of: AsOf, scope: Scope
) -> tuple[Assessed, Rows, Mapping[RiskKey, Mitigation], list[DealAtRisk]]:
    """Return all open deals judged, those that are named, what is done, and those with a risk."""
    whole = assessed(as_of, period)
    found = mitigations.current(as_of, scope, period)
    named: Rows = [] if scope.aggregates_only else _named(as_of, scope)
    return whole, named, found, list(_deals(whole, named, found, as_of))


def is_watched(deal: int, as_of: AsOf, scope: Scope) -> bool:
    """Return whether a deal is one whose risks are told: open, not omitted, and seen."""
    return not scope.aggregates_only and bool(_named(as_of, scope, ids=[deal]))


def deal_risks(deal: int, period: Period, as_of: AsOf, scope: Scope) -> DealAtRisk | None:
    """Return one open deal with all its risks, also minor and sleeping ones; None if not seen."""
    if scope.aggregates_only:
        return None
    named = _named(as_of, scope, ids=[deal])
    found = mitigations.current(as_of, scope, period)
    listed = list(_deals(assessed(as_of, period), named, found, as_of, only_grave=False))
    return listed[0] if listed else None


def top_risks(as_of: AsOf, scope: Scope, limit: int = 8) -> list[DealAtRisk]:
    """Return the deals that put most revenue at risk in the quarter of the as-of, for cockpits.

    The same order as on the page of risks: by the model's figure, then by value. No deals where
    only totals may be shown.
    """
    if scope.aggregates_only:
        return []
    period = current_company().calendar.find(as_of.day, Grain.QUARTER)
    whole = assessed(as_of, period)
    named = _named(as_of, scope, ids=_most_at_stake(whole, scope))
    found = mitigations.current(as_of, scope, period)
    listed = [deal for deal in _deals(whole, named, found, as_of) if deal.is_awake]
    return sorted(listed, key=most_at_stake)[:limit]


def _most_at_stake(whole: Assessed, scope: Scope) -> list[int]:
    """Return the first deals in the order of the page: so many that sleeping ones may drop out."""
    inputs = whole.inputs
    seen = whole.is_grave
    if scope.owners is not None:
        seen = seen & np.isin(inputs.owner, list(scope.owners))
    at = np.flatnonzero(seen)
    figures = np.array([whole.stakes[kind].revenue[at] for kind in DEAL_KINDS])
    revenue = np.where(np.isfinite(figures), figures, -1.0).max(axis=0, initial=-1.0)
    order = np.lexsort((inputs.ids[at], -np.nan_to_num(inputs.facts.value[at]), -revenue))
    return [int(id_) for id_ in inputs.ids[at][order[:COCKPIT_DEALS]]]


def _named(as_of: AsOf, scope: Scope, *, ids: Sequence[int] | None = None) -> Rows:
    asked = {"every": ids is None, "ids": list(ids or ()) or [0]}
    return store.run("forecasting.risk_deals", asked, scope=scope, as_of=as_of).dicts()


def assessed(as_of: AsOf, period: Period) -> Assessed:
    """Return the company's open deals with their risks and figures."""
    # a model may be learnt without a new version of the store
    stamp = (first_of(as_of).version, models_on_record())
    key = (service.current().path, stamp, as_of, period)
    return _kept.get(
        key, lambda: assess(risk_inputs.read(as_of), risk_inputs.chances(period, as_of))
    )


_kept = Kept[Assessed](16)


def assess(inputs: RiskInputs, chances: risk_inputs.Chances) -> Assessed:
    """Return facts and chances judged by the engine."""
    known = [chances.get(int(id_)) for id_ in inputs.ids]
    win = np.array([each.win if each else np.nan for each in known], dtype=float)
    worth = np.array([each.value if each else np.nan for each in known], dtype=float)
    found, facts = holds(inputs.facts), inputs.facts
    judged = {
        kind: stakes(found[kind], facts.stage, facts.age, (win, worth)) for kind in DEAL_KINDS
    }
    return Assessed(inputs, found, judged, win, worth)


def most_at_stake(deal: DealAtRisk) -> tuple[float, float, int, int]:
    """Order deals: those without a figure come after those with one, the most valuable first."""
    revenue = -1.0 if deal.revenue is None else deal.revenue
    return (-revenue, -float(deal.value or 0), -len(deal.risks), deal.id)


def _deals(
    whole: Assessed,
    named: Rows,
    found: Mapping[RiskKey, Mitigation],
    as_of: AsOf,
    *,
    only_grave: bool = True,
) -> Iterator[DealAtRisk]:
    place = {int(id_): at for at, id_ in enumerate(whole.inputs.ids)}
    numbers = {kind: FACTS[kind](whole.inputs.facts) for kind in DEAL_KINDS}
    heard = np.full(len(whole.inputs.ids), float(whole.inputs.is_two_way))
    numbers[RiskKind.SILENT] |= {"is_two_way": heard}
    is_grave = whole.is_grave
    for row in named:
        at = place.get(row["id"])
        if at is None or (only_grave and not is_grave[at]):
            continue
        every = [
            DealRisk(
                kind,
                {name: float(column[at]) for name, column in numbers[kind].items()},
                _figure(whole, kind, at),
                found.get(RiskKey(kind, row["id"])),
            )
            for kind in DEAL_KINDS
            if whole.holds[kind][at]
        ]
        asleep = tuple(
            each for each in every if each.mitigation and each.mitigation.sleeps(as_of.day)
        )
        awake = tuple(each for each in every if each not in asleep)
        win = float(whole.win[at])
        yield DealAtRisk(
            id=row["id"],
            name=row["name"] or f"#{row['id']}",
            account=row["account"] or "",
            owner_id=row["owner_id"],
            owner=row["owner"] or "",
            team_id=row["team_id"],
            team=row["team"] or "",
            stage=row["stage"] or "",
            close_date=row["close_date"],
            value=row["value"],
            win=win if np.isfinite(win) else None,
            risks=awake,
            silenced=asleep,
        )


def _figure(whole: Assessed, kind: RiskKind, at: int) -> Figure:
    judged = whole.stakes[kind]
    revenue, peers = float(judged.revenue[at]), int(judged.peers[at])
    if np.isfinite(revenue):
        without = float(judged.without[at])
        counts = is_material(revenue, without - float(whole.win[at]), whole.expected)
        return Figure(revenue, without, peers, is_material=counts)
    if not np.isfinite(whole.win[at]):
        return Figure(None, why_none=Note(NO_CHANCES))
    return Figure(None, peers=peers, why_none=Note(TOO_FEW_PEERS, {"peers": peers}))
