"""Weeks, working days and times: the calendar that the generator walks along."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import holidays
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

EPOCH = date(1970, 1, 1).toordinal()
DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
REGIONS = ("FR", "GB", "DE")


@dataclass(frozen=True)
class Streams:
    """Streams of chance, one per topic and index: what is drawn for one never moves another.

    So a longer history has the shorter one as its beginning.
    """

    seed: int

    def of(self, topic: str, index: int = 0) -> np.random.Generator:
        """Return the generator of a topic and an index."""
        return np.random.default_rng([self.seed, zlib.crc32(topic.encode()), index])


def day_us(day: int, hour: float = 6.0) -> int:
    """Return a proleptic ordinal day and an hour UTC as microseconds since 1970."""
    return (day - EPOCH) * DAY_US + int(hour * HOUR_US)


def iso(day: int) -> str:
    """Return an ordinal day as ISO text."""
    return date.fromordinal(day).isoformat()


def instant(us: int) -> str:
    """Return microseconds as history keeps an instant."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).isoformat()


def quarter_start(day: date) -> date:
    """Return the first day of the calendar quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def quarter_end(day: date) -> date:
    """Return the last day of the calendar quarter."""
    first = quarter_start(day)
    return quarter_start(first + timedelta(days=100)) - timedelta(days=1)


def month_end(day: int) -> int:
    """Return the last day (ordinal) of the month of an ordinal day."""
    at = date.fromordinal(day)
    return date(at.year + at.month // 12, at.month % 12 + 1, 1).toordinal() - 1


@dataclass(frozen=True)
class Weeks:
    """The weeks of the history, Monday first, from the first to the one that holds `today`.

    monday: ordinal of each Monday.  month: 0-11 of each week's Thursday.  left: whole weeks left in
    the quarter of each week's Friday.  quarter_end: ordinal of the quarter's end of each Monday.
    chance[region, week, weekday]: chance that something that week happens on that working day.
    cut: first microsecond that is not known any more; nothing is known at or after the start of
    `today` (UTC), so what a user edits on that very day comes after everything of the demo.
    """

    start: date
    today: date
    monday: Ints
    month: Ints
    left: Ints
    quarter_end: Ints
    chance: Reals
    cut: int

    @property
    def count(self) -> int:
        """The number of weeks."""
        return len(self.monday)

    def session(self, rng: np.random.Generator, week: int, regions: Ints) -> tuple[Ints, Ints]:
        """Draw a working day (ordinal) and a time in it (microseconds) for each region."""
        steps = np.cumsum(self.chance[:, week, :], axis=1)[regions]
        weekday = (rng.random(len(regions))[:, None] > steps).sum(axis=1).clip(0, 4)
        day = self.monday[week] + weekday
        seconds = rng.integers(8 * 3600, 16 * 3600, len(regions))
        return day, (day - EPOCH) * DAY_US + seconds * 1_000_000


def history_start(today: date, years: float) -> date:
    """Return the first day of the quarter that lies `years` and one quarter's warm-up back."""
    return quarter_start(today - timedelta(days=int(years * 365.25) + 60))


def make_weeks(start: date, today: date) -> Weeks:
    """Lay out the weeks from the Monday on or before `start` to the week of `today`."""
    first = start.toordinal() - start.weekday()
    monday = np.arange(first, today.toordinal() + 1, 7, dtype=np.int64)
    days = [date.fromordinal(int(m)) for m in monday]
    fridays = [d + timedelta(days=4) for d in days]
    left = [(quarter_end(f) - f).days // 7 for f in fridays]
    return Weeks(
        start=start,
        today=today,
        monday=monday,
        month=np.array([(d + timedelta(days=3)).month - 1 for d in days]),
        left=np.array(left),
        quarter_end=np.array([quarter_end(d).toordinal() for d in days]),
        chance=_chances(days),
        cut=day_us(today.toordinal(), 0),
    )


def _chances(mondays: list[date]) -> Reals:
    years = range(mondays[0].year, mondays[-1].year + 2)
    chance = np.zeros((len(REGIONS), len(mondays), 5))
    for region, country in enumerate(REGIONS):
        off = set(holidays.country_holidays(country, years=years))
        for week, monday in enumerate(mondays):
            for weekday in range(5):
                day = monday + timedelta(days=weekday)
                if day not in off:
                    chance[region, week, weekday] = _pull(day)
    total = chance.sum(axis=2, keepdims=True)
    return np.asarray(np.where(total > 0, chance / np.maximum(total, 1e-9), 0.2))


def _pull(day: date) -> float:
    """The last days of a quarter, and then of a month, draw what happens in their week."""
    if (quarter_end(day) - day).days < 5:
        return 2.2
    return 1.4 if (date.fromordinal(month_end(day.toordinal())) - day).days < 3 else 1.0
