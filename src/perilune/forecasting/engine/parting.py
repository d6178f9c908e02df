"""Who takes over what somebody leaves behind, and what of it a scenario can say; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.contracts.departures import Going, Rule, Taker, Terms
from perilune.forecasting.engine.windows import Floats, Ints
from perilune.planning.contracts import SPREAD, Absence, Edit, Leave, Move

RAMP_STEPS = 3
"""A ramp is told to a scenario as so many steps of equal length, each at its mean."""


@dataclass(frozen=True, eq=False)
class Book:
    """N accounts to be taken over: ids, open value (minor units), groups, places (degrees or NaN).

    segment, sector: (N,) text. latitude, longitude: (N,).
    """

    ids: Ints
    value: Floats
    segment: Sequence[str]
    sector: Sequence[str]
    latitude: Floats
    longitude: Floats


@dataclass(frozen=True, eq=False)
class Around:
    """Whoever may take over: R peers of the team with their open value, T territories' centres.

    load: (R,) minor units. holder: (T,) the rep in the seat; latitude, longitude: (T,) degrees.
    """

    peers: Ints
    load: Floats
    holder: Ints
    latitude: Floats
    longitude: Floats


def spread(ids: Ints, value: Floats, peers: Ints, load: Floats) -> Ints:
    """Give N things to R peers, the largest first, each to whoever has least open; 0 with no peer.

    Ties go to the peer and the thing of the lower id: the same question has the same answer.
    """
    takers = np.zeros(len(ids), dtype=np.int64)
    if not len(peers):
        return takers
    order = np.argsort(peers, kind="stable")
    reps, held = peers[order], load[order].astype(float)
    for place in np.lexsort((ids, -value)):
        least = int(held.argmin())
        takers[place] = reps[least]
        held[least] += value[place]
    return takers


def nearest(book: Book, around: Around) -> Ints:
    """Return (N,) the holder of the nearest centre; 0 without a place or without a territory.

    Distances on the sphere, in the plane of the account's latitude: enough to rank neighbours.
    """
    found = np.zeros(len(book.ids), dtype=np.int64)
    placed = np.isfinite(book.latitude) & np.isfinite(book.longitude)
    if not len(around.holder) or not placed.any():
        return found
    lat, lon = book.latitude[placed], book.longitude[placed]
    east = (lon[:, None] - around.longitude[None, :] + 180.0) % 360.0 - 180.0
    east *= np.cos(np.radians(lat))[:, None]
    north = lat[:, None] - around.latitude[None, :]
    found[placed] = around.holder[np.hypot(east, north).argmin(axis=1)]
    return found


def by_hand(book: Book, takers: Sequence[Taker]) -> Ints:
    """Return (N,) the taker of the first line that fits; 0 where none does."""
    found = np.zeros(len(book.ids), dtype=np.int64)
    for line in takers:
        fits = found == 0
        if line.segment:
            fits &= np.array([name == line.segment for name in book.segment], dtype=np.bool_)
        if line.sector:
            fits &= np.array([name == line.sector for name in book.sector], dtype=np.bool_)
        found[fits] = line.rep_id
    return found


def takers_of(terms: Terms, book: Book, around: Around) -> Ints:
    """Return (N,) who takes each account by the rule; 0 where it stays with the rep."""
    if not terms.hands_over:
        return np.zeros(len(book.ids), dtype=np.int64)
    chosen = np.zeros(len(book.ids), dtype=np.int64)
    if terms.rule is Rule.HAND:
        chosen = by_hand(book, terms.takers)
    elif terms.rule is Rule.NEAR:
        chosen = nearest(book, around)
    rest = chosen == 0
    load = around.load.astype(float).copy()
    for at, peer in enumerate(around.peers.tolist()):
        load[at] += float(book.value[chosen == peer].sum())
    chosen[rest] = spread(book.ids[rest], book.value[rest], around.peers, load)
    return chosen


def deal_takers(
    account: Ints, commit: NDArray[np.bool_], takers: Mapping[int, int], *, keeps_commit: bool,
    other: int,
) -> Ints:  # fmt: skip
    """Return (D,) who takes each deal: whoever takes its account, `other` for the rest.

    0 where it stays: all where nothing goes, and deals in commit by the hold-over of rule 31.
    """
    found = np.array([takers.get(one, other) for one in account.tolist()], dtype=np.int64)
    return np.where(commit & keeps_commit, 0, found)


def prorated(
    minor: int, starts: date, ends: date, away: tuple[date, date | None], share: float
) -> int:
    """Return what is left of a quota when a share (0 to 1) of the rep is away on some days.

    By calendar days, both ends included, rounded half up; 0 <= left <= minor for minor >= 0. The
    quota of the days before is untouched: what was agreed for them stays owed.
    """
    first, last = max(starts, away[0]), min(ends, away[1] or ends)
    days = max((last - first).days + 1, 0)
    whole = (ends - starts).days + 1
    # in millionths of a share, so that the arithmetic is of integers
    part = round(share * 1_000_000)
    bottom = 1_000_000 * whole
    return minor - (2 * minor * days * part + bottom) // (2 * bottom)


def edits_of(terms: Terms, day: date, takers: Mapping[int, int] | None = None) -> tuple[Edit, ...]:
    """Return what a scenario can say of a departure that begins on a day.

    takers: account to whoever takes it. New business goes with who leaves or is away, as whoever
    holds the accounts meanwhile has no more time than before; with a change of team the accounts
    go for good, and the new place costs a ramp.
    """
    if terms.going is Going.LEAVE:
        to = {line.rep_id for line in terms.takers} if terms.rule is Rule.HAND else set()
        return (Leave(terms.rep_id, day - timedelta(days=1), to.pop() if len(to) == 1 else SPREAD),)
    if terms.going is Going.ABSENCE:
        return (Absence(terms.rep_id, day, terms.last_day, terms.fte),)
    moved: dict[int, list[int]] = {}
    for account, rep in (takers or {}).items():
        if rep:
            moved.setdefault(rep, []).append(account)
    return (
        *(Move(rep, day, terms.rep_id, tuple(sorted(moved[rep]))) for rep in sorted(moved)),
        *ramp_again(terms, day),
    )


def ramp_again(terms: Terms, day: date) -> tuple[Absence, ...]:
    """Return the ramp that restarts in part, as steps of time that is not there yet."""
    length, found = terms.ramp_days, []
    for step in range(RAMP_STEPS):
        first, end = step * length // RAMP_STEPS, (step + 1) * length // RAMP_STEPS
        missing = terms.ramp_loss * (1 - (2 * step + 1) / (2 * RAMP_STEPS))
        if end > first and missing > 0:
            days = day + timedelta(days=first), day + timedelta(days=end - 1)
            found.append(Absence(terms.rep_id, *days, fte=round(missing, 4)))
    return tuple(found)
