"""Features of an open deal as levels, and the columns of the regression that they make.

A feature is a number of levels; a deal on a landmark day has one level of each. Features that
change as a deal lives (stage, silence, days to the expected close) are those of the landmark: what
they say of days that lie further ahead is learnt for each distance (`LEADS`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from perilune.insights.engine.journeys import DAYS, UNKNOWN, Floats, Ints, Journeys
from perilune.kernel.messages import gettext_noop as _

AGE_EDGES = np.array(
    [
        *range(16),
        20,
        25,
        30,
        40,
        50,
        60,
        70,
        80,
        90,
        100,
        110,
        120,
        130,
        140,
        160,
        182,
        273,
        365,
        547,
    ]
)
"""Lower bounds of the age bins, days since creation."""
AGE_GROUPS = np.array([14, 40, 90, 182])
"""Bounds of the groups of age whose season within the quarter is their own; all are age edges."""
WEEKS = 13
"""Weeks of a quarter; the last one takes the days beyond."""

LEADS = (7, 28, 91)
"""Bounds of the distances from the landmark, days ahead, at which features speak differently."""

_STAGE_DAYS = np.array([7, 14, 28, 56, 112])
_DUE_DAYS = np.array([-28, 0, 7, 14, 28, 56, 91])
_SILENT_DAYS = np.array([8, 15, 29, 57])
_ACTS = np.array([1, 3, 6])
_SIZES = np.log(np.array([0.25, 0.5, 1.0, 2.0, 4.0]))
_RECENT = 28

MAIN, LESS, LEAST = 1.0, 4.0, 16.0
"""Ridge of main effects, of effects that refine them, and of those that refine these: a level's log
hazard ratio has prior standard deviation 1, 1/2, 1/4."""


@dataclass(frozen=True)
class Feature:
    """A feature: its label (msgid), the words of its levels, and whether it changes by itself."""

    name: str
    label: str
    levels: tuple[str, ...]
    is_dynamic: bool


AGE_LABEL = _("Age")
LABELS = {
    "stage": _("Stage"),
    "stage_days": _("Time in the stage"),
    "due": _("Days to the expected close"),
    "pushes": _("Times pushed"),
    "size": _("Amount"),
    "silence": _("Days since the last activity"),
    "activity": _("Activities of four weeks"),
    "category": _("Forecast category"),
    "type": _("Type"),
    "source": _("Source"),
    "product": _("Product"),
    "segment": _("Segment"),
    "team": _("Team"),
}

_DYNAMIC_CODES = frozenset({"stage", "category"})


def features_of(journeys: Journeys, day: int) -> tuple[Feature, ...]:
    """Return the features that tell deals apart at the end of a day; the others are left out."""
    told = journeys.start <= day
    found = [
        Feature(name, LABELS.get(name, name), words, name in _DYNAMIC_CODES)
        for name, words in sorted(journeys.levels.items())
        if len(words) > 1 and _varies(journeys.codes[name][told])
    ]
    if any(item.name == "stage" for item in found):
        found.append(_binned("stage_days", _STAGE_DAYS))
    if np.any(journeys.due[told] != UNKNOWN):
        found.append(_binned("due", _DUE_DAYS, has_unknown=True))
        found.append(Feature("pushes", LABELS["pushes"], ("0", "1", "2", "3+"), True))
    if np.any(np.isfinite(journeys.value[told])):
        found.append(_binned("size", _SIZES, has_unknown=True, is_dynamic=False))
    if np.any(journeys.acts_from <= day):
        found.append(_binned("silence", _SILENT_DAYS, has_unknown=True))
        found.append(_binned("activity", _ACTS))
    return tuple(found)


def _varies(codes: Ints) -> bool:
    return bool(len(codes)) and bool((codes != codes[0]).any())


def _binned(
    name: str, edges: Floats | Ints, *, has_unknown: bool = False, is_dynamic: bool = True
) -> Feature:
    values = np.exp(edges) if name == "size" else edges
    bounds = [f"{value:g}" for value in values]
    words = [f"< {bounds[0]}"]
    words += [f"{low} – {high}" for low, high in pairwise(bounds)]
    words += [f"≥ {bounds[-1]}", *(["?"] if has_unknown else [])]
    return Feature(name, LABELS[name], tuple(words), is_dynamic)


@dataclass(frozen=True, eq=False)
class Yardstick:
    """What sizes are measured against: the log of the median value at creation."""

    log_median: float

    @staticmethod
    def of(journeys: Journeys, day: int) -> Yardstick:
        """Return the yardstick of what was known at a day."""
        __, spell = journeys.known(day)
        value = journeys.value[spell]
        value = value[np.isfinite(value) & (value > 0)]
        return Yardstick(float(np.log(np.median(value))) if len(value) else 0.0)


def levels_at(
    journeys: Journeys,
    features: tuple[Feature, ...],
    deal: Ints,
    spell: Ints,
    day: Ints,
    *,
    yard: Yardstick,
) -> Ints:
    """Return (F, r) the level of each feature, for r deals in their spells on landmark days."""
    found = np.zeros((len(features), len(deal)), dtype=np.int64)
    for row, feature in enumerate(features):
        if feature.name in journeys.codes:
            found[row] = journeys.codes[feature.name][spell]
        else:
            found[row] = _MEASURED[feature.name](journeys, deal, spell, day, yard)
    return found


def _stage_days(j: Journeys, deal: Ints, spell: Ints, day: Ints, yard: Yardstick) -> Ints:
    return np.searchsorted(_STAGE_DAYS, day - j.codes["stage_since"][spell], side="right")


def _due(j: Journeys, deal: Ints, spell: Ints, day: Ints, yard: Yardstick) -> Ints:
    due = j.due[spell]
    left = np.searchsorted(_DUE_DAYS, due - day, side="right")
    return np.where(due == UNKNOWN, len(_DUE_DAYS) + 1, left)


def _pushes(j: Journeys, deal: Ints, spell: Ints, day: Ints, yard: Yardstick) -> Ints:
    return np.minimum(j.pushes[spell], 3)


def _size(j: Journeys, deal: Ints, spell: Ints, day: Ints, yard: Yardstick) -> Ints:
    value = j.value[spell]
    is_known = np.isfinite(value) & (value > 0)
    log = np.log(np.where(is_known, value, 1.0)) - yard.log_median
    size = np.searchsorted(_SIZES, log, side="right")
    return np.asarray(np.where(is_known, size, len(_SIZES) + 1))


def _silence(j: Journeys, deal: Ints, spell: Ints, day: Ints, yard: Yardstick) -> Ints:
    last = np.searchsorted(j.acts, deal * DAYS + day, side="right") - 1
    found = j.acts[np.maximum(last, 0)]
    is_known = (last >= 0) & (found // DAYS == deal)
    silent = np.searchsorted(_SILENT_DAYS, day - found % DAYS, side="right")
    return np.where(is_known, silent, len(_SILENT_DAYS) + 1)


def _activity(j: Journeys, deal: Ints, spell: Ints, day: Ints, yard: Yardstick) -> Ints:
    upto = np.searchsorted(j.acts, deal * DAYS + day, side="right")
    before = np.searchsorted(j.acts, deal * DAYS + np.maximum(day - _RECENT, 0), side="right")
    return np.asarray(np.searchsorted(_ACTS, np.maximum(upto - before, 0), side="right"))


_MEASURED = {
    "stage_days": _stage_days,
    "due": _due,
    "pushes": _pushes,
    "size": _size,
    "silence": _silence,
    "activity": _activity,
}


@dataclass(frozen=True, eq=False)
class Season:
    """Where a day lies in its fiscal quarter and year, for days numbered from -`before` on.

    week: (N,) week of the fiscal quarter, 0 to 12. month: (N,) month of the fiscal year, 0 to 11.
    """

    week: Ints
    month: Ints
    before: int

    def at(self, day: Ints) -> tuple[Ints, Ints]:
        """Return the week of the quarter and the month of the year of days, held at both ends."""
        at = np.clip(day + self.before, 0, len(self.week) - 1)
        return self.week[at], self.month[at]


@dataclass(frozen=True, eq=False)
class Columns:
    """Where each block of columns begins; the base first, then features, then their distances.

    Base: age bins, weeks of the quarter, months of the year (one level until a year is known), and
    groups of age times weeks of the quarter. by_lead: rows of `features` that have a block for each
    distance. pairs: rows of (stage, time in stage), whose product is a block where both exist.
    """

    features: tuple[Feature, ...]
    has_year: bool

    @property
    def base_sizes(self) -> tuple[int, ...]:
        """Sizes of the blocks of the base."""
        groups = len(AGE_GROUPS) + 1
        return (1, len(AGE_EDGES), WEEKS, 12 if self.has_year else 1, groups * WEEKS)

    @property
    def by_lead(self) -> tuple[int, ...]:
        """Rows of the features that speak differently at each distance."""
        return tuple(row for row, item in enumerate(self.features) if item.is_dynamic)

    @property
    def pair(self) -> tuple[int, int] | None:
        """Rows of the stage and of the time in it."""
        names = [item.name for item in self.features]
        if "stage" in names and "stage_days" in names:
            return names.index("stage"), names.index("stage_days")
        return None

    @property
    def leads(self) -> int:
        """Number of distances that are told apart."""
        return len(LEADS) + 1 if self.by_lead else 1

    def blocks(self) -> list[tuple[int, float]]:
        """Return the size and the ridge of every block, in order."""
        sizes = self.base_sizes
        # the level itself is free, the shape by age nearly so
        found = list(zip(sizes, (1e-6, MAIN, MAIN, LESS, LESS), strict=True))
        found += [(len(item.levels), LESS) for item in self.features]
        if self.pair:
            first, second = self.pair
            found.append(
                (len(self.features[first].levels) * len(self.features[second].levels), LEAST)
            )
        for row in self.by_lead:
            found += [(len(self.features[row].levels), LESS)] * self.leads
        if self.by_lead:
            found.append((self.leads, LESS))
        return found

    def starts(self) -> Ints:
        """Return the first column of each block, and the number of columns."""
        return np.concatenate([[0], np.cumsum([size for size, __ in self.blocks()])])

    def ridge(self) -> Floats:
        """Return the ridge of every column."""
        return np.concatenate([np.full(size, weight) for size, weight in self.blocks()])

    def base(self, age: Ints, week: Ints, month: Ints) -> Ints:
        """Return (5, r) columns of the base for ages in days, weeks and months."""
        starts = self.starts()
        bins = np.searchsorted(AGE_EDGES, np.maximum(age, 0), side="right") - 1
        group = np.searchsorted(AGE_GROUPS, np.maximum(age, 0), side="right")
        zero = np.zeros_like(bins)
        parts = (zero, bins, week, month if self.has_year else zero, group * WEEKS + week)
        return np.stack([starts[k] + part for k, part in enumerate(parts)])

    def scored(self, levels: Ints, lead: int) -> Ints:
        """Return (B, r) columns of what a deal is, at one of the distances; levels is (F, r)."""
        starts = self.starts()
        at = len(self.base_sizes)
        found = [starts[at + row] + levels[row] for row in range(len(self.features))]
        at += len(self.features)
        if self.pair:
            first, second = self.pair
            width = len(self.features[second].levels)
            found.append(starts[at] + levels[first] * width + levels[second])
            at += 1
        for row in self.by_lead:
            found.append(starts[at + lead] + levels[row])
            at += self.leads
        if self.by_lead:
            found.append(np.full(levels.shape[1], starts[at] + lead))
        return np.stack(found) if found else np.zeros((0, levels.shape[1]), dtype=np.int64)
