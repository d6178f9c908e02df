"""What capacity, hiring and the long view read of a plan: the model that its chances simulate.

The one place that asks `chances` for its inputs, so that the same plan has the same people, laws
and season on every page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid
from perilune.kernel.keeping import Kept
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, teams_as_of
from perilune.planning.contracts import COMPANY, Content, Level, PlanHead, PlanModel, Productivity
from perilune.planning.contracts.tables import Floats
from perilune.planning.engine.stored_plans import content_digest
from perilune.planning.queries import chances as inputs
from perilune.planning.queries.chance_laws import Laws
from perilune.planning.queries.chance_laws import laws as laws_of
from perilune.planning.queries.hiring_segments import segment_laws
from perilune.planning.queries.staff import Booked, booked
from perilune.planning.queries.stays import Leaving, leaving
from perilune.store import service as store

SEED = inputs.SEED

_kept: Kept[Basis] = Kept(8)


@dataclass(frozen=True)
class Basis:
    """A plan as engines read it from a day on.

    teams: the units that hold reps, in the order of the model's units; hires for a segment stand
    after them. reps: the unit of each row of the heads. aims: (level, unit, period name) of each
    aim. known: what people bring. hiring: the units that sellers can be hired for. horizon: from
    the day after the as-of to the end of the year.
    """

    model: PlanModel
    teams: tuple[str, ...]
    hiring: tuple[str, ...]
    reps: tuple[str, ...]
    aims: tuple[tuple[Level, str, str], ...]
    known: Laws
    leaving: Leaving
    horizon: Period

    @property
    def laws(self) -> Mapping[str, Productivity]:
        """What a ramped FTE brings by team."""
        return self.known.by_team

    @property
    def whole(self) -> Productivity:
        """The law of all sellers."""
        return self.known.whole

    def law_of(self, team: str, segment: str = "") -> Productivity:
        """Return what a ramped FTE of a team brings: all sellers' where the team has no past."""
        return self.known.of(team, segment)


def basis(head: PlanHead, content: Content, scope: Scope, at: AsOf) -> Basis:
    """Return the inputs of a plan as known at an instant.

    Invalid where its year is over, or a year of bookings is missing.
    """
    stamp = store.stamp()
    key = (head.id, head.edition, content_digest(content), at.at, scope.digest(), stamp)
    return _kept.get(key, lambda: _basis(head, content, scope, at))


def _basis(head: PlanHead, content: Content, scope: Scope, at: AsOf) -> Basis:
    year = company().calendar.year(head.year)
    if at.day >= year.end:
        raise Invalid(_("The year %(year)s is over: what it brought is known."), year=year.name)
    laws = laws_of(at, scope, year)
    laws = replace(laws, by_segment=segment_laws(head, content, scope, at, laws.whole))
    horizon = replace(year, start=at.day + timedelta(days=1))
    begun = booked(year.start, at.day, scope, at) if at.day >= year.start else Booked({}, 0)
    teams = inputs.teams_of(content)
    left = leaving(at, teams)
    model, aims, origin = inputs.model_of(content, (year, horizon), laws, begun, left, at)
    reps = [row.unit for row in content.units.values() if row.kind == "rep"]
    return Basis(
        model=model,
        teams=tuple(teams),
        hiring=_hiring(content, teams, at),
        reps=tuple(reps[row] for row in origin.tolist()),
        aims=aims,
        known=laws,
        leaving=left,
        horizon=horizon,
    )


def _hiring(content: Content, teams: Sequence[str], at: AsOf) -> tuple[str, ...]:
    """Return the teams that the organisation has sellers in, or has at the level of such teams.

    A planned hire who stands in a region gives that region a row of its own; sellers are hired for
    a team below it all the same.
    """
    selling = {row.parent for row in content.units.values() if row.kind == "rep" and row.number > 0}
    above = {f"team:{state['parent_id']}" for state in teams_as_of(at).values()}
    return tuple(
        team for team in teams if team != COMPANY and (team in selling or team not in above)
    )


def season_of(content: Content, span: Period) -> Floats:
    """Return the share of a year's bookings on each day of a span, as the plan has it."""
    return inputs.season_shares(content, span)
