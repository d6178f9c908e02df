"""Registration numbers decide first (rule 36): two SIRETs under one SIREN are sites."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from perilune.hub.contracts.duplicates import Role
from perilune.hub.engine.matching.interning import Column

SAME, OTHER, OPEN = 1, -1, 0
_SIREN, _SIRET, _FRENCH_VAT = (
    re.compile(r"\d{9}"),
    re.compile(r"\d{14}"),
    re.compile(r"fr\w\w(\d{9})"),
)


def _parts(value: str) -> tuple[str, str]:
    """Return what names the company and what names its site ("" for none)."""
    if _SIRET.fullmatch(value):
        return value[:9], value
    found = _FRENCH_VAT.fullmatch(value)
    return (found.group(1) if found else value), ""


def decided(
    columns: list[Column], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int8]:
    """Return 1 for one company or site by number, -1 for two, 0 where numbers do not tell.

    A company's number against a site's under it tells nothing.
    """
    answer = np.zeros(len(left), np.int8)
    for column in columns:
        if column.field.role is not Role.REGISTRATION or not column.values:
            continue
        split = [_parts(value) for value in column.values]
        names = {name: i for i, name in enumerate(sorted({firm for firm, _site in split}))}
        firm = np.array([names[f] for f, _site in split])
        site = np.array([i if s else -1 for i, (_firm, s) in enumerate(split)])
        known = np.flatnonzero((column.codes[left] >= 0) & (column.codes[right] >= 0))
        a, b = column.codes[left[known]], column.codes[right[known]]
        told = np.where(firm[a] != firm[b], OTHER, OPEN)
        both = (site[a] >= 0) & (site[b] >= 0)
        neither = (site[a] < 0) & (site[b] < 0)
        told = np.where((told == OPEN) & both, np.where(site[a] == site[b], SAME, OTHER), told)
        told = np.where((told == OPEN) & neither, SAME, told)
        # one number that differs says more than another that agrees: sites share a SIREN
        answer[known] = np.where((told == OTHER) | (answer[known] == OPEN), told, answer[known])
    return answer
