"""Random companies for the bridge: deals, reps and rates, with what was known of them when.

Two times: an event is true from `day` on and on record from `recorded` on, until it is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from perilune.forecasting.engine.journeys import (
    DELETED,
    HERE,
    LOST,
    MERGED,
    NEVER,
    OPEN,
    UNKNOWN,
    WON,
    Credit,
    Journeys,
    Shares,
    Side,
    whole_credit,
)

LAST = 100
AFTER = 10**6
TEAMS = 4
REGION_OF = {0: 10, 1: 10, 2: 11, 3: 11, None: None}


class State(NamedTuple):
    """A deal at one moment; the split names the credited reps, the owner alone where empty."""

    meaning: int = OPEN
    is_omitted: bool = False
    is_inside: bool = True
    day: int = 50
    amount: int = 10_000
    currency: int = 0
    owner: int | None = 0
    split: tuple[tuple[int, int], ...] = ()


class Event(NamedTuple):
    """A deal's state (None: gone) from a day on, as recorded, and until taken back."""

    day: int
    recorded: int
    taken_back: int
    state: State | None
    is_merge: bool = False


@dataclass
class World:
    """A company: events by deal, the team of each rep by day, rates by set, currency and day."""

    deals: list[list[Event]]
    seats: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    rates: dict[int, list[float]] = field(default_factory=lambda: {0: [1.0] * (LAST + 1)})

    def known(self, deal: int, day: int, recorded: int) -> Event | None:
        found = [
            event
            for event in self.deals[deal]
            if event.day <= day and event.recorded <= recorded < event.taken_back
        ]
        return max(found, key=lambda event: (event.day, event.recorded)) if found else None

    def team(self, rep: int | None, day: int) -> int | None:
        held = [seat for seat in self.seats.get(-1 if rep is None else rep, []) if seat[0] <= day]
        return max(held)[1] if held else None

    def rate(self, currency: int, day: int) -> float:
        return self.rates[currency][day] if currency in self.rates else float("nan")


def random_world(seed: int, deals: int = 8) -> World:
    """Return a company in which everything may happen to a deal."""
    rng = np.random.default_rng(seed)
    currencies: dict[int, list[float]] = {
        1: list(rng.uniform(0.5, 2.0, size=1).repeat(LAST + 1)),
        2: [],
    }
    step = int(rng.integers(1, LAST))
    one, other = rng.uniform(0.5, 150.0, size=2)
    currencies[2] = [one] * step + [other] * (LAST + 1 - step)
    rates = {0: [1.0] * (LAST + 1), **currencies}  # 3 has none
    seats = {
        rep: sorted(
            (int(rng.integers(-50, LAST)), int(rng.integers(TEAMS)))
            for _ in range(int(rng.integers(0, 4)))
        )
        for rep in range(5)
    }
    return World([_events(rng) for _ in range(deals)], seats, rates)


def _events(rng: np.random.Generator) -> list[Event]:
    events, state = [], _state(rng, State())
    for day in sorted(int(day) for day in rng.integers(0, LAST, size=int(rng.integers(1, 6)))):
        late = int(rng.integers(0, 60)) if rng.random() < 0.3 else 0
        back = day + late + int(rng.integers(1, 60)) if rng.random() < 0.15 else AFTER
        if rng.random() < 0.12:
            events.append(Event(day, day + late, back, None, bool(rng.random() < 0.5)))
        else:
            state = _state(rng, state)
            events.append(Event(day, day + late, back, state))
    return events


def _state(rng: np.random.Generator, before: State) -> State:
    """Change several facts at once."""
    choices: dict[str, Any] = {
        "meaning": int(rng.choice([OPEN, OPEN, OPEN, WON, LOST])),
        "is_omitted": bool(rng.random() < 0.3),
        "is_inside": bool(rng.random() < 0.8),
        "day": int(rng.choice([20, 50, 60, 80, 120, NEVER])),
        "amount": int(rng.choice([UNKNOWN, 0, int(rng.integers(1, 10**9)), -500])),
        "currency": int(rng.integers(0, 4)),
        "owner": [0, 1, 2, 3, 4, None][int(rng.integers(6))],
        "split": _split(rng),
    }
    changed = {name: value for name, value in choices.items() if rng.random() < 0.4}
    state = before._replace(**changed)
    return state._replace(is_omitted=False) if state.meaning != OPEN else state


