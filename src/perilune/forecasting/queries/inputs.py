"""What the engine is handed: won events as they were known over time, units, calendar."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.contracts import METHOD, By, ForecastRequest
from perilune.forecasting.engine import FOREVER, Calendar, Target, Unit, Wins
from perilune.forecasting.engine.windows import Ints
from perilune.kernel.asof import AsOf, end_of_day
from perilune.kernel.calendar import FiscalCalendar, Grain, Period
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.store import queries as store
from perilune.store.contracts import Result

Units = dict[int | None, Unit]

UNASSIGNED = -1
"""The number of the unit of wins that belong to no rep or team; it never vanishes (rule 21)."""
WHOLE = 10_000
"""Basis points of a whole deal."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """Everything a forecast depends on, and where it came from. All amounts in minor units."""

    wins: Wins
    units: tuple[Unit, ...]
    people: dict[int, int]
    target: Target
    calendar: Calendar
    first_day: date
    store_version: int
    sql: str
    uncounted: int

    def digest(self) -> str:
        """Return a SHA-256 of what the engine is handed."""
        whole = hashlib.sha256(self.wins.digest().encode())
        facts = {
            "method": METHOD,
            "target": [self.target.as_of, self.target.start, self.target.end],
            "units": [[u.number, u.id, u.start] for u in self.units],
            "first_day": self.first_day.isoformat(),
        }
        whole.update(json.dumps(facts, sort_keys=True).encode())
        whole.update(self.calendar.months.tobytes())
        whole.update(self.calendar.working.tobytes())
        return whole.hexdigest()


def read(
    request: ForecastRequest, scope: Scope, company: Company, version: int | None = None
) -> Inputs | None:
    """Return the inputs of a forecast; None when nothing was closed by the as-of."""
    as_of = request.as_of
    first_day = first_of(as_of, version).scalar()
    if not isinstance(first_day, date):
        return None
    days = local_days(first_day, as_of.day, str(company.zone))
    params = {
        "currency": company.currency,
        "by": request.by.value,
        "first_day": first_day,
        "low": days.low,
        "high": days.high,
    }
    found = store.run("forecasting.won", params, scope=scope, as_of=as_of, version=version)
    columns = _columns(found)
    keys = [] if request.by is By.TOTAL else found.column("unit_id")
    named = _named(as_of, scope, version)
    units = _units(request.by, keys, named, first_day, as_of.day)
    return Inputs(
        _wins(columns, keys, units, days),
        tuple(units.values()),
        _people(request.by, params, as_of, scope, version),
        target_of(request.period, as_of, first_day),
        _calendar(company.calendar, first_day, as_of, request.period, version),
        first_day,
        found.version,
        found.sql,
        round(float(columns["missing"].sum()) / WHOLE),
    )


def target_of(period: Period, as_of: AsOf, first_day: date) -> Target:
    """Return the period and the as-of as day numbers."""
    return Target(
        (as_of.day - first_day).days,
        (period.start - first_day).days,
        (period.end - first_day).days,
    )


def first_of(as_of: AsOf, version: int | None = None) -> Result:
    """Return the first day of data as one cell, with the store's version that says so."""
    # of the company, whoever asks: a new rep's silence before the first deal is not «no data»
    return store.run("forecasting.first_day", scope=Scope.company(), as_of=as_of, version=version)


# -- units -----------------------------------------------------------------------------------------


def _named(as_of: AsOf, scope: Scope, version: int | None) -> dict[tuple[str, int], dict[str, Any]]:
    rows = store.run("forecasting.units", scope=scope, as_of=as_of, version=version).dicts()
    return {(row["kind"], row["id"]): row for row in rows}


def _units(
    by: By,
    keys: list[Any],
    named: dict[tuple[str, int], dict[str, Any]],
    first_day: date,
    today: date,
) -> Units:
    if by is By.TOTAL:
        return {}
    kind = "rep" if by is By.REP else "team"
    wanted = set(keys)
    if by is By.REP:
        wanted |= {
            id_ for (what, id_), row in named.items() if what == "rep" and _works(row, today)
        }
    units: Units = {}
    ordered = sorted(wanted - {None}, key=lambda key: (_label(named, kind, key), key))
    for number, key in enumerate(ordered):
        hired = named.get((kind, key), {}).get("hire_date")
        start = max((hired - first_day).days, 0) if hired else 0
        label = _label(named, kind, key)
        units[key] = Unit(number, f"{kind}:{key}", label, key, start)
    if None in wanted:
        units[None] = Unit(UNASSIGNED, "unassigned", "unassigned")
    return units


