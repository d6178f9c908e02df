"""The bridge of a pipeline: each deal's journey from one state to another, told in one order.

A journey changes a deal's facts group by group, and each group's component is what that does to the
deal's value in the pipeline. The components telescope, so nothing is left over, whatever changed.
Order and reasons: docs/methods/pipeline-bridge.md. Values are integer minor units.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from perilune.forecasting.contracts.bridge import Component
from perilune.forecasting.engine.journeys import DELETED as GONE
from perilune.forecasting.engine.journeys import (
    HANDED,
    LOST,
    MERGED,
    OPEN,
    UNKNOWN,
    WON,
    Bools,
    Credit,
    Ints,
    Journeys,
    Shares,
    Side,
    Window,
    dated,
    is_due,
    worth,
)

COMPONENTS = tuple(Component)
OPENING, CLOSING = len(COMPONENTS), len(COMPONENTS) + 1
"""The component numbers of a deal's part in the two ends."""
NUMBER = {component: number for number, component in enumerate(COMPONENTS)}


class Moves(NamedTuple):
    """K movements: position of the deal, unit, component (its place in COMPONENTS), value."""

    deal: Ints
    unit: Ints
    component: Ints
    value: Ints

    def where(self, chosen: Bools | Ints) -> Moves:
        """Return some of them."""
        return Moves(*(column[chosen] for column in self))


