"""What crosses the border of `jobs`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen."""
        return self in (State.DONE, State.FAILED, State.CANCELLED)


@dataclass(frozen=True)
class JobStatus:
    """A job as pages and terminals show it. `message` and `error` are msgids with placeholders."""

    id: int
    kind: str
    label: str
    state: State
    done: int
    total: int
    message: str
    message_params: Mapping[str, Any]
    error: str
    result: Mapping[str, Any]
    actor: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    is_cancel_requested: bool
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def share(self) -> float | None:
        """How much of the work is done, 0 to 1; None while the size is unknown."""
        return min(self.done / self.total, 1.0) if self.total else None


class Cadence(StrEnum):
    """How often a schedule runs."""

    MINUTES = "minutes"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True)
class When:
    """When a schedule runs.

    every counts minutes for MINUTES and hours for HOURLY; at_hour (0-23) and weekday (0 Monday) are
    in the zone, so that «six in the morning» stays six across a change of clocks.
    """

    cadence: Cadence
    every: int = 1
    at_hour: int = 6
    weekday: int = 0
    zone: str = "UTC"


@dataclass(frozen=True)
class ScheduleStatus:
    """A schedule, when it last ran and whether it is late (rule 37)."""

    id: int
    name: str
    label: str
    kind: str
    params: Mapping[str, Any]
    cadence: Cadence
    every: int
    at_hour: int
    weekday: int
    is_enabled: bool
    last_run_at: datetime | None
    last_state: str
    next_run_at: datetime | None
    is_late: bool
