"""What the engine is asked for a draft: the part of it that is free, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from django.utils.translation import gettext

from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import (
    COLOURS,
    MOST_TERRITORIES,
    Asked,
    Gathered,
    Loaded,
    Plan,
    Request,
    TerritoryRow,
    Units,
)
from perilune.territories.contracts.units import FloatArray
from perilune.territories.engine import expanded, gather
from perilune.territories.queries.constraints import texts
from perilune.territories.queries.loading import names_of


@dataclass(frozen=True)
class Problem:
    """The free part of a draft as the engine takes it.

    units, request: of containers where the draft hands these out whole (gathered), else the same
    as accounts, asked. rows: all territories of the plan to be; free: numbers of those that the
    engine fills, in its order; chosen: (n,) numbers of the accounts that it shares out; territory:
    (all,) where the others are.
    """

    units: Units
    request: Request
    accounts: Units
    asked: Request
    rows: tuple[TerritoryRow, ...]
    free: tuple[int, ...]
    chosen: np.ndarray[Any, Any]
    territory: np.ndarray[Any, Any]
    gathered: Gathered | None = None

    def told(self, plan: Plan) -> Plan:
        """Return what the engine answered as a plan of accounts."""
        return expanded(self.gathered, plan, self.accounts) if self.gathered else plan

    def placed(self, found: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return (all,) where each account is once it is known where those shared out (n,) go."""
        whole = self.territory.copy()
        whole[self.chosen] = np.array(self.free, np.int16)[found]
        return whole


def problem(found: Loaded, k: int, asked: Asked) -> Problem:
    """Return what the engine is asked so that the draft has k territories.

    Locked territories and what they hold stay out of it. Invalid where the locks leave no room, or
    where there are fewer accounts with a place than territories.
    """
    rows, number = _rows(found, k)
    free = tuple(row.number for row in rows if not row.is_locked)
    place = np.full(k + 1, -1, np.int32)
    place[list(free)] = np.arange(len(free))
    # where the accounts are in the plan to be: their territory, if it is carried on
    now = np.append(number, -1)[found.territory]
    shut = np.append(np.array([row.is_locked for row in rows], bool), False)[now]
    chosen = np.flatnonzero(found.accounts.placed & ~shut)
    if len(chosen) < len(free):
        raise Invalid(
            _("There are fewer accounts with a place (%(n)s) than territories (%(k)s)."),
            n=len(chosen), k=len(free),
        )  # fmt: skip
    present = np.append(number, -1)[found.present]
    names = names_of(found)
    owner = place[present[chosen]]
    locked = np.where(found.locked, place[now], -1)[chosen]
    is_held = bool((owner >= 0).any())
    order = _leading_first(found.accounts.loads[chosen])
    attributes = [found.attributes[at] for at in order]
    group, allowed = _eligible(found, rows, free, chosen)
    units = Units(
        ids=tuple(f"{names[i]} (#{found.accounts.ids[i]})" for i in chosen.tolist()),
        points=np.ascontiguousarray(found.accounts.points[chosen]),
        loads=np.ascontiguousarray(found.accounts.loads[chosen][:, order]),
        names=tuple(gettext(one.label) for one in attributes),
        owner=owner.astype(np.int32) if is_held else None,
        moving_cost=found.accounts.cost[chosen] if is_held else None,
        group=group,
    )
    request = Request(
        k=len(free),
        tolerances=tuple(one.tolerance for one in attributes),
        locked=locked.astype(np.int32) if (locked >= 0).any() else None,
        together=pairs_of(found, chosen, "together"),
        apart=pairs_of(found, chosen, "apart"),
        pinned=_pins(rows, free),
        allowed=allowed,
        near=_near(found, asked, is_held=is_held),
        names=tuple(rows[at].name for at in free) if is_held else (),
    )
    # what has no place stays with whoever has it in the draft, else with who holds it today
    rest = np.where(now >= 0, now, present).astype(np.int16)
    return _gathered(found, Problem(units, request, units, request, rows, free, chosen, rest))


