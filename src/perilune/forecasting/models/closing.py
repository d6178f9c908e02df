"""The close of periods: what was proposed, frozen and re-opened, one row a step, never changed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class PeriodStep(models.Model):
    """One row is one step in the close of a period; the latest one says where it stands.

    figures: of record, of a step that closes; amounts in whole minor units, JSON. checklist: what
    was found, and what was accepted though it did not hold. number counts the steps of a period,
    so that of two people who act at once one comes second.
    """

    starts = models.DateField()
    ends = models.DateField()
    period = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    step = models.CharField(max_length=12)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    is_self_approved = models.BooleanField(default=False)
    as_of_at = models.DateTimeField()
    as_of_day = models.DateField()
    store_version = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    checklist: models.JSONField[Any, Any] = models.JSONField(default=list)
    figures: models.JSONField[Any, Any] = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="period_step_once", fields=["starts", "ends", "number"])
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.number} {self.step}"
