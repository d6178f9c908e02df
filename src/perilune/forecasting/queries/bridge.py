"""The pipeline bridge between two as-ofs, and the deals behind each of its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from perilune.forecasting.contracts import OF_SEATS, By
from perilune.forecasting.contracts.bridge import (
    Bridge,
    BridgeDeal,
    BridgeLine,
    BridgeRequest,
    BridgeRow,
    Component,
    RateGap,
)
from perilune.forecasting.engine.bridge import (
    CLOSING,
    NUMBER,
    OPENING,
    Moves,
    bridge,
    summed,
)
from perilune.forecasting.engine.journeys import UNKNOWN, Ints, Journeys, Window, is_due, worth
from perilune.forecasting.queries.bridge_credit import Credited, credited, people_behind
from perilune.forecasting.queries.bridge_facts import told
from perilune.forecasting.queries.bridge_late import Asked
from perilune.forecasting.queries.bridge_sides import EPOCH, Ends, journeys, read
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.keeping import Kept
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.rates import RateSet
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import queries as store
from perilune.store import service

WEEK = timedelta(days=7)


def bridge_for(request: BridgeRequest, scope: Scope) -> Bridge:
    """Return how the pipeline of one as-of became that of another: the scope first, then units.

    Invalid where the closing lies before the opening; Refused where single reps may not be seen.
    """
    return _found(request, scope).bridge


def bridge_deals(
    request: BridgeRequest,
    scope: Scope,
    component: Component | None = None,
    unit: str = "total",
    limit: int | None = 200,
) -> tuple[list[BridgeDeal], int]:
    """Return the deals behind a reason (None: all reasons) of a row, largest first, and how many.

    Refused where only aggregates may be shown.
    """
    if scope.aggregates_only:
        raise Refused(_("Your role sees totals, not single deals."))
    found = _found(request, scope)
    number = found.row_number(unit)
    moves = found.moves[number[0]]
    chosen = moves.component < OPENING
    if component is not None:
        chosen = moves.component == NUMBER[component]
    moves = moves.where(chosen & (moves.unit == number[1]))
    order = np.lexsort((moves.component, found.ends.ids[moves.deal], -np.abs(moves.value)))
    total = len(order)
    return told(found.ends, found.asked, moves.where(order[:limit] if limit else order)), total


def week_bridge(at: AsOf, period: Period, scope: Scope) -> Bridge:
    """Return what changed in a period's pipeline since a week ago.

    Of the whole open pipeline where no deal was or is expected in the period, as in a company that
    keeps no expected close dates; the answer's request then has no period.
    """
    request = BridgeRequest(week_before(at), at, period)
    found = bridge_for(request, scope)
    total = found.total
    if total.opening_count or total.closing_count or total.lines:
        return found
    return bridge_for(replace(request, period=None), scope)


def week_before(at: AsOf) -> AsOf:
    """Return the as-of a week earlier: of a day's end the end of that day."""
    zone = company().zone
    day = at.day - WEEK
    is_end = AsOf.end_of(at.day, zone).at == at.at
    return AsOf.end_of(day, zone) if is_end else AsOf(at.at - WEEK, day)


@dataclass(frozen=True, eq=False)
class _Found:
    """An answer with all that drills into it: the moves of the total, then those of the units."""

    bridge: Bridge
    ends: Ends
    asked: Asked
    moves: tuple[Moves, ...]
    units: Mapping[str, int]

    def row_number(self, unit: str) -> tuple[int, int]:
        """Return which moves hold a row's, and its unit there."""
        if unit == "total":
            return 0, 0
        row = next((row for row in self.bridge.rows if row.unit == unit), None)
        if row is None:
            raise Invalid(_("There is no such row."))
        if row.is_withheld:
            raise Refused(_("Your role sees groups, not single reps. Choose team or region."))
        return 1, self.units[unit]


_kept = Kept[_Found](8)


def _found(request: BridgeRequest, scope: Scope) -> _Found:
    if request.until.at < request.since.at:
        raise Invalid(_("A bridge leads from an earlier day to a later one."))
    if request.by not in OF_SEATS:
        raise Invalid(_("A bridge is cut by total, region, team or rep."))
    if request.by is By.REP and scope.smallest_group > 1:
        raise Refused(_("Your role sees groups, not single reps. Choose team or region."))
    asked = Asked(request, scope, company().currency)
    version = store.run("forecasting.first_day", scope=Scope.company(), as_of=request.until).version
    key = (service.current().path, version, request, scope.digest(), scope.label, asked.currency)
    return _kept.get(key, lambda: _computed(asked))


