"""What people say of scenarios, and which scenarios are proposed for which plan."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from perilune.planning.models.plans import Plan

# a scenario is a projection of the history: it may go and come back, and its number stays
_SCENARIO = "scenario_id"


class ScenarioComment(models.Model):
    """One row is what somebody of a scenario's circle said of it."""

    scenario_id = models.IntegerField()
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [models.Index(name="planning_said_of", fields=[_SCENARIO])]


class ScenarioProposal(models.Model):
    """One row is a scenario that its author proposes for a draft plan, and what became of it."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="proposals")
    scenario_id = models.IntegerField()
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    state = models.CharField(max_length=12)
    checked_by = models.CharField(max_length=150, blank=True)
    checked_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", _SCENARIO], name="planning_scenario_proposed_once"
            )
        ]
