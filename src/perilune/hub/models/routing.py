"""What routing of leads keeps: its rules, and what was given, so that turns go on."""

from __future__ import annotations

from django.db import models


class LeadRules(models.Model):
    """One row, of id 1, holds the rules by which leads are given to sellers, in their order."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    rules = models.JSONField(default=list)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now=True)


class LeadRun(models.Model):
    """One row is one routing of leads: a change set, never changed after.

    turns: team to rep to what was earned less what was paid; in_turn: rep to leads given in turn.
    It counts while its change set stands.
    """

    change_set_id = models.BigIntegerField(unique=True)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)
    day = models.DateField()
    given = models.BigIntegerField()
    turns = models.JSONField(default=dict)
    in_turn = models.JSONField(default=dict)

    class Meta:
        ordering = ("-id",)
