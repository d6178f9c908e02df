"""The projection of mitigations to now."""

from __future__ import annotations

from typing import Any

from django.db import models

from perilune.history.models import Record


class Mitigation(Record):
    """One row is what somebody does about one risk, as it stands now."""

    # history decides what exists, in any order of arrival: no constraint
    opportunity: models.ForeignKey[Any, Any] = models.ForeignKey(
        "crm.Opportunity",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    risk = models.TextField(null=True)
    subject = models.TextField(null=True)
    period = models.TextField(null=True)
    owner = models.TextField(null=True)
    due_date = models.DateField(null=True)
    status = models.TextField(null=True)
    snoozed_until = models.DateField(null=True)
    reason = models.TextField(null=True)
    outcome = models.TextField(null=True)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
