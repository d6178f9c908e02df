"""A column as numbers: each distinct value once, so that what is costly is done once a value."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perilune.hub.contracts.duplicates import Field, Role
from perilune.hub.engine.matching import normal, words
from perilune.hub.engine.matching.sets import distinct

IntArray = NDArray[np.int32]
FloatArray = NDArray[np.float32]


@dataclass
class Column:
    """A column in its normal spelling: code of each row's value (-1: missing), values, counts."""

    field: Field
    codes: IntArray
    values: list[str]
    counts: IntArray = dataclasses.field(repr=False)

    @property
    def share_known(self) -> float:
        """The share of rows that have a value."""
        return float((self.codes >= 0).mean()) if len(self.codes) else 0.0

    @cached_property
    def places(self) -> tuple[list[str], list[str], IntArray]:
        """Addresses: street of each value, number of each, and the number's code (-1: none)."""
        streets, numbers = [], []
        for value in self.values:
            number, street = normal.number_and_street(value)
            numbers.append(number)
            streets.append(" ".join(street))
        _values, codes = interned(numbers)
        return streets, numbers, codes

    @cached_property
    def texts(self) -> NDArray[Any]:
        """The values, to be taken many at once."""
        return np.array([*self.values, ""], object)[:-1]

    @cached_property
    def streets(self) -> NDArray[Any]:
        """Addresses: the street of each value, to be taken many at once."""
        return np.array([*self.places[0], ""], object)[:-1]

    @cached_property
    def pieces(self) -> list[IntArray]:
        """Codes of what values may share without being equal, by what the column holds."""
        parts = _PIECES.get(self.field.role, ())
        return [interned([part(value) for value in self.values])[1] for part in parts]

    @cached_property
    def tokens(self) -> Tokens:
        """The words of the values, weighted by rarity among the rows."""
        texts = self.places[0] if self.field.role is Role.ADDRESS else self.values
        return Tokens.of([_words(text) for text in texts], self.counts)

    @cached_property
    def grams(self) -> Any:
        """Sparse (values, groups of three letters): rows of length one, rare groups heavier."""
        texts = self.places[0] if self.field.role is Role.ADDRESS else self.values
        return grams_of(texts, self.counts)


_PIECES: dict[Role, tuple[Callable[[str], str], ...]] = {
    Role.POSTCODE: (lambda v: v[:3],),
    Role.PHONE: (lambda v: v[-7:],),
    Role.EMAIL: (lambda v: v.split("@")[0], lambda v: v.rpartition("@")[2]),
}
"""role: the beginning of a postcode, the end of a number, user and host of an e-mail"""


def _words(text: str) -> list[str]:
    found = text.split()
    return [w for w in found if w not in words.SMALL] or found


def _rarity(often: NDArray[Any], rows: int) -> FloatArray:
    weights: FloatArray = np.log((1.0 + rows) / np.maximum(often, 1.0)).astype(np.float32)
    return weights


@dataclass
class Tokens:
    """Words of values as sparse rows (values, words), and how rare each word is, in nats."""

    vocabulary: list[str]
    matrix: Any
    rarity: FloatArray
    often: NDArray[Any]
    mass: FloatArray
    """The sum of squared rarities of each value's words."""

    @classmethod
    def of(cls, lists: Sequence[list[str]], counts: IntArray) -> Tokens:
        """Count the words of each value, a value as often as it stands in the column."""
        from scipy import sparse

        number: dict[str, int] = {}
        indices: list[int] = []
        ends = [0]
        for one in lists:
            indices.extend({number.setdefault(w, len(number)) for w in one})
            ends.append(len(indices))
        columns = np.array(indices, np.int32)
        sizes = np.diff(ends)
        weights = np.repeat(counts, sizes).astype(np.float64)
        often = np.bincount(columns, weights, minlength=len(number))
        rarity = _rarity(often, int(counts.sum()))
        data = rarity[columns]
        shape = (len(lists), max(1, len(number)))
        matrix = sparse.csr_matrix((data, columns, np.array(ends, np.int64)), shape=shape)
        matrix.sort_indices()
        mass = np.asarray(matrix.multiply(matrix).sum(axis=1), np.float32).ravel()
        return cls(list(number), matrix, rarity, often, mass)


LETTERS = 3
"""Letters of a group."""
_SPARE = 1 << 22
"""Columns for groups of letters: a text of few letters has each group in a column of its own."""


def grams_of(texts: Sequence[str], counts: IntArray) -> Any:
    """Return sparse (texts, groups of three letters within words), the words' ends among them.

    counts: how often each text stands. Rows have length one; rare groups are heavier.
    """
    from scipy import sparse

    if not texts:
        return sparse.csr_matrix((0, 1), dtype=np.float32)
    whole = " " + " \n ".join(texts) + " "
    points = np.frombuffer(whole.encode("utf-32-le"), np.uint32)
    row = np.cumsum(points == ord("\n"), dtype=np.int64)
    used = np.flatnonzero(np.bincount(points))
    code = np.zeros(int(used[-1]) + 1, np.int64)
    code[used] = np.arange(len(used))
    letter, size = code[points], len(used)
    is_space, is_end = points == ord(" "), points == ord("\n")
    inside = ~(is_space | is_end)[1:-1] & ~is_end[:-2] & ~is_end[2:]
    gram = (letter[:-2] * size + letter[1:-1]) * size + letter[2:]
    packed = distinct(row[1:-1][inside] * _SPARE + gram[inside] % _SPARE)
    rows, columns = packed // _SPARE, packed % _SPARE
    often = np.bincount(columns, counts[rows].astype(np.float64))
    data = _rarity(often, int(counts.sum()))[columns]
    length = np.sqrt(np.bincount(rows, data.astype(np.float64) ** 2, minlength=len(texts)))
    data = (data / np.where(length > 0, length, 1.0)[rows]).astype(np.float32)
    ends = np.searchsorted(rows, np.arange(len(texts) + 1))
    return sparse.csr_matrix(
        (data, columns.astype(np.int32), ends.astype(np.int32)), shape=(len(texts), len(often))
    )


def interned(values: Sequence[str]) -> tuple[list[str], IntArray]:
    """Return the distinct values but the empty one in order, and the code of each (-1: empty)."""
    distinct = sorted(set(values) - {""})
    number = {value: i for i, value in enumerate(distinct)}
    number[""] = -1
    return distinct, np.fromiter((number[v] for v in values), np.int32, len(values))


def column_of(field: Field, cells: Sequence[str]) -> Column:
    """Return a column in its normal spelling, its values coded in their order."""
    make = normal.NORMAL[field.role]
    seen: dict[str, str] = {"": ""}
    spelt: list[str] = []
    for cell in cells:
        known = seen.get(cell)
        if known is None:
            known = _made(make, cell)
            seen[cell] = known
        spelt.append(known)
    values, codes = interned(spelt)
    counts = np.bincount(codes[codes >= 0], minlength=len(values)).astype(np.int32)
    return Column(field, codes, values, counts)


def _made(make: Callable[[str], str], cell: str) -> str:
    value = make(cell)
    return "" if value in normal.EMPTY else value
