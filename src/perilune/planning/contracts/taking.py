"""Events of a scenario beside those of an annual plan: the same, otherwise, or not to be taken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from perilune.kernel.errors import Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts.edits import Assumption, Edit, Quota
from perilune.planning.contracts.plans import PlanHead
from perilune.planning.contracts.scenarios import Scenario


class Verdict(StrEnum):
    """What becomes of an edit of a scenario in a plan."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"
    SAME = "same"
    WITHIN = "within"
    REFUSED = "refused"


VERDICT_LABELS: dict[Verdict, str] = {
    Verdict.NEW: _("not in the plan yet"),
    Verdict.CHANGED: _("otherwise in the plan"),
    Verdict.GONE: _("no longer in the scenario"),
    Verdict.SAME: _("in the plan already"),
    Verdict.WITHIN: _("comes with the hires"),
    Verdict.REFUSED: _("cannot be taken"),
}
"""English msgids."""
OPEN = (Verdict.NEW, Verdict.CHANGED, Verdict.GONE)
"""What can be taken."""


@dataclass(frozen=True)
class TakenEdit:
    """An edit of a scenario beside a plan, or an event of the plan that left the scenario.

    id: of the edit; of what left, below zero: minus its number in the plan. edit: as the scenario
    tells it. planned: as the plan would, its hires by their numbers there. number: in the plan.
    held: what the plan has in its place. standing: of a quota, what the plan has, minor units, None
    nothing. was_there: the plan had it, and it was taken out. problem: why it cannot be taken.
    """

    id: int
    verdict: Verdict
    edit: Edit
    planned: Edit
    number: int = 0
    held: Assumption | None = None
    standing: int | None = None
    was_there: bool = False
    problem: Problem | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can be taken."""
        return self.verdict in OPEN


@dataclass(frozen=True)
class Taking:
    """A scenario beside a plan; lines in the scenario's order, what left it last.

    is_opened: the scenario was opened from the plan; else events of it were taken, or will be.
    added: events of the plan that the scenario does not have.
    """

    plan: PlanHead
    scenario: Scenario
    lines: tuple[TakenEdit, ...]
    is_opened: bool = False
    added: tuple[Assumption, ...] = ()

    def of(self, *verdicts: Verdict) -> tuple[TakenEdit, ...]:
        """Return the lines with one of these verdicts."""
        return tuple(line for line in self.lines if line.verdict in verdicts)

    @property
    def open(self) -> tuple[TakenEdit, ...]:
        """Return what can be taken into the plan."""
        return self.of(*OPEN)

    @property
    def differences(self) -> int:
        """How much differs by now; what else the plan holds counts where it was opened from it."""
        return len(self.open) + (len(self.added) if self.is_opened else 0)

    @property
    def behind(self) -> int:
        """How many edits of the scenario would change if it followed the plan."""
        events = [line for line in self.open if not isinstance(line.edit, Quota)]
        led = [line for line in events if line.verdict is not Verdict.NEW or line.was_there]
        return len(led) + len(self.added)
