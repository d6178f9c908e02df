"""What is done about risks: current acts, closed ones, and whether they helped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from perilune.forecasting.contracts.mitigations import (
    MITIGATION,
    ClosedMitigation,
    Compared,
    Doing,
    Mitigation,
    Outcome,
    RiskKey,
)
from perilune.forecasting.contracts.risk_kinds import PEERS, RiskKind
from perilune.forecasting.engine.judging import difference_of_shares
from perilune.forecasting.engine.risks import holds
from perilune.forecasting.queries import risk_inputs
from perilune.history.queries import store_table
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import StoreTable
from perilune.people.queries import company
from perilune.store import queries as store

_KINDS, _DOINGS = {kind.value for kind in RiskKind}, {doing.value for doing in Doing}
_OUTCOMES = {outcome.value for outcome in Outcome}
LOOKS_BACK = 12
"""Months back that acts are compared with deals whose risk was left alone."""


def mitigation_table() -> StoreTable:
    """Return the declaration of the store's table: a deal's acts are seen with the deal."""
    return store_table(MITIGATION.name, parent=("opportunity", "opportunity_id"))


def current(as_of: AsOf, scope: Scope, period: Period | None = None) -> dict[RiskKey, Mitigation]:
    """Return the latest act that is not closed on each risk; of portfolios those of the period."""
    found: dict[RiskKey, Mitigation] = {}
    for row in _rows(as_of, scope):
        is_portfolio = row["opportunity_id"] is None
        if is_portfolio and (period is None or row["period"] != period.name):
            continue
        act = _act(row)
        if act.doing is not Doing.CLOSED:
            found.setdefault(RiskKey(act.kind, act.deal, act.subject), act)
    return found


def closed(as_of: AsOf, scope: Scope) -> list[ClosedMitigation]:
    """Return the closed acts on deals with what became of the deal, latest first."""
    rows = [row for row in _rows(as_of, scope) if row["opportunity_id"] is not None]
    return [
        ClosedMitigation(
            _act(row), row["deal_name"] or "", row["account"] or "", row["meaning"] or "open",
            row["value"],
        )
        for row in rows
        if row["status"] == Doing.CLOSED.value
    ]  # fmt: skip


def helped(as_of: AsOf, scope: Scope) -> list[Compared]:
    """Return, for all kinds together (first) and each, deals worked on beside deals left alone.

    Worked on: deals of the last twelve months' closed acts, «it was no risk» left out. Left alone:
    deals that had the same risk, in the same stage, at the end of the month before such an act,
    and on which nobody ever took that risk on. Both count once, by what became of them by the
    as-of; deals that are still open are not decided. Only deals that the scope may see.
    """
    since = as_of.day - timedelta(days=31 * LOOKS_BACK)
    acts = [
        act
        for row in _rows(as_of, scope)
        if row["opportunity_id"] is not None
        and (act := _act(row)).doing is Doing.CLOSED
        and act.outcome is not Outcome.FALSE_ALARM
        and act.opened_on is not None
        and act.opened_on > since
    ]
    if not acts:
        return []
    taken = {(row["risk"], row["opportunity_id"]) for row in _rows(as_of, Scope.company())}
    worked: dict[RiskKind, set[int]] = defaultdict(set)
    for act in acts:
        worked[act.kind].add(act.deal or 0)
    left = _left_alone(acts, taken)
    ids = {id_ for group in (*worked.values(), *left.values()) for id_ in group}
    meaning = _meanings(ids, as_of, scope)
    every = _compared(None, _pairs(worked), _pairs(left), meaning)
    kinds = [kind for kind in RiskKind if kind in worked]
    return [
        every,
        *(_compared(k, [(k, i) for i in worked[k]], [(k, i) for i in left[k]], meaning)
          for k in kinds),
    ]  # fmt: skip


def _left_alone(
    acts: Iterable[Mitigation], taken: set[tuple[str, int | None]]
) -> dict[RiskKind, set[int]]:
    """Return the deals with the risks of the acts, in the stages of their deals, left alone."""
    by_day: dict[date, list[Mitigation]] = defaultdict(list)
    for act in acts:
        opened = act.opened_on or date.min
        by_day[opened.replace(day=1) - timedelta(days=1)].append(act)
    found: dict[RiskKind, set[int]] = defaultdict(set)
    zone = company().zone
    for day, group in by_day.items():
        inputs = risk_inputs.read(AsOf.end_of(day, zone))
        held, stage = holds(inputs.facts), inputs.facts.stage
        stage_of = dict(zip(inputs.ids.tolist(), stage.tolist(), strict=True))
        for act in group:
            wanted = stage_of.get(act.deal or 0)
            alike = held[act.kind] & (stage == wanted) if wanted is not None else held[act.kind]
            found[act.kind] |= {
                id_ for id_ in inputs.ids[alike].tolist() if (act.kind.value, id_) not in taken
            }
    return found


def _meanings(ids: set[int], as_of: AsOf, scope: Scope) -> dict[int, str]:
    if not ids:
        return {}
    asked = {"ids": sorted(ids)}
    rows = store.run("forecasting.risk_outcomes", asked, scope=scope, as_of=as_of).rows
    return dict(rows)


def _pairs(groups: Mapping[RiskKind, set[int]]) -> list[tuple[RiskKind, int]]:
    """Return one pair a deal: over all kinds a deal counts once."""
    once = {id_: kind for kind, ids in groups.items() for id_ in ids}
    return [(kind, id_) for id_, kind in once.items()]


def _compared(
    kind: RiskKind | None,
    worked: list[tuple[RiskKind, int]],
    left: list[tuple[RiskKind, int]],
    meaning: Mapping[int, str],
) -> Compared:
    mine = [meaning[id_] for _, id_ in worked if id_ in meaning]
    others = [meaning[id_] for _, id_ in left if id_ in meaning]
    one, other = _decided(mine), _decided(others)
    if min(one[1], other[1]) < PEERS:
        return Compared(kind, len(mine), one[1], one[0], len(others), other[1], other[0])
    return Compared(
        kind, len(mine), one[1], one[0], len(others), other[1], other[0],
        one[0] / one[1] - other[0] / other[1],
        difference_of_shares(one, other),
    )  # fmt: skip


def _decided(meanings: list[str]) -> tuple[int, int]:
    won = sum(each == "won" for each in meanings)
    return won, won + sum(each == "lost" for each in meanings)


def _rows(as_of: AsOf, scope: Scope) -> list[dict[str, Any]]:
    if scope.aggregates_only:
        return []
    rows = store.run("forecasting.mitigations", scope=scope, as_of=as_of).dicts()
    return [row for row in rows if row["risk"] in _KINDS and row["status"] in _DOINGS]


def _act(row: Mapping[str, Any]) -> Mitigation:
    return Mitigation(
        id=row["id"],
        kind=RiskKind(row["risk"]),
        deal=row["opportunity_id"],
        subject=row["subject"] or "",
        owner=row["owner"] or "",
        due=row["due_date"],
        doing=Doing(row["status"]),
        snoozed_until=row["snoozed_until"],
        reason=row["reason"] or "",
        outcome=Outcome(row["outcome"]) if row["outcome"] in _OUTCOMES else None,
        opened_on=row["opened_on"],
        closed_on=row["closed_on"],
    )
