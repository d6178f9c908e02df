"""Segments that may be hired for: what a seller brings in each, and how much less each further."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.planning.contracts import (
    Content,
    Hire,
    PlanHead,
    PlanModel,
    Productivity,
    Returns,
)
from perilune.planning.contracts.hiring_advice import HiringAsked, SegmentUsed
from perilune.planning.queries.capacity_laws import Laws, UnitRate, laws
from perilune.planning.queries.seats import SELLER
from perilune.planning.queries.segments import segmentation_in_force

if TYPE_CHECKING:  # it reads the chances, which read this
    from perilune.planning.queries.capacity_model import Basis

NO_SEGMENT = "-"
"""What accounts without a segment are called in `planning.closed_by_segment`."""


def segments_to_hire(known: Laws, teams: Sequence[str], twice: float | None) -> list[SegmentUsed]:
    """Return the segments that a team may hire for: of the version in force, in its order.

    Without a version, those that accounts have. Only where sellers of these teams closed deals in
    the twelve months before: of the others nothing is known that a seller would bring. twice: what
    twice the sellers bring; None: as the company counts it, learnt or set (`Returns.twice`).
    """
    version = segmentation_in_force()
    rates = {rate.unit: rate for rate in known.segments}
    usual, learnt = known.returns.twice, known.returns.counted is not None
    is_set = twice is not None or known.returns.choice.twice is not None
    found = []
    for segment in version.segments if version else sorted(rates.keys() - {NO_SEGMENT}):
        rate = rates.get(segment)
        team = next((team for team, _fte in rate.teams if team in teams), "") if rate else ""
        if rate is None or not rate.minor or rate.minor <= 0 or not team:
            continue
        found.append(
            SegmentUsed(
                segment, team, rate.minor, rate.low, rate.high, rate.reps, rate.years,
                usual if twice is None else twice,
                is_learnt=twice is None and learnt, is_set=is_set,
            )
        )  # fmt: skip
    return found


def with_segments(
    model: PlanModel, found: Basis, used: Sequence[SegmentUsed], known: Laws
) -> PlanModel:
    """Return the model with a unit for the new sellers of each segment, counted in every aim.

    Such a unit brings what its sellers add to those who work the segment today: at the share of
    time that they spend in it, with the segment's spread of reps.
    """
    rates = {rate.unit: rate for rate in known.segments}
    made = [_law(rates[one.segment], one.twice, found.whole) for one in used]
    first = len(model.productivity)
    places = tuple(range(first, first + len(made)))
    return replace(
        model,
        productivity=(*model.productivity, *made),
        aims=tuple(replace(aim, units=(*aim.units, *places)) for aim in model.aims),
    )


def planned_segments(content: Content) -> dict[int, str]:
    """Return the segment of each planned seller who is to work one, by rep id below zero."""
    return {
        -item.id: item.edit.segment
        for item in content.people
        if isinstance(item.edit, Hire) and item.edit.segment and item.edit.role == SELLER
    }


def segment_laws(
    head: PlanHead, content: Content, scope: Scope, at: AsOf, whole: Productivity
) -> dict[str, Productivity]:
    """Return what a ramped FTE brings in each segment that the plan hires for, as advice counts it.

    Segments of which nothing is known are left out: such a hire counts as a seller of the team.
    """
    wanted = set(planned_segments(content).values())
    if not wanted:
        return {}
    known = laws(head, content, scope, at)
    return {
        rate.unit: _law(rate, known.returns.twice, whole)
        for rate in known.segments
        if rate.unit in wanted and rate.minor
    }


def segment_shares(head: PlanHead, content: Content, scope: Scope, at: AsOf) -> dict[str, float]:
    """Return what a seller of each segment that the plan hires for brings, a seller of all being 1.

    Nothing without a year of bookings.
    """
    if not planned_segments(content):
        return {}
    known = laws(head, content, scope, at)
    years = sum(rate.years for rate in known.teams)
    mean = sum(rate.booked for rate in known.teams) / years if years > 0 else 0.0
    if mean <= 0:
        return {}
    return {rate.unit: rate.minor / mean for rate in known.segments if rate.minor}


def _law(rate: UnitRate, twice: float, whole: Productivity) -> Productivity:
    """Return what further sellers of a segment add to those who work it today."""
    own, there = rate.law or whole, max(rate.years, 1.0)
    returns = Returns(elasticity=float(np.log2(twice)), reference=there, beside=there)
    return Productivity(rate.unit, rate.minor or 0.0, own.spread, own.luck, returns, rate.reps)


def chosen_segments(
    known: Laws, teams: Sequence[str], asked: HiringAsked
) -> tuple[SegmentUsed, ...]:
    """Return the segments asked for; Invalid where nothing is known of one."""
    offered = {one.segment: one for one in segments_to_hire(known, teams, asked.twice)}
    unknown = [name for name in asked.segments if name not in offered]
    if unknown:
        raise Invalid(
            _("Nobody of the teams that may hire closed deals in segment %(name)s in the last"
              " twelve months, or there is no such segment."),
            name=unknown[0],
        )  # fmt: skip
    return tuple(offered[name] for name in asked.segments)
