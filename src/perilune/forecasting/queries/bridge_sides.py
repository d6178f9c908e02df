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
    late = np.unique(np.concatenate([_ids(some) for some in states.values()]))
    others = _others(opening, closing, late, request)
    closing = closing.take(np.isin(closing.id, np.concatenate([opening.id, others])))
    ids = np.unique(np.concatenate([opening.id, others]))
    restated = End.empty(len(ids))
    _put(restated, ids, opening, codes)
    if len(others):
        found = _standing(replace(asked, scope=replace(scope, owners=None)), since, others.tolist())
        _put(restated, ids, found, codes, _seen(found, scope))
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
    period = asked.request.period
    params = {
        "since": asked.request.since.at,
        "deal_type": asked.request.deal_type,
        "any_date": period is None,
        "starts": period.start if period else EPOCH,
        "ends": period.end if period else EPOCH,
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


def _others(opening: Standing, closing: Standing, late: Ints, request: BridgeRequest) -> Ints:
    """Return the deals outside of the opening's pipeline of which it must be known what they were.

    Those that are in the closing's pipeline or went through it, and those told otherwise at a time.
    Who sees a record today sees what it was (record pages do the same), so also of a deal that came
    from somebody else the opening is known; to the opening of who did not see it it adds nothing.
    """
    _, omitted, inside, day = closing.numbers[1:5]
    through = (inside == 1) & (omitted == 0)
    if request.period is not None:
        start = EPOCH.toordinal()
        through &= day >= request.period.start.toordinal() - start
        through &= day <= request.period.end.toordinal() - start
    return np.setdiff1d(np.union1d(closing.id[through], late), opening.id)


def _seen(found: Standing, scope: Scope) -> Bools:
    if scope.owners is None:
        return np.ones(len(found.id), bool)
    return np.isin(found.owner, sorted(scope.owners))


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
