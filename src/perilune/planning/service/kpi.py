"""Name the measures that a plan is followed by."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from perilune.kernel.errors import Invalid, NotFound, Problem, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts.kpi import KpiAsked
from perilune.planning.models import PlanKpi
from perilune.planning.queries.choices import sharers
from perilune.planning.queries.plans import loaded_plan, require_seen_plan, require_whole_plan

BELOW, ABOVE = "below", "above"
MOST_KPIS = 20


def set_kpi(
    plan_id: int, asked: KpiAsked, figures: Collection[str], *, actor: str, scope: Scope
) -> int:
    """Follow a plan by a measure, or change its target; return its id.

    figures: names that may be followed. One row by figure and period. Invalid with the problem of
    each field; Refused to whoever does not see the whole plan or was not named.
    """
    _require(plan_id, actor, scope)
    wrong = _problems(asked, figures)
    if wrong:
        raise Invalid(wrong[0].message, tuple(wrong), **wrong[0].params)
    period = company().calendar.parse(asked.period).name
    key: dict[str, Any] = {"plan_id": plan_id, "figure": asked.figure, "period": period}
    others = PlanKpi.objects.filter(plan_id=plan_id)
    if not others.filter(**key).exists() and others.count() >= MOST_KPIS:
        raise Invalid(_("A plan is followed by %(most)s measures at most."), most=MOST_KPIS)
    row, _made = PlanKpi.objects.update_or_create(
        **key,
        defaults={
            "owner": asked.owner,
            "comparison": asked.comparison,
            "target": asked.target,
            "threshold": asked.threshold,
            "actor": actor,
            "at": datetime.now(UTC),
        },
    )
    return int(row.pk)


def remove_kpi(plan_id: int, kpi_id: int, *, actor: str, scope: Scope) -> None:
    """Follow a plan by a measure no more."""
    _require(plan_id, actor, scope)
    if not PlanKpi.objects.filter(id=kpi_id, plan_id=plan_id).delete()[0]:
        raise NotFound(_("This plan has no such measure."))


def _require(plan_id: int, actor: str, scope: Scope) -> None:
    found = loaded_plan(plan_id)
    require_seen_plan(found, scope, actor)
    require_whole_plan(found, scope, actor)
    if not found.head.is_of_circle(actor):
        raise Refused(_("The plan's author and those named choose what it is followed by."))


def _problems(asked: KpiAsked, figures: Collection[str]) -> list[Problem]:
    found = []
    if asked.figure not in figures:
        found.append(Problem(_("There is no such figure."), {}, "figure"))
    if asked.owner not in {person.username for person in sharers()}:
        text = _("%(name)s cannot open plans.")
        found.append(Problem(text, {"name": asked.owner}, "owner"))
    is_wrong = (
        asked.threshold > asked.target
        if asked.comparison == BELOW
        else asked.threshold < asked.target
    )
    if is_wrong:
        text = _("The threshold lies on the bad side of the target.")
        found.append(Problem(text, {}, "threshold"))
    try:
        company().calendar.parse(asked.period)
    except Invalid as error:
        found.append(Problem(error.message, error.params, "period"))
    return found
