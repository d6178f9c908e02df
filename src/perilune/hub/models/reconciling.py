"""Reconciliations: a total of another system beside ours, and the rows between, as evidence."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Reconciliation(models.Model):
    """One row is one comparison, as it was made: immutable. Sums in minor units of `currency`.

    filters: what was counted (starts, ends, period, stage, owner, owners, report_day). counts: rows
    on either side and how many are equal. as_of, version: on which knowledge and version of the
    store; scope: whose figures they are.
    """

    title = models.CharField(max_length=200)
    file = models.CharField(max_length=300, blank=True)
    actor = models.CharField(max_length=150, blank=True)
    source = models.CharField(max_length=80, blank=True)
    scope = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    filters = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    total_there = models.BigIntegerField()
    total_here = models.BigIntegerField()
    as_of = models.DateTimeField()
    version = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)


class ReconciledRow(models.Model):
    """One row is a part of the difference: `here - there`, with its cause.

    label: what the report calls a row that nothing here stands for; names of records are not kept.
    """

    reconciliation = models.ForeignKey(
        Reconciliation, on_delete=models.CASCADE, related_name="rows"
    )
    cause = models.CharField(max_length=20)
    key = models.CharField(max_length=200, blank=True)
    record_id = models.BigIntegerField(default=0)
    there = models.BigIntegerField()
    here = models.BigIntegerField()
    was = models.CharField(max_length=200, blank=True)
    now = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=200, blank=True)
    is_sure = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(name="hub_reconciled_cause", fields=["reconciliation", "cause"])
        ]
