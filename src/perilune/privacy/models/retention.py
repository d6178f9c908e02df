"""Retention rules, and what each run of one did."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class RetentionRule(models.Model):
    """One row is a rule: of which records, how old, what happens (`contracts.retention.Rule`)."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=24)
    field = models.CharField(max_length=60, blank=True, default="")
    value = models.CharField(max_length=200, blank=True, default="")
    date_field = models.CharField(max_length=60, blank=True, default="")
    days = models.PositiveIntegerField()
    action = models.CharField(max_length=12)
    is_enabled = models.BooleanField(default=False)
    author = models.CharField(max_length=150)
    at = models.DateTimeField()
    approved_by = models.CharField(max_length=150, blank=True, default="")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class RetentionRun(models.Model):
    """One row is a run of a rule: over how many, and what came of it."""

    rule = models.ForeignKey(RetentionRule, on_delete=models.PROTECT, related_name="runs")
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=12)
    found = models.IntegerField()
    done = models.IntegerField()

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.at}"
