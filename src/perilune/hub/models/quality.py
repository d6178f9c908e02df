"""What data quality keeps beside the history: versions of rules, and records that are let off."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class QualityVersion(models.Model):
    """One row is one version of a rule, never changed after: a later one supersedes it.

    body is the rule as `queries.quality.rules` writes it. at: the company's time of writing.
    """

    key = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=24)
    body = models.JSONField()
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(name="hub_quality_version", fields=["key", "version"])
        ]


class QualityPass(models.Model):
    """One row lets one record off one rule: accepted as it is, or put off until a day.

    It is ended, never deleted, so that a past score is asked again as it was.
    """

    rule = models.CharField(max_length=60)
    kind = models.CharField(max_length=24)
    record_id = models.BigIntegerField()
    verdict = models.CharField(max_length=10)
    reason = models.CharField(max_length=300)
    until = models.DateField(null=True)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(name="hub_quality_pass_record", fields=["kind", "record_id"])
        ]


class ImpliedChoice(models.Model):
    """One row says what was decided of a field that other data imply: to hide it, or to keep it."""

    kind = models.CharField(max_length=24)
    field = models.CharField(max_length=60)
    how = models.CharField(max_length=12)
    by = models.CharField(max_length=130, blank=True)
    choice = models.CharField(max_length=10)
    evidence = models.JSONField(default=dict)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(name="hub_implied_choice", fields=["kind", "field", "how"])
        ]
