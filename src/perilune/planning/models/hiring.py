"""Hiring advice: asked once, answered once, never changed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from perilune.planning.models.plans import Plan


class HiringAdvice(models.Model):
    """One row is advice asked for one edition of a plan.

    asked, answer: JSON, see `contracts.hiring_advice`; answer is null until the job is done. It
    speaks of people to come: shown to the plan's circle alone (rule 24).
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="advice")
    edition = models.IntegerField()
    as_of_at = models.DateTimeField()
    as_of_day = models.DateField()
    asked: models.JSONField[Any, Any] = models.JSONField(default=dict)
    answer: models.JSONField[Any, Any] = models.JSONField(null=True)
    actor = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    # the queue lives in a file of its own
    job_id = models.BigIntegerField(null=True)
    taken_by = models.CharField(max_length=150, blank=True)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.plan_id}-{self.pk}"
