"""What an edit of the market is aimed at: deals and accounts by segment, sector and product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from perilune.planning.contracts import Effects, Tables
from perilune.planning.contracts.tables import Flags, Floats, Ids
from perilune.planning.engine.handing import locked

NOBODY = -2
"""A code that no account has."""
CHANNELS = ("arrival", "amount", "win", "lose")


def code_of(names: Sequence[str], name: str) -> int:
    """Return the code of a segment or sector; one that no account has where it is unknown."""
    return names.index(name) if name in names else NOBODY


def deal_places(tables: Tables) -> Ids:
    """Return (D,) the place of each deal's account, -1 for none."""
    if not len(tables.account_id):
        return np.full(len(tables.deal_id), -1, dtype=np.int64)
    order = np.argsort(tables.account_id)
    at = np.searchsorted(tables.account_id, tables.deal_account, sorter=order)
    place = order[np.minimum(at, len(order) - 1)]
    return np.where(tables.account_id[place] == tables.deal_account, place, -1).astype(np.int64)


def accounts_of(tables: Tables, segment: str, sector: str) -> Flags:
    """Return (A,) the accounts of a segment and a sector; an empty name asks for nothing."""
    chosen = np.ones(len(tables.account_id), dtype=np.bool_)
    if segment:
        chosen &= tables.account_segment == code_of(tables.segments, segment)
    if sector:
        chosen &= tables.account_sector == code_of(tables.sectors, sector)
    return chosen


def deals_of(tables: Tables, accounts: Flags, is_all: bool) -> Flags:
    """Return (D,) the deals of those accounts; all of them where everything is meant."""
    if is_all or not len(accounts):
        return np.full(len(tables.deal_id), is_all, dtype=np.bool_)
    place = deal_places(tables)
    return (place >= 0) & accounts[np.maximum(place, 0)]


def scaled(
    effects: Effects, pattern: Ids, chosen: Flags, by: Mapping[str, Floats]
) -> tuple[Effects, Ids]:
    """Multiply channels of the chosen items' patterns by factors (DAYS,).

    Patterns are copied for the items that change and only those in use are kept, so that their
    number is at most that of the cells that edits tell apart.
    """
    old = np.unique(pattern[chosen])
    renamed = np.zeros(len(effects.arrival), dtype=np.int64)
    renamed[old] = len(effects.arrival) + np.arange(len(old))
    index = np.where(chosen, renamed[pattern], pattern)
    used, index = np.unique(index, return_inverse=True)
    parts = []
    for name, part in zip(CHANNELS, effects.parts, strict=True):
        changed = part[old] * by[name] if name in by else part[old]
        parts.append(locked(np.concatenate([part, changed])[used]))
    return Effects(*parts), locked(index.astype(np.int64))
