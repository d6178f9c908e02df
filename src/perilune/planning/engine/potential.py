"""What accounts could bring in a year: the user's figure, else from bookings of like accounts.

Logs of bookings are explained by sector, size band and country, each leant to the level above by
how few accounts it has (a nested mean); which of them, and in which order, is what tells accounts
held back best. The interval comes from the errors on those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import numpy as np

from perilune.planning.contracts import Potential, PotentialTest
from perilune.planning.contracts.tables import Flags, Floats, Ids

FEWEST = 30
"""Accounts with bookings below which nothing is estimated."""
FEWEST_SEGMENT = 10
"""Accounts with bookings of a segment below which its median is that of all."""
WEIGHT = 5.0
"""Accounts of its own that a group needs to count as much as the level above."""
FOLDS = 5


def potential(
    stated: Floats, booked: Floats, likeness: Sequence[Ids], rng: np.random.Generator
) -> Potential:
    """Return the potential of N accounts, minor units.

    stated: (N,) the user's column, NaN unknown: it stands where it is known. booked: (N,) yearly
    bookings, NaN or zero without. likeness: codes by account (sector, size, country), -1 unknown.
    Accounts whose coarsest code is unknown stay unknown, and all do when held-back accounts are
    told no better than by the plain mean.
    """
    has = np.isfinite(booked) & (booked > 0)
    if int(has.sum()) < FEWEST or not likeness:
        return _only(stated, "too few accounts with bookings")
    logs = np.log(np.where(has, booked, 1.0))
    fold = np.full(len(stated), -1)
    fold[has] = rng.permutation(np.arange(int(has.sum())) % FOLDS)
    naive_error = float(np.abs(_held(logs, fold, [])[has]).mean())
    orders = [
        order
        for count in range(1, len(likeness) + 1)
        for order in permutations(range(len(likeness)), count)
    ]
    tried = [_held(logs, fold, _groups([likeness[at] for at in order])) for order in orders]
    best = min(range(len(orders)), key=lambda at: float(np.abs(tried[at][has]).mean()))
    errors, nesting = tried[best][has], orders[best]
    error = float(np.abs(errors).mean())
    if error >= naive_error:
        told = _only(stated, "no better than the plain mean")
        return replace(told, error=error, naive_error=naive_error)
    middle, like = _told(logs, has, _groups([likeness[at] for at in nesting]))
    estimated = ~np.isfinite(stated) & (likeness[nesting[0]] >= 0)
    low, high = np.quantile(errors, (0.1, 0.9))
    # the mean of a lognormal lies above its middle: the errors themselves say by how much
    level = np.exp(middle) * float(np.exp(errors).mean())
    return Potential(
        minor=np.where(estimated, level, stated),
        low=np.where(estimated, np.exp(middle + low), stated),
        high=np.where(estimated, np.exp(middle + high), stated),
        is_estimated=estimated,
        like=np.where(estimated, like, 0.0),
        error=error,
        naive_error=naive_error,
        middle=np.where(estimated, np.exp(middle), stated),
        nesting=nesting,
    )


def _held(logs: Floats, fold: Ids, groups: Sequence[Ids]) -> Floats:
    """Return (N,) errors of logs on accounts held back fold by fold, 0 of those without a fold."""
    errors = np.zeros(len(logs))
    for at in range(FOLDS):
        mine = fold == at
        errors[mine] = (logs - _told(logs, (fold >= 0) & ~mine, groups)[0])[mine]
    return errors


def by_segment(stated: Floats, booked: Floats, segments: Ids) -> Potential:
    """Return the naive potential: the median booking of an account's segment, minor units.

    stated, booked: (N,) as for `potential`. segments: (N,) codes, -1 without, which stays unknown.
    A segment with fewer than ten accounts with bookings has the middle of all. The interval is that
    of the segment's own bookings; minor is their mean.
    """
    n = len(stated)
    minor, low, high, middle, like = (np.full(n, np.nan) for _part in range(5))
    has = np.isfinite(booked) & (booked > 0)
    if int(has.sum()) < FEWEST:
        return _only(stated, "too few accounts with bookings")
    for code in np.unique(segments[segments >= 0]):
        mine = segments == code
        buyers = mine & has
        buyers = buyers if int(buyers.sum()) >= FEWEST_SEGMENT else has
        values = booked[buyers]
        low[mine], middle[mine], high[mine] = np.quantile(values, (0.1, 0.5, 0.9))
        minor[mine], like[mine] = values.mean(), len(values)
    estimated = ~np.isfinite(stated) & np.isfinite(minor)
    return Potential(
        minor=np.where(estimated, minor, stated),
        low=np.where(estimated, low, stated),
        high=np.where(estimated, high, stated),
        is_estimated=estimated,
        like=np.where(estimated, like, 0.0),
        error=None,
        naive_error=None,
        middle=np.where(estimated, middle, stated),
    )


def measured(method: str, said: Potential, actual: Floats, among: Flags) -> PotentialTest | None:
    """Return how an estimate did against what N accounts booked afterwards, minor units.

    among: (N,) accounts that both methods are compared on; those that booked nothing are left out:
    an estimate is of an account that buys. None where nothing is left.
    """
    use = among & np.isfinite(said.middle) & (said.middle > 0) & (actual > 0)
    if not use.any():
        return None
    off = np.abs(np.log(actual[use] / said.middle[use]))
    inside = (said.low[use] <= actual[use]) & (actual[use] <= said.high[use])
    has_range = bool((said.low[use] < said.high[use]).any())
    return PotentialTest(
        method,
        int(use.sum()),
        float(np.exp(off.mean())),
        float(inside.mean()) if has_range else None,
        float(said.minor[use].sum() / actual[use].sum()),
    )


def _only(stated: Floats, reason: str) -> Potential:
    none: Flags = np.zeros(len(stated), dtype=np.bool_)
    nobody = np.zeros(len(stated))
    return Potential(stated, stated, stated, none, nobody, None, None, stated, reason)


def _groups(likeness: Sequence[Ids]) -> list[Ids]:
    """Return nested group numbers, one array a level; an unknown code ends an account's nesting."""
    groups: list[Ids] = []
    stem = None
    for codes in likeness:
        known = codes >= 0
        if stem is None:
            pair = codes.copy()
        else:
            known &= stem >= 0
            pair = np.where(known, stem * (int(codes.max(initial=0)) + 1) + codes, -1)
        _values, place = np.unique(pair, return_inverse=True)
        stem = np.where(known, place, -1).astype(np.int64)
        groups.append(stem)
    return groups


def _told(logs: Floats, use: Flags, groups: Sequence[Ids]) -> tuple[Floats, Floats]:
    """Return each account's expected log from those in use, and how many its finest group has."""
    told = np.full(len(logs), float(logs[use].mean()))
    like = np.full(len(logs), float(use.sum()))
    for group in groups:
        size = int(group.max(initial=0)) + 1
        mine = use & (group >= 0)
        count = np.bincount(group[mine], minlength=size)
        total = np.bincount(group[mine], logs[mine], minlength=size)
        at = np.maximum(group, 0)
        leant = (total[at] + WEIGHT * told) / (count[at] + WEIGHT)
        told = np.where(group >= 0, leant, told)
        like = np.where((group >= 0) & (count[at] > 0), count[at], like)
    return told, like
