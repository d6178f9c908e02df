"""Capacity by day without chance: who is there, how far ramped, what that brings.

FTE and ramp are staircases: they change on a few days. `profile` gives those of a rep's FTE, which
the simulation reads too, so that both count the same days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from perilune.planning.contracts import Capacity, Heads, Productivity, RampCurve, Spell
from perilune.planning.contracts.tables import Floats, Ids
from perilune.planning.engine.ramping import restarted, share_by_day

Profile = tuple[Ids, Floats]
"""Days on which an FTE changes, the first at 0, and the FTE from then on."""


def profiles(heads: Heads) -> list[Profile]:
    """Return each row's FTE over the horizon as if there all along: spells, absence taken off.

    A rep counts once a day: spells together at most 1, and never below 0.
    """
    assigned, absent = _by_row(heads.assigned), _by_row(heads.absent)
    return [
        _profile(heads.days, float(heads.fte[row]), assigned.get(row, ()), absent.get(row, ()))
        for row in range(len(heads.rep))
    ]


def _by_row(spells: Sequence[Spell]) -> dict[int, list[Spell]]:
    found: dict[int, list[Spell]] = defaultdict(list)
    for spell in spells:
        found[spell.row].append(spell)
    return found


def _profile(days: int, fte: float, assigned: Sequence[Spell], absent: Sequence[Spell]) -> Profile:
    if not assigned and not absent:
        return np.zeros(1, np.int64), np.array([min(fte, 1.0)])
    edges = {0}
    for spell in (*assigned, *absent):
        edges |= {max(spell.first, 0), spell.last + 1}
    at = np.array(sorted(edge for edge in edges if edge < days), dtype=np.int64)
    there = np.minimum(_sum(at, assigned) if assigned else np.full(len(at), fte), 1.0)
    level = np.maximum(there - _sum(at, absent), 0.0)
    kept = np.concatenate([[True], np.diff(level) != 0])
    return at[kept], level[kept]


def _sum(at: Ids, spells: Sequence[Spell]) -> Floats:
    total = np.zeros(len(at))
    for spell in spells:
        total[(spell.first <= at) & (at <= spell.last)] += spell.fte
    return total


def restarts_of(heads: Heads, ramps: Sequence[RampCurve]) -> dict[int, list[tuple[int, int]]]:
    """Return by row (column, days of service counted from then on), in order of columns."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row, column, kept in sorted(heads.restarts):
        earlier = found[row][-1] if found[row] else (int(heads.start[row]), 0)
        since = column - earlier[0] + earlier[1]
        if since > 0:
            curve = ramps[int(heads.ramp[row])].share
            found[row].append((column, restarted(curve, since, kept)))
    return found


def problems(heads: Heads) -> tuple[tuple[str, int], ...]:
    """Return what in the heads contradicts itself, as (code, rep id), in order."""
    found = {
        ("leaves_before_start", int(rep)) for rep in heads.rep[heads.last < heads.start].tolist()
    }
    ids, counts = np.unique(heads.rep, return_counts=True)
    found |= {("twice", int(rep)) for rep in ids[counts > 1].tolist()}
    assigned, absent = _by_row(heads.assigned), _by_row(heads.absent)
    for row in assigned.keys() | absent.keys():
        spells, away = assigned.get(row, []), absent.get(row, [])
        at = np.array(sorted({s.first for s in (*spells, *away)}), dtype=np.int64)
        there = _sum(at, spells) if spells else np.full(len(at), float(heads.fte[row]))
        if (there > 1 + 1e-9).any():
            found.add(("overlap", int(heads.rep[row])))
        inside = (at >= heads.start[row]) & (at <= heads.last[row])
        if (_sum(at, away)[inside] > np.minimum(there, 1.0)[inside] + 1e-9).any():
            found.add(("absent_more", int(heads.rep[row])))
    return tuple(sorted(found))


def returned(productivity: Productivity, ramped: Floats) -> Floats:
    """Return the ramped FTE that count, after diminishing returns: the same at the reference."""
    law = productivity.returns
    if law.elasticity == 1:
        return ramped
    e, beside = law.elasticity, law.beside / law.reference
    there = np.maximum(ramped, 0.0) / law.reference + beside
    return np.asarray(law.reference * (there**e - beside**e))


def capacity(
    heads: Heads,
    ramps: Sequence[RampCurve],
    productivity: Sequence[Productivity],
    season: Floats,
) -> Capacity:
    """Return capacity by unit and day. season: (D,) share of a year's bookings on each day.

    Time and memory O(R x changes + U x D). Nobody leaves who is not known to.
    """
    units, days = len(productivity), heads.days
    fte, ramped = np.zeros((units, days)), np.zeros((units, days))
    restarts = restarts_of(heads, ramps)
    column = np.arange(days)
    for row, (at, level) in enumerate(profiles(heads)):
        first, last = max(int(heads.start[row]), 0), min(int(heads.last[row]) + 1, days)
        if first >= last:
            continue
        here = level[np.searchsorted(at, column[first:last], side="right") - 1]
        since = column[first:last] - int(heads.start[row])
        for begins, served in restarts.get(row, ()):
            if begins < last:
                later = column[first:last] >= begins
                since = np.where(later, column[first:last] - begins + served, since)
        unit = int(heads.unit[row])
        fte[unit, first:last] += here
        curve = ramps[int(heads.ramp[row])].share
        ramped[unit, first:last] += here * share_by_day(curve, since)
    brought = [
        law.minor * season * returned(law, ramped[unit]) for unit, law in enumerate(productivity)
    ]
    minor = np.stack(brought) if units else np.zeros((0, days))
    return Capacity(fte, ramped, minor, problems(heads))


def hours(capacity: Capacity, is_workday: Floats, daily: float = 7.0) -> Floats:
    """Return (U,) hours there: FTE x hours a day on working days. is_workday: (D,) 1 or 0."""
    return np.asarray(capacity.fte @ is_workday * daily)
