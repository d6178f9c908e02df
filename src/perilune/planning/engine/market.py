"""Edits of the market and of aims: price, shock, index, quota."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from perilune.planning.contracts import DAYS, Index, Price, Quota, Shock, Tables, Unit, What
from perilune.planning.contracts.tables import Flags, Floats
from perilune.planning.engine.aiming import accounts_of, deals_of, scaled
from perilune.planning.engine.handing import locked


def unit_of(text: str) -> Unit:
    """Return the unit of «company», «team:3» or «rep:7»."""
    kind, _, number = text.partition(":")
    return kind, int(number or 0)


def quota(tables: Tables, edit: Quota) -> Tables:
    """Set the quota of a unit in a period."""
    key = (unit_of(edit.unit), edit.period)
    if tables.quotas.get(key) == edit.amount:
        return tables
    return replace(tables, quotas={**tables.quotas, key: edit.amount})


def shock(tables: Tables, edit: Shock) -> Tables:
    """Multiply one thing of the market between two days."""
    factor = _between(tables, edit.starts, edit.ends, edit.factor)
    return _aimed(tables, edit.what, factor, edit.segment, edit.sector)


def index(tables: Tables, edit: Index) -> Tables:
    """Let a series move a sector, by its elasticity against the level at the as-of."""
    return _aimed(tables, edit.what, index_factor(tables.as_of, edit), "", edit.sector)


def index_factor(as_of: date, edit: Index) -> Floats:
    """Return (DAYS,) factors: (level / level at the as-of) ** elasticity, 1 before any level."""
    if not edit.series:
        return np.ones(DAYS)
    days = np.array([(day - as_of).days - 1 for day, _ in edit.series])
    levels = np.array([level for _, level in edit.series])
    known = levels[days < 0]
    base = known[-1] if len(known) else levels[0]
    place = np.searchsorted(days, np.arange(DAYS), side="right") - 1
    level = np.where(place < 0, base, levels[np.maximum(place, 0)])
    return np.asarray((level / base) ** edit.elasticity, dtype=np.float64)


def price(tables: Tables, edit: Price) -> Tables:
    """Multiply what deals bring: new ones, and open ones that are not in commit (see `Price`)."""
    factor = _between(tables, edit.starts, None, edit.factor)
    if edit.product_id is None:
        return _amounts(tables, factor, edit.segment)
    deals = (tables.deal_product == edit.product_id) & ~tables.deal_commit
    rows = np.flatnonzero(tables.products == edit.product_id)
    if bool((factor == 1).all()) or not (deals.any() or len(rows)):
        return tables
    mix = tables.mix_amount.copy()
    mix[rows] *= factor
    return _on_deals(replace(tables, mix_amount=locked(mix)), deals, {"amount": factor})


def _amounts(tables: Tables, factor: Floats, segment: str) -> Tables:
    accounts, is_all = accounts_of(tables, segment, ""), not segment
    deals = deals_of(tables, accounts, is_all) & ~tables.deal_commit
    return _changed(tables, (deals, accounts, is_all), {"amount": factor}, {"amount": factor})


def _aimed(tables: Tables, what: What, factor: Floats, segment: str, sector: str) -> Tables:
    accounts, is_all = accounts_of(tables, segment, sector), not (segment or sector)
    deals = deals_of(tables, accounts, is_all)
    channels = _channels(what, factor)
    # open deals have arrived already
    on_deals = {} if what is What.ARRIVAL else channels
    return _changed(tables, (deals, accounts, is_all), on_deals, channels)


def _channels(what: What, factor: Floats) -> dict[str, Floats]:
    if what is What.CYCLE:
        return {"win": 1.0 / factor, "lose": 1.0 / factor}
    name = {What.ARRIVAL: "arrival", What.WIN_RATE: "win", What.AMOUNT: "amount"}[what]
    return {name: factor}


def _changed(
    tables: Tables,
    aim: tuple[Flags, Flags, bool],
    on_deals: Mapping[str, Floats],
    on_market: Mapping[str, Floats],
) -> Tables:
    deals, accounts, is_all = aim
    is_neutral = all(bool((factor == 1).all()) for factor in on_market.values())
    if is_neutral or not (is_all or accounts.any() or (on_deals and deals.any())):
        return tables
    pattern = np.append(tables.account_pattern, np.int64(tables.rest_pattern))
    effects, pattern = scaled(
        tables.market_effects, pattern, np.append(accounts, is_all), on_market
    )
    changed = replace(
        tables,
        market_effects=effects,
        account_pattern=locked(pattern[:-1].copy()),
        rest_pattern=int(pattern[-1]),
    )
    return _on_deals(changed, deals, on_deals)


def _on_deals(tables: Tables, deals: Flags, by: Mapping[str, Floats]) -> Tables:
    if not by or not deals.any():
        return tables
    effects, pattern = scaled(tables.deal_effects, tables.deal_pattern, deals, by)
    return replace(tables, deal_effects=effects, deal_pattern=pattern)


def _between(tables: Tables, starts: date, ends: date | None, factor: float) -> Floats:
    first = tables.column(starts)
    last = DAYS if ends is None else tables.column(ends + timedelta(days=1))
    found = np.ones(DAYS)
    found[first:last] = factor
    return found