def _near(found: Loaded, asked: Asked, *, is_held: bool) -> float:
    """Return what makes one place, km; containers are places of their own."""
    if found.containers is not None:
        return 0.0
    several = len(found.attributes) > 1 or (is_held and asked.stay > 0)
    return asked.near if several else 0.0


def _gathered(found: Loaded, made: Problem) -> Problem:
    """Return a problem of containers, where the draft hands these out whole.

    Invalid, naming the container, for locks and rules that contradict each other in it, and where
    there are fewer of them than territories.
    """
    held = found.containers
    if held is None:
        return made
    names = [held.of(unit) for unit in made.chosen.tolist()]
    full = set(names) - {""}
    edges = None
    if held.edges is not None:
        pairs = [(held.names[a], held.names[b]) for a, b in held.edges.tolist()]
        edges = [pair for pair in pairs if full.issuperset(pair)]
    whole = gather(made.accounts, made.asked, names, edges, may_split=True)
    if len(whole.units.ids) < made.asked.k:
        raise Invalid(
            _("There are fewer containers with accounts (%(n)s) than territories (%(k)s)."),
            n=len(whole.units.ids), k=made.asked.k,
        )  # fmt: skip
    return replace(made, units=whole.units, request=whole.request, gathered=whole)


def pairs_of(found: Loaded, chosen: np.ndarray[Any, Any], kind: str) -> tuple[tuple[int, int], ...]:
    """Return the pairs of a draft's accounts that are bound so, by their numbers in `chosen`."""
    place = {unit: at for at, unit in enumerate(chosen.tolist())}
    made: list[tuple[int, int]] = []
    for pair in found.head.settings.get("pairs", []):
        if pair["kind"] == kind:
            inside = [place[unit] for unit in pair["units"] if unit in place]
            # a chain says of all that they are together; apart is said of every two
            made += pairwise(inside) if kind == "together" else combinations(inside, 2)
    return tuple(made)


def _pins(rows: Sequence[TerritoryRow], free: Sequence[int]) -> FloatArray | None:
    pins = [(rows[at].pin_x, rows[at].pin_y) for at in free]
    if all(x is None for x, __ in pins):
        return None
    return np.array([(np.nan, np.nan) if x is None else (x, y) for x, y in pins], float)


def _eligible(
    found: Loaded,
    rows: Sequence[TerritoryRow],
    free: Sequence[int],
    chosen: np.ndarray[Any, Any],
) -> tuple[np.ndarray[Any, np.dtype[np.int32]] | None, np.ndarray[Any, np.dtype[np.bool_]] | None]:
    """Return (n,) the group of each account and (g, k) which territory may hold which group."""
    fields = sorted({name for at in free for name in rows[at].only})
    if not fields:
        return None, None
    columns = [texts(found, name) for name in fields]
    values = [tuple(column[i] for column in columns) for i in chosen.tolist()]
    number = {value: at for at, value in enumerate(sorted(set(values)))}
    allowed = np.array(
        [
            [
                all(dict(zip(fields, value, strict=True))[name] in kept
                    for name, kept in rows[at].only.items())
                for at in free
            ]
            for value in number
        ],
        bool,
    )  # fmt: skip
    return np.array([number[value] for value in values], np.int32), allowed


