"""What the engine is handed: journeys of all deals as known at an as-of, and the seasons.

Journeys of a million deals take seconds to read, so those of an as-of are kept: after a change of
the store only the deals that were touched are read, and only days from the first difference on are
hashed anew. What comes out is that of a whole reading, to the bit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from perilune.insights.engine.design import Season
from perilune.insights.engine.digesting import Trail
from perilune.insights.engine.journeys import Ints, Journeys
from perilune.insights.queries import spells
from perilune.kernel.asof import AsOf, end_of_day
from perilune.kernel.calendar import FiscalCalendar, Grain
from perilune.kernel.keeping import Kept
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.store import queries as store
from perilune.store import service
from perilune.store.contracts import Origin

_BEFORE, _AFTER = 800, 800
_DEALS = "opportunity_version"
_KEPT, _MOST_SPELLS = 3, 4_000_000
"""As-ofs whose journeys are kept, and the spells of all of them together (150 bytes each)."""


@dataclass(frozen=True, eq=False)
class Told:
    """Journeys as read from one state of the store, and what the next reading goes on from.

    acts: see `spells.acts_of`. origins: the rows of deals and of activities that were read.
    """

    journeys: Journeys
    trail: Trail
    acts: Ints
    origins: tuple[Origin, Origin]


@dataclass(frozen=True, eq=False)
class Knowledge:
    """What an outlook is made from. first_day: day 0. day: number of the as-of's day.

    The journeys are read when they are first asked for: who finds no model never does.
    """

    ask: Callable[[], Told]
    season: Season
    first_day: date
    day: int

    @property
    def journeys(self) -> Journeys:
        """The journeys of all deals as known at the as-of."""
        return self.ask().journeys

    def digests(self, days: Iterable[int]) -> dict[int, str]:
        """Return a digest of all that was known of deals at the end of each day."""
        told = self.ask()
        return told.trail.digests(told.journeys, days)

    @property
    def phase(self) -> int:
        """The day number, modulo seven, of the Sundays on which models are learnt."""
        return (6 - self.first_day.weekday()) % 7


def read(first_day: date, as_of: AsOf, company: Company, version: int | None = None) -> Knowledge:
    """Return the knowledge of the whole company at an as-of.

    Chances are learnt from all deals, whoever asks; what a scope may see is cut afterwards.
    """
    season = season_of(company.calendar, first_day, as_of.day)
    ask = _Reading(first_day, as_of, company, version).told
    return Knowledge(ask, season, first_day, (as_of.day - first_day).days)


@dataclass(eq=False)
class _Place:
    """What is kept of one as-of: the latest reading. Who reads holds the lock, others wait."""

    told: Told | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def spells(self) -> int:
        """Return how many spells are kept."""
        return len(self.told.journeys.deal) if self.told else 0


_places = Kept[_Place](_KEPT, _MOST_SPELLS, _Place.spells)


class _Reading:
    """One reading: of all deals, or of those that were touched since the last one."""

    def __init__(self, first_day: date, as_of: AsOf, company: Company, version: int | None) -> None:
        self._key = (service.current().path, as_of.at, first_day, company.currency, company.zone)
        self._as_of, self._version = as_of, version
        self._params: Mapping[str, Any] = {
            "first_day": first_day,
            "currency": company.currency,
            "high": _largest_offset(first_day, as_of.day, str(company.zone)),
        }
        self._told: Told | None = None

    def told(self) -> Told:
        """Return the journeys and what belongs to them."""
        if self._told is None:
            place = _places.get(self._key, _Place)
            with place.lock:
                self._told = self._read(place.told)
                # what a pinned version of long ago said is of no use to the pages
                if place.told is None or _is_later(self._told, place.told):
                    place.told = self._told
            _places.put(self._key, place)  # it may have grown
        return self._told

    def _read(self, before: Told | None) -> Told:
        deals = self._origin("insights.spells", self._version)
        acts = self._origin("insights.acts", deals.version)
        origins = (deals, acts)
        if before is None or deals.version < before.origins[0].version:
            return self._anew(origins)
        if deals.is_same(before.origins[0]) and acts.is_same(before.origins[1]):
            return before
        if not deals.is_same_but(before.origins[0], _DEALS):
            return self._anew(origins)
        return self._again(before, origins)

    def _anew(self, origins: tuple[Origin, Origin]) -> Told:
        acts = self._acts(origins)
        return Told(spells.journeys_of(self._spells(origins), acts), Trail(), acts, origins)

    def _again(self, before: Told, origins: tuple[Origin, Origin]) -> Told:
        """Read what was touched since: the overlay of deals, and activities where they changed."""
        acts, first = before.acts, spells.NEVER
        if not origins[1].is_same(before.origins[1]):
            acts = self._acts(origins)
            first = spells.first_act(before.acts, acts)
        if origins[0].is_same(before.origins[0]):
            journeys = spells.with_acts(before.journeys, acts)
        else:
            touched = np.sort(store.touched_keys(_DEALS, origins[0].version))
            fresh = spells.journeys_of(self._spells(origins, touched=_DEALS), acts)
            first = min(first, spells.first_difference(before.journeys, fresh, touched))
            journeys = spells.joined(before.journeys, fresh, touched, acts)
        return Told(journeys, before.trail.cut(first), acts, origins)

    def _origin(self, name: str, version: int | None) -> Origin:
        return store.origin(
            name, self._params, scope=Scope.company(), as_of=self._as_of, version=version
        )

    def _spells(self, origins: tuple[Origin, Origin], touched: str = "") -> dict[str, Any]:
        return store.arrays(
            "insights.spells", self._params, scope=Scope.company(), as_of=self._as_of,
            version=origins[0].version, touched=touched,
        )  # fmt: skip

    def _acts(self, origins: tuple[Origin, Origin]) -> Ints:
        return spells.acts_of(
            store.arrays(
                "insights.acts", self._params, scope=Scope.company(), as_of=self._as_of,
                version=origins[1].version,
            )
        )  # fmt: skip


def _is_later(told: Told, other: Told) -> bool:
    return told.origins[0].version >= other.origins[0].version


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
