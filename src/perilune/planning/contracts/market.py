"""From what happens to accounts to factors on each row's new business. Pure arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from perilune.planning.contracts.tables import Effects, Flags, Floats, Ids, Tables

Four = tuple["Floats", "Floats", "Floats", "Floats"]


def factors(tables: Tables) -> Four:
    """Return (R, DAYS) factors on arrival, amount, win and lose of each row's new deals.

    A row's arrival is the sum over the accounts that its rep holds on the day, of those of the home
    it resembles, of weight x market factor; the home's rest stays with the home's own row. The
    other factors are means weighted by it. A hire follows the mean of its team's own rows. A row
    with no business has neutral factors beside its arrival of 0.
    """
    rows, days = tables.share.shape
    weighted = _weighted(tables) if _is_touched(tables) else [np.ones((rows, days))] * 4
    arrival = weighted[0]
    whole = np.where(arrival > 0, arrival, 1.0)
    others = [np.where(arrival > 0, part / whole, 1.0) for part in weighted[1:]]
    price = 1.0 + tables.mix @ (tables.mix_amount - 1.0)
    amount, win, lose = others[0] * price, others[1], others[2]
    for part in (arrival, amount, win, lose):
        part.setflags(write=False)
    return arrival, amount, win, lose


def _is_touched(tables: Tables) -> bool:
    return not tables.market_effects.is_neutral or len(tables.account_moves.item) > 0


def _weighted(tables: Tables) -> list[Floats]:
    """Return arrival, and arrival x amount, x win, x lose: (R, DAYS) each."""
    effects = _products(tables.market_effects)
    row_of = {pair: row for row, pair in enumerate(zip(tables.reps, tables.like, strict=True))}
    is_own = tables.reps == tables.like
    place = np.array(
        [row_of.get((home, home), -1) for home in tables.account_home.tolist()], dtype=np.int64
    )
    held = np.bincount(place[place >= 0], tables.account_weight[place >= 0], len(tables.reps))
    rest = np.where(is_own, np.maximum(1.0 - held, 0.0), 0.0)
    stays = np.ones(len(tables.account_id), dtype=np.bool_)
    stays[tables.account_moves.item] = False
    # what the market does to each home, whoever holds its accounts; hires are like its mean
    market = _of_homes(tables, effects, place, place >= 0, rest)
    total = _of_homes(tables, effects, place, (place >= 0) & stays, rest)
    for holder, home, pattern, first, last, weight in _spans(tables):
        row = row_of.get((holder, home))
        if row is None or (home, home) not in row_of:
            continue
        for part, effect in zip(total, effects, strict=True):
            part[row, first:last] += weight * effect[pattern, first:last]
    _hires(tables, market, total, is_own)
    return total


def _products(effects: Effects) -> tuple[Floats, ...]:
    arrival = effects.arrival
    return (arrival, *(arrival * part for part in effects.parts[1:]))


def _of_homes(
    tables: Tables, effects: tuple[Floats, ...], place: Ids, chosen: Flags, rest: Floats
) -> list[Floats]:
    """Return weight x effect summed over the chosen accounts and the rest: (R, DAYS) each."""
    patterns = len(effects[0])
    flat = place[chosen] * patterns + tables.account_pattern[chosen]
    size = len(tables.reps) * patterns
    summed = np.bincount(flat, tables.account_weight[chosen], size).reshape(-1, patterns)
    weight: Floats = summed.astype(np.float64)
    weight[:, tables.rest_pattern] += rest
    return [weight @ effect for effect in effects]


def _spans(tables: Tables) -> list[tuple[int, int, int, int, int, float]]:
    """Return what is held from a column to before another by one holder of what was one home's.

    (holder, home, pattern, first column, column after, weight of the accounts together).
    """
    moves = tables.account_moves
    gone = np.unique(moves.item)
    item = np.concatenate([gone, moves.item])
    first = np.concatenate([np.zeros(len(gone), dtype=np.int64), moves.day])
    holder = np.concatenate([tables.account_home[gone], moves.rep])
    order = np.lexsort((first, item))  # stable: who holds it today comes before a move of day 0
    item, first, holder = item[order], first[order], holder[order]
    last = np.full(len(item), tables.share.shape[1])
    goes_on = item[1:] == item[:-1]
    last[:-1][goes_on] = first[1:][goes_on]
    keys = np.stack(
        [holder, tables.account_home[item], tables.account_pattern[item], first, last], axis=1
    )
    groups, place = np.unique(keys, axis=0, return_inverse=True)
    weights = np.bincount(place.reshape(-1), tables.account_weight[item], len(groups))
    return [
        (*(int(part) for part in group), float(weight))  # type: ignore[misc]
        for group, weight in zip(groups, weights, strict=True)
    ]


def _hires(tables: Tables, market: list[Floats], total: list[Floats], is_own: Flags) -> None:
    """Give hires the market of their team's mean, or the company's where the team has nobody."""
    for row in np.flatnonzero(tables.like < 0):
        peers = is_own & (tables.team == -1 - tables.like[row])
        peers = peers if peers.any() else is_own
        for part, effect, lone in zip(total, market, _products(tables.market_effects), strict=True):
            part[row] = effect[peers].mean(axis=0) if peers.any() else lone[tables.rest_pattern]
