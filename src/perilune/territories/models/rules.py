"""Assignment rules of plans: one row an edition, never changed; what was applied, by whom."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from perilune.territories.models.drafts import Draft


class RuleEdition(models.Model):
    """One row is the rules of a plan as a change left them; the largest number stands.

    number: from 1 on. before: the edition that taking this one back goes to, 0 for no rules.
    plan_edition: of the plan whose numbers of territories the rules name. rules: JSON.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="rule_editions")
    number = models.IntegerField()
    before = models.IntegerField(null=True)
    verb = models.CharField(max_length=12)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    plan_edition = models.IntegerField()
    rules: models.JSONField[Any, Any] = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="rule_edition_once", fields=["draft", "number"])
        ]
        ordering: ClassVar = ["number"]


class RuleApplied(models.Model):
    """One row is a run of a plan's rules over accounts that had arrived: one change set."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="rules_applied")
    edition = models.IntegerField()
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    day = models.DateField()
    placed = models.IntegerField()
    owners = models.IntegerField()
    change_set_id = models.BigIntegerField()

    class Meta:
        ordering: ClassVar = ["-id"]
