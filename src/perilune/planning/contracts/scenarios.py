"""Scenarios as others see them, and the limits of what they may hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from perilune.planning.contracts.edits import Assumption

RESULTS_PLACE = "planning.scenario.results"
"""Place of panels about one scenario; context: `scenario` (Scenario), `period` (Period)."""
COMPARED_PLACE = "planning.scenarios.compared"
"""Place of panels about several; context: `scenarios` (a tuple), `period` of the first."""
MOST_EDITS = 200
"""Edits of one scenario."""
MOST_POINTS = 1_000
"""Points of one index series."""
SMALLEST_RESERVE = 5
"""Reps of a level at which capacity of others' scenarios shows, unnamed (rule 24)."""
DEFAULT_RAMP_DAYS = 180
"""Days to full productivity where neither the hire nor the scenario says so."""


@dataclass(frozen=True)
class ScenarioHead:
    """A scenario without its edits.

    author, shared_with: user names. period: name of the fiscal period it is about. edition: grows
    with every change; a change says which one it was made on. is_reserve: its capacity shows to
    others as an unnamed reserve. plan_id, plan_lines: the annual plan that it was opened from, and
    (edit, number in the plan) of what came from there.
    """

    id: int
    name: str
    author: str
    period: str
    shared_with: tuple[str, ...]
    edition: int
    edits: int
    is_reserve: bool = False
    plan_id: int | None = None
    plan_lines: tuple[tuple[int, int], ...] = ()

    def is_seen_by(self, username: str) -> bool:
        """Tell whether it is theirs or shared with them by name (rule 24)."""
        return username == self.author or username in self.shared_with


@dataclass(frozen=True)
class Scenario:
    """A scenario as known at an instant: who made it, about what, and its edits in order."""

    head: ScenarioHead
    assumptions: tuple[Assumption, ...]


@dataclass(frozen=True)
class Reserve:
    """Capacity that scenarios of others hold ready, without names: FTE gained or lost from a day.

    team_id None is the company. reps: who sell there now, five or more.
    """

    team_id: int | None
    name: str
    reps: int
    starts: date
    fte: float
