"""From outlooks of insights to what the simulation member expects and draws, for one question."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from perilune.forecasting.engine import Draw, Simulated, Target, arrivals, knowledge_days
from perilune.forecasting.engine.expectation import draw_of, expected, window_of
from perilune.forecasting.engine.presence import Dated, Presence, presence_on
from perilune.forecasting.engine.windows import STEP, Floats, Ints
from perilune.forecasting.queries.seating import Seating, Spans
from perilune.insights import queries as insights
from perilune.insights.contracts import HORIZON, Outlook, horizon_for
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company


@dataclass(frozen=True, eq=False)
class Modelled:
    """What the models say of a question; both None where there is no model of its as-of."""

    simulated: Simulated | None = None
    draw: Draw | None = None
    is_complete: bool = False
    digest: str = ""
    outlook: Outlook | None = None
    factor: Floats = field(default_factory=lambda: np.ones(0))
    presence: Presence | None = None
    """Of whom there will be less, as the records of the as-of say."""
    whole: Draw | None = None
    """The draw as if everybody stayed: what edits of people act on."""


def modelled(  # noqa: PLR0913, PLR0917  # what a question stands on, one each
    target: Target,
    first_day: date,
    as_of: AsOf,
    scope: Scope,
    company: Company,
    seating: Seating,
    where: Spans,
    *,
    version: int | None = None,
    learn: bool = False,
    rolling: insights.Rolling | None = None,
    dated: Dated | None = None,
) -> Modelled:
    """Return what the models expect at the origins, and draw at the as-of; seats are numbered.

    dated: who was there and who was to leave, as each day knew it; without it everybody stays.
    rolling: what other as-ofs have read and reckoned already. The models are the company's; whom
    the scope does not see is left out of what they expect.
    """
    reach = target.lead + target.length
    if not target.length or reach > HORIZON or target.as_of < 0:
        return Modelled(is_complete=True)
    days = [int(day) for day in knowledge_days(target, 0)]
    earlier = [days[0] - STEP * back for back in range(arrivals.MEMORY + 1, 0, -1)]
    wanted = [day for day in (*earlier, *days) if day >= 0]
    horizon = horizon_for(reach)
    if rolling is not None:
        found = rolling.outlooks(wanted, horizon, as_of)
    else:
        found = insights.outlooks(
            first_day, wanted, horizon, as_of, company, version=version, learn=learn
        )
    now = found.found.get(target.as_of)
    deals = found.deals(window_of(target))
    if now is None or deals is None:
        return Modelled(is_complete=found.is_complete)
    there = _there(dated, [day for day in wanted if day in found.found])
    factors = _factors(wanted, found, there)
    seats = [
        _seats(found.found[day], day, scope, seating, where) for day in days if day in found.found
    ]
    placed = iter(seats)
    outlooks = [found.found.get(day) for day in days]
    rows = [next(placed) if outlook is not None else np.zeros(0, np.int64) for outlook in outlooks]
    count = seating.seats().count
    simulated = expected(
        outlooks, [factors.get(day, np.ones(4)) for day in days], rows, count, target,
        [there.get(day) for day in days],
    )  # fmt: skip
    of_deal = _placed(deals.owner, target.as_of, scope, seating, where)
    presence, asked = there.get(target.as_of), (now, factors[target.as_of], deals, of_deal)
    draw = draw_of(*asked, rows[-1], target, presence)
    return Modelled(
        simulated, draw, found.is_complete, _digest(simulated, draw), now, factors[target.as_of],
        presence, draw if presence is None else draw_of(*asked, rows[-1], target),
    )  # fmt: skip


def _there(dated: Dated | None, days: Iterable[int]) -> dict[int, Presence]:
    """Return whose share was to change, on each day whose records said so of anybody."""
    if dated is None:
        return {}
    found = {day: presence_on(dated, day) for day in days}
    return {day: one for day, one in found.items() if len(one.reps)}


def _factors(
    days: Iterable[int], found: insights.Outlooks, there: Mapping[int, Presence]
) -> dict[int, Floats]:
    """Return the corrections of new wins as each day knew them."""
    factors: dict[int, Floats] = {}
    past: list[Outlook] = []
    awaited = arrivals.Awaited(there)
    for day in days:
        if day not in found.found:
            continue
        known = found.won_day <= day
        factors[day] = arrivals.corrections(
            past, found.won_born[known], found.won_day[known], day, awaited
        )
        past.append(found.found[day])
    return factors


def _seats(outlook: Outlook, day: int, scope: Scope, seating: Seating, where: Spans) -> Ints:
    return _placed(outlook.owners, day, scope, seating, where)


def _placed(reps: Ints, day: int, scope: Scope, seating: Seating, where: Spans) -> Ints:
    """Return the number of each rep's seat on a day; -1 for whom the scope does not see."""
    distinct, inverse = np.unique(reps, return_inverse=True)
    numbers = [
        seating.number(seat) if scope.owners is None or seat[0] in scope.owners else -1
        for seat in where.seat_on(distinct, day)
    ]
    return np.array(numbers, dtype=np.int64)[inverse] if len(reps) else np.zeros(0, np.int64)


def _digest(simulated: Simulated, draw: Draw) -> str:
    whole = hashlib.sha256()
    for column in (
        simulated.open,
        simulated.new,
        simulated.square,
        draw.deal_key,
        draw.deal_win,
        draw.deal_value,
        *(part for part in (simulated.taken, simulated.kept) if part is not None),
    ):
        whole.update(np.ascontiguousarray(np.round(column, 9)).tobytes())
    return whole.hexdigest()