def _works(row: dict[str, Any], today: date) -> bool:
    """Tell whether a rep with known dates is employed; without dates one shows with a win."""
    if row["hire_date"] is None:
        return False
    return bool(
        row["hire_date"] <= today and (row["leave_date"] is None or row["leave_date"] >= today)
    )


def _label(named: dict[tuple[str, int], dict[str, Any]], kind: str, key: int) -> str:
    return str(named.get((kind, key), {}).get("name") or f"#{key}")


def _people(
    by: By, params: Mapping[str, Any], as_of: AsOf, scope: Scope, version: int | None
) -> dict[int, int]:
    """Return how many reps stand behind each unit's wins, for who may only see groups."""
    if scope.smallest_group <= 1 or by is By.TOTAL:
        return {}
    rows = store.run(
        "forecasting.people_behind", params, scope=scope, as_of=as_of, version=version
    ).rows
    return {key: reps for key, reps in rows if key is not None}


# -- wins ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class LocalDays:
    """The local days of a span: the zone's smallest and largest offset, seconds, and each night's.

    offset: (N,) the offset in force at the end of day 0 .. N-1.
    """

    low: int
    high: int
    offset: Ints

    def known(self, low: Ints, high: Ints) -> Ints:
        """Return the local day numbers of instants read with either offset; -1 is FOREVER.

        Where the two differ the instant lies around midnight, and the night's offset tells whether
        the next day had begun. In a zone with a third offset it counts as begun: known later, never
        earlier than it was.
        """
        night = np.clip(low, 0, len(self.offset) - 1)
        has_begun = (low != high) & (self.offset[night] != self.low)
        return np.where(low == -1, FOREVER, np.where(has_begun, high, low))


@lru_cache(maxsize=64)
def local_days(first: date, last: date, zone: str) -> LocalDays:
    """Return how the days of a span lie against UTC; at least one day."""
    tz = ZoneInfo(zone)
    count = max((last - first).days + 1, 1)
    offset = np.array([_offset(first + timedelta(days=n), tz) for n in range(count)], np.int64)
    return LocalDays(int(offset.min()), int(offset.max()), offset)


def _offset(day: date, zone: ZoneInfo) -> int:
    end = datetime.combine(day + timedelta(days=1), time.min) - timedelta(microseconds=1)
    return round((end - end_of_day(day, zone).replace(tzinfo=None)).total_seconds())


def _columns(found: Result) -> dict[str, NDArray[np.float64]]:
    names = found.columns[1:]  # without the unit, which may be null
    table = np.array([row[1:] for row in found.rows], dtype=float).reshape(-1, len(names))
    return {name: table[:, at] for at, name in enumerate(names)}


def _wins(
    columns: dict[str, NDArray[np.float64]], keys: list[Any], units: Units, days: LocalDays
) -> Wins:
    def ints(name: str) -> Ints:
        return columns[name].astype(np.int64)

    numbers = [units[key].number for key in keys] if units else [0] * len(columns["day"])
    return Wins(
        day=ints("day"),
        amount=columns["credit"] / WHOLE,
        known_from=days.known(ints("from_low"), ints("from_high")),
        known_to=days.known(ints("to_low"), ints("to_high")),
        unit=np.array(numbers, dtype=np.int64),
        deals=columns["shares"] / WHOLE,
    )


# -- calendar --------------------------------------------------------------------------------------


def _calendar(
    fiscal: FiscalCalendar, first_day: date, as_of: AsOf, period: Period, version: int | None
) -> Calendar:
    last = max(period.end, as_of.day)
    found = store.run(
        "forecasting.workdays",
        {"first": first_day, "last": last},
        scope=Scope.company(),
        as_of=as_of,
        version=version,
    ).rows
    working = np.zeros((last - first_day).days + 1)
    for day, is_workday in found:
        working[(day - first_day).days] = float(is_workday)
    # an unknown calendar is no calendar: the year-back member then counts plain days
    return Calendar(_months(fiscal, first_day, last), working if found else np.zeros(0))


@lru_cache(maxsize=64)
def _months(fiscal: FiscalCalendar, first_day: date, last: date) -> NDArray[np.float64]:
    """Return the first days of the fiscal months around a span, as day numbers."""
    end = last + timedelta(days=62)
    months = fiscal.between(first_day, end, Grain.MONTH)
    return np.array([(month.start - first_day).days for month in months], dtype=float)
