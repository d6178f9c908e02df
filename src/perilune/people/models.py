"""Users, the company's settings, and the projection of people's kinds to «now».

Record tables hold what history says now, for foreign keys, look-ups and forms; pages read values
as-of from history or the store.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from perilune.history.models import Record
from perilune.kernel.calendar import Pattern
from perilune.people.contracts import ROLE_LABELS, Role

LANGUAGES = [("en", "English"), ("fr", "Français")]


class User(AbstractUser):
    """Somebody who signs in. A rep exists without a user; `rep_id` links the two."""

    role = models.CharField(
        max_length=20,
        choices=[(role.value, _(ROLE_LABELS[role])) for role in Role],
        default=Role.VIEWER.value,
    )
    language = models.CharField(max_length=5, choices=LANGUAGES, blank=True, default="")
    rep_id = models.BigIntegerField(null=True, blank=True)
    display_name = models.CharField(max_length=150, blank=True, default="")
    is_owner = models.BooleanField(default=False)
    is_data_officer = models.BooleanField(default=False)

    class Meta:
        ordering = ("username",)

    def __str__(self) -> str:
        return self.display_name or self.get_full_name() or self.username


class AccessToken(models.Model):
    """A key with which programs read as somebody: of its text only a digest is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.name


class CompanySettings(models.Model):
    """The one company of this home; a single row with id 1."""

    NOW, ARCHIVE = "now", "archive"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=150)
    currency = models.CharField(max_length=3, default="EUR")
    timezone = models.CharField(max_length=60, default="Europe/Paris")
    language = models.CharField(max_length=5, choices=LANGUAGES, default="en")
    country = models.CharField(max_length=2, default="FR")
    fiscal_start_month = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    fiscal_pattern = models.CharField(
        max_length=10, choices=[(p.value, p.value) for p in Pattern], default=Pattern.MONTHS.value
    )
    is_named_by_end = models.BooleanField(default=False)
    week_start = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(6)])
    short_years: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    is_demo = models.BooleanField(default=False)
    today_mode = models.CharField(
        max_length=10, choices=[(NOW, NOW), (ARCHIVE, ARCHIVE)], default=NOW
    )
    as_of_day = models.DateField(null=True, blank=True)
    is_staff_informed = models.BooleanField(default=False)
    is_council_consulted = models.BooleanField(default=False)
    may_all_see_total = models.BooleanField(default=False)
    inclusion_rule = models.TextField(blank=True, default="")
    is_small_team = models.BooleanField(default=False)
    calendar_version = models.PositiveIntegerField(
        default=1
    )  # the store's cursor of day and period

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_company")
        ]

    def __str__(self) -> str:
        return self.name


def _reference(target: str) -> models.ForeignKey[Any, Any]:
    # history is the truth: the projection may be a step behind, so the database checks nothing
    return models.ForeignKey(
        target,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
    )


class Team(Record):
    """A team or region; a tree through `parent`."""

    name = models.TextField(null=True, blank=True)
    parent = _reference("people.Team")
    level = models.TextField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name or ""


class Rep(Record):
    """A person's selling role; need not be a user."""

    name = models.TextField(null=True, blank=True)
    email = models.TextField(null=True, blank=True)
    phone = models.TextField(null=True, blank=True)
    title = models.TextField(null=True, blank=True)
    country = models.TextField(null=True, blank=True)
    hire_date = models.DateField(null=True, blank=True)
    leave_date = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name or ""


class Assignment(Record):
    """Where a rep sells, for whom, with how much of their time, from when to when."""

    rep = _reference("people.Rep")
    team = _reference("people.Team")
    manager = _reference("people.Rep")
    role = models.TextField(null=True, blank=True)
    fte = models.FloatField(null=True, blank=True)
    weekly_hours = models.FloatField(null=True, blank=True)
    product_family = models.TextField(null=True, blank=True)
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True)


class Absence(Record):
    """Days away, by FTE, never with a reason (rule 25)."""

    rep = _reference("people.Rep")
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    fte = models.FloatField(null=True, blank=True)


class Quota(Record):
    """The target of a rep, a team or the company over a span of days; `amount` in minor units."""

    rep = _reference("people.Rep")
    team = _reference("people.Team")
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)
    amount = models.BigIntegerField(null=True, blank=True)
    currency = models.TextField(null=True, blank=True)
    level = models.TextField(null=True, blank=True)
    effective_from = models.DateField(null=True, blank=True)


class ExchangeRate(Record):
    """From `starts` on, one unit of `currency` in the company's currency, in one rate set."""

    rate_set = models.TextField(null=True, blank=True)
    currency = models.TextField(null=True, blank=True)
    starts = models.DateField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)
