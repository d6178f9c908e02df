"""What stands behind and around a number: explanation, difference, course of events, problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from perilune.ui.contracts.figures import Format, Status, Tone
from perilune.ui.contracts.framing import Action, Link

if TYPE_CHECKING:
    from perilune.ui.contracts.listing import Table


@dataclass(frozen=True)
class Empty:
    """What this is, why it is empty, the one next action."""

    title: str
    reason: str = ""
    action: Action | None = None
    icon: str = "inbox"


@dataclass(frozen=True)
class ProblemReport:
    """What happened, where, why, what to do, and that nothing was lost."""

    what: str
    todo: str = ""
    why: str = ""
    where: str = ""
    kept: str = ""
    actions: Sequence[Action] = ()
    tone: Tone = Tone.ACT


@dataclass(frozen=True)
class Fact:
    """A labelled value: denominator, scope, run id."""

    label: str
    value: Any
    format: Format = Format.TEXT
    currency: str = ""
    decimals: int | None = None
    url: str = ""


@dataclass(frozen=True)
class Contribution:
    """A part of a number: contributions sum to it, or `share` says of what."""

    label: str
    value: float | int | None
    url: str = ""
    share: float | None = None


@dataclass(frozen=True)
class Explanation:
    """The drawer behind a number, in three depths (rule 22).

    1. sentence with the largest causes; 2. contributions; 3. definition, facts (scope, as-of, store
    version, run), SQL with its parameters, rows. `stopped` says why rows are withheld.
    """

    title: str
    sentence: str
    value: Any = None
    format: Format = Format.NUMBER
    currency: str = ""
    decimals: int | None = None
    contributions: Sequence[Contribution] = ()
    contributions_title: str = ""
    definition: str = ""
    facts: Sequence[Fact] = ()
    sql: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    rows: Table | None = None
    rows_url: str = ""
    stopped: str = ""
    status: Status | None = None
    doors: Sequence[Link] = ()
    """Where more can be asked about it: «Reconcile with another system»."""


@dataclass(frozen=True)
class DiffRow:
    """One field before and after; None is empty."""

    label: str
    before: Any
    after: Any
    format: Format = Format.TEXT
    currency: str = ""


@dataclass(frozen=True)
class Diff:
    """Before and after, field by field. is_creation leaves the first column out."""

    rows: Sequence[DiffRow]
    title: str = ""
    is_creation: bool = False


@dataclass(frozen=True)
class TimelineEvent:
    """Something that happened to a record: when, who, what."""

    at: datetime
    title: str
    actor: str = ""
    source: str = ""
    detail: str = ""
    changes: Sequence[DiffRow] = ()
    icon: str = "circle-dot"
    tone: Tone = Tone.NEUTRAL
    url: str = ""


@dataclass(frozen=True)
class Timeline:
    """Events, newest first."""

    events: Sequence[TimelineEvent]
    more_url: str = ""
    empty: Empty | None = None


class StepState(StrEnum):
    """Where a long job, or a part of it, stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Steps:
    """A long job: parts, progress, time left, cancel.

    poll_url answers this component again; it is asked every second while waiting or running.
    stages: (label, state). total 0 is unknown: the bar then runs without end.
    """

    title: str
    state: StepState
    done: int = 0
    total: int = 0
    message: str = ""
    seconds_left: float | None = None
    stages: Sequence[tuple[str, StepState]] = ()
    poll_url: str = ""
    cancel_url: str = ""
    result: Action | None = None
    problem: ProblemReport | None = None

    @property
    def is_running(self) -> bool:
        """Whether it still moves and must be asked again."""
        return self.state in (StepState.WAITING, StepState.RUNNING)