def _computed(asked: Asked) -> _Found:
    request, scope = asked.request, asked.scope
    ends = read(asked)
    window = _window(request)
    states = journeys(ends, request, request.rates)
    whole = credited(ends, replace(request, by=By.TOTAL), scope)
    moves = [bridge(states, whole.credit, window)]
    total = _row("total", None, scope.label, _sums(moves[0], 1)[0])
    rows, units = [total], dict[str, int]()
    if request.by is not By.TOTAL:
        parts = credited(ends, request, scope)
        moves.append(bridge(states, parts.credit, window))
        below = _below(request, scope, parts, moves[1])
        rows += [row for row, _ in below]
        units = {row.unit: number for row, number in below}
    made = Bridge(
        request,
        scope.label,
        asked.currency,
        tuple(rows),
        ends.version,
        gap=_gap(ends, request, window, total) if request.rates is not RateSet.BUDGET else None,
        unrated=_unrated(states, whole, window),
        counted_from=ends.recorded.held_since,
    )
    return _Found(made, ends, asked, tuple(moves), units)


def _window(request: BridgeRequest) -> Window | None:
    if request.period is None:
        return None
    start = EPOCH.toordinal()
    return Window(request.period.start.toordinal() - start, request.period.end.toordinal() - start)


_Sums = tuple[list[int], list[int]]


def _sums(moves: Moves, units: int) -> list[_Sums]:
    values, counts = summed(moves, units)
    return list(zip(values.tolist(), counts.tolist(), strict=True))


def _row(unit: str, unit_id: int | None, label: str, sums: _Sums) -> BridgeRow:
    values, counts = sums
    lines = tuple(
        BridgeLine(component, values[number], counts[number])
        for component, number in NUMBER.items()
        if counts[number]
    )
    ends = (values[OPENING], counts[OPENING], values[CLOSING], counts[CLOSING])
    return BridgeRow(unit, unit_id, label, *ends, lines)


def _below(
    request: BridgeRequest, scope: Scope, parts: Credited, moves: Moves
) -> list[tuple[BridgeRow, int]]:
    """Return the rows of the units by name, those without a unit last; empty ones are left out."""
    kind = "rep" if request.by is By.REP else "team"
    named = store.run("forecasting.units", scope=scope, as_of=request.until).dicts()
    names = {row["id"]: row["name"] for row in named if row["kind"] == kind}
    every = [(number, sums) for number, sums in enumerate(_sums(moves, len(parts.units)))
             if any(sums[1])]  # fmt: skip
    people = people_behind(parts) if scope.smallest_group > 1 else []
    small = scope.too_few({number: people[number] for number, _ in every}) if people else set()
    rows = []
    for number, sums in every:
        unit = parts.units[number]
        name = "unassigned" if unit is None else f"{kind}:{unit}"
        label = "unassigned" if unit is None else str(names.get(unit) or f"#{unit}")
        if number in small:
            row = BridgeRow(name, unit, label, 0, 0, 0, 0, is_withheld=True)
        else:
            row = _row(name, unit, label, sums)
        rows.append((row, number))
    return sorted(rows, key=lambda item: (item[0].unit_id is None, item[0].label))


def _gap(ends: Ends, request: BridgeRequest, window: Window | None, actual: BridgeRow) -> RateGap:
    budget = journeys(ends, request, RateSet.BUDGET)
    opening = _value(budget, "before", window, ends)
    closing = _value(budget, "after", window, ends)
    return RateGap(opening, closing, actual.opening - opening, actual.closing - closing)


def _value(states: Journeys, name: str, window: Window | None, ends: Ends) -> int:
    side = getattr(states, name)
    due = is_due(side, window) & getattr(ends, name).seen
    value: Ints = worth(side.amount, side.factor)[due]
    return int(value.sum())


def _unrated(states: Journeys, whole: Credited, window: Window | None) -> int:
    """Return how many deals would be due at an end but for the rate of their currency."""
    missing = np.zeros(len(states.fate), bool)
    sides = (
        (states.before, whole.credit.shares_before),
        (states.after, whole.credit.shares_after),
    )
    for side, shares in sides:
        due = is_due(side, window) & shares.is_any
        missing |= due & (side.amount != UNKNOWN) & np.isnan(side.factor)
    return int(missing.sum())
