"""What is done about a risk: its record, how far it is, and whether it helped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from perilune.forecasting.contracts.risk_kinds import RISK_WORDS, RiskKind
from perilune.kernel.kinds import Field, FieldType, Kind
from perilune.kernel.messages import gettext_noop as _


class Doing(StrEnum):
    """How far a mitigation is."""

    TAKEN = "taken"
    SNOOZED = "snoozed"
    CLOSED = "closed"


DOING_LABELS: dict[Doing, str] = {
    Doing.TAKEN: _("taken on"),
    Doing.SNOOZED: _("asleep"),
    Doing.CLOSED: _("closed"),
}


class Outcome(StrEnum):
    """What came of a mitigation, as its owner saw it when closing it."""

    REMOVED = "removed"
    SMALLER = "smaller"
    STANDS = "stands"
    FALSE_ALARM = "false_alarm"


OUTCOME_LABELS: dict[Outcome, str] = {
    Outcome.REMOVED: _("the risk is gone"),
    Outcome.SMALLER: _("the risk is smaller"),
    Outcome.STANDS: _("nothing changed"),
    Outcome.FALSE_ALARM: _("it was no risk"),
}


@dataclass(frozen=True)
class Mitigation:
    """What somebody does about a risk. owner: a username. deal: None for a portfolio risk."""

    id: int
    kind: RiskKind
    deal: int | None
    subject: str
    owner: str
    due: date | None
    doing: Doing
    snoozed_until: date | None
    reason: str
    outcome: Outcome | None
    opened_on: date | None
    closed_on: date | None

    def sleeps(self, day: date) -> bool:
        """Tell whether it keeps its risk off the list on a day."""
        return (
            self.doing is Doing.SNOOZED
            and self.snoozed_until is not None
            and day <= self.snoozed_until
        )


@dataclass(frozen=True)
class RiskKey:
    """Which risk a verb is about: a kind on a deal, or a kind and subject of a period."""

    kind: RiskKind
    deal: int | None = None
    subject: str = ""


@dataclass(frozen=True)
class Compared:
    """Counts of deals whose risk was worked on and of like deals whose risk was left alone.

    difference: share won of the first less that of the second; interval: its 95 % interval.
    All three shares are None under 20 decided deals on either side: then nothing is claimed.
    """

    kind: RiskKind | None
    worked: int
    worked_decided: int
    worked_won: int
    left: int
    left_decided: int
    left_won: int
    difference: float | None = None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class ClosedMitigation:
    """A closed mitigation and what became of its deal: `won`, `lost` or `open`."""

    mitigation: Mitigation
    deal_name: str
    account: str
    meaning: str
    value: int | None


MITIGATION = Kind(
    name="mitigation",
    model="forecasting.Mitigation",
    label=_("Mitigation"),
    label_plural=_("Mitigations"),
    title_field="risk",
    fields=(
        Field("opportunity_id", FieldType.REFERENCE, _("Deal"), target="opportunity"),
        Field(
            "risk",
            FieldType.CHOICE,
            _("Risk"),
            choices=tuple((kind.value, RISK_WORDS[kind].label) for kind in RiskKind),
            is_required=True,
            is_listed=True,
        ),
        Field("subject", FieldType.TEXT, _("About")),
        Field("period", FieldType.TEXT, _("Period")),
        Field("owner", FieldType.TEXT, _("Who does it"), is_listed=True, is_personal=True),
        Field("due_date", FieldType.DATE, _("Due"), is_listed=True),
        Field(
            "status",
            FieldType.CHOICE,
            _("Status"),
            choices=tuple((doing.value, DOING_LABELS[doing]) for doing in Doing),
            is_required=True,
            is_listed=True,
        ),
        Field("snoozed_until", FieldType.DATE, _("Asleep until")),
        Field("reason", FieldType.TEXT, _("Reason")),
        Field(
            "outcome",
            FieldType.CHOICE,
            _("Outcome"),
            choices=tuple((outcome.value, OUTCOME_LABELS[outcome]) for outcome in Outcome),
        ),
        Field("opened_on", FieldType.DATE, _("Taken on")),
        Field("closed_on", FieldType.DATE, _("Closed on")),
    ),
)
"""One act on one risk: of a deal, or (without a deal) of a period's portfolio. A deal's act is seen
by those who see the deal, a portfolio's by those who see the whole company."""
