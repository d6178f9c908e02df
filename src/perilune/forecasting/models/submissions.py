"""The projection of submitted forecasts to now."""

from __future__ import annotations

from typing import Any

from django.db import models

from perilune.history.models import Record


def reference(to: str) -> models.ForeignKey[Any, Any]:
    """Return a reference to a record of another kind."""
    # history decides what exists, in any order of arrival: no constraint
    return models.ForeignKey(
        to,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )


class Submission(Record):
    """One row is a forecast that somebody submitted, as it stands now."""

    rep = reference("people.Rep")
    team = reference("people.Team")
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    made_on = models.DateField(null=True)
    category = models.TextField(null=True)
    amount = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)
    author = models.TextField(null=True)
    suggested = models.BigIntegerField(null=True)
    due_on = models.DateField(null=True)
    is_late = models.BooleanField(null=True)


class Deadline(Record):
    """One row is when the calls of a period are due, as it stands now."""

    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    due_on = models.DateField(null=True)
    every_days = models.IntegerField(null=True)
    locks_on = models.DateField(null=True)


class Contest(Record):
    """One row is a contested probability, as it stands now."""

    opportunity = reference("crm.Opportunity")
    rep = reference("people.Rep")
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    made_on = models.DateField(null=True)
    shown = models.FloatField(null=True)
    method = models.TextField(null=True)
    says = models.FloatField(null=True)
    reason = models.TextField(null=True)
    author = models.TextField(null=True)
