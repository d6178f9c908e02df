"""Which fields other fields imply: found on a sample, by agreement with what the others say.

A field follows from another one when rows that share the other's value share its value too. Each
row is judged by the rest of its group, so that a value that stands alone proves nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.hub.contracts.quality import Implied

AGREE = 0.98
"""Share of rows that must agree before a field is proposed."""
FEWEST = 20
"""Rows that must be told by both fields: fewer are chance."""
_MOSTLY = 0.9
"""A field whose commonest value has this share is nearly constant: agreeing with it says little."""
_TOLD = 0.5

Ints = NDArray[np.int64]
Values = Sequence[Hashable | None]


@dataclass(frozen=True)
class Clue:
    """Field `field` seems to follow from `by` in some way; share: of the rows judged."""

    field: str
    how: Implied
    by: str
    share: float


def clues(
    fields: Mapping[str, Values],
    others: Mapping[str, Values],
    same: Mapping[str, object],
    barred: Collection[tuple[str, str]] = (),
) -> list[Clue]:
    """Return, for each field, by what it seems to be implied best, in the order of the fields.

    fields, others: columns of one sample, equally long; others may hold the same columns, and are
    what may imply. same: a type of each name; only equal ones can be copies. barred: pairs (field,
    other) that are not looked at, such as a reference and what is read through it.

    >>> city = ["Lille", "Lille", "Paris", "Paris"] * 10
    >>> area = ["North", "North", "Centre", "Centre"] * 10
    >>> clues({"area": area}, {"city": city}, {"area": "text", "city": "text"})
    [Clue(field='area', how=<Implied.LOOKUP: 'lookup'>, by='city', share=1.0)]
    """
    numbers: dict[Hashable, int] = {}
    mine = {name: _coded(values, numbers) for name, values in fields.items()}
    theirs = {name: _coded(values, numbers) for name, values in others.items()}
    found = []
    for name, codes in mine.items():
        if not _varies(codes):
            continue
        best: tuple[tuple[bool, float, int], Clue] | None = None
        for by, told in theirs.items():
            if by == name or (name, by) in barred:
                continue
            clue = _clue(name, codes, by, told, is_alike=same.get(by) == same.get(name))
            if clue is None:
                continue
            rank = (clue.how is Implied.COPY, clue.share, -len(np.unique(told)))
            if best is None or rank > best[0]:
                best = (rank, clue)
        if best is not None:
            found.append(best[1])
    return found


def _coded(values: Values, numbers: dict[Hashable, int]) -> Ints:
    """Return a number for each value, equal ones alike in all columns; -1 where there is none."""
    return np.fromiter(
        (-1 if value is None else numbers.setdefault(value, len(numbers)) for value in values),
        np.int64,
        len(values),
    )


def _varies(codes: Ints) -> bool:
    filled = codes[codes >= 0]
    if len(filled) < FEWEST:
        return False
    return bool(np.bincount(filled).max() < _MOSTLY * len(filled))


def _clue(name: str, codes: Ints, by: str, told: Ints, *, is_alike: bool) -> Clue | None:
    both = (codes >= 0) & (told >= 0)
    size = int(both.sum())
    if size < FEWEST:
        return None
    values, keys = codes[both], told[both]
    if is_alike and (share := float((values == keys).mean())) >= AGREE:
        return Clue(name, Implied.COPY, by, share)
    judged, agree = judged_by_others(values, keys)
    if judged < max(FEWEST, _TOLD * size) or agree < AGREE * judged:
        return None
    return Clue(name, Implied.LOOKUP, by, agree / judged)


def judged_by_others(values: Ints, keys: Ints) -> tuple[int, int]:
    """Return how many rows share their key with others, and how many agree with those.

    values, keys: (rows,) not negative. A row agrees when its value is the commonest of its key and
    stays so without the row itself.

    >>> judged_by_others(np.array([7, 7, 8, 9]), np.array([1, 1, 1, 2]))
    (3, 2)
    """
    if not len(values):
        return 0, 0
    wide = int(values.max()) + 1
    pairs, times = np.unique(keys * wide + values, return_counts=True)
    groups = pairs // wide
    order = np.lexsort((-times, groups))
    groups, times = groups[order], times[order]
    first = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    totals = np.add.reduceat(times, first)
    tops = times[first]
    after = np.minimum(first + 1, len(times) - 1)
    has_next = (after > first) & (groups[after] == groups[first])
    nexts = np.where(has_next, times[after], 0)
    is_judged = totals > 1
    is_led = is_judged & (tops > 1) & (tops - 1 >= nexts)
    return int(totals[is_judged].sum()), int(tops[is_led].sum())
