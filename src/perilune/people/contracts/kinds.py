"""The kinds of record that `people` keeps, declared as data."""

from __future__ import annotations

from perilune.kernel.kinds import Field, FieldType, Kind
from perilune.kernel.messages import gettext_noop as _

QUOTA_LEVELS = (
    ("board", _("Board plan")),
    ("operating", _("Operating plan")),
    ("street", _("Street quota")),
)
"""The three named levels of rule 29; a quota without a level is an operating plan's."""

_TEXT, _CHOICE, _DATE = FieldType.TEXT, FieldType.CHOICE, FieldType.DATE
_DECIMAL, _MONEY, _REFERENCE = FieldType.DECIMAL, FieldType.MONEY, FieldType.REFERENCE

TEAM = Kind(
    "team",
    "people.Team",
    _("Team"),
    _("Teams"),
    (
        Field("name", _TEXT, _("Name"), is_required=True, is_listed=True),
        Field("parent_id", _REFERENCE, _("Parent team"), target="team", is_listed=True),
        Field(
            "level",
            _CHOICE,
            _("Level"),
            choices=(("region", _("Region")), ("team", _("Team"))),
            is_listed=True,
        ),
    ),
)

REP = Kind(
    "rep",
    "people.Rep",
    _("Rep"),
    _("Reps"),
    (
        Field("name", _TEXT, _("Name"), is_required=True, is_listed=True, is_personal=True),
        Field("email", _TEXT, _("E-mail"), is_listed=True, is_personal=True),
        Field("phone", _TEXT, _("Phone"), is_personal=True),
        Field("title", _TEXT, _("Job title"), is_listed=True),
        Field("country", _TEXT, _("Country of employment"), is_listed=True),
        Field("hire_date", _DATE, _("Hire date"), is_listed=True),
        Field("leave_date", _DATE, _("Last day"), is_listed=True),
    ),
    known_by=(
        ("hire_date", ("name", "email", "phone", "title", "country", "hire_date")),
        ("leave_date", ("leave_date",)),
    ),
)

ASSIGNMENT = Kind(
    "assignment",
    "people.Assignment",
    _("Assignment"),
    _("Assignments"),
    (
        Field("rep_id", _REFERENCE, _("Rep"), target="rep", is_required=True, is_listed=True),
        Field("team_id", _REFERENCE, _("Team"), target="team", is_listed=True),
        Field("manager_id", _REFERENCE, _("Manager"), target="rep", is_listed=True),
        Field(
            "role",
            _CHOICE,
            _("Selling role"),
            choices=(
                ("seller", _("Seller")),
                ("manager", _("Manager")),
                ("overlay", _("Overlay")),
                ("sdr", _("Sales development")),
            ),
            is_listed=True,
        ),
        Field("fte", _DECIMAL, _("FTE"), is_listed=True),
        Field("weekly_hours", _DECIMAL, _("Weekly hours")),
        Field("product_family", _TEXT, _("Product family sold")),
        Field("effective_from", _DATE, _("From"), is_required=True, is_listed=True),
        Field("effective_to", _DATE, _("To"), is_listed=True),
    ),
    title_field="rep_id",
    owner_field="rep_id",
    known_by=(
        (
            "effective_from",
            (
                "rep_id",
                "team_id",
                "manager_id",
                "role",
                "fte",
                "weekly_hours",
                "product_family",
                "effective_from",
            ),
        ),
        ("effective_to", ("effective_to",)),
    ),
)

ABSENCE = Kind(
    "absence",
    "people.Absence",
    _("Absence"),
    _("Absences"),
    (
        Field("rep_id", _REFERENCE, _("Rep"), target="rep", is_required=True, is_listed=True),
        Field("first_day", _DATE, _("First day"), is_required=True, is_listed=True),
        Field("last_day", _DATE, _("Last day"), is_listed=True),
        Field("fte", _DECIMAL, _("FTE absent"), is_listed=True),
    ),
    title_field="rep_id",
    owner_field="rep_id",
    known_by=(("first_day", ("rep_id", "first_day", "fte")), ("last_day", ("last_day",))),
)
"""Dates and FTE only: a reason is never stored (rule 25)."""

QUOTA = Kind(
    "quota",
    "people.Quota",
    _("Quota"),
    _("Quotas"),
    (
        Field("rep_id", _REFERENCE, _("Rep"), target="rep", is_listed=True),
        Field("team_id", _REFERENCE, _("Team"), target="team", is_listed=True),
        Field("starts", _DATE, _("First day"), is_required=True, is_listed=True),
        Field("ends", _DATE, _("Last day"), is_required=True, is_listed=True),
        Field("amount", _MONEY, _("Amount"), is_required=True, is_listed=True),
        Field("currency", _TEXT, _("Currency"), is_listed=True),
        Field("level", _CHOICE, _("Level"), choices=QUOTA_LEVELS, is_listed=True),
        Field("effective_from", _DATE, _("In force from"), is_listed=True),
    ),
    title_field="rep_id",
    owner_field="rep_id",
    known_by=(
        (
            "effective_from",
            (
                "rep_id",
                "team_id",
                "starts",
                "ends",
                "amount",
                "currency",
                "level",
                "effective_from",
            ),
        ),
    ),
)
"""A quota of neither rep nor team is the company's; the latest `effective_from` counts."""

RATE = Kind(
    "rate",
    "people.ExchangeRate",
    _("Exchange rate"),
    _("Exchange rates"),
    (
        Field(
            "rate_set",
            _CHOICE,
            _("Rate set"),
            choices=(
                ("budget", _("Budget")),
                ("month_average", _("Month average")),
                ("spot", _("Spot")),
            ),
            is_required=True,
            is_listed=True,
        ),
        Field("currency", _TEXT, _("Currency"), is_required=True, is_listed=True),
        Field("starts", _DATE, _("From"), is_required=True, is_listed=True),
        Field("value", _DECIMAL, _("Value of one unit"), is_required=True, is_listed=True),
    ),
    title_field="currency",
    known_by=(("starts", ("rate_set", "currency", "starts", "value")),),
)
"""From `starts` on, one unit of `currency` is worth `value` units of the company's currency."""

KINDS: tuple[Kind, ...] = (TEAM, REP, ASSIGNMENT, ABSENCE, QUOTA, RATE)
"""What `site.wiring` registers for this capability."""
