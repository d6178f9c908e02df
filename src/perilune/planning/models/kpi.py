"""Measures that a plan is followed by."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from perilune.planning.models.plans import Plan


class PlanKpi(models.Model):
    """One row is a measure of a plan: who answers for it, its target, and where to act.

    figure: the name of a measure or of a figure of the forecast. comparison: «below» where less is
    worse, else «above». target, threshold: in the unit of the measure, money in minor units.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="kpis")
    figure = models.CharField(max_length=60)
    period = models.CharField(max_length=20)
    owner = models.CharField(max_length=150)
    comparison = models.CharField(max_length=5)
    target = models.FloatField()
    threshold = models.FloatField()
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="plan_kpi_once", fields=["plan", "figure", "period"])
        ]

    def __str__(self) -> str:
        return self.figure