def _split(rng: np.random.Generator) -> tuple[tuple[int, int], ...]:
    if rng.random() < 0.6:
        return ()
    reps = sorted(int(rep) for rep in rng.choice(5, size=int(rng.integers(1, 4)), replace=False))
    return tuple((rep, int(rng.integers(1, 10_000))) for rep in reps)


# -- as arrays -------------------------------------------------------------------------------------


class Told(NamedTuple):
    """What the engine is handed, and who is behind the unit numbers."""

    journeys: Journeys
    credit: Credit
    units: dict[int | None, int]


class Look(NamedTuple):
    """A state, when it is looked at."""

    state: State | None
    day: int


def told(
    world: World, since: int, until: int, by: str = "total", seen: frozenset[int] | None = None
) -> Told:
    """Return a world's bridge from the end of one day to that of another; each known in its time.

    by: total, region, team or rep. seen: the owners whose deals count, None for all.
    """
    looks: list[tuple[Look, Look, Look]] = []
    fate = []
    for deal in range(len(world.deals)):
        end = world.known(deal, until, until)
        looks.append(
            (
                _look(world.known(deal, since, since), since),
                _look(world.known(deal, since, until), since),
                _look(end, until),
            )
        )
        is_gone = end is not None and end.state is None
        fate.append((MERGED if end.is_merge else DELETED) if end and is_gone else HERE)
        if end is None:
            fate[-1] = DELETED  # all that was recorded was taken back
    before, restated, after = zip(*looks, strict=True)
    journeys = Journeys(
        _side(world, before),
        _side(world, restated),
        _side(world, after),
        np.array(
            [world.rate(each.state.currency, since) if each.state else np.nan for each in after]
        ),
        np.array(fate, np.int64),
    )
    if by == "total":
        marks = [
            np.array([_sees(seen, look) for look in side]) for side in (before, restated, after)
        ]
        return Told(journeys, whole_credit(*marks), {None: 0})
    return Told(journeys, *_credit(world, looks, by, seen))


def _look(event: Event | None, day: int) -> Look:
    return Look(event.state if event else None, day)


def _side(world: World, looks: Sequence[Look]) -> Side:
    states = [look.state or State() for look in looks]
    return Side(
        np.array([look.state is not None for look in looks]),
        np.array([state.meaning for state in states]),
        np.array([state.is_omitted for state in states]),
        np.array([state.is_inside for state in states]),
        np.array([state.day for state in states], np.int64),
        np.array([state.amount for state in states], np.int64),
        np.array(
            [
                world.rate(state.currency, look.day)
                for state, look in zip(states, looks, strict=True)
            ]
        ),
    )


def _sees(seen: frozenset[int] | None, look: Look) -> bool:
    return look.state is not None and (seen is None or look.state.owner in seen)


def _parts(look: Look, seen: frozenset[int] | None) -> dict[int | None, tuple[int, int, int]]:
    """Return the share of each credited rep: from, to, of."""
    if look.state is None or not _sees(seen, look):
        return {}
    split = look.state.split or ((look.state.owner, 1),)
    whole, low, found = sum(share for _, share in split), 0, {}
    for rep, share in split:
        found[rep] = (low, low + share, whole)
        low += share
    return found


def _credit(
    world: World, looks: Sequence[Sequence[Look]], by: str, seen: frozenset[int] | None
) -> tuple[Credit, dict[int | None, int]]:
    units: dict[int | None, int] = {}
    rows = []
    for deal, sides in enumerate(looks):
        parts = [_parts(look, seen) for look in sides]
        for rep in {rep: None for part in parts for rep in part}:
            places = [unit_of(world, rep, look.day, by) for look in sides]
            between = places[1]
            if between is None and rep not in parts[1]:
                between = places[2]
            numbers = [units.setdefault(unit, len(units)) for unit in (*places, between)]
            rows.append((deal, *(part.get(rep, (0, 0, 1)) for part in parts), numbers))
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), (), ()]
    a, b, c = (Shares(*np.array(side, np.int64).reshape(-1, 3).T) for side in columns[1:4])
    at = np.array(columns[4], np.int64).reshape(-1, 4).T
    who = np.array(columns[0], np.int64)
    return Credit(who, a, b, c, at[0], at[1], at[3], at[2]), units or {None: 0}


def unit_of(world: World, rep: int | None, day: int, by: str) -> int | None:
    """Return the unit of a rep on a day."""
    if by == "rep":
        return rep
    team = world.team(rep, day)
    return team if by == "team" else REGION_OF[team]
