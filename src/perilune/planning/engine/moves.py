"""Accounts that go to another rep, with their deals and their new business."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from perilune.planning.contracts import DAYS, Move, Tables
from perilune.planning.contracts.tables import Flags, Ids
from perilune.planning.engine.aiming import code_of, deal_places
from perilune.planning.engine.handing import handed
from perilune.planning.engine.rows import Row, with_row, without


def move(tables: Tables, edit: Move) -> Tables:
    """Give accounts to a rep from a day on, for good: later moves of the same accounts are dropped.

    Open deals that the account's holder has on that day go along, but those in commit, which stay
    until they close (rule 31). New business of the accounts goes along too, as a row of its own.
    """
    day = tables.column(edit.starts)
    if day >= DAYS:
        return tables
    holders = tables.account_moves.holders(tables.account_home, day)
    items = np.flatnonzero(_meant(tables, edit, holders) & (holders != edit.to_rep_id))
    if not len(items):
        return tables
    deals = _deals(tables, items, holders, day)
    to = np.int64(edit.to_rep_id)
    moved = replace(
        tables,
        account_moves=handed(
            tables.account_moves, tables.account_home, items, day, np.full(len(items), to)
        ),
        deal_moves=handed(tables.deal_moves, tables.deal_rep, deals, day, np.full(len(deals), to)),
    )
    return _with_takers(moved, edit.to_rep_id)


def _meant(tables: Tables, edit: Move, holders: Ids) -> Flags:
    """Return (A,) which accounts the edit speaks of."""
    meant = np.ones(len(tables.account_id), dtype=np.bool_)
    if edit.accounts:
        meant &= np.isin(tables.account_id, edit.accounts)
    if edit.rep_id is not None:
        meant &= holders == edit.rep_id
    if edit.segment:
        meant &= tables.account_segment == code_of(tables.segments, edit.segment)
    if edit.sector:
        meant &= tables.account_sector == code_of(tables.sectors, edit.sector)
    return meant


def _deals(tables: Tables, accounts: Ids, holders: Ids, day: int) -> Ids:
    """Return the deals that go along: of those accounts, held by their holder, not in commit."""
    if not len(tables.account_id):
        return np.zeros(0, dtype=np.int64)
    place = deal_places(tables)
    of_them = np.isin(place, accounts)
    same = tables.deal_holders(day) == holders[np.maximum(place, 0)]
    return np.flatnonzero(of_them & same & ~tables.deal_commit)


def _with_takers(tables: Tables, rep_id: int) -> Tables:
    """Give the rep a row for each home whose accounts came; drop rows that nothing leads to."""
    pairs = set(
        zip(
            tables.account_moves.rep.tolist(),
            tables.account_home[tables.account_moves.item].tolist(),
            strict=True,
        )
    )
    taken = (tables.like >= 0) & (tables.like != tables.reps)
    led = np.array(
        [pair in pairs for pair in zip(tables.reps.tolist(), tables.like.tolist(), strict=True)],
        dtype=np.bool_,
    )
    tables = without(tables, taken & ~led) if len(led) else tables
    own = np.flatnonzero((tables.reps == rep_id) & ((tables.like == rep_id) | (tables.like < 0)))
    if not len(own):
        return tables
    first = int(own[0])
    there = set(zip(tables.reps.tolist(), tables.like.tolist(), strict=True))
    homes = set(tables.reps[tables.reps == tables.like].tolist())
    for holder, home in sorted(pairs):
        if holder == rep_id != home and home in homes and (holder, home) not in there:
            row = Row(
                rep_id,
                int(tables.team[first]),
                tables.share[first],
                home,
                int(tables.start[first]),
                int(tables.ramp_days[first]),
                bool(tables.ramp_fixed[first]),
            )
            tables = with_row(tables, row)
    return tables
