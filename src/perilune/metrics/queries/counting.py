"""Figures that a room above counts, by who holds the records: data quality, typing avoided.

How records are kept tells of who keeps them: a unit with a few people who may not be named is
withheld (rule 26). The company's own total is not: it is that of its records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import COUNTERS, Count, Tally
from perilune.metrics.contracts import MEASURES, By, Figure, Note, Unit, Window
from perilune.metrics.engine import FEWEST_PEOPLE, NO_DATA, NO_PEOPLE, TOO_FEW
from perilune.metrics.queries.sight import upwards, whole
from perilune.store import queries as store

if TYPE_CHECKING:
    from perilune.metrics.queries.material import Ask, Key, Material

Seats = Mapping[int, int | None]
Tallies = Mapping[int | None, Tally]
Reps = frozenset[int | None]


def read(ask: Ask, material: Material, names: Iterable[str], windows: Iterable[str]) -> None:
    """Put the figures of counted measures into the material, by window and unit."""
    wanted = [name for name in names if name in COUNTERS]
    for window in windows if wanted else ():
        for name in wanted:
            material.counted[name, window] = _figures(ask, material, name, window)


def figures(material: Material, unit: Key, window: str) -> dict[str, Figure]:
    """Return the counted figures of one unit in one window, those that were read."""
    return {
        name: found[unit]
        for (name, of), found in material.counted.items()
        if of == window and unit in found
    }


def parts(ask: Ask, name: str, unit: Key) -> list[tuple[str, Tally]]:
    """Return what a figure of the period itself is made of."""
    asked = asked_of(ask, ask.now)
    if ask.by is By.TOTAL and ask.scope.owners is None:
        return list(COUNTERS.get(name).parts(asked))
    found = COUNTERS.get(name).tallies(asked) or {}
    rows = store.run("metrics.units", scope=whole(ask.scope), as_of=ask.now.as_of).dicts()
    above = {kind: {row["id"]: row["team_id"] for row in rows if row["kind"] == kind}
             for kind in ("rep", "team")}  # fmt: skip
    held = _held(ask, above["rep"], above["team"], unit, found)
    scope = Scope(ask.scope.label, frozenset(rep for rep in held if rep is not None))
    return list(COUNTERS.get(name).parts((*asked[:3], scope)))


def asked_of(ask: Ask, window: Window) -> Count:
    """Return what a counter is asked of a window: of all records, whoever asks."""
    return window.period.start, _until(ask, window), ask.now.as_of, whole(ask.scope)


def _until(ask: Ask, window: Window) -> AsOf:
    """Return the end of a window: of a period that is over its last day, else the as-of."""
    end: date = window.period.end
    return AsOf.end_of(end, ask.company.zone) if end < window.as_of.day else window.as_of


def _figures(ask: Ask, material: Material, name: str, window: str) -> dict[Key, Figure]:
    units: list[Key] = ["total"] if ask.by is By.TOTAL else material.units(ask)
    if ask.by in (By.SEGMENT, By.INDUSTRY):
        return dict.fromkeys(units, Figure(None, 0, None, NO_PEOPLE))
    span = ask.window(window)
    if span.days < 1:
        return dict.fromkeys(units, Figure(None))
    asked = asked_of(ask, span)
    found = COUNTERS.get(name).tallies(asked)
    if found is None:
        return dict.fromkeys(units, Figure(None, 0, None, NO_DATA))
    seats = material.seats if window == "now" else _seats_then(ask, asked[1])
    held = {unit: _held(ask, seats, material.parents, unit, found) for unit in units}
    hidden = _hidden(ask, material, held)
    withheld = Figure(None, 0, None, Note(TOO_FEW, {"people": FEWEST_PEOPLE}))
    return {
        unit: withheld if unit in hidden else _figure(name, (found[rep] for rep in reps))
        for unit, reps in held.items()
    }


def _figure(name: str, tallies: Iterable[Tally]) -> Figure:
    listed = list(tallies)
    part, cases = sum(one.part for one in listed), sum(one.cases for one in listed)
    if MEASURES[name].unit is not Unit.RATIO:
        return Figure(part, cases)
    of = sum(one.whole for one in listed)
    return Figure(part / of, cases) if of else Figure(None, 0, None, NO_DATA)


def _seats_then(ask: Ask, then: AsOf) -> Seats:
    """Return who sat where at the end of an earlier window (rule 3)."""
    if ask.by is By.REP:
        return {}
    rows = store.run("metrics.units", scope=whole(ask.scope), as_of=then).dicts()
    return {row["id"]: row["team_id"] for row in rows if row["kind"] == "rep"}


def _held(
    ask: Ask, seats: Seats, parents: Mapping[int, int | None], unit: Key, found: Tallies
) -> Reps:
    """Return whose records a unit's figure is of."""
    if ask.by is By.REP:
        return frozenset(rep for rep in found if (None if rep is None else str(rep)) == unit)
    if ask.by is By.TOTAL:
        return frozenset(rep for rep in found if _is_seen(ask.scope, rep, seats, parents))
    return frozenset(rep for rep in found if unit in set(_above(rep, seats, parents)))


def _is_seen(
    scope: Scope, rep: int | None, seats: Seats, parents: Mapping[int, int | None]
) -> bool:
    if scope.owners is None:
        return True
    if not scope.teams:
        return rep in scope.owners
    return any(
        team is not None and int(team) in scope.teams for team in _above(rep, seats, parents)
    )


def _above(rep: int | None, seats: Seats, parents: Mapping[int, int | None]) -> Iterator[Key]:
    """Give the teams that a rep's records count for, as units; None where there is none."""
    team = None if rep is None else seats.get(rep)
    if team is None:
        yield None
    else:
        yield from map(str, upwards(team, parents))


def _hidden(ask: Ask, material: Material, held: Mapping[Key, Reps]) -> set[Key]:
    """Return the units that tell of too few people who may not be named to who asks."""
    personal = ask.personal or Scope("", frozenset(), smallest_group=FEWEST_PEOPLE)

    def unseen(reps: Reps) -> int:
        return sum(rep is not None and not personal.sees(rep) for rep in reps)

    if ask.by is By.TOTAL:
        count = unseen(held["total"])
        is_cut = ask.scope.owners is not None
        return {"total"} if is_cut and 0 < count < personal.smallest_group else set()
    beside: dict[str, dict[str, int]] = {}
    for unit, reps in held.items():
        beside.setdefault(_parent(ask, material, unit), {})[str(unit)] = unseen(reps)
    for above, sizes in beside.items():
        if above in held:  # whoever sits in the team above itself
            sizes["rest"] = unseen(held[above]) - sum(sizes.values())
    small = {
        unit
        for sizes in beside.values()
        for unit in personal.too_few({unit: count for unit, count in sizes.items() if count > 0})
    }
    return {unit for unit in held if str(unit) in small}


def _parent(ask: Ask, material: Material, unit: Key) -> str:
    parent = material.parents.get(int(unit)) if ask.by is By.TEAM and unit is not None else None
    return "" if parent is None else str(parent)