def bridge(journeys: Journeys, credit: Credit, window: Window | None) -> Moves:
    """Return every movement of every unit's part, the two ends included; one a deal and reason.

    Of each unit: opening + sum of the components = closing.
    """
    before, now = _at(journeys.before, window), _at(journeys.restated, window)
    held = _held(journeys, credit)
    parts = [
        _end(OPENING, before, credit.shares_before, credit.unit_before, credit.deal),
        _restated(before, now, credit),
        _handed(now, credit, held),
        _reorganised(now, credit, held),
    ]
    last = now
    for step in _course(journeys, window):
        parts.append(_stepped(step, held, credit.deal))
        last = step.now
    parts.append(_end(CLOSING, last, held.shares, held.unit, credit.deal))
    return Moves(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


# -- what a deal goes through ----------------------------------------------------------------------


class _Standing(NamedTuple):
    """Whether deals are in the pipeline and with what: (N,) each; value is 0 where they are not."""

    is_in: Bools
    value: Ints


def _at(side: Side, window: Window | None) -> _Standing:
    due = is_due(side, window)
    return _Standing(due, np.where(due, worth(side.amount, side.factor), 0))


class _Step(NamedTuple):
    """One group of facts changed: (N,) component, standing before and after, who was moved."""

    component: Ints
    then: _Standing
    now: _Standing

    @property
    def moved(self) -> Bools:
        went: Bools = self.then.is_in != self.now.is_in
        went |= self.then.value != self.now.value
        return went


def _course(journeys: Journeys, window: Window | None) -> Iterator[_Step]:
    """Give the steps of all deals at once, in the order of the method page."""
    end = journeys.after
    state, was = journeys.restated, journeys.restated
    here = was.exists & end.exists
    gone, born = was.exists & ~end.exists, ~was.exists & end.exists

    def took(after: Side, component: Ints | Component) -> _Step:
        nonlocal state
        then, now = _at(state, window), _at(after, window)
        state = after
        if isinstance(component, Component):
            component = np.full(len(here), NUMBER[component])
        return _Step(component, then, now)

    # gone; one that was handed on goes no further either, and nothing more is known of it
    number = np.where(journeys.fate == MERGED, NUMBER[Component.MERGED], NUMBER[Component.DELETED])
    ended = gone & (journeys.fate != HANDED)
    yield took(replace(state, exists=state.exists & ~ended), number)

    # new: also what was closed since passes through the pipeline, so that won and lost are complete
    first = _mixed(state, end, born)
    first = replace(first, meaning=np.where(born, OPEN, first.meaning))
    yield took(first, Component.NEW)
    yield took(_closed(state, end, born & (end.meaning == LOST)), Component.LOST)

    # amount, then rate; a lost deal leaves with what it stood for, as does one of unknown amount
    told = here & (end.meaning != LOST) & ((end.meaning == OPEN) | (end.amount != UNKNOWN))
    valued = replace(
        state,
        amount=np.where(told, end.amount, state.amount),
        factor=np.where(told, journeys.cross, state.factor),
    )
    rise = _at(valued, window).value >= _at(state, window).value
    number = np.where(rise, NUMBER[Component.INCREASED], NUMBER[Component.DECREASED])
    yield took(valued, number)
    rated = replace(state, factor=np.where(told, end.factor, state.factor))
    yield took(rated, Component.CURRENCY)

    yield took(_closed(state, end, here & (end.meaning == LOST)), Component.LOST)

    # what lets a deal out comes before what lets one in, so nothing comes in only to go out again
    later = end.day > was.day
    out = here & ~end.is_inside
    yield took(replace(state, is_inside=state.is_inside & ~out), Component.SCOPE)
    out = here & end.is_omitted
    yield took(replace(state, is_omitted=state.is_omitted | out), Component.OMITTED)
    number = np.where(later, NUMBER[Component.PUSHED], NUMBER[Component.PULLED_OUT])
    out = here & ~dated(end, window)
    yield took(replace(state, day=np.where(out, end.day, state.day)), number)
    number = np.where(later, NUMBER[Component.ROLLED_IN], NUMBER[Component.PULLED_IN])
    yield took(replace(state, day=np.where(here, end.day, state.day)), number)
    listed = replace(state, is_omitted=np.where(here, end.is_omitted, state.is_omitted))
    yield took(listed, Component.UNOMITTED)
    counted = replace(state, is_inside=np.where(here, end.is_inside, state.is_inside))
    yield took(counted, Component.SCOPE)
    yield took(_closed(state, end, here & (end.meaning == OPEN)), Component.REOPENED)
    yield took(_closed(state, end, end.exists & (end.meaning == WON)), Component.WON)


def _mixed(state: Side, end: Side, chosen: Bools) -> Side:
    """Return states of which the chosen are those of the end."""
    return Side(
        *(
            np.where(chosen, getattr(end, name), getattr(state, name))
            for name in Side.__dataclass_fields__
        )
    )


def _closed(state: Side, end: Side, chosen: Bools) -> Side:
    return replace(state, meaning=np.where(chosen, end.meaning, state.meaning))


# -- whose it is -----------------------------------------------------------------------------------


class _Held(NamedTuple):
    """Who holds the rows' parts at the closing, and where that rep was at the opening."""

    shares: Shares
    unit: Ints
    between: Ints


def _held(journeys: Journeys, credit: Credit) -> _Held:
    """Return who holds the deals at the closing; one that is gone is its last holder's."""
    fate = journeys.fate[credit.deal]
    stays = (fate == GONE) | (fate == MERGED)
    last, now = credit.shares_restated, credit.shares_after
    shares = Shares(*(np.where(stays, a, b) for a, b in zip(last, now, strict=True)))
    unit = np.where(stays, credit.unit_restated, credit.unit_after)
    return _Held(shares, unit, np.where(stays, credit.unit_restated, credit.between))


def _end(number: int, standing: _Standing, shares: Shares, unit: Ints, deal: Ints) -> Moves:
    rows = np.flatnonzero(standing.is_in[deal] & shares.is_any)
    value = shares.take(rows).of(standing.value[deal[rows]])
    return _netted(deal[rows], unit[rows], np.full(len(rows), number), value)


def _stepped(step: _Step, held: _Held, deal: Ints) -> Moves:
    rows = np.flatnonzero(step.moved[deal] & held.shares.is_any)
    at, shares = deal[rows], held.shares.take(rows)
    value = shares.of(step.now.value[at]) - shares.of(step.then.value[at])
    return _netted(at, held.unit[rows], step.component[at], value)


def _restated(before: _Standing, now: _Standing, credit: Credit) -> Moves:
    then, told = credit.shares_before, credit.shares_restated
    differs = (
        ((before.is_in != now.is_in) | (before.value != now.value))[credit.deal]
        | (credit.unit_before != credit.unit_restated)
        | then.differs(told)
    )
    rows = np.flatnonzero(differs & (before.is_in | now.is_in)[credit.deal])
    deal = credit.deal[rows]
    moved = _moved(
        deal,
        (credit.unit_before[rows], then.take(rows).of(before.value[deal])),
        (credit.unit_restated[rows], told.take(rows).of(now.value[deal])),
    )
    return _named(moved, np.full(len(moved.deal), NUMBER[Component.RESTATED]))


def _handed(now: _Standing, credit: Credit, held: _Held) -> Moves:
    """Return what went from owner to owner, in the organisation of the opening."""
    then = credit.shares_restated
    rows = np.flatnonzero(now.is_in[credit.deal] & then.differs(held.shares))
    deal = credit.deal[rows]
    moved = _moved(
        deal,
        (credit.unit_restated[rows], then.take(rows).of(now.value[deal])),
        (held.between[rows], held.shares.take(rows).of(now.value[deal])),
    )
    came = moved.value > 0
    number = np.where(came, NUMBER[Component.OWNER_IN], NUMBER[Component.OWNER_OUT])
    return _named(moved, number)


def _reorganised(now: _Standing, credit: Credit, held: _Held) -> Moves:
    """Return what went with its rep from unit to unit."""
    rows = np.flatnonzero(now.is_in[credit.deal] & held.shares.is_any & (held.between != held.unit))
    deal = credit.deal[rows]
    value = held.shares.take(rows).of(now.value[deal])
    moved = _moved(deal, (held.between[rows], value), (held.unit[rows], value))
    return _named(moved, np.full(len(moved.deal), NUMBER[Component.REORGANISED]))


# -- sums ------------------------------------------------------------------------------------------


def _moved(deal: Ints, taken: tuple[Ints, Ints], given: tuple[Ints, Ints]) -> Moves:
    """Return what units lost and gained, netted by deal and unit: within a unit nothing moved."""
    deals, units = np.concatenate([deal, deal]), np.concatenate([taken[0], given[0]])
    values = np.concatenate([-taken[1], given[1]])
    moves = _netted(deals, units, np.zeros(len(deals), np.int64), values)
    return moves.where(moves.value != 0)


def _named(moves: Moves, component: Ints) -> Moves:
    return moves._replace(component=component.astype(np.int64))


def _netted(deal: Ints, unit: Ints, component: Ints, value: Ints) -> Moves:
    """Return one movement a deal, unit and component, in that order."""
    if not len(deal):
        return Moves(deal, unit, component.astype(np.int64), value)
    order = np.lexsort((component, unit, deal))
    rows = Moves(deal, unit, component, value).where(order)
    starts = np.ones(len(order), bool)
    starts[1:] = False
    for column in rows[:3]:
        starts[1:] |= column[1:] != column[:-1]
    first = np.flatnonzero(starts)
    return rows.where(first)._replace(value=np.add.reduceat(rows.value, first))


def summed(moves: Moves, units: int) -> tuple[Ints, Ints]:
    """Return (units, components + 2) sums and counts of deals; the last two are the ends."""
    shape = (units, len(COMPONENTS) + 2)
    values, counts = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    np.add.at(values, (moves.unit, moves.component), moves.value)
    np.add.at(counts, (moves.unit, moves.component), 1)
    return values, counts
