"""A measure that a plan is followed by, as others see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class KpiInfo:
    """See `models.PlanKpi`. target, threshold: in the unit of the figure, money in minor units."""

    id: int
    plan_id: int
    figure: str
    period: str
    owner: str
    comparison: str
    target: float
    threshold: float
    actor: str
    at: datetime


@dataclass(frozen=True)
class KpiAsked:
    """What is typed of one."""

    figure: str
    period: str
    owner: str
    comparison: str
    target: float
    threshold: float
