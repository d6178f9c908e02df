"""The long view: versions of assumptions, each kept as it was."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from perilune.planning.models.plans import Plan


class LongVersion(models.Model):
    """One row is a version of the long view; it is never changed, the next one stands above it.

    plan: this year's plan, the first slice. document: JSON, see `contracts.long_view`.
    """

    number = models.IntegerField(unique=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    document: models.JSONField[Any, Any] = models.JSONField(default=dict)
    note = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-number"]

    def __str__(self) -> str:
        return str(self.number)
