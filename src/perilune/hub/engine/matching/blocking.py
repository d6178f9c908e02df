"""Which pairs are worth a look: records that share a key, in blocks of bounded size."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from perilune.hub.contracts.duplicates import Role
from perilune.hub.engine.matching.interning import Column
from perilune.hub.engine.matching.sets import distinct

Keys = NDArray[np.int64]
Pairs = NDArray[np.int64]
"""A pair is left * rows + right, left < right: one number, so that a set is one sort."""

BLOCK = 60
"""Records of a block that are all compared; of larger blocks only neighbours by spelling are."""
NEIGHBOURS = 6
WORKERS = 2
"""Ways to block under work at once: sorting lets others run."""
RARE = 40
"""A word that stands in at most so many records is a key of its own."""
_MIX = np.int64(0x9E3779B1)


def candidates(columns: Sequence[Column], rows: int, block: int = BLOCK) -> Pairs:
    """Return the pairs that share a key, sorted, each once."""
    order = _spelling(columns, rows)
    found: list[Pairs] = []
    for made in _side_by_side(_keys(columns, rows), order, rows, block):
        if len(made):
            found.append(made)
            if sum(map(len, found)) > 8_000_000:
                found = [distinct(np.concatenate(found))]
    return distinct(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _side_by_side(
    keyed: Iterator[tuple[NDArray[np.int64], Keys]], order: NDArray[np.int64], rows: int, block: int
) -> Iterator[Pairs]:
    """Give the pairs of each way to block in turn, while those of the next ones are made."""
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting: deque[Future[Pairs]] = deque()
        for keys in keyed:
            waiting.append(pool.submit(_pairs_of, keys, order, rows, block))
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _spelling(columns: Sequence[Column], rows: int) -> NDArray[np.int64]:
    """Return the place of each row in the order of names, then of the other columns."""
    sort = [c.codes for c in columns if c.field.role in {Role.ADDRESS, Role.POSTCODE, Role.PHONE}]
    sort += [c.codes for c in columns if c.field.role is Role.NAME][:1]
    order = np.lexsort(sort) if sort else np.arange(rows)
    place = np.empty(rows, np.int64)
    place[order] = np.arange(rows)
    return place


def _keys(columns: Sequence[Column], rows: int) -> Iterator[tuple[NDArray[np.int64], Keys]]:
    """Give (rows, keys) of every way to block."""
    every = np.arange(rows)
    narrow = [
        c.codes.astype(np.int64)
        for c in columns
        if c.field.role in {Role.POSTCODE, Role.CITY} and c.share_known > 0.2
    ]
    for column in columns:
        codes = column.codes.astype(np.int64)
        known = codes >= 0
        role = column.field.role
        if role in {Role.POSTCODE, Role.CITY, Role.COUNTRY}:
            continue
        yield every[known], codes[known]
        if role is Role.PHONE:
            yield _of_values([v[-7:] for v in column.values], codes)
        if role in {Role.NAME, Role.TEXT}:
            yield _of_values([_sorted(v) for v in column.values], codes)
            yield _of_values([v.replace(" ", "")[:8] for v in column.values], codes)
            yield from _of_tokens(column, narrow)
        if role is Role.ADDRESS:
            yield from _of_addresses(column, narrow)
            yield from _of_tokens(column, [])
        if role is Role.EMAIL:
            yield _of_values([v.split("@")[0] for v in column.values], codes)
    yield from _joint(columns)


def _sorted(value: str) -> str:
    return " ".join(sorted(value.split()))


def _of_values(keys: list[str], codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], Keys]:
    """Return the rows and keys of a key that each value has."""
    number: dict[str, int] = {"": -1}
    of_value = np.array([number.setdefault(k, len(number)) for k in keys] or [-1], np.int64)
    key = np.where(codes >= 0, of_value[np.maximum(codes, 0)], -1)
    rows = np.flatnonzero(key >= 0)
    return rows, key[rows]


def _expanded(column: Column) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (rows, words) for every word of every row."""
    matrix = column.tokens.matrix
    rows = np.flatnonzero(column.codes >= 0)
    codes = column.codes[rows]
    sizes = np.diff(matrix.indptr)[codes]
    starts = np.repeat(matrix.indptr[codes], sizes)
    within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.repeat(rows, sizes), matrix.indices[starts + within].astype(np.int64)


def _of_tokens(
    column: Column, narrow: Sequence[NDArray[np.int64]]
) -> Iterator[tuple[NDArray[np.int64], Keys]]:
    """Give rare words as keys, and other words together with each narrower column."""
    if not column.values:
        return
    rows, words = _expanded(column)
    often = column.tokens.often[words]
    rare = often <= RARE
    yield rows[rare], words[rare]
    for codes in narrow:
        usable = (codes[rows] >= 0) & (often > 1) & (often <= max(RARE, len(codes) // 50))
        yield rows[usable], words[usable] * _MIX + codes[rows[usable]]


def _of_addresses(
    column: Column, narrow: Sequence[NDArray[np.int64]]
) -> Iterator[tuple[NDArray[np.int64], Keys]]:
    """Give number and each word of the street, number and postcode or city."""
    numbers = column.places[2].astype(np.int64)
    if not len(numbers):
        return
    rows, words = _expanded(column)
    number = numbers[column.codes[rows]]
    usable = number >= 0
    yield rows[usable], words[usable] * _MIX + number[usable]
    of_row = np.where(column.codes >= 0, numbers[np.maximum(column.codes, 0)], -1)
    for codes in narrow:
        both = np.flatnonzero((of_row >= 0) & (codes >= 0))
        yield both, of_row[both] * _MIX + codes[both]


def _joint(columns: Sequence[Column]) -> Iterator[tuple[NDArray[np.int64], Keys]]:
    """Give equal values of two columns of text, where a table has little but texts (persons)."""
    texts = [c for c in columns if c.field.role in {Role.NAME, Role.TEXT, Role.POSTCODE, Role.CITY}]
    for i, one in enumerate(texts):
        for other in texts[i + 1 :]:
            both = np.flatnonzero((one.codes >= 0) & (other.codes >= 0))
            yield both, one.codes[both].astype(np.int64) * _MIX + other.codes[both]


def _pairs_of(
    keyed: tuple[NDArray[np.int64], Keys], place: NDArray[np.int64], rows: int, block: int
) -> Pairs:
    """Return the pairs of a blocking; of large blocks only neighbours in the order of spelling."""
    members, keys = keyed
    if len(members) < 2:
        return np.zeros(0, np.int64)
    order = np.lexsort((place[members], keys))
    members, keys = members[order], keys[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    sizes = np.diff(np.r_[starts, len(keys)])
    reach = np.repeat(np.where(sizes <= block, sizes, NEIGHBOURS), sizes)
    ends = np.repeat(starts + sizes, sizes)
    at = np.arange(len(members))
    found = []
    for step in range(1, int(min(block, sizes.max()))):
        usable = at[(step < reach) & (at + step < ends)]
        if not len(usable):
            break
        left, right = members[usable], members[usable + step]
        found.append(np.minimum(left, right) * np.int64(rows) + np.maximum(left, right))
    made = distinct(np.concatenate(found)) if found else np.zeros(0, np.int64)
    apart: Pairs = made[made // rows != made % rows]
    return apart
