"""What the engine is handed: journeys of all deals as known at an as-of, and the seasons."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from perilune.insights.engine.design import Season
from perilune.insights.engine.journeys import DAYS, Ints, Journeys
from perilune.kernel.asof import AsOf, end_of_day
from perilune.kernel.calendar import FiscalCalendar, Grain
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.store import queries as store
from perilune.store import service

LEVELS = 32
"""Levels of a feature with a name of the company's own; the last takes all that came later."""
_BEFORE, _AFTER = 800, 800
_KEPT = 3
_memory: OrderedDict[Hashable, Journeys] = OrderedDict()
_lock = threading.Lock()
CATEGORIES = ("pipeline", "best_case", "most_likely", "commit", "omitted", "?")
TYPES = ("new", "expansion", "renewal", "other", "?")


@dataclass(frozen=True, eq=False)
class Knowledge:
    """What an outlook is made from. first_day: day 0. day: number of the as-of's day."""

    journeys: Journeys
    season: Season
    first_day: date
    day: int

    @property
    def phase(self) -> int:
        """The day number, modulo seven, of the Sundays on which models are learnt."""
        return (6 - self.first_day.weekday()) % 7


def read(first_day: date, as_of: AsOf, company: Company, version: int | None = None) -> Knowledge:
    """Return the knowledge of the whole company at an as-of.

    Chances are learnt from all deals, whoever asks; what a scope may see is cut afterwards.
    """
    stamp = version if version is not None else store.freshness().version
    key = (service.current().path, stamp, as_of.at, first_day, company.currency, str(company.zone))
    with _lock:
        journeys = _memory.get(key)
    if journeys is None:
        journeys = _journeys(first_day, as_of, company, version)
        with _lock:
            _memory[key] = journeys
            while len(_memory) > _KEPT:
                _memory.popitem(last=False)
    season = season_of(company.calendar, first_day, as_of.day)
    return Knowledge(journeys, season, first_day, (as_of.day - first_day).days)


def forget() -> None:
    """Forget what was read; for tests and benchmarks."""
    with _lock:
        _memory.clear()


def _journeys(first_day: date, as_of: AsOf, company: Company, version: int | None) -> Journeys:
    params = {
        "first_day": first_day,
        "currency": company.currency,
        "high": _largest_offset(first_day, as_of.day, str(company.zone)),
    }
    found = store.arrays(
        "insights.spells", params, scope=Scope.company(), as_of=as_of, version=version
    )
    acts = store.arrays(
        "insights.acts", params, scope=Scope.company(), as_of=as_of, version=version
    )
    return journeys_of(
        {name: _plain(column) for name, column in found.items()},
        _plain(acts["id"]),
        _plain(acts["day"]),
    )


def _plain(column: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(column)


def journeys_of(
    columns: dict[str, NDArray[Any]], act_key: NDArray[Any], act_day: NDArray[Any]
) -> Journeys:
    """Return journeys from `insights.spells`, sorted by id and day, and from activities."""

    def ints(name: str) -> Ints:
        return columns[name].astype(np.int64)

    key, first, deal = np.unique(ints("id"), return_index=True, return_inverse=True)
    start = ints("day_from")
    created = ints("created")[_last_of(deal, len(key))]
    created = np.where(created < -DAYS, start[first], created)
    value = columns["value"].astype(float)
    end = ints("day_to")
    codes = {
        "stage": _numbered(ints("stage_id"), start),
        "product": _numbered(ints("product_id"), start),
        "category": ints("category"),
        "type": ints("type"),
        "stage_since": ints("stage_since"),
    }
    levels = {"stage": _words(codes["stage"]), "product": _words(codes["product"])}
    levels |= {
        name: words
        for name, words in (("category", CATEGORIES), ("type", TYPES))
        if _varies(codes[name])
    }
    return Journeys(
        deal=deal.astype(np.int64),
        start=start,
        end=np.where(
            np.append(deal[1:] == deal[:-1], False), np.maximum(np.append(start[1:], 0), start), end
        ),
        state=ints("state"),
        closed=ints("closed"),
        due=ints("due"),
        value=np.where(value < 0, np.nan, value),
        owner=ints("owner_id"),
        pushes=ints("pushes"),
        created=created,
        key=key,
        codes=codes,
        levels={name: words for name, words in levels.items() if len(words) > 1},
        ids={"stage": ints("stage_id"), "product": ints("product_id")},
        acts=_acts(key, act_key, act_day),
    )


def _last_of(deal: Ints, count: int) -> Ints:
    return np.searchsorted(deal, np.arange(count), side="right") - 1


def _varies(codes: Ints) -> bool:
    return bool(len(codes)) and bool((codes != codes[0]).any())


def _words(codes: Ints) -> tuple[str, ...]:
    return tuple(str(at) for at in range(LEVELS)) if _varies(codes) else ()


def _numbered(ids: Ints, start: Ints) -> Ints:
    """Return the number of each id by when it was first known: later ones shift no earlier one."""
    found, inverse = np.unique(ids, return_inverse=True)
    since = np.full(len(found), np.iinfo(np.int64).max)
    np.minimum.at(since, inverse, start)
    rank = np.empty(len(found), dtype=np.int64)
    rank[np.lexsort((found, since))] = np.arange(len(found))
    return np.minimum(rank, LEVELS - 1)[inverse]


def _acts(key: Ints, act_key: NDArray[Any], act_day: NDArray[Any]) -> Ints:
    day = act_day.astype(np.int64)
    at = np.searchsorted(key, act_key)
    known = (
        (at < len(key)) & (key[np.minimum(at, len(key) - 1)] == act_key) & (day >= 0)
        if len(key)
        else np.zeros(0, bool)
    )
    return np.sort(at[known] * DAYS + day[known])


@lru_cache(maxsize=64)
def _largest_offset(first: date, last: date, zone: str) -> int:
    tz = ZoneInfo(zone)
    found = []
    for back in range(0, max((last - first).days, 1) + 1, 30):
        day = first + timedelta(days=back)
        end = datetime.combine(day + timedelta(days=1), time.min) - timedelta(microseconds=1)
        found.append(round((end - end_of_day(day, tz).replace(tzinfo=None)).total_seconds()))
    return max(found)


@lru_cache(maxsize=16)
def season_of(calendar: FiscalCalendar, first_day: date, as_of: date) -> Season:
    """Return where each day around a history lies in its fiscal quarter and year."""
    first, last = first_day - timedelta(days=_BEFORE), as_of + timedelta(days=_AFTER)
    size = (last - first).days + 1
    week, month = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for quarter in calendar.between(first, last, Grain.QUARTER):
        days = _span(quarter.start, quarter.end, first, size)
        week[days] = np.minimum((days + (first - quarter.start).days) // 7, 12)
    for year in calendar.between(first, last, Grain.YEAR):
        for at, period in enumerate(calendar.between(year.start, year.end, Grain.MONTH)):
            month[_span(period.start, period.end, first, size)] = min(at, 11)
    return Season(week, month, _BEFORE)


def _span(start: date, end: date, first: date, size: int) -> Ints:
    low, high = max((start - first).days, 0), min((end - first).days + 1, size)
    return np.arange(low, max(high, low), dtype=np.int64)
