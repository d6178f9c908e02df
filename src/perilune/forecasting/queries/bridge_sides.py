"""The two ends of a bridge as arrays: what the store says, and what was on record at the time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from perilune.forecasting.contracts.bridge import BridgeRequest
from perilune.forecasting.engine.journeys import (
    DELETED,
    HANDED,
    HERE,
    MERGED,
    NEVER,
    OPEN,
    UNKNOWN,
    WON,
    Bools,
    Floats,
    Ints,
    Journeys,
    Side,
)
from perilune.forecasting.queries.bridge_late import (
    COLUMNS,
    MERGE,
    Asked,
    Recorded,
    Standing,
    on_record,
)
from perilune.history import queries as history
from perilune.kernel.asof import AsOf
from perilune.kernel.rates import RateSet
from perilune.kernel.scope import Scope
from perilune.store import queries as store

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class End:
    """The states of N deals at one end, by position; `seen` tells whether the scope holds them."""

    exists: Bools
    seen: Bools
    meaning: Ints
    is_omitted: Ints
    is_inside: Ints
    day: Ints
    amount: Ints
    owner: Ints
    currency: Ints

    @classmethod
    def empty(cls, size: int) -> End:
        """Return an end at which nothing is there."""
        zeros = [np.zeros(size, np.int64) for _ in range(7)]
        return cls(np.zeros(size, bool), np.zeros(size, bool), *zeros)

    def copy(self) -> End:
        """Return an end that can be changed alone."""
        return End(*(getattr(self, name).copy() for name in self.__dataclass_fields__))

    def side(self, factor: Floats) -> Side:
        """Return what the engine wants to know."""
        inside, omitted = self.is_inside.astype(bool), self.is_omitted.astype(bool)
        return Side(self.exists, self.meaning, omitted, inside, self.day, self.amount, factor)


@dataclass(eq=False)
class Rates:
    """The rates known at one as-of, by set and currency; codes number the currencies."""

    codes: dict[str, int]
    series: dict[tuple[str, str], tuple[list[date], list[float]]]

    def factor(self, kinds: Sequence[str], code: Ints, day: date) -> Floats:
        """Return what brings minor units into the company's on a day: NaN where no rate is known.

        kinds: the sets to look in, the first that has a rate counts.
        """
        return np.array([self.find(kinds, name, day) for name in self.codes])[code]

    def find(self, kinds: Sequence[str], currency: str, day: date) -> float:
        """Return one rate."""
        if self.codes[currency] == 0:
            return 1.0
        for kind in kinds:
            starts, factors = self.series.get((kind, currency), ([], []))
            at = bisect_right(starts, day)
            if at:
                return factors[at - 1]
        return float("nan")


@dataclass(frozen=True, eq=False)
class Ends:
    """N deals at the opening as known then, as known now, and at the closing."""

    ids: Ints
    before: End
    restated: End
    after: End
    fate: Ints
    rates_then: Rates
    rates_now: Rates
    recorded: Recorded
    version: int
    late: dict[str, dict[int, dict[str, Any] | None]] = field(default_factory=dict)


def read(asked: Asked) -> Ends:
    """Return the ends of a bridge, cut to the scope."""
    request, scope = asked.request, asked.scope
    since, until = request.since, request.until
    recorded = on_record(since, until)
    opening = _standing(asked, since)
    closing = _standing(asked, until)
    codes: dict[str, int] = {asked.currency: 0}
    states = {
        "before": recorded.before(scope),
        "restated": recorded.restated(scope),
        "after": recorded.after(scope),
    }
    ids = np.unique(np.concatenate([opening.id, closing.id, *map(_ids, states.values())]))
    restated = End.empty(len(ids))
    _put(restated, ids, opening, codes)
    _put_closed_or_unseen(restated, ids, closing, asked, codes)
    after = End.empty(len(ids))
    _put(after, ids, closing, codes)
    before = restated.copy()
    for end, name, at in (
        (before, "before", since),
        (restated, "restated", since),
        (after, "after", until),
    ):
        _overrule(end, ids, recorded.standing(states[name], asked, at), codes)
    return Ends(
        ids,
        before,
        restated,
        after,
        _fate(ids, restated, after, scope, until),
        _rates(since, codes),
        _rates(until, codes),
        recorded,
        closing.version,
        states,
    )


def journeys(ends: Ends, request: BridgeRequest, rates: RateSet) -> Journeys:
    """Return the ends as the engine wants them, at budget or actual rates."""
    kinds = RATE_SETS[rates]
    now, since, until = ends.rates_now, request.since.day, request.until.day
    closed = now.factor(kinds, ends.after.currency, until)
    _freeze_won(closed, ends.after, now, kinds)
    return Journeys(
        ends.before.side(ends.rates_then.factor(kinds, ends.before.currency, since)),
        ends.restated.side(now.factor(kinds, ends.restated.currency, since)),
        ends.after.side(closed),
        now.factor(kinds, ends.after.currency, since),
        ends.fate,
    )


RATE_SETS: dict[RateSet, tuple[str, ...]] = {
    RateSet.BUDGET: (RateSet.BUDGET.value,),
    RateSet.SPOT: (RateSet.SPOT.value, RateSet.MONTH_AVERAGE.value),
}
"""Where rates are looked for: actual ones are spot rates, else the average of the month."""


# -- from the store --------------------------------------------------------------------------------


def _standing(asked: Asked, at: AsOf, ids: Sequence[int] | None = None) -> Standing:
    params = {
        "since": asked.request.since.at,
        "deal_type": asked.request.deal_type,
        "is_picked": ids is not None,
        "ids": list(ids or ()),
        "never": NEVER,
        "unknown": UNKNOWN,
    }
    found = store.run("forecasting.bridge_standing", params, scope=asked.scope, as_of=at)
    return Standing.of(found.rows, version=found.version)


def _put(
    end: End, ids: Ints, found: Standing, codes: dict[str, int], seen: Bools | bool = True
) -> None:
    at = np.searchsorted(ids, found.id)
    end.exists[at], end.seen[at] = True, seen
    for name, column in zip(COLUMNS[1:], found.numbers[1:], strict=True):
        getattr(end, name)[at] = column
    end.currency[at] = [codes.setdefault(name, len(codes)) for name in found.currency]


def _put_closed_or_unseen(
    end: End,
    ids: Ints,
    closing: Standing,
    asked: Asked,
    codes: dict[str, int],
) -> None:
    """Put deals at the opening that were closed then, or that others held then.

    Who sees a record today sees what it was (record pages do the same), so of a deal that came from
    elsewhere the opening is known; it adds nothing to the opening of who did not see it.
    """
    request, scope = asked.request, asked.scope
    params = {"since": request.since.at}
    rows = store.run("forecasting.bridge_touched", params, scope=scope, as_of=request.until).rows
    touched = np.array([row[0] for row in rows], np.int64)
    there = touched[np.isin(touched, closing.id, assume_unique=True)]
    there = there[~end.exists[np.searchsorted(ids, there)]]
    if scope.owners is None:
        at = np.searchsorted(ids, there)
        end.exists[at], end.seen[at], end.meaning[at] = True, True, WON
        return
    if len(there):
        everyone = replace(asked, scope=replace(scope, owners=None))
        found = _standing(everyone, request.since, there.tolist())
        _put(end, ids, found, codes, np.isin(found.owner, sorted(scope.owners)))


def _overrule(end: End, ids: Ints, found: Standing, codes: dict[str, int]) -> None:
    """Put what was on record at the time in the place of what the store says now."""
    at = np.searchsorted(ids, np.array(found.overruled, np.int64))
    end.exists[at] = end.seen[at] = False
    _put(end, ids, found, codes)


def _fate(ids: Ints, restated: End, after: End, scope: Scope, until: AsOf) -> Ints:
    fate = np.full(len(ids), HERE)
    gone = np.flatnonzero(restated.exists & (restated.meaning == OPEN) & ~after.exists)
    if not len(gone):
        return fate
    fate[gone] = DELETED
    names = ids[gone].tolist()
    if scope.owners is not None:
        elsewhere = store.run(
            "forecasting.bridge_elsewhere", {"ids": names}, scope=Scope.company(), as_of=until
        ).column("id")
        fate[np.searchsorted(ids, np.array(elsewhere, np.int64))] = HANDED
    ends = history.ended_by("opportunity", names, until.at)
    merged = [record for record, purpose in ends.items() if purpose == MERGE]
    at = np.searchsorted(ids, np.array(merged, np.int64))
    fate[at] = np.where(fate[at] == DELETED, MERGED, fate[at])
    return fate


def _ids(states: dict[int, dict[str, Any] | None]) -> Ints:
    return np.array(sorted(states), np.int64)


def _rates(at: AsOf, codes: dict[str, int]) -> Rates:
    found = store.run("forecasting.bridge_rates", scope=Scope.company(), as_of=at).rows
    series: dict[tuple[str, str], tuple[list[date], list[float]]] = {}
    for kind, currency, starts, factor in found:
        days, factors = series.setdefault((kind, currency), ([], []))
        days.append(starts)
        factors.append(factor)
    return Rates(codes, series)


def _freeze_won(factor: Floats, end: End, rates: Rates, kinds: Sequence[str]) -> None:
    """Set the rate of won deals to that of their close date (rule 5)."""
    won = np.flatnonzero((end.meaning == WON) & (end.currency > 0) & (end.day < NEVER))
    names = list(rates.codes)
    known: dict[tuple[int, int], float] = {}
    for at in won.tolist():
        key = (int(end.currency[at]), int(end.day[at]))
        if key not in known:
            day = date.fromordinal(EPOCH.toordinal() + key[1])
            known[key] = rates.find(kinds, names[key[0]], day)
        factor[at] = known[key]
