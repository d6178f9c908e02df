"""A plan from units and a request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from perilune.territories.contracts import Plan, Request, Units
from perilune.territories.engine import kernels
from perilune.territories.engine.certificate import certificate, figures
from perilune.territories.engine.checks import label
from perilune.territories.engine.ground import FloatArray, IntArray
from perilune.territories.engine.placing import centres_for
from perilune.territories.engine.problem import Ready, ready
from perilune.territories.engine.search import (
    MANY,
    Found,
    Tell,
    at_full_size,
    beyond_bounds,
    improved,
    part_company,
    polish,
    relaxed,
    worth_of,
)
from perilune.territories.engine.staying import starts

EASED = (0.5, 0.125)
"""Of the price of moving, tried in turn where a plan that stays ends out of bounds."""


def design(
    units: Units, request: Request, rng: np.random.Generator, tell: Tell | None = None
) -> Plan:
    """Return balanced, connected, compact territories with their proof.

    Same generator state and same units give the same plan, in whatever order the units come.
    Raises Invalid where no plan can be made; a tolerance that cannot be met gives the best plan
    found and a certificate that says what blocks.
    """
    place = np.lexsort((units.points[:, 1], units.points[:, 0])).astype(np.int32)
    if len(place) != len(units.ids) or len(units.loads) != len(place):
        ready(units, request)  # says what is wrong
    units, request, back = from_west(units, request, place)
    made = ready(units, request)
    centres, price = centres_for(made, rng, request.quick, tell)
    plan = planned(units, request, made, centres, price, tell)
    return replace(plan, territory=plan.territory[back])


def from_west(units: Units, request: Request, place: IntArray) -> tuple[Units, Request, IntArray]:
    """Renumber units from west to east, so that ties do not fall by the order they came in.

    Returns units and request so numbered, and (n,) the new number of each unit.
    """
    back = np.empty(len(place), np.int32)
    back[place] = np.arange(len(place), dtype=np.int32)

    def turned(values: Any) -> Any:
        return None if values is None else values[place]

    def pairs(found: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        return tuple((int(back[one]), int(back[other])) for one, other in found)

    numbered = replace(
        units, ids=tuple(units.ids[i] for i in place), points=units.points[place],
        loads=units.loads[place], edges=None if units.edges is None else back[units.edges],
        owner=turned(units.owner), moving_cost=turned(units.moving_cost),
        group=turned(units.group), place=turned(units.place),
    )  # fmt: skip
    asked = replace(
        request, locked=turned(request.locked), together=pairs(request.together),
        apart=pairs(request.apart),
    )  # fmt: skip
    return numbered, asked, back


def planned(  # noqa: PLR0917  # as `design`, with centres
    units: Units,
    request: Request,
    made: Ready,
    centres: FloatArray,
    price: FloatArray,
    tell: Tell | None = None,
) -> Plan:
    """Return the plan that grows from given centres (k, 2) and prices (k,)."""
    bound_to_names = bool(
        request.names or units.owner is not None or request.locked is not None
        or request.allowed is not None or request.shares is not None or made.fixed.any()
    )  # fmt: skip
    ruled = bool(made.ground.frozen.any() or not made.ground.allowed.all())
    # rules enter by prices, which take more rounds to settle
    most = 25 if ruled else 6 if len(made.ground.mass) < MANY and not request.quick else 2
    made, found = _grown(made, centres, price, most, request.quick, tell)
    for share in EASED:
        out = beyond_bounds(made, found)
        if out <= 0 or not (made.ground.stay[~made.ground.frozen] > 0).any():
            break
        # where hardly anything may move the loads cannot be passed on: from a plan of cheaper moves
        eased = made.ground._replace(stay=made.ground.stay * share)
        __, other = _grown(replace(made, ground=eased), centres, price, most, request.quick, None)
        polish(made, other, worth_of(made, other))
        if beyond_bounds(made, other) < out:
            found = other
    if not bound_to_names:
        found = _in_order(found)
    territory = found.owner[made.piece]
    proof = certificate(units, request, made, found.centres, found.price, found.owner)
    total = np.zeros(made.target.shape)
    np.add.at(total, territory, units.loads)
    if tell:
        tell(1.0)
    return Plan(
        territory=territory,
        names=tuple(label(request, a) for a in range(made.k)),
        centres=found.centres,
        loads=total,
        targets=made.asked.target,
        figures=figures(units, made, found.centres, found.owner, territory),
        certificate=proof,
        notes=made.notes,
    )


def _grown(  # noqa: PLR0917  # as `planned`
    made: Ready,
    centres: FloatArray,
    price: FloatArray,
    most: int,
    quick: bool,
    tell: Tell | None,
) -> tuple[Ready, Found]:
    """Return the connected plan that grows from the better start, and the problem it was made for.

    most: rounds of transport and centroids.
    """
    ways = starts(made, centres, price)
    if len(ways) > 1:
        tried = [at_full_size(made, *start, 2) for start in ways]
        best = min(
            tried, key=lambda one: kernels.ground.plan_cost(made.ground, one.centres, one.owner)
        )
        ways = [(best.centres, best.price)]
    found = at_full_size(made, *ways[0], most)
    made, found = _without_islands(made, found)
    if tell:
        tell(0.7)
    if len(made.ground.rivals) > 1:
        part_company(made.ground, found.owner, relaxed(made, found.centres, found.price)[0])
    return made, improved(made, found, quick, tell)


def _without_islands(made: Ready, found: Found, turns: int = 6) -> tuple[Ready, Found]:
    """Let go of what could only stay as an island: it must move, so staying earns nothing."""
    for __ in range(turns):
        ground = made.ground
        if not (ground.stay[~ground.frozen] > 0).any():
            break
        away = kernels.connected.cut_off(ground, found.owner, made.k)
        away &= (found.owner == ground.home) & (ground.stay > 0) & ~ground.frozen
        if not away.any():
            break
        made = replace(made, ground=ground._replace(stay=np.where(away, 0.0, ground.stay)))
        found = at_full_size(made, found.centres, found.price, 4)
    return made, found


def _in_order(found: Found) -> Found:
    """Return the plan with its territories numbered from west to east."""
    order = np.lexsort((found.centres[:, 1], found.centres[:, 0]))
    number = np.empty(len(order), np.int32)
    number[order] = np.arange(len(order))
    return Found(found.centres[order], found.price[order], number[found.owner])
