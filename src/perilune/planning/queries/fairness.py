"""How fair and feasible the quotas of a plan are: on potential, on bookings, in simulated years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.keeping import Kept
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import (
    COMPANY,
    Aim,
    Attainments,
    Content,
    Fairness,
    Level,
    PlanModel,
    PlanView,
    Productivity,
    QuotaRow,
    Rise,
    UnitRow,
)
from perilune.planning.contracts.tables import Floats
from perilune.planning.engine.crediting import fairness
from perilune.planning.engine.fairness import (
    attainments,
    leant,
    middle_of,
    spread_left,
    stand_out,
)
from perilune.planning.engine.presence import presence
from perilune.planning.engine.simulating import draws
from perilune.planning.engine.stored_plans import content_digest
from perilune.planning.queries.chances import SEED, chances, season_shares, seats_of
from perilune.planning.queries.learning import rise_at
from perilune.planning.queries.plans import loaded_plan
from perilune.planning.queries.potential import Potentials, potentials
from perilune.planning.queries.staff import Booked, booked, first_booked, heads_of, staff_units
from perilune.planning.queries.tenure import tenures, year_behind
from perilune.store import service as store

PATHS = 1_000


@dataclass(frozen=True)
class QuotaFairness:
    """The quotas of a plan that a reader sees, in minor units.

    rows: a rep each. measured: spread and Gini of quota to potential. street, target: sum of the
    street quotas, the company's operating target (None where it is not theirs to see). potential,
    unknown: of the accounts of these reps. all_potential: of every account of the company, None
    where the reader does not see all. on_potential, on_booked: the middle ratios. spread_out: the
    simulated years, None with the reason in `untold`. booked_known: bookings of the twelve months
    before are known whole.
    """

    rows: tuple[QuotaRow, ...]
    measured: Fairness
    street: int
    target: int | None
    potential: int | None
    unknown: int
    all_potential: int | None
    on_potential: float | None
    on_booked: float | None
    spread_out: Attainments | None
    untold: str
    booked_known: bool

    @property
    def outliers(self) -> tuple[QuotaRow, ...]:
        """Return those that stand out."""
        return tuple(row for row in self.rows if row.outliers)


_kept: Kept[Attainments | None] = Kept(8)


def quota_fairness(view: PlanView, scope: Scope, at: AsOf) -> QuotaFairness:
    """Return how quotas lie on potential and bookings, and how attainment would spread.

    Invalid where the plan has no street quota of a rep that the reader sees.
    """
    reps = [row for row in view.content.units.values() if row.kind == "rep"]
    if not any(view.content.year(Level.STREET, row.unit) for row in reps):
        raise Invalid(_("No rep has a quota yet: reconcile the plan first."))
    first = first_booked(at)
    begins, _ends = year_behind(at)
    is_known = first is not None and first <= begins
    before = booked(begins, at.day, scope, at)
    worth = potentials(scope, at)
    rise = rise_at(at, company().calendar.year(view.head.year))
    there = _there(view.content, begins, at, rise)
    # bookings known for a part of the year alone are no rep's year
    held = tenures(begins, at.day, at) if is_known else {}
    rows = stand_out([
        replace(_row(view, row, worth, before, there), tenure=held.get(row.number, 0.0))
        for row in reps
    ])  # fmt: skip
    known = [row.potential for row in rows if row.potential is not None]
    spread_out, untold = _spread_out(view, scope, at)
    quota = np.array([float(row.quota or 0) for row in rows])
    expected = np.full(len(rows), np.nan)
    return QuotaFairness(
        rows=tuple(rows),
        measured=fairness(
            quota, np.array([np.nan if r.potential is None else r.potential for r in rows]),
            expected,
        ),
        street=sum(row.quota or 0 for row in rows),
        target=view.content.year(Level.OPERATING, COMPANY),
        potential=sum(known) if known else None,
        unknown=sum(row.unknown for row in rows),
        all_potential=_whole(worth) if scope.owners is None else None,
        on_potential=middle_of([row.on_potential for row in rows]),
        on_booked=middle_of([row.on_booked for row in rows]),
        spread_out=spread_out,
        untold=untold,
        booked_known=is_known,
    )  # fmt: skip


def _row(
    view: PlanView, row: UnitRow, worth: Potentials, before: Booked, there: dict[str, float]
) -> QuotaRow:
    mine = worth.table.owner == row.number if row.number > 0 else worth.table.owner < 0
    minor = worth.said.minor[mine]
    known = np.isfinite(minor)
    return QuotaRow(
        unit=row.unit,
        team=row.parent,
        quota=view.content.year(Level.STREET, row.unit),
        accounts=int(mine.sum()),
        unknown=int((~known).sum()),
        potential=round(float(minor[known].sum())) if known.any() else None,
        booked=sum(before.by_rep.get(row.number, {}).values()),
        there=there.get(row.unit, 0.0),
    )


def _whole(worth: Potentials) -> int | None:
    known = np.isfinite(worth.said.minor)
    return round(float(worth.said.minor[known].sum())) if known.any() else None


def _there(content: Content, begins: date, at: AsOf, rise: Rise) -> dict[str, float]:
    """Return the ramped FTE-years of each rep in the twelve months before."""
    year = company().calendar.year_of(at.day)
    span = replace(year, start=begins, end=at.day)
    units = {u: row for u, row in staff_units(span, (), at).items() if u in content.units}
    there = Content(units=units)
    heads, curves = heads_of(there, span, at, rise)
    if not len(heads.rep):
        return {}
    means = presence(heads, curves).mean(axis=1)
    return {f"rep:{rep}": float(means[i]) for i, rep in enumerate(heads.rep.tolist())}


# -- simulated years -------------------------------------------------------------------------------


def _spread_out(view: PlanView, scope: Scope, at: AsOf) -> tuple[Attainments | None, str]:
    """Return the simulated attainment of the whole plan, or why there is none."""
    if not view.is_whole:
        return None, _("You see the rows of your reps; sales operations simulates the whole.")
    found = loaded_plan(view.head.id)
    key = (
        found.head.id, content_digest(found.content), at.at, scope.digest(), store.stamp(),
    )  # fmt: skip
    try:
        made = _kept.get(key, lambda: _attainments(view, found.content, scope, at))
    except Invalid as error:
        return None, error.message % error.params if error.params else error.message
    if made is None:
        return None, _("Fewer than five reps: a distribution would be about persons.")
    return made, ""


def _attainments(view: PlanView, content: Content, scope: Scope, at: AsOf) -> Attainments | None:
    year = company().calendar.year(view.head.year)
    told = chances(view.head, content, scope, at)
    horizon = replace(year, start=told.first)
    heads, ramps = heads_of(content, horizon, at, told.basis.rise)
    reps = [row for row in content.units.values() if row.kind == "rep"]
    teams = list(dict.fromkeys(row.parent for row in reps))
    team = np.array([teams.index(row.parent) for row in reps], np.int64)
    seats = seats_of(content, {segment for _team, segment in told.units if segment})
    laws = [told.productivity[told.units.index(seats[row.unit])] for row in reps]
    own, there = _own(content, reps, scope, at, told.basis.rise)
    rate, skill, luck = (
        np.array([getattr(law, name) for law in laws]) for name in ("minor", "spread", "luck")
    )
    expect = leant(own, there, rate, skill, luck)
    left = spread_left(skill, luck, there)
    begun = booked(year.start, at.day, scope, at) if at.day >= year.start else Booked({}, 0)
    quota = np.array([float(content.year(Level.STREET, row.unit) or 0) for row in reps])
    asked = [i for i, minor in enumerate(quota.tolist()) if minor > 0]
    first, last = max((year.start - horizon.start).days, 0), horizon.days - 1
    model = PlanModel(
        heads=replace(heads, unit=np.arange(len(reps)), group=team),
        ramps=ramps,
        attrition=told.leaving.by_team,
        productivity=tuple(
            Productivity(row.unit, float(expect[i]), float(left[i]), float(luck[i]))
            for i, row in enumerate(reps)
        ),
        season=season_shares(content, horizon, told.basis.season),
        aims=tuple(
            Aim(reps[i].unit, (i,), first, last, int(quota[i]),
                sum(begun.by_rep.get(reps[i].number, {}).values()))
            for i in asked
        ),
        doubt=told.basis.doubt,
    )  # fmt: skip
    reached = draws(model, SEED, paths=PATHS).reached
    return attainments(
        reached, quota[asked], [reps[i].unit for i in asked], [reps[i].parent for i in asked]
    )


def _own(
    content: Content, reps: Sequence[UnitRow], scope: Scope, at: AsOf, rise: Rise
) -> tuple[Floats, Floats]:
    """Return (R,) what each rep booked in the twelve months before, and the FTE-years it took."""
    begins, _ends = year_behind(at)
    before = booked(begins, at.day, scope, at)
    there = _there(content, begins, at, rise)
    own = np.array([float(sum(before.by_rep.get(row.number, {}).values())) for row in reps])
    return own, np.array([there.get(row.unit, 0.0) for row in reps])
