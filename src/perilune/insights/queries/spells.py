"""From rows of the store to journeys, and from the journeys of before to those of now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perilune.insights.engine.journeys import DAYS, FOREVER, OFFSET, TYPES, Ints, Journeys

LEVELS = 32
"""Levels of a feature with a name of the company's own; the last takes all that came later."""
CATEGORIES = ("pipeline", "best_case", "most_likely", "commit", "omitted", "?")
NEVER = FOREVER
"""The day of a difference that there is not."""
_NEAR = 2**22
"""Numbers that lie so near are counted in a table, not sorted."""
_NUMBERED = ("stage", "product")
_NAMED = {"category": CATEGORIES, "type": TYPES}
_BY_SPELL = ("state", "closed", "due", "value", "owner", "pushes")


def journeys_of(columns: Mapping[str, NDArray[Any]], acts: Ints) -> Journeys:
    """Return journeys from `insights.spells`, sorted by id and day, and from activities.

    acts: (k,) `id * DAYS + day` of each activity, ascending; those of unknown deals play no part.
    """

    def ints(name: str) -> Ints:
        return columns[name].astype(np.int64, copy=False)

    start, end = ints("day_from"), ints("day_to")
    key, first, deal = _deals(ints("id"))
    last = np.append(first[1:], len(deal))[: len(first)] - 1
    created = ints("created")[last]
    value = columns["value"].astype(float, copy=False)
    is_last = np.ones(len(deal), dtype=bool)
    is_last[:-1] = deal[1:] != deal[:-1]
    found = Journeys(
        deal=deal,
        start=start,
        end=np.where(is_last, end, np.maximum(np.append(start[1:], 0), start)),
        state=ints("state"),
        closed=ints("closed"),
        due=ints("due"),
        value=np.where(value < 0, np.nan, value),
        owner=ints("owner_id"),
        pushes=ints("pushes"),
        created=np.where(created < -DAYS, start[first], created),
        key=key,
        codes={name: ints(name) for name in ("category", "type", "stage_since")},
        ids={name: ints(f"{name}_id") for name in _NUMBERED},
    )
    return _finished(found, acts)


