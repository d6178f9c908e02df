"""A plan's target by segment beside what each segment booked and could bring."""

from __future__ import annotations

from dataclasses import dataclass

from perilune.kernel.asof import AsOf
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.planning.contracts import COMPANY, Level, PlanView
from perilune.planning.engine.segment_targets import PREFIX
from perilune.planning.queries.segments import segments_recorded

BASES: dict[str, str] = {
    "booked": _("Bookings of twelve months"),
    "potential": _("Potential"),
    "headroom": _("Headroom"),
}
"""What the target can be cut by; English msgids."""


@dataclass(frozen=True)
class SegmentTarget:
    """A segment of a plan, minor units. target: None where the plan does not have it.

    fixed: months whose amount was typed.
    """

    name: str
    accounts: int
    booked: int
    potential: int | None
    target: int | None
    fixed: int

    @property
    def growth(self) -> float | None:
        """Return how far the target lies above the bookings of the year before."""
        return self.target / self.booked - 1 if self.target is not None and self.booked else None


@dataclass(frozen=True)
class SegmentTargets:
    """The segments of a plan and the company's operating target that they sum to."""

    rows: tuple[SegmentTarget, ...]
    total: int | None
    unsegmented: int

    @property
    def difference(self) -> int | None:
        """Return the sum of the segments less the total; None where either is missing."""
        parts = [row.target for row in self.rows if row.target is not None]
        return sum(parts) - self.total if parts and self.total is not None else None


def segment_targets(view: PlanView, scope: Scope, at: AsOf) -> SegmentTargets:
    """Return the segments that accounts have, and those that the plan names beside them."""
    seen = segments_recorded(scope, at)
    content = view.content
    fixed: dict[str, int] = {}
    for place, cell in content.cells.items():
        if place.unit.startswith(PREFIX) and cell.is_fixed:
            fixed[place.unit] = fixed.get(place.unit, 0) + 1
    known = {one.name: one for one in seen.figures if one.name}
    names = list(known)
    names += [u.removeprefix(PREFIX) for u in content.units
              if u.startswith(PREFIX) and u.removeprefix(PREFIX) not in known]  # fmt: skip
    rows = []
    for name in names:
        one, unit = known.get(name), f"{PREFIX}{name}"
        rows.append(
            SegmentTarget(
                name,
                one.evidence.accounts if one else 0,
                one.booked if one else 0,
                one.potential if one else None,
                content.year(Level.OPERATING, unit),
                fixed.get(unit, 0),
            )
        )
    return SegmentTargets(tuple(rows), content.year(Level.OPERATING, COMPANY), seen.unsegmented)


def segment_weights(basis: str, scope: Scope, at: AsOf) -> tuple[dict[str, int], dict[str, int]]:
    """Return what each segment counts by a basis, and what it booked, minor units."""
    figures = [one for one in segments_recorded(scope, at).figures if one.name]
    booked = {one.name: one.booked for one in figures}
    if basis == "booked":
        return {one.name: max(one.booked, 0) for one in figures}, booked
    if basis == "headroom":
        return {one.name: one.headroom or 0 for one in figures}, booked
    return {one.name: one.potential or 0 for one in figures}, booked
