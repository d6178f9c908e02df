"""Measures of plans beside what they are now: read, and their distance taken, as a trigger's is."""

from __future__ import annotations

from dataclasses import dataclass

from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.metrics.contracts import MEASURES
from perilune.planning.contracts import PlanHead
from perilune.planning.contracts.kpi import KpiInfo
from perilune.planning.queries import kpis_in_force
from perilune.site.contingencies import distance, is_near, value_of


@dataclass(frozen=True)
class Followed:
    """A plan's measure beside its figure now; value None: unknown."""

    kpi: KpiInfo
    value: float | None

    @property
    def distance(self) -> float | None:
        """How far the figure is from the threshold, positive on the good side."""
        return distance(self.value, self.kpi.threshold, self.kpi.comparison)

    @property
    def is_reached(self) -> bool:
        """Whether the threshold is reached: somebody has to act."""
        far = self.distance
        return far is not None and far <= 0

    @property
    def is_near(self) -> bool:
        """Whether the figure is within a tenth of the threshold."""
        return is_near(self.distance, self.kpi.threshold)

    @property
    def is_on_target(self) -> bool:
        """Whether the target itself is met."""
        far = distance(self.value, self.kpi.target, self.kpi.comparison)
        return far is not None and far >= 0


def followed(listed: list[KpiInfo], as_of: AsOf, scope: Scope) -> list[Followed]:
    """Return measures beside their figures within a scope, the nearest to its threshold first."""
    found = [Followed(one, value_of(one.figure, one.period, as_of, scope)) for one in listed]

    def key(one: Followed) -> float:
        far = one.distance
        return float("inf") if far is None else far / (abs(one.kpi.threshold) or 1.0)

    return sorted(found, key=key)


def in_force(actor: str, as_of: AsOf, scope: Scope) -> list[tuple[PlanHead, list[Followed]]]:
    """Return the measures of the plans in force that a person sees."""
    return [(head, followed(listed, as_of, scope)) for head, listed in kpis_in_force(scope, actor)]


def definition_of(figure: str) -> str:
    """Return a measure's definition (English msgid), empty for figures of the forecast."""
    found = MEASURES.get(figure)
    return "" if found is None else found.definition
