"""How alike two records are, field by field: measures from 0 to 1, and a level of each field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perilune.hub.contracts.duplicates import Role
from perilune.hub.engine.matching.interning import Column, FloatArray

Levels = NDArray[np.int8]
"""(pairs,) level of agreement; -1 where one of the two is missing."""

_CHUNK = 400_000
STEPS: dict[Role, tuple[float, ...]] = {
    Role.NAME: (0.25, 0.45, 0.65, 0.85, 0.999),
    Role.TEXT: (0.5, 0.75, 0.9, 0.999),
    Role.ADDRESS: (0.2, 0.4, 0.6, 0.8, 0.999),
    Role.CITY: (0.8, 0.999),
    Role.COUNTRY: (0.999,),
    Role.POSTCODE: (0.5, 0.999),
    Role.PHONE: (0.5, 0.999),
    Role.EMAIL: (0.4, 0.8, 0.999),
    Role.DOMAIN: (0.6, 0.999),
    Role.REGISTRATION: (0.5, 0.999),
}
"""role: likeness from which a level begins; below the first it is level 0."""


def levels_of(role: Role) -> int:
    """Return how many levels a role has."""
    return len(STEPS[role]) + 1


@dataclass
class Compared:
    """Pairs compared: levels (pairs, fields), measures (pairs, measures), their names."""

    levels: NDArray[np.int8]
    measures: FloatArray
    names: list[str]


def compare(
    columns: Sequence[Column], left: NDArray[Any], right: NDArray[Any], measured: bool = True
) -> Compared:
    """Compare rows left[i] and right[i]; a measure of a missing field is NaN."""
    levels = np.full((len(left), len(columns)), -1, np.int8)
    measures: list[FloatArray] = []
    names: list[str] = []
    for number, column in enumerate(columns):
        one, two = column.codes[left], column.codes[right]
        known = np.flatnonzero((one >= 0) & (two >= 0))
        low, high = np.minimum(one[known], two[known]), np.maximum(one[known], two[known])
        size = max(1, len(column.values))
        packed, back = np.unique(low.astype(np.int64) * size + high, return_inverse=True)
        found = _measures(column, packed // size, packed % size)
        steps = np.array(STEPS[column.field.role], np.float32)
        level = np.searchsorted(steps, found["like"], side="right").astype(np.int8)
        levels[known, number] = level[back]
        for name, values in found.items() if measured else ():
            whole = np.full(len(left), np.nan, np.float32)
            whole[known] = values[back]
            measures.append(whole)
            names.append(f"{column.field.column}.{name}")
    _defer(columns, levels, measures, names)
    stacked = np.stack(measures, axis=1) if measures else np.zeros((len(left), 0), np.float32)
    return Compared(levels, stacked, names)


def _defer(
    columns: Sequence[Column],
    levels: NDArray[np.int8],
    measures: list[FloatArray],
    names: list[str],
) -> None:
    """Let towns speak only where postcodes are silent: the one follows from the other."""
    roles = [c.field.role for c in columns]
    codes = [i for i, role in enumerate(roles) if role is Role.POSTCODE]
    for i in [i for i, role in enumerate(roles) if role is Role.CITY] if codes else []:
        told = (levels[:, codes] >= 0).any(axis=1)
        levels[told, i] = -1
        for name, values in zip(names, measures, strict=True):
            if name.rpartition(".")[0] == columns[i].field.column:
                values[told] = np.nan


_WORTH: dict[Role, tuple[float, ...]] = {
    Role.POSTCODE: (0.6,),
    Role.PHONE: (1.0,),
    Role.EMAIL: (0.85, 0.5),
}
"""role: likeness of values that share each of the column's pieces"""


def _measures(column: Column, a: NDArray[Any], b: NDArray[Any]) -> dict[str, FloatArray]:
    parts = [
        _of_values(column, a[i : i + _CHUNK], b[i : i + _CHUNK])
        for i in range(0, max(1, len(a)), _CHUNK)
    ]
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def _of_values(column: Column, a: NDArray[Any], b: NDArray[Any]) -> dict[str, FloatArray]:
    role = column.field.role
    if role in {Role.NAME, Role.TEXT}:
        return _names(column, a, b)
    if role is Role.ADDRESS:
        return _addresses(column, a, b)
    same = (a == b).astype(np.float32)
    if role is Role.COUNTRY:
        return {"like": same}
    return {"like": np.maximum(same, _coded(column, a, b) * np.float32(0.99))}


