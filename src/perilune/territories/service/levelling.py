"""A design in levels: regions first, then the territories in each of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from django.utils.translation import gettext

from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import Asked, Loaded, Plan
from perilune.territories.contracts.units import IntArray
from perilune.territories.engine import Level, match, nested
from perilune.territories.engine.levels import as_plan
from perilune.territories.engine.matching import shared_load
from perilune.territories.queries.asking import Problem

REGIONS, AREAS = _("Regions"), _("Territories")


def levelled(found: Loaded, made: Problem, asked: Asked) -> tuple[Problem, Plan]:
    """Return a plan of the accounts in regions and territories, and the problem with its regions.

    Regions get load by how many territories they hold, so that these are equal over the whole. Each
    territory goes to the row whose accounts it keeps most of, each region to the name likewise.
    Errors as of `engine.nested`.
    """
    width = made.request.tolerances
    regions = tuple(asked.region_tolerance or one for one in width)
    levels = (Level(REGIONS, asked.regions, regions), Level(AREAS, made.request.k, width))
    rng = np.random.default_rng(asked.seed)
    found_levels = nested(made.units, made.request, levels, rng, even=True)
    plan = made.told(as_plan(found_levels, made.units))
    place = _places(made, plan.territory)
    region = np.empty(made.request.k, np.int32)
    region[place] = found_levels[-1].parent
    territory = place[plan.territory]
    names = _names(found, made, region[territory], asked.regions)
    rows = list(made.rows)
    for at, number in enumerate(made.free):
        rows[number] = replace(rows[number], region=names[int(region[at])])
    moved = _moved(made, territory)
    plan = replace(
        plan,
        territory=territory,
        figures=replace(plan.figures, moved=moved[0], moved_units=moved[1]),
    )
    return replace(made, rows=tuple(rows)), plan


def without_regions(made: Problem) -> Problem:
    """Return a problem whose free territories are in no region: their map is drawn anew."""
    free = set(made.free)
    rows = [replace(row, region="") if row.number in free else row for row in made.rows]
    return replace(made, rows=tuple(rows))


def _places(made: Problem, territory: IntArray) -> IntArray:
    """Return (k,) the row of each area, by the engine's numbers, that keeps most in all."""
    k = made.request.k
    owner = made.accounts.owner
    if owner is None:
        return np.arange(k, dtype=np.int32)
    seats = match(shared_load(owner, territory, made.accounts.loads[:, 0], k))
    return np.array([seat.rep for seat in seats], np.int32)


def _moved(made: Problem, territory: IntArray) -> tuple[float, int]:
    owner = made.accounts.owner
    if owner is None:
        return 0.0, 0
    load, held = made.accounts.loads[:, 0], owner >= 0
    changes = held & (territory != owner)
    return float(load[changes].sum() / max(load[held].sum(), 1e-300)), int(changes.sum())


def _names(found: Loaded, made: Problem, region: IntArray, count: int) -> list[str]:
    """Return the name of each region: that of the one whose load it keeps, else a new one."""
    now = [row.region for row in found.rows] + [""]
    before = [now[number] for number in found.territory[made.chosen].tolist()]
    known = sorted(set(before) - {""}, key=str.casefold)
    names = [""] * count
    if known:
        number = {name: at for at, name in enumerate(known)}
        owner = np.array([number.get(name, -1) for name in before], np.int32)
        shared = shared_load(owner, region, made.accounts.loads[:, 0], count)
        for seat in match(shared):
            if seat.rep < len(known) and shared[seat.territory, seat.rep] > 0:
                names[seat.territory] = known[seat.rep]
    taken = {name.casefold() for name in (*names, *_shut(made))}
    at = 0
    for region_at in range(count):
        while not names[region_at]:
            at += 1
            fresh = gettext("Region %(number)s") % {"number": at}
            if fresh.casefold() not in taken:
                names[region_at] = fresh
    return names


def _shut(made: Problem) -> list[str]:
    free = set(made.free)
    return [row.region for row in made.rows if row.number not in free]
