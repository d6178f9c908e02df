"""Accounts, neighbours and rules from CSV files: every row that cannot be taken is named."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from perilune.kernel.errors import Invalid, NotFound, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import Units
from perilune.territories.contracts.units import FloatArray, IntArray
from perilune.territories.engine import middle_of, to_km

LATITUDE, LONGITUDE = ("latitude", "lat"), ("longitude", "lon", "lng")
LEAST_TOLERANCE, MOST_TOLERANCE = 0.0, 1.0


@dataclass(frozen=True)
class Balance:
    """An attribute to balance and its tolerance, 0.01 for 1 %."""

    name: str
    tolerance: float

    @classmethod
    def parse(cls, text: str) -> Balance:
        """Read `potential:1%` or `potential:0.01`; without a tolerance it is 1 %.

        Raises Invalid.
        """
        name, __, width = text.rpartition(":") if ":" in text else (text, "", "1%")
        try:
            share = float(width.rstrip("% ").replace(",", "."))
        except ValueError:
            share = math.nan
        share = share / 100 if "%" in width else share
        if not name or not LEAST_TOLERANCE <= share <= MOST_TOLERANCE:
            raise Invalid(
                _("“%(text)s” is no attribute with a tolerance, such as potential:1%%."), text=text
            )
        return cls(name, share)


@dataclass
class Accounts:
    """What a file of accounts says, row by row."""

    rows: list[dict[str, str]]
    ids: list[str]
    where: FloatArray
    """(n, 2) latitude and longitude, or x and y in km; NaN where missing."""
    by_degrees: bool
    is_placed: bool = True
    """False where the file has no columns of places at all: balance alone counts."""
    owners: list[str] = field(default_factory=list)
    locks: list[str] = field(default_factory=list)

    def only(self, which: list[int]) -> Accounts:
        """Return some of the rows, in their order."""
        return Accounts(
            [self.rows[i] for i in which],
            [self.ids[i] for i in which],
            self.where[which],
            self.by_degrees,
            self.is_placed,
            [self.owners[i] for i in which] if self.owners else [],
            [self.locks[i] for i in which] if self.locks else [],
        )

    def column(self, name: str) -> list[str]:
        """Return the cells of a column. Raises Invalid."""
        if name not in self.rows[0]:
            raise Invalid(_("There is no column named %(name)s."), name=name)
        return [row[name] for row in self.rows]

    def in_km(self, where: FloatArray) -> FloatArray:
        """Return places (p, 2) written as in the file in the km of its accounts."""
        if not self.by_degrees:
            return where
        known = np.isfinite(self.where).all(axis=1)
        points = np.full(where.shape, np.nan)
        some = np.isfinite(where).all(axis=1)
        if known.any() and some.any():
            middle = middle_of(*self.where[known].T)
            points[some] = to_km(where[some, 0], where[some, 1], middle)
        return points


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file; the separator is found out.

    Raises NotFound, or Invalid for a file without header or rows.
    """
    if not path.is_file():
        raise NotFound(_("There is no file %(path)s."), path=str(path))
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text("cp1252")
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    rows = [
        {
            (key or "").strip(): (value or "").strip()
            for key, value in row.items()
            if key is not None
        }
        for row in csv.DictReader(text.splitlines(), delimiter=separator)
    ]
    if not rows:
        raise Invalid(_("%(path)s has no rows."), path=str(path))
    return rows


def accounts_of(path: Path, owner: str = "", lock: str = "", no_map: bool = False) -> Accounts:
    """Read accounts: id, latitude and longitude (or x and y in km) and any attributes.

    owner, lock: names of columns, "" for none. no_map: places are not read. Raises Invalid.
    """
    rows = rows_of(path)
    names = {name.lower(): name for name in rows[0]}
    if "id" not in names:
        raise Invalid(_("There is no column named %(name)s."), name="id")
    latitude = next((names[one] for one in LATITUDE if one in names), "")
    longitude = next((names[one] for one in LONGITUDE if one in names), "")
    by_degrees = bool(latitude and longitude) and not no_map
    by_km = {"x", "y"} <= set(names) and not no_map
    if not (by_degrees or by_km or no_map):
        raise Invalid(
            _(
                "There are no coordinates: columns latitude and longitude, or x and y in km;"
                " --no-map shares out by balance alone."
            )
        )
    columns = (latitude, longitude) if by_degrees else (names["x"], names["y"]) if by_km else ()
    where = np.array([[number_of(row[one]) for one in columns] or [0.0, 0.0] for row in rows])
    for column in filter(None, (owner, lock)):
        if column not in rows[0]:
            raise Invalid(_("There is no column named %(name)s."), name=column)
    return Accounts(
        rows,
        [row[names["id"]] for row in rows],
        where,
        by_degrees,
        by_degrees or by_km,
        [row[owner] for row in rows] if owner else [],
        [row[lock] for row in rows] if lock else [],
    )


def units_of(accounts: Accounts, balances: Iterable[Balance], edges: Path | None) -> Units:
    """Return the units; empty cells of an attribute count as missing. Raises Invalid."""
    balances = list(balances)
    for balance in balances:
        if balance.name not in accounts.rows[0]:
            raise Invalid(_("There is no column named %(name)s."), name=balance.name)
    blank = [i for i, one in enumerate(accounts.ids) if not one]
    if blank:
        lines = ", ".join(str(i + 2) for i in blank[:5])
        raise Invalid(_("Rows without an id: lines %(lines)s."), lines=lines)
    loads = np.array([[number_of(row[b.name]) for b in balances] for row in accounts.rows], float)
    where = accounts.where
    if accounts.by_degrees:
        beyond = (np.abs(where[:, 0]) > 90) | (np.abs(where[:, 1]) > 180)
        if beyond.any():
            ids = ", ".join(accounts.ids[i] for i in np.flatnonzero(beyond)[:5])
            raise Invalid(_("Not a latitude and a longitude in degrees: %(ids)s."), ids=ids)
    points = accounts.in_km(where)
    return Units(
        tuple(accounts.ids),
        points,
        loads,
        tuple(balance.name for balance in balances),
        edges=None if edges is None else edges_of(edges, accounts.ids),
    )


def edges_of(path: Path, ids: list[str]) -> IntArray:
    """Return (e, 2) unit numbers from a file whose first two columns are ids. Raises Invalid."""
    number = {one: i for i, one in enumerate(ids)}
    rows = rows_of(path)
    left, right = [*rows[0], "", ""][:2]
    pairs, unknown = [], []
    for row in rows:
        ends = (row[left], row.get(right, ""))
        strange = [end for end in ends if end not in number]
        unknown += strange
        if not strange:
            pairs.append((number[ends[0]], number[ends[1]]))
    if unknown:
        found = ", ".join(sorted(set(unknown))[:5])
        raise Invalid(
            _("Neighbours that are no accounts: %(ids)s."),
            problems=(Problem(_("Neighbours that are no accounts: %(ids)s."), {"ids": found}),),
            ids=found,
        )
    return np.array(pairs, np.int32).reshape(-1, 2)


def number_of(text: str) -> float:
    """Read a number, also with a comma or spaces as French writes them; NaN where it is none."""
    cleaned = text.replace("\u202f", "").replace("\u00a0", "").replace(" ", "")
    if "," in cleaned and "." not in cleaned:
        cleaned = cleaned.replace(",", ".")
    try:
        return float(cleaned)
    except ValueError:
        return math.nan
