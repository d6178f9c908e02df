"""The long view: its first slice from a plan, what history says, its paths and their proof."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import (
    COMPANY,
    Content,
    Level,
    LongPath,
    PlanHead,
    YearAssumption,
    YearView,
)
from perilune.planning.contracts.long_view import (
    MOST_YEARS,
    LongDocument,
    LongVersionInfo,
    LongYear,
)
from perilune.planning.engine.long_view import Swing, naive, swings
from perilune.planning.engine.outlook import first_slice, growth, heads_needed, outlook, paths
from perilune.planning.models import LongVersion
from perilune.planning.queries.capacity import company_ramped
from perilune.planning.queries.long_learning import Learnt, learnt
from perilune.planning.queries.plans import loaded_plan, plans

LOW = YearAssumption(-0.05, -0.01, -0.01, -0.1, -0.02)
HIGH = YearAssumption(0.05, 0.01, 0.01, 0.1, 0.02)
"""What low and high add where nothing was learnt: stated."""


@dataclass(frozen=True)
class LongView:
    """Low, base and high from this year's plan on; the first year is the plan's own.

    wanted: totals that the wanted growth asks for, None from a year without one on. needed: ramped
    FTE that bring them on the base path. naive: last year's growth carried on, empty unknown.
    """

    head: PlanHead
    version: LongVersionInfo | None
    document: LongDocument
    first: YearView
    base: tuple[YearView, ...]
    low: tuple[YearView, ...]
    high: tuple[YearView, ...]
    wanted: tuple[float | None, ...]
    needed: tuple[float | None, ...]
    naive: tuple[float, ...]
    swings: tuple[Swing, ...]
    learnt: Learnt

    @property
    def growth(self) -> float | None:
        """Mean yearly growth of the base path."""
        return growth(self.base)


def versions() -> list[LongVersionInfo]:
    """Return the versions of the long view, the latest first."""
    return [_info(row) for row in LongVersion.objects.all()]


def plan_of_view(scope: Scope, actor: str, year: int | None = None) -> PlanHead:
    """Return the plan that is the first slice: of a year if named, else in force, else the latest.

    NotFound without a plan whose whole is seen and that has a target.
    """
    today = company().calendar.year_of(company().today.day).fiscal_year
    heads = [h for h in plans(scope, actor) if year is None or h.year == year]
    heads = [h for h in heads if loaded_plan(h.id).content.year(Level.OPERATING, COMPANY)]
    ahead = [h for h in heads if h.year >= today] or heads
    if scope.owners is not None or not ahead:
        raise NotFound(_("The long view begins with an annual plan that has a target."))
    # this year's plan in force, else the first year ahead
    return min(ahead, key=lambda h: (not h.is_in_force, h.year, -h.id))


def long_view(
    scope: Scope,
    actor: str,
    at: AsOf,
    *,
    number: int | None = None,
    years: int = MOST_YEARS,
    plan_id: int | None = None,
) -> LongView:
    """Return the long view: a version by number, else the latest, else values to begin with.

    years: how many, the first slice included. NotFound for an unknown version, or without a plan.
    """
    kept = versions()
    found = kept[0] if kept and number is None else None
    if number is not None:
        found = next((one for one in kept if one.number == number), None)
        if found is None:
            raise NotFound(_("There is no such version of the long view."))
    chosen = plan_id if plan_id is not None else (found.plan_id if found else None)
    head = _seen(chosen, scope, actor) if chosen else plan_of_view(scope, actor)
    content = loaded_plan(head.id).content
    known = learnt(scope, at)
    first = _first(head, content, known, found.document if found else None, actor, at)
    document = found.document if found else beginning(first, known)
    document = replace(document, years=_fitted(document.years, first.year, years))
    return told(head, found, document, first, known)


def told(
    head: PlanHead,
    version: LongVersionInfo | None,
    document: LongDocument,
    first: YearView,
    known: Learnt,
) -> LongView:
    """Return a document's paths and what drives them."""
    base = LongPath("base", tuple(year.assumption for year in document.years))
    share = document.most_share
    low, middle, high = (
        outlook(first, path, most_share=share) for path in paths(base, document.low, document.high)
    )
    wanted: list[float | None] = [first.total]
    needed: list[float | None] = [first.heads]
    for at, year in enumerate(document.years):
        before = wanted[-1]
        goal = None if before is None or year.growth is None else before * (1 + year.growth)
        wanted.append(goal)
        heads = None if goal is None else heads_needed(middle[at], year.assumption, goal)
        needed.append(heads if heads is not None and np.isfinite(heads) else None)
    carried = naive(first, known.growth, len(middle)) if known.growth is not None else ()
    return LongView(
        head, version, document, first, middle, low, high, tuple(wanted), tuple(needed), carried,
        swings(first, base, document.low, document.high, share), known,
    )  # fmt: skip


def beginning(first: YearView, known: Learnt) -> LongDocument:
    """Return the values to begin with: learnt where history says something, else stated."""
    values = {name: known.start(name).value for name in ("retention", "productivity")}
    years = tuple(
        LongYear(first.year + by, values["retention"], 0.0, 0.0, first.heads,
                 values["productivity"], known.growth)
        for by in range(1, MOST_YEARS)
    )  # fmt: skip

    def moved(stated: YearAssumption, side: str) -> YearAssumption:
        given = {
            one.name: getattr(one, side) for one in known.starts if getattr(one, side) is not None
        }
        return replace(stated, **given)

    return LongDocument(years, moved(LOW, "low"), moved(HIGH, "high"))


def _first(  # noqa: PLR0917 - what the first slice is made of
    head: PlanHead,
    content: Content,
    known: Learnt,
    document: LongDocument | None,
    actor: str,
    at: AsOf,
) -> YearView:
    """Return this year's plan as the first slice: its operating target to the cent."""
    total = content.year(Level.OPERATING, COMPANY)
    if total is None:
        raise Invalid(_("“%(name)s” has no targets yet."), name=head.name)
    kept = min(round(known.booked * known.start("retention").value), total)
    is_circle = head.is_of_circle(actor)
    heads = company_ramped(head, content, at, is_circle=is_circle)
    market = float(document.market) if document and document.market else 0.0
    return first_slice(head.year, kept, total - kept, market, heads)


def _fitted(years: tuple[LongYear, ...], first: int, count: int) -> tuple[LongYear, ...]:
    """Return the years after the first slice: known ones as they are, the last one carried on."""
    known = {year.year: year for year in years}
    last = years[-1]
    return tuple(known.get(first + by, replace(last, year=first + by)) for by in range(1, count))


def _seen(plan_id: int, scope: Scope, actor: str) -> PlanHead:
    found = next((head for head in plans(scope, actor) if head.id == plan_id), None)
    if found is None or scope.owners is not None:
        raise NotFound(_("The long view begins with an annual plan that has a target."))
    return found


def _info(row: LongVersion) -> LongVersionInfo:
    document = LongDocument.of(row.document)
    return LongVersionInfo(row.number, row.plan_id, document, row.note, row.actor, row.at)
