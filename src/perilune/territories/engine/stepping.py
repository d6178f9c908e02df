"""A design in two steps that each fit a job: centres sought, then a plan grown from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from perilune.territories.contracts import Plan, Request, Units
from perilune.territories.engine.designing import from_west, planned
from perilune.territories.engine.ground import FloatArray
from perilune.territories.engine.placing import centres_for
from perilune.territories.engine.problem import ready
from perilune.territories.engine.rebalancing import matched, relabelled
from perilune.territories.engine.staying import over_shared_towns, with_stay


def seek(units: Units, request: Request, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return centres (k, 2) and prices (k,) to grow a plan from.

    Where there is a present plan, each centre has the number under which most of its load is held.
    Raises Invalid where no plan can be made.
    """
    units, request, __ = _numbered(units, request)
    made = ready(units, replace(request, stay=0.0))
    centres, price = centres_for(made, rng, request.quick)
    if units.owner is None:
        return centres, price
    which = matched(units, made, centres, price)
    return centres[which], price[which]


def grow(units: Units, request: Request, centres: FloatArray, price: FloatArray) -> Plan:
    """Return the plan that grows from centres (k, 2) and prices (k,), staying as asked.

    A plan without a penalty on moving is numbered so that most load stays with its holder, among
    the numbers to which nothing that is asked binds a territory (`rebalancing.interchangeable`).
    """
    units, request, back = _numbered(units, request)
    made = ready(units, replace(request, stay=0.0))
    if units.owner is not None and request.stay > 0:
        made = over_shared_towns(units, request, made)
        made = with_stay(units, request, made, request.stay)
    plan = planned(units, request, made, np.array(centres), np.array(price))
    if units.owner is not None and request.stay <= 0:
        plan = relabelled(units, request, plan)
    return replace(plan, territory=plan.territory[back])


def _numbered(units: Units, request: Request) -> tuple[Units, Request, np.ndarray[
    tuple[int, ...], np.dtype[np.int32]
]]:  # fmt: skip
    place = np.lexsort((units.points[:, 1], units.points[:, 0])).astype(np.int32)
    return from_west(units, request, place)
