"""A new annual plan: empty, or proposed from what the twelve months before brought."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import split_minor
from perilune.kernel.scope import Scope
from perilune.people.queries import company, teams_as_of
from perilune.planning.contracts import (
    BASIS_POINTS,
    COMPANY,
    Cell,
    Content,
    Level,
    Place,
    UnitRow,
)
from perilune.planning.engine.stored_plans import document_of
from perilune.planning.models import Plan, PlanContent, PlanTask
from perilune.planning.queries.history_weights import (
    LEAST_HISTORY,
    month_place,
    months_before,
    weighed,
)
from perilune.planning.queries.plans import loaded_plan, require_whole_plan
from perilune.planning.queries.staff import Booked, booked, staff_units
from perilune.planning.service.plan_writing import plan_name
from perilune.store import service as store

APPROVED_TASK = _("Plan approved")
SEASON_TASKS: tuple[tuple[str, int], ...] = (
    (_("Data ready: every account has a territory"), -75),
    (_("Targets of the board are agreed"), -60),
    (_("Hires and departures are in the plan"), -45),
    (_("Quotas reconciled with the leaders"), -30),
    (APPROVED_TASK, -21),
    (_("Quota letters delivered and acknowledged"), -1),
)
"""(what, days from the first day of the year): the check-list that every plan begins with."""


@dataclass(frozen=True)
class Proposal:
    """What a plan is built from last year with. Shares, not percent.

    growth: of bookings against the twelve months before. operating: what the operating plan has
    more than the board's (rule 29). over: what street quotas together have more than their team.
    """

    growth: float = 0.1
    operating: float = 0.0
    over: float = 0.05


def create_plan(
    name: str,
    year: int,
    *,
    actor: str,
    scope: Scope,
    as_of: AsOf | None = None,
    from_last_year: Proposal | None = None,
) -> int:
    """Begin a plan of a fiscal year with who sells in it, as known at an instant; return its id.

    from_last_year: targets by month and shares are proposed; nothing is reconciled yet. Refused to
    whoever does not see the company; Invalid for a bad name, a ring of teams, too short a history.
    """
    if scope.owners is not None or scope.aggregates_only:
        raise Refused(_("An annual plan concerns the whole company: ask sales operations."))
    here = company()
    at = as_of or here.today
    period = here.calendar.year(year)
    bare = plan_name(name)
    require_no_ring(at)
    content = Content(units=staff_units(period, (), at))
    if from_last_year is not None:
        content = proposed(content, period, from_last_year, scope, at)
    with transaction.atomic():
        row = Plan.objects.create(
            name=bare,
            year=year,
            currency=here.currency,
            author=actor,
            settings=_settings(from_last_year),
            as_of_at=at.at,
            as_of_day=at.day,
            made_at=datetime.now(UTC),
        )
        PlanContent.objects.create(plan=row, document=document_of(content))
        PlanTask.objects.bulk_create(
            PlanTask(plan=row, position=at_, title=title, due=period.start + timedelta(days=days))
            for at_, (title, days) in enumerate(SEASON_TASKS, 1)
        )
    return row.pk


def clone_plan(plan_id: int, name: str, *, actor: str, scope: Scope) -> int:
    """Copy a plan in any state into a draft of one's own; return its id.

    People events go along only to those who see them. Refused to whoever does not see its whole.
    """
    found = loaded_plan(plan_id)
    require_whole_plan(found, scope, actor)
    source = Plan.objects.get(id=plan_id)
    content = found.content
    if not found.head.is_of_circle(actor):
        content = replace(content, people=())
    private = {"shared_with"} | (set() if found.head.is_of_circle(actor) else {"scenarios"})
    settings = {name: value for name, value in source.settings.items() if name not in private}
    with transaction.atomic():
        copy = Plan.objects.create(
            name=plan_name(name),
            year=source.year,
            currency=source.currency,
            author=actor,
            settings=settings,
            as_of_at=source.as_of_at,
            as_of_day=source.as_of_day,
            based_on=source,
            made_at=datetime.now(UTC),
        )
        PlanContent.objects.create(plan=copy, document=document_of(content))
        PlanTask.objects.bulk_create(
            PlanTask(plan=copy, position=t.position, title=t.title, owner=t.owner, due=t.due)
            for t in source.tasks.all()
        )
    return copy.pk


def refreshed(content: Content, period: Period, at: AsOf) -> Content:
    """Return a plan with the units of today's organisation; rules of units that stay are kept."""
    fresh = staff_units(period, content.people, at)
    usual = usual_weight(content.units.values())
    units = {}
    for unit, row in fresh.items():
        if unit in content.units:
            units[unit] = replace(content.units[unit], parent=row.parent)
        else:
            units[unit] = replace(row, weight=usual) if row.kind == "rep" else row
    units |= {unit: row for unit, row in content.units.items() if row.kind == "segment"}
    cells = {place: cell for place, cell in content.cells.items() if place.unit in units}
    return replace(content, units=units, cells=cells)


