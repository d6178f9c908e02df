"""Forecasts that people submit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from perilune.kernel.calendar import Period
from perilune.kernel.kinds import Field, FieldType, Kind
from perilune.kernel.messages import gettext_noop as _

CATEGORIES = (
    ("closed", _("Closed")),
    ("commit", _("Commit")),
    ("most_likely", _("Most likely")),
    ("best_case", _("Best case")),
    ("pipeline", _("Pipeline")),
    ("call", _("Leader's call")),
)
"""What a submission speaks of: a cumulative category, or the leader's one number (the call)."""

SUBMISSION = Kind(
    name="submission",
    model="forecasting.Submission",
    label=_("Submitted forecast"),
    label_plural=_("Submitted forecasts"),
    title_field="author",
    owner_field="rep_id",
    fields=(
        Field("rep_id", FieldType.REFERENCE, _("Rep"), target="rep", is_listed=True),
        Field("team_id", FieldType.REFERENCE, _("Team"), target="team", is_listed=True),
        Field("period_start", FieldType.DATE, _("First day"), is_required=True, is_listed=True),
        Field("period_end", FieldType.DATE, _("Last day"), is_required=True, is_listed=True),
        Field("made_on", FieldType.DATE, _("Made on"), is_required=True, is_listed=True),
        Field("category", FieldType.CHOICE, _("Category"), choices=CATEGORIES, is_listed=True),
        Field("amount", FieldType.MONEY, _("Amount"), is_required=True, is_listed=True),
        Field("currency", FieldType.TEXT, _("Currency")),
        Field("author", FieldType.TEXT, _("Author"), is_listed=True, is_personal=True),
        Field("suggested", FieldType.MONEY, _("Suggested then")),
        Field("due_on", FieldType.DATE, _("Due on")),
        Field("is_late", FieldType.BOOLEAN, _("Late"), is_listed=True),
    ),
    known_by=(
        (
            "made_on",
            (
                "rep_id",
                "team_id",
                "period_start",
                "period_end",
                "made_on",
                "category",
                "amount",
                "currency",
                "author",
            ),
        ),
    ),
)
"""A forecast that somebody submitted: of a rep, of a team, or (neither) of the company."""


@dataclass(frozen=True)
class Submitted:
    """What somebody says a period will bring, minor units; without rep and team: the company.

    suggested: what the roll-up suggested when it was said.
    """

    period: Period
    made_on: date
    amount: int
    currency: str
    author: str
    category: str = "call"
    rep_id: int | None = None
    team_id: int | None = None
    suggested: int | None = None


DEADLINE = Kind(
    name="deadline",
    model="forecasting.Deadline",
    label=_("Submission deadline"),
    label_plural=_("Submission deadlines"),
    title_field="period_start",
    fields=(
        Field("period_start", FieldType.DATE, _("First day"), is_required=True, is_listed=True),
        Field("period_end", FieldType.DATE, _("Last day"), is_required=True, is_listed=True),
        Field("due_on", FieldType.DATE, _("First due on"), is_listed=True),
        Field("every_days", FieldType.INTEGER, _("Then every (days)"), is_listed=True),
        Field("locks_on", FieldType.DATE, _("Last day to submit"), is_listed=True),
    ),
)
"""When calls of a period are due and until when they are taken. Without one nothing is late, and
the period's last day is the last to submit on."""

CONTEST = Kind(
    name="contest",
    model="forecasting.Contest",
    label=_("Contested probability"),
    label_plural=_("Contested probabilities"),
    title_field="author",
    owner_field="rep_id",
    fields=(
        Field(
            "opportunity_id",
            FieldType.REFERENCE,
            _("Opportunity"),
            target="opportunity",
            is_required=True,
            is_listed=True,
        ),
        Field("rep_id", FieldType.REFERENCE, _("Rep"), target="rep", is_listed=True),
        Field("period_start", FieldType.DATE, _("First day"), is_required=True, is_listed=True),
        Field("period_end", FieldType.DATE, _("Last day"), is_required=True, is_listed=True),
        Field("made_on", FieldType.DATE, _("Made on"), is_required=True, is_listed=True),
        Field("shown", FieldType.DECIMAL, _("Probability shown"), is_listed=True),
        Field("method", FieldType.TEXT, _("Where it came from")),
        Field("says", FieldType.DECIMAL, _("Probability said"), is_required=True, is_listed=True),
        Field("reason", FieldType.LONG_TEXT, _("Reason"), is_required=True, is_listed=True),
        Field("author", FieldType.TEXT, _("Author"), is_listed=True, is_personal=True),
    ),
)
"""What a rep says against the probability that a page showed of a deal; ratios from 0 to 1."""


@dataclass(frozen=True)
class Terms:
    """When the calls of a period are due and taken.

    due: the deadlines up to locks_on, in order; empty where none was set.
    """

    period: Period
    due: tuple[date, ...]
    locks_on: date
    deadline_id: int | None = None
    every_days: int | None = None

    def next_due(self, day: date) -> date | None:
        """Return the first deadline on or after a day."""
        return next((due for due in self.due if due >= day), None)

    def is_locked(self, day: date) -> bool:
        """Tell whether no call is taken any more on a day."""
        return day > self.locks_on

    def missed(self, day: date, last: date | None) -> date | None:
        """Return the deadline that a call made on a day answers too late, None when it is in time.

        last: the day of the unit's call before, which may have met that deadline already.
        """
        passed = [due for due in self.due if due < day]
        if not passed:
            return None
        opened = passed[-2] if len(passed) > 1 else date.min
        return None if last is not None and last > opened else passed[-1]


@dataclass(frozen=True)
class Contested:
    """What a rep says of a deal's chance to be won in the period; ratios from 0 to 1."""

    deal_id: int
    period: Period
    shown: float | None
    method: str
    says: float
    reason: str
