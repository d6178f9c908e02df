"""Measures that plans are followed by."""

from __future__ import annotations

from perilune.kernel.scope import Scope
from perilune.planning.contracts import PlanHead
from perilune.planning.contracts.kpi import KpiInfo
from perilune.planning.models import PlanKpi
from perilune.planning.queries.plans import plans


def kpis(plan_id: int) -> list[KpiInfo]:
    """Return the measures of a plan; the gate is the caller's affair."""
    return [_info(row) for row in PlanKpi.objects.filter(plan_id=plan_id)]


def kpis_in_force(scope: Scope, actor: str) -> list[tuple[PlanHead, list[KpiInfo]]]:
    """Return the plans in force with their measures, to who sees the whole; without any left out.

    A figure cut to somebody's reps would not be the plan's (rule 10).
    """
    if scope.owners is not None or scope.aggregates_only or not PlanKpi.objects.exists():
        return []
    found = [(head, kpis(head.id)) for head in plans(scope, actor) if head.is_in_force]
    return [(head, listed) for head, listed in found if listed]


def _info(row: PlanKpi) -> KpiInfo:
    return KpiInfo(
        row.pk, row.plan_id, row.figure, row.period, row.owner, row.comparison, row.target,
        row.threshold, row.actor, row.at,
    )  # fmt: skip