def usual_weight(rows: Iterable[UnitRow]) -> float:
    """Return the mean share of reps, for those of whom nothing is known yet."""
    weights = [row.weight for row in rows if row.kind == "rep"]
    return round(sum(weights) / len(weights)) if weights else 1.0


def proposed(content: Content, period: Period, given: Proposal, scope: Scope, at: AsOf) -> Content:
    """Return a plan with the company's targets and everybody's shares from what was booked."""
    store.refresh()
    past = months_before(period, at)
    if len(past) < LEAST_HISTORY:
        raise Invalid(
            _("A plan from last year needs %(least)s complete months of bookings before it; here"
              " are %(count)s."),
            least=LEAST_HISTORY, count=len(past),
        )  # fmt: skip
    found = booked(past[0].start, past[-1].end, scope, at)
    year_before = past[-LEAST_HISTORY:]
    base = sum(found.total([month.name for month in year_before]).values())
    if base <= 0:
        raise Invalid(_("Nothing was booked in the twelve months before: set targets by hand."))
    season = season_of(found, past, period)
    board = split_minor(_grown(base, given.growth), _weights(season))
    cells = dict(content.cells)
    for month, minor in enumerate(board, 1):
        cells[Place(Level.BOARD, COMPANY, month)] = Cell(minor)
        cells[Place(Level.OPERATING, COMPANY, month)] = Cell(_grown(minor, given.operating))
    history = found.by_year([month.name for month in year_before])
    units = weighed(content, history, year_before, at)
    over = round(given.over * BASIS_POINTS)
    leaf = {row.parent for row in units.values() if row.kind == "rep"}
    units = {unit: replace(row, over=over if unit in leaf else 0) for unit, row in units.items()}
    return replace(content, cells=cells, units=units, season=tuple(season))


def season_of(found: Booked, past: Sequence[Period], period: Period) -> list[float]:
    """Return the share of a year that each of its months brought, on average over whole years."""
    totals = found.total([month.name for month in past])
    months = company().calendar.months(int(period.name))
    shares = np.zeros(len(months))
    seen = np.zeros(len(months))
    for begin in range(0, len(past), LEAST_HISTORY):
        year = past[begin : begin + LEAST_HISTORY]
        whole = sum(totals[month.name] for month in year)
        for month in year if whole > 0 else ():
            place = min(month_place(month), len(months)) - 1
            shares[place] += totals[month.name] / whole
            seen[place] += 1
    mean = np.divide(shares, seen, out=np.zeros_like(shares), where=seen > 0)
    if not mean.sum() > 0:
        return [1 / len(months)] * len(months)
    rounded: list[float] = np.round(np.maximum(mean / mean.sum(), 1e-6), 6).tolist()
    return rounded


def require_no_ring(at: AsOf) -> None:
    """Refuse teams that stand above each other in a ring, by name."""
    states = teams_as_of(at)
    for team, state in states.items():
        walked, above = {team}, state["parent_id"]
        while above is not None and above in states and above not in walked:
            walked.add(above)
            above = states[above]["parent_id"]
        if above in walked and above is not None:
            names = ", ".join(sorted(states[each]["name"] or str(each) for each in walked))
            raise Invalid(
                _("These teams stand above each other in a ring: %(names)s."), names=names
            )


def _grown(minor: int, growth: float) -> int:
    return int((Decimal(minor) * (1 + Decimal(repr(growth)))).to_integral_value())


def _weights(season: Sequence[float]) -> list[Decimal]:
    return [Decimal(repr(share)) for share in season]


def _settings(given: Proposal | None) -> dict[str, Any]:
    return {} if given is None else {"from_last_year": asdict(given)}