def _coded(column: Column, a: NDArray[Any], b: NDArray[Any]) -> FloatArray:
    """Return how alike codes are: one letter off, ends in common, the same host."""
    from rapidfuzz.distance import OSA, JaroWinkler

    one, two = column.texts[a].tolist(), column.texts[b].tolist()
    role = column.field.role
    if role in {Role.CITY, Role.DOMAIN}:
        return _paired(JaroWinkler.normalized_similarity, one, two)
    near = (_paired(OSA.distance, one, two) <= 1).astype(np.float32) * 0.7
    for codes, worth in zip(column.pieces, _WORTH.get(role, ()), strict=True):
        near = np.maximum(near, (codes[a] == codes[b]) * np.float32(worth))
    return near.astype(np.float32)


def _paired(scorer: Any, one: list[str], two: list[str]) -> FloatArray:
    from rapidfuzz import process

    if not one:
        return np.zeros(0, np.float32)
    found: FloatArray = process.cpdist(one, two, scorer=scorer, dtype=np.float32, workers=-1)
    return found


def _dot(matrix: Any, a: NDArray[Any], b: NDArray[Any]) -> FloatArray:
    return np.asarray(matrix[a].multiply(matrix[b]).sum(axis=1), np.float32).ravel()


def _names(column: Column, a: NDArray[Any], b: NDArray[Any]) -> dict[str, FloatArray]:
    """Return measures of two names: words and letters in common by rarity, one within the other."""
    from rapidfuzz.distance import JaroWinkler

    one, two = column.texts[a].tolist(), column.texts[b].tolist()
    common, mass = _dot(column.tokens.matrix, a, b), column.tokens.mass
    low, high = np.minimum(mass[a], mass[b]), np.maximum(mass[a], mass[b])
    cosine = common / np.sqrt(np.maximum(low * high, 1e-9))
    within = common / np.maximum(low, 1e-9)
    grams = _dot(column.grams, a, b)
    spelling = _paired(JaroWinkler.normalized_similarity, one, two)
    same = (a == b).astype(np.float32)
    near = np.maximum(cosine, grams)
    near = np.maximum(near, np.clip((spelling - 0.8) * 4.5, 0.0, 0.9))
    like = np.where(same > 0, 1.0, np.minimum(near, 0.99)).astype(np.float32)
    rarest = np.sqrt(common)
    return {
        "like": like, "cosine": cosine, "within": within, "grams": grams, "spelling": spelling,
        "rare": rarest.astype(np.float32),
    }  # fmt: skip


def _addresses(column: Column, a: NDArray[Any], b: NDArray[Any]) -> dict[str, FloatArray]:
    """Return measures of two addresses: street by words and letters, number equal or not."""
    from rapidfuzz.distance import JaroWinkler

    codes, streets = column.places[2], column.streets
    one, two = streets[a].tolist(), streets[b].tolist()
    common, mass = _dot(column.tokens.matrix, a, b), column.tokens.mass
    low, high = np.minimum(mass[a], mass[b]), np.maximum(mass[a], mass[b])
    cosine = np.where(low > 0, common / np.sqrt(np.maximum(low * high, 1e-9)), 0)
    within = np.where(low > 0, common / np.maximum(low, 1e-9), 0)
    spelling = _paired(JaroWinkler.normalized_similarity, one, two)
    street = np.maximum(cosine, _dot(column.grams, a, b))
    street = np.maximum(street, np.clip((spelling - 0.8) * 4.5, 0.0, 0.9))
    street = np.maximum(street, 0.9 * within)
    is_told = (codes[a] >= 0) & (codes[b] >= 0)
    number = np.where(is_told, codes[a] == codes[b], 0.5).astype(np.float32)
    like = np.where(number == 1, 0.45 + 0.54 * street, np.where(is_told, 0.39, 0.79) * street)
    like = np.where(a == b, 1.0, like)
    return {
        "like": like.astype(np.float32), "street": street.astype(np.float32),
        "within": within.astype(np.float32), "number": number,
    }  # fmt: skip
