"""What the engine is handed: won events as they were known over time, seats, outlooks, calendar."""

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

from perilune.forecasting.contracts import EVERYBODY_STAYS, METHOD, By, ForecastRequest
from perilune.forecasting.engine import FOREVER, Calendar, Question, Target, Unit, Wins
from perilune.forecasting.engine.presence import Dated
from perilune.forecasting.engine.windows import Ints
from perilune.forecasting.queries.modelling import Modelled, modelled
from perilune.forecasting.queries.seating import (
    Named,
    Seating,
    groups_of,
    spans,
    unit_name,
    units_of,
)
from perilune.insights.queries import Rolling
from perilune.kernel.asof import AsOf, end_of_day
from perilune.kernel.calendar import FiscalCalendar, Grain, Period
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.store import queries as store
from perilune.store.contracts import Result

WHOLE = 10_000
"""Basis points of a whole deal."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """Everything a forecast depends on, and where it came from. All amounts in minor units."""

    question: Question
    people: dict[By, dict[str, int]]
    """How many reps stand behind each unit, where a scope may only see groups, and of parts."""
    first_day: date
    store_version: int
    sql: str
    uncounted: int
    model: Modelled
    parents: Mapping[int, int | None]
    """Each team's parent, as known at the as-of."""
    method: str = METHOD

    def digest(self) -> str:
        """Return a SHA-256 of what the engine is handed."""
        asked = self.question
        whole = hashlib.sha256(asked.wins.digest().encode())
        facts = {
            "method": self.method,
            "target": [asked.target.as_of, asked.target.start, asked.target.end],
            "units": [
                [by.value, unit.id, unit.start, list(unit.seats)]
                for by, units in asked.units.items()
                for unit in units
            ],
            "first_day": self.first_day.isoformat(),
            "model": self.model.digest,
        }
        whole.update(json.dumps(facts, sort_keys=True).encode())
        for parts in asked.parts.values():
            whole.update(parts.digest().encode())
        whole.update(asked.calendar.months.tobytes())
        whole.update(asked.calendar.working.tobytes())
        return whole.hexdigest()


def read(
    request: ForecastRequest,
    scope: Scope,
    company: Company,
    version: int | None = None,
    *,
    learn: bool = False,
    rolling: Rolling | None = None,
    method: str = METHOD,
) -> Inputs | None:
    """Return the inputs of a forecast; None when nothing was closed by the as-of.

    learn: learn models of open deals that are not on record, which may take minutes. rolling: what
    is shared by the as-ofs of a back-test. method: an earlier one, for runs that were made with it.
    """
    as_of = request.as_of
    first_day = first_of(as_of, version).scalar()
    if not isinstance(first_day, date):
        return None
    days = local_days(first_day, as_of.day, str(company.zone))
    params = {
        "currency": company.currency,
        "first_day": first_day,
        "low": days.low,
        "high": days.high,
    }
    found = store.arrays("forecasting.won", params, scope=scope, as_of=as_of, version=version)
    told = store.freshness().version if version is None else version
    seating = Seating()
    wins = _wins(found, seating, days)
    target = target_of(request.period, as_of, first_day)
    dated = None if method == EVERYBODY_STAYS else dated_of(first_day, as_of, days, version)
    model = modelled(
        target, first_day, as_of, scope, company, seating, spans(first_day, as_of, version),
        version=version, learn=learn, rolling=rolling, dated=dated,
    )  # fmt: skip
    seats = seating.seats()
    named, parents = _named(as_of, scope, version), _parents(as_of, version)
    units = units_of(seats, named, first_day, as_of.day)
    question = Question(
        wins=wins,
        seats=seats,
        units=units,
        target=target,
        calendar=_calendar(company.calendar, first_day, as_of, request.period, version),
        total=Unit("total", "total", seats=tuple(range(seats.count))),
        simulated=model.simulated,
        draw=model.draw,
        seed=SEED,
        groups=groups_of(seats, parents, named, first_day),
    )
    return Inputs(
        question,
        _people(params, as_of, scope, version),
        first_day,
        told,
        store.explain("forecasting.won", params, scope=scope, as_of=as_of),
        round(float(found["missing"].sum()) / WHOLE),
        model,
        parents,
        method,
    )


SEED = 20_170_301
"""One seed for all: the same deals have the same luck in every forecast and scenario."""


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


def _named(as_of: AsOf, scope: Scope, version: int | None) -> Named:
    rows = store.run("forecasting.units", scope=scope, as_of=as_of, version=version).dicts()
    return {(row["kind"], row["id"]): row for row in rows}


def _parents(as_of: AsOf, version: int | None) -> dict[int, int | None]:
    # of the company, whoever asks: which team is below which is no secret
    rows = store.run(
        "forecasting.seats",
        {"until": as_of.day},
        scope=Scope.company(),
        as_of=as_of,
        version=version,
    ).dicts()
    return {row["id"]: row["team_id"] for row in rows if row["kind"] == "team"}


def _people(
    params: Mapping[str, Any], as_of: AsOf, scope: Scope, version: int | None
) -> dict[By, dict[str, int]]:
    """Return how many reps stand behind each unit's wins, for who may only see groups."""
    if scope.smallest_group <= 1:
        return {}
    found = {}
    for by in (By.REGION, By.TEAM):
        asked = {**params, "by": by.value}
        rows = store.run(
            "forecasting.people_behind", asked, scope=scope, as_of=as_of, version=version
        ).rows
        found[by] = {unit_name("team", key): reps for key, reps in rows if key is not None}
    return found


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


def _wins(columns: dict[str, NDArray[Any]], seating: Seating, days: LocalDays) -> Wins:
    def ints(name: str) -> Ints:
        return columns[name].astype(np.int64)

    held = np.stack([ints(name) for name in ("rep_id", "team_id", "region_id")], axis=1)
    distinct, inverse = np.unique(held, axis=0, return_inverse=True)
    numbers = [seating.number((int(rep), int(team), int(region))) for rep, team, region in distinct]
    return Wins(
        day=ints("day"),
        amount=columns["credit"].astype(float) / WHOLE,
        known_from=days.known(ints("from_low"), ints("from_high")),
        known_to=days.known(ints("to_low"), ints("to_high")),
        unit=np.array(numbers, dtype=np.int64)[inverse.ravel()] if len(held) else ints("day"),
        deals=columns["shares"].astype(float) / WHOLE,
    )


def dated_of(first_day: date, as_of: AsOf, days: LocalDays, version: int | None) -> Dated:
    """Return who was employed, assigned and absent when, as every day up to the as-of knew it."""
    # of the company, whoever asks: only the seats that a scope sees are told
    found = store.arrays(
        "forecasting.presence",
        {"first_day": first_day, "low": days.low, "high": days.high},
        scope=Scope.company(),
        as_of=as_of,
        version=version,
    )
    ints = {name: column.astype(np.int64) for name, column in found.items() if name != "fte"}
    return Dated(
        kind=ints["kind"],
        rep=ints["rep_id"],
        since=ints["since"],
        until=ints["until"],
        fte=found["fte"].astype(float),
        known_from=days.known(ints["from_low"], ints["from_high"]),
        known_to=days.known(ints["to_low"], ints["to_high"]),
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