def joined(before: Journeys, fresh: Journeys, touched: Ints, acts: Ints) -> Journeys:
    """Return the journeys of before with all that was known of the touched deals put anew.

    fresh: what is known of touched deals now. touched: ids, ascending; those that `fresh` lacks are
    known no more. The same, to the bit, as `journeys_of` of the whole.
    """
    if not before.count:
        return with_acts(fresh, acts)
    stays = ~_inside(touched, before.key)
    spells = stays[before.deal]
    # where the rows of each fresh deal belong among those that stay
    at = np.searchsorted(before.key[stays], fresh.key)
    row = np.append(np.flatnonzero(np.diff(before.deal[spells], prepend=-1)), spells.sum())[at]
    rows = np.repeat(row, np.bincount(fresh.deal, minlength=fresh.count))
    # where each row comes from: a gather is several times as fast as an insertion a column
    source = np.insert(np.flatnonzero(spells), rows, 0)
    anew = rows + np.arange(len(rows))

    def whole(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        found = old[source]
        found[anew] = new
        return found

    ids = whole(before.key[before.deal], fresh.key[fresh.deal])
    key, __, deal = _deals(ids)
    found = Journeys(
        deal=deal,
        start=whole(before.start, fresh.start),
        end=whole(before.end, fresh.end),
        state=whole(before.state, fresh.state),
        closed=whole(before.closed, fresh.closed),
        due=whole(before.due, fresh.due),
        value=whole(before.value, fresh.value),
        owner=whole(before.owner, fresh.owner),
        pushes=whole(before.pushes, fresh.pushes),
        created=np.insert(before.created[stays], at, fresh.created),
        key=key,
        codes={
            name: whole(codes, fresh.codes[name])
            for name, codes in before.codes.items()
            if name not in _NUMBERED
        },
        ids={name: whole(ids, fresh.ids[name]) for name, ids in before.ids.items()},
    )
    return _finished(found, acts)


def with_acts(before: Journeys, acts: Ints) -> Journeys:
    """Return the same journeys with other activities."""
    return replace(before, acts=_acts(before.key, acts))


def first_difference(before: Journeys, fresh: Journeys, touched: Ints) -> int:
    """Return the first day on which more, less or other was known of touched deals than before.

    FOREVER where nothing differs. Later days may know the same again: it is no more than a bound.
    """
    rows = np.flatnonzero(_inside(touched, before.key)[before.deal])
    old, new = _told(before, rows), _told(fresh, np.arange(len(fresh.deal)))
    at = np.searchsorted(new[0], old[0])
    is_there = at < len(new[0])
    is_there[is_there] = new[0][at[is_there]] == old[0][is_there]
    same, kept = np.flatnonzero(is_there), at[is_there]
    is_equal = np.ones(len(same), dtype=bool)
    for one, other in zip(old[3:], new[3:], strict=True):
        is_equal &= one[same] == other[kept]
    is_old, is_new = np.ones(len(rows), dtype=bool), np.ones(len(new[0]), dtype=bool)
    is_old[same[is_equal]] = False
    is_new[kept[is_equal]] = False
    ends = np.minimum(old[2][same], new[2][kept])[old[2][same] != new[2][kept]]
    return min(int(days.min(initial=FOREVER)) for days in (old[1][is_old], new[1][is_new], ends))


def acts_of(columns: Mapping[str, NDArray[Any]]) -> Ints:
    """Return (k,) `id * DAYS + day` of the rows of `insights.acts`, ascending."""
    day = np.asarray(columns["day"]).astype(np.int64)
    known = day >= 0
    return np.sort(np.asarray(columns["id"]).astype(np.int64)[known] * DAYS + day[known])


def first_act(before: Ints, now: Ints) -> int:
    """Return the first day with an activity that is new or gone; FOREVER where there is none."""
    return int((np.setxor1d(before, now, assume_unique=True) % DAYS).min(initial=FOREVER))


def _told(journeys: Journeys, rows: Ints) -> list[NDArray[Any]]:
    """Return what was said in rows: a number of deal and day, day, end, then everything else."""
    deal = journeys.deal[rows]
    start, key = journeys.start[rows], journeys.key[deal]
    value = np.nan_to_num(journeys.value[rows], nan=-1.0)
    names = [name for name in _BY_SPELL if name != "value"]
    return [
        key * DAYS + start + OFFSET, start, journeys.end[rows], value, journeys.created[deal],
        *(getattr(journeys, name)[rows] for name in names),
        *(journeys.codes[name][rows] for name in sorted(journeys.codes) if name not in _NUMBERED),
        *(journeys.ids[name][rows] for name in _NUMBERED),
    ]  # fmt: skip


def _deals(ids: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the deals of rows sorted by id, the first row of each, and the deal of each row."""
    is_first = np.ones(len(ids), dtype=bool)
    is_first[1:] = ids[1:] != ids[:-1]
    first = np.flatnonzero(is_first)
    return ids[first], first, np.cumsum(is_first, dtype=np.int64) - 1


def _inside(touched: Ints, keys: Ints) -> NDArray[np.bool_]:
    if not len(touched):
        return np.zeros(len(keys), dtype=bool)
    at = np.minimum(np.searchsorted(touched, keys), len(touched) - 1)
    return np.asarray(touched[at] == keys)


def _finished(found: Journeys, acts: Ints) -> Journeys:
    """Return journeys with what all deals decide together: numbers of levels, and activities."""
    codes = dict(found.codes)
    codes |= {name: _numbered(found.ids[name], found.start) for name in _NUMBERED}
    levels = {name: _words(codes[name]) for name in _NUMBERED}
    levels |= {name: words for name, words in _NAMED.items() if _varies(codes[name])}
    return replace(
        found,
        codes=codes,
        levels={name: words for name, words in levels.items() if len(words) > 1},
        acts=_acts(found.key, acts),
    )


def _varies(codes: Ints) -> bool:
    return bool(len(codes)) and bool((codes != codes[0]).any())


def _words(codes: Ints) -> tuple[str, ...]:
    return tuple(str(at) for at in range(LEVELS)) if _varies(codes) else ()


def _numbered(ids: Ints, start: Ints) -> Ints:
    """Return the number of each id by when it was first known: later ones shift no earlier one."""
    low, high = int(ids.min(initial=0)), int(ids.max(initial=0))
    if high - low < _NEAR:
        found, inverse = np.arange(low, high + 1), ids - low
    else:
        found, inverse = np.unique(ids, return_inverse=True)
    since = np.full(len(found), np.iinfo(np.int64).max)
    np.minimum.at(since, inverse, start)
    rank = np.empty(len(found), dtype=np.int64)
    rank[np.lexsort((found, since))] = np.arange(len(found))
    return np.minimum(rank, LEVELS - 1)[inverse]


def _acts(key: Ints, acts: Ints) -> Ints:
    """Return activities of known deals by the number of their deal: still ascending."""
    if not len(key):
        return np.zeros(0, dtype=np.int64)
    id_ = acts // DAYS
    at = np.minimum(np.searchsorted(key, id_), len(key) - 1)
    known = key[at] == id_
    return np.asarray(at[known] * DAYS + acts[known] % DAYS)
