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
    """What somebody says a period will bring, minor units; without rep and team: the company."""

    period: Period
    made_on: date
    amount: int
    currency: str
    author: str
    category: str = "call"
    rep_id: int | None = None
    team_id: int | None = None
