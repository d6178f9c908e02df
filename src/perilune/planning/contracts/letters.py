"""Quota letters (rule 28): what each rep is told of their quota, and how far each letter got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from perilune.kernel.messages import gettext_noop as _


class LetterState(StrEnum):
    """How far the letter of a rep got."""

    NONE = "none"
    OUTDATED = "outdated"
    MADE = "made"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"


LETTER_STATE_LABELS: dict[LetterState, str] = {
    LetterState.NONE: _("no letter"),
    LetterState.OUTDATED: _("new letter needed"),
    LetterState.MADE: _("to be delivered"),
    LetterState.DELIVERED: _("delivered"),
    LetterState.ACKNOWLEDGED: _("acknowledged"),
}


class LetterStepKind(StrEnum):
    """What happened to a letter; each once."""

    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True)
class LetterLine:
    """A month of a letter, minor units: full - away - leave - ramp + change = quota, to the cent.

    full: of somebody who is there all month, full time and ramped. away: off for the days that they
    are not employed and for part time. change: what a later change of the quota adds. is_set: the
    amount was agreed, not calculated.
    """

    month: str
    starts: date
    ends: date
    full: int
    away: int
    leave: int
    ramp: int
    change: int
    quota: int
    is_set: bool = False


@dataclass(frozen=True)
class Letter:
    """A letter as it was made; it is changed no more.

    starts, ends: the period that it is about. language: of the country of employment. replaced_on:
    when the letter was made that this one replaces, None for the first of the year.
    delivered, acknowledged: the days that were recorded.
    """

    id: int
    plan_id: int
    rep_id: int
    year: int
    currency: str
    language: str
    starts: date
    ends: date
    made_on: date
    made_by: str
    lines: tuple[LetterLine, ...]
    replaced_on: date | None = None
    approved_by: str = ""
    is_self_approved: bool = False
    delivered: date | None = None
    acknowledged: date | None = None

    @property
    def quota(self) -> int:
        """The quota of the whole period, minor units."""
        return sum(line.quota for line in self.lines)

    @property
    def state(self) -> LetterState:
        """How far it got."""
        if self.acknowledged is not None:
            return LetterState.ACKNOWLEDGED
        return LetterState.MADE if self.delivered is None else LetterState.DELIVERED


@dataclass(frozen=True)
class LetterRow:
    """A rep of a plan and their latest letter of its year.

    state: OUTDATED where the quota is another than the letter says. is_held: the quota rests on a
    departure or absence that only the plan's circle knows of; only the circle is told.
    """

    rep_id: int
    name: str
    team: str
    language: str
    state: LetterState
    letter: Letter | None = None
    is_held: bool = False
