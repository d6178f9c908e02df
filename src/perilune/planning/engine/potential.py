"""What accounts could bring in a year: the user's figure, else from bookings of like accounts.

Logs of bookings are explained by sector, country and size band, each leant to the level above by
how few accounts it has (a nested mean). The interval comes from the errors on accounts held back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perilune.planning.contracts import Potential
from perilune.planning.contracts.tables import Flags, Floats, Ids

FEWEST = 30
"""Accounts with bookings below which nothing is estimated."""
WEIGHT = 5.0
"""Accounts of its own that a group needs to count as much as the level above."""
FOLDS = 5


def potential(
    stated: Floats, booked: Floats, likeness: Sequence[Ids], rng: np.random.Generator
) -> Potential:
    """Return the potential of N accounts, minor units.

    stated: (N,) the user's column, NaN unknown: it stands where it is known. booked: (N,) yearly
    bookings, NaN or zero without. likeness: codes by account from the coarse to the fine (sector,
    then size, then country), -1 unknown. Accounts whose coarsest code is unknown stay unknown, and
    all do when held-back accounts are told no better than by the plain mean.
    """
    n = len(stated)
    nothing = np.full(n, np.nan)
    has = np.isfinite(booked) & (booked > 0)
    groups = _groups(likeness)
    if int(has.sum()) < FEWEST or not groups:
        return _only(stated, nothing, "too few accounts with bookings")
    logs = np.log(np.where(has, booked, 1.0))
    held = np.full(n, np.nan)
    fold = np.full(n, -1)
    fold[has] = rng.permutation(np.arange(int(has.sum())) % FOLDS)
    naive = np.full(n, np.nan)
    for at in range(FOLDS):
        rest = has & (fold != at)
        held[fold == at] = _told(logs, rest, groups)[0][fold == at]
        naive[fold == at] = logs[rest].mean()
    errors = (logs - held)[has]
    error, naive_error = float(np.abs(errors).mean()), float(np.abs(logs - naive)[has].mean())
    if error >= naive_error:
        told = _only(stated, nothing, "no better than the plain mean")
        return Potential(told.minor, told.low, told.high, told.is_estimated, told.like, error,
                         naive_error, told.reason)  # fmt: skip
    middle, like = _told(logs, has, groups)
    estimated = ~np.isfinite(stated) & (likeness[0] >= 0)
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
    )


def _only(stated: Floats, nothing: Floats, reason: str) -> Potential:
    none: Flags = np.zeros(len(stated), dtype=np.bool_)
    return Potential(stated, stated, stated, none, np.zeros(len(stated)), None, None, reason)


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