def halves(found: Loaded, territory: int) -> Problem:
    """Return what the engine is asked so that a territory is split in two.

    Its number stays with whoever holds most of it; the other half comes last. Invalid where it is
    locked, or where fewer than two of its accounts are free and have a place.
    """
    rows = found.rows
    if not 0 <= territory < len(rows):
        raise NotFound(_("This plan has no territory %(number)s."), number=territory)
    row = rows[territory]
    if row.is_locked:
        raise Invalid(_("The territory “%(name)s” is locked."), name=row.name)
    if len(rows) >= MOST_TERRITORIES:
        raise Invalid(_("A plan has between 1 and %(most)s territories."), most=MOST_TERRITORIES)
    inside = found.territory == territory
    chosen = np.flatnonzero(inside & found.accounts.placed)
    if int((inside & found.accounts.placed & ~found.locked).sum()) < 2:  # halves
        raise Invalid(
            _("“%(name)s” needs two accounts that have a place and no lock, to be split."),
            name=row.name,
        )
    taken = {other.name.casefold() for other in rows}
    name = _numbered(row.name, taken)
    fresh = TerritoryRow(len(rows), name, colour=(row.colour + 1) % COLOURS,
                         region=row.region)  # fmt: skip
    order = _leading_first(found.accounts.loads[chosen])
    names, locked = names_of(found), found.locked[chosen]
    fast = np.where(locked, 0, -1).astype(np.int32)
    request = Request(
        k=2,
        tolerances=tuple(found.attributes[at].tolerance for at in order),
        locked=fast if locked.any() else None,
        together=pairs_of(found, chosen, "together"),
        apart=pairs_of(found, chosen, "apart"),
    )
    units = Units(
        ids=tuple(f"{names[i]} (#{found.accounts.ids[i]})" for i in chosen.tolist()),
        points=np.ascontiguousarray(found.accounts.points[chosen]),
        loads=np.ascontiguousarray(found.accounts.loads[chosen][:, order]),
        names=tuple(gettext(found.attributes[at].label) for at in order),
    )
    made = Problem(units, request, units, request, (*rows, fresh), (territory, fresh.number),
                   chosen, found.territory)  # fmt: skip
    return _gathered(found, made)


def _numbered(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name[:110]} {number}".casefold() in taken:
        number += 1
    return f"{name[:110]} {number}"


def _leading_first(loads: FloatArray) -> list[int]:
    """Return the attributes in the order in which the engine takes them.

    It shares the first out exactly and the others by price, and an account that has nothing of the
    first may lie anywhere: so the one that most accounts have something of leads.
    """
    bare = (loads == 0).sum(axis=0)
    return sorted(range(loads.shape[1]), key=lambda at: (int(bare[at]), at))


def _rows(found: Loaded, k: int) -> tuple[tuple[TerritoryRow, ...], np.ndarray[Any, Any]]:
    """Return k territories, and of each old one its number among them, -1 where it is given up.

    Given up are, among those without a lock, ones without a constraint of their own first, of these
    vacant ones, then those that hold least.
    """
    place = np.where(found.territory >= 0, found.territory, len(found.rows))
    held = np.bincount(place, found.accounts.loads[:, 0], len(found.rows) + 1)
    fast = np.bincount(place, found.locked, len(found.rows) + 1)
    bound = [row for row in found.rows if row.is_locked or fast[row.number]]
    asked = {row.number for row in found.rows if row.only or row.pin_x is not None}
    if len(bound) > k or k - sum(row.is_locked for row in found.rows) < 1:
        raise Invalid(
            _("Too few territories (%(k)s): %(locked)s are locked or hold locked accounts."),
            k=k, locked=len(bound),
        )  # fmt: skip
    others = sorted(
        (row for row in found.rows if row not in bound),
        key=lambda row: (
            row.number not in asked,
            row.rep_id is None,
            -held[row.number],
            row.number,
        ),
    )
    kept = sorted([*bound, *others[: k - len(bound)]], key=lambda row: row.number)
    number = np.full(len(found.rows), -1, np.int32)
    rows = []
    for at, row in enumerate(kept):
        number[row.number] = at
        # what was measured of its ways was so in another plan
        rows.append(replace(row, number=at, minutes=None))
    taken = {row.name.casefold() for row in rows}
    colour = max((row.colour for row in rows), default=-1)
    for at in range(len(rows), k):
        colour += 1
        rows.append(TerritoryRow(at, _fresh(taken, at + 1), colour=colour % COLOURS))
    return tuple(rows), number


def _fresh(taken: set[str], number: int) -> str:
    name = gettext("Territory %(number)s") % {"number": number}
    while name.casefold() in taken:
        number += 1
        name = gettext("Territory %(number)s") % {"number": number}
    taken.add(name.casefold())
    return name
