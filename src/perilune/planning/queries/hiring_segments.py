"""Segments that may be hired for: what a seller brings in each, and how much less each further."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts import PlanModel, Productivity, Returns
from perilune.planning.contracts.hiring_advice import HiringAsked, SegmentUsed
from perilune.planning.queries.capacity_laws import Laws
from perilune.planning.queries.capacity_model import Basis
from perilune.planning.queries.segments import segmentation_in_force

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
    laws = {rate.unit: rate.law for rate in known.segments}
    made = []
    for one in used:
        own = laws.get(one.segment) or found.whole
        returns = Returns(
            elasticity=float(np.log2(one.twice)), reference=max(one.fte, 1.0),
            beside=max(one.fte, 1.0),
        )  # fmt: skip
        made.append(
            Productivity(one.segment, one.minor, own.spread, own.luck, returns, one.reps)
        )  # fmt: skip
    first = len(model.productivity)
    places = tuple(range(first, first + len(made)))
    return replace(
        model,
        productivity=(*model.productivity, *made),
        aims=tuple(replace(aim, units=(*aim.units, *places)) for aim in model.aims),
    )


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
