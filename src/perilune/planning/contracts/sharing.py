"""Comments on scenarios, and scenarios that are proposed for a draft plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ProposalState(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    TAKEN = "taken"
    REFUSED = "refused"


@dataclass(frozen=True)
class ScenarioCommentInfo:
    """What somebody said of a scenario."""

    actor: str
    at: datetime
    text: str


@dataclass(frozen=True)
class Proposal:
    """A scenario proposed for a plan. by: its author, owner: the plan's; reason: of a refusal."""

    id: int
    plan_id: int
    plan: str
    owner: str
    scenario_id: int
    scenario: str
    by: str
    at: datetime
    state: ProposalState
    checked_by: str = ""
    checked_at: datetime | None = None
    reason: str = ""
