"""Edits of people: hire, leave, absence, ramp."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np

from perilune.planning.contracts import DAYS, DEFAULT_RAMP_DAYS, Absence, Hire, Leave, Ramp, Tables
from perilune.planning.contracts.tables import Flags, Floats, Ids
from perilune.planning.engine.handing import handed, locked, redirected
from perilune.planning.engine.rows import Row, with_row, without

SELLER = "seller"


def ramp_curve(start: int, days: int) -> Floats:
    """Return (DAYS,) productivity: 0 before `start`, then linear to 1 on the last day of ramp."""
    since = np.arange(DAYS) - start + 1
    return np.where(since < 1, 0.0, np.minimum(since / max(days, 1), 1.0))


def hire(tables: Tables, edit: Hire, rep_id: int) -> Tables:
    """Add a row for the heads hired, ramping from their first day; only sellers bring business."""
    start = tables.column(edit.starts)
    if edit.role != SELLER or start >= DAYS:
        return tables
    fixed = edit.ramp_days is not None
    days = edit.ramp_days if edit.ramp_days is not None else _ramp_of(tables, edit.team_id, start)
    share = edit.heads * edit.fte * ramp_curve(start, days)
    row = Row(rep_id, edit.team_id, share, -1 - edit.team_id, start, days, fixed)
    return with_row(tables, row)


def _ramp_of(tables: Tables, team: int, start: int) -> int:
    fitting = [d for of, since, d in tables.ramp if of in (0, team) and since <= start]
    return fitting[-1] if fitting else DEFAULT_RAMP_DAYS


def ramp(tables: Tables, edit: Ramp) -> Tables:
    """Give hires from a day on another ramp: those in the tables and those to come."""
    since, team = tables.column(edit.starts), edit.team_id or 0
    if since >= DAYS:
        return tables
    chosen = (tables.reps < 0) & ~tables.ramp_fixed & (tables.start >= since)
    if team:
        chosen &= tables.team == team
    share, days = tables.share.copy(), tables.ramp_days.copy()
    for row in np.flatnonzero(chosen):
        start = int(tables.start[row])
        before = ramp_curve(start, int(days[row]))
        after = ramp_curve(start, edit.ramp_days)
        # a curve is zero only before the start, where there is nobody yet
        share[row] *= np.divide(after, before, out=np.zeros(DAYS), where=before > 0)
        days[row] = edit.ramp_days
    return replace(
        tables,
        share=locked(share),
        ramp_days=locked(days),
        ramp=(*tables.ramp, (team, since, edit.ramp_days)),
    )


def absence(tables: Tables, edit: Absence) -> Tables:
    """Take a part of a rep away between two days."""
    rows = tables.reps == edit.rep_id
    first = tables.column(edit.starts)
    last = DAYS if edit.ends is None else tables.column(edit.ends + timedelta(days=1))
    if not rows.any() or first >= last or not edit.fte:
        return tables
    share = tables.share.copy()
    share[rows, first:last] *= 1.0 - edit.fte
    return replace(tables, share=locked(share))


def leave(tables: Tables, edit: Leave) -> Tables:
    """End a rep's share after the last day and hand the open deals over, those in commit too.

    New business goes with the rep: whoever takes over has no more time than before. Deals that
    would reach the rep later go to the same hands. Later hand-overs of those deals stand.
    """
    gone = tables.column(edit.last_day + timedelta(days=1))
    rows = tables.reps == edit.rep_id
    moves = tables.deal_moves
    held = tables.deal_holders(gone) == edit.rep_id
    later = (moves.rep == edit.rep_id) & (moves.day > gone)
    if gone >= DAYS or not (rows.any() or held.any() or later.any()):
        return tables
    share = tables.share.copy()
    share[rows, gone:] = 0.0
    left = replace(tables, share=locked(share))
    items = np.flatnonzero(held)
    concerned = np.union1d(items, moves.item[later])
    takers = _takers(left, edit, gone, concerned)
    by_item = np.zeros(len(tables.deal_id), dtype=np.int64)
    by_item[concerned] = takers
    moved = redirected(moves, later, by_item[moves.item])
    moved = handed(moved, tables.deal_rep, items, gone, by_item[items], keep_later=True)
    nobody = (tables.reps < 0) & ~left.share.any(axis=1)
    return without(replace(left, deal_moves=moved), nobody)


def _takers(tables: Tables, edit: Leave, day: int, items: Ids) -> Ids:
    """Return who takes each deal: the one named while there, else the team, else anybody there.

    Spread by value, the largest first, each to whoever holds least; 0 where nobody is left.
    """
    there = (tables.share[:, day] > 0) & (tables.reps == tables.like) | (
        (tables.share[:, day] > 0) & (tables.reps < 0)
    )
    if edit.to_rep_id is not None and bool((there & (tables.reps == edit.to_rep_id)).any()):
        return np.full(len(items), edit.to_rep_id, dtype=np.int64)
    reps = _near(tables, there, edit.rep_id)
    if not len(reps):
        return np.zeros(len(items), dtype=np.int64)
    values = tables.deal_value[items]
    load = np.zeros(len(reps))
    takers = np.zeros(len(items), dtype=np.int64)
    for place in np.lexsort((tables.deal_id[items], -values)):
        least = int(load.argmin())
        takers[place] = reps[least]
        load[least] += values[place]
    return takers


def _near(tables: Tables, there: Flags, rep_id: int) -> Ids:
    """Return who is there of the rep's team, in order of id; of the company if that is nobody."""
    team = tables.team[tables.reps == rep_id]
    peers = there & np.isin(tables.team, team) & (tables.team != 0)
    return np.unique(tables.reps[peers if peers.any() else there])
