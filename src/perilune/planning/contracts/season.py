"""The planning season: lines of a check-list as they stand, and what the data lack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts.plans import PlanHead, PlanState, PlanTaskInfo

SOON = timedelta(days=7)
"""So long before its day a line is told to its owner."""


class TaskState(StrEnum):
    """Where a line of a check-list stands. CLOSED: its plan was published without it."""

    OPEN = "open"
    SOON = "soon"
    LATE = "late"
    DONE = "done"
    CLOSED = "closed"


TASK_STATE_LABELS: dict[TaskState, str] = {
    TaskState.OPEN: _("to do"),
    TaskState.SOON: _("due soon"),
    TaskState.LATE: _("late"),
    TaskState.DONE: _("done"),
    TaskState.CLOSED: _("left undone"),
}

SEASON_OVER = frozenset({PlanState.PUBLISHED, PlanState.SUPERSEDED, PlanState.ARCHIVED})
"""States of a plan that close its check-list."""


def task_state(task: PlanTaskInfo, plan: PlanHead, today: date) -> TaskState:
    """Return where a line stands on a day."""
    if task.done_at is not None:
        return TaskState.DONE
    if plan.state in SEASON_OVER:
        return TaskState.CLOSED
    if task.due is None or task.due > today + SOON:
        return TaskState.OPEN
    return TaskState.LATE if task.due < today else TaskState.SOON


class Lack(StrEnum):
    """What a plan needs of the data and may not find."""

    SEGMENT = "segment"
    TERRITORY = "territory"
    SIZE = "size"
    START = "start"
    QUOTA = "quota"


LACK_LABELS: dict[Lack, str] = {
    Lack.SEGMENT: _("Accounts without a segment"),
    Lack.TERRITORY: _("Accounts without a territory"),
    Lack.SIZE: _("Accounts without headcount and revenue: no potential can be estimated"),
    Lack.START: _("Reps without a start date"),
    Lack.QUOTA: _("Reps without a quota in the plan"),
}

OF_ACCOUNTS = (Lack.SEGMENT, Lack.TERRITORY, Lack.SIZE)


@dataclass(frozen=True)
class Readiness:
    """How many of how many lack something."""

    lack: Lack
    count: int
    total: int


@dataclass(frozen=True)
class Lacking:
    """A record that lacks something. kind: account or rep."""

    kind: str
    id: int
    name: str
    owner: str = ""


@dataclass(frozen=True)
class DueTask:
    """A line of a check-list that is late or due soon."""

    plan: PlanHead
    task: PlanTaskInfo
    state: TaskState
