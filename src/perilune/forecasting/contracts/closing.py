"""The close of a period: a checklist, figures of record, and what is learnt afterwards (rule 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from perilune.kernel.asof import AsOf
from perilune.kernel.messages import gettext_noop as _


class Step(StrEnum):
    """A step in the close of a period."""

    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    REOPENED = "reopened"


STEP_LABELS: dict[Step, str] = {
    Step.PROPOSED: _("Close proposed"),
    Step.WITHDRAWN: _("Proposal withdrawn"),
    Step.CLOSED: _("Period closed"),
    Step.REOPENED: _("Period re-opened"),
}


@dataclass(frozen=True)
class Check:
    """One thing to look at before a period is frozen.

    count: how many cases stand against it; 0 holds. is_blocking: it cannot be accepted.
    """

    name: str
    count: int
    is_blocking: bool = False

    @property
    def holds(self) -> bool:
        """Whether nothing stands against it."""
        return self.count == 0


CHECK_LABELS: dict[str, str] = {
    "over": _("The period is over"),
    "fresh": _("All records have reached the figures"),
    "overdue": _("No open deal is due by the end of the period"),
    "without_amount": _("Every deal won has an amount"),
    "without_rate": _("Every deal won has a rate for its currency"),
    "without_owner": _("Every deal won has an owner"),
    "without_quota": _("Every team has a quota"),
}


@dataclass(frozen=True)
class StepInfo:
    """A step as it was taken. figures: of record by key of the row, minor units."""

    step: Step
    number: int
    at: datetime
    actor: str
    reason: str
    is_self_approved: bool
    as_of: AsOf
    store_version: int
    currency: str
    checklist: tuple[Any, ...]
    figures: tuple[Any, ...]

    def won_of(self, key: str) -> int | None:
        """Return the figure of record of a row, None where the freeze has none."""
        found = next((row["won"] for row in self.figures if row["key"] == key), None)
        return int(found) if found is not None else None

    def won_of_unit(self, kind: str, unit_id: int) -> int | None:
        """Return the figure of record of a unit: of a rep who sat in two teams both."""
        found = [row["won"] for row in self.figures if row["unit"] == [kind, unit_id]]
        known = [int(won) for won in found if won is not None]
        return sum(known) if known else None


@dataclass(frozen=True)
class Fact:
    """One change that was recorded after the close: who, when, what and where it came from."""

    actor: str
    at: datetime
    field: str
    old: Any
    new: Any
    why: str


@dataclass(frozen=True)
class Learnt:
    """A deal whose won value in a closed period is no longer that of record; minor units."""

    deal_id: int
    name: str
    team_id: int | None
    rep_id: int | None
    before: int
    after: int
    facts: tuple[Fact, ...] = ()

    @property
    def change(self) -> int:
        """What was learnt, in value."""
        return self.after - self.before
