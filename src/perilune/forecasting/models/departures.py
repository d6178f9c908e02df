"""Departures that are planned: private to their circle, outside the history until their day."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class PlannedDeparture(models.Model):
    """One row is a departure, an absence or a change of team as it was decided (rule 30).

    terms: JSON (`contracts.departures.Terms`). effective_on: the day on which it is written.
    change_set_id: what was written then; told_set_id: what was written when it was told to all;
    closed_user: whose access was closed with it. moved: JSON, [kind, record id, taker] of what was
    handed over, for who comes back.
    log: JSON, [instant, actor, verb]. problem: an English msgid, why it could not be written.
    """

    rep_id = models.BigIntegerField(db_index=True)
    terms: models.JSONField[Any, Any] = models.JSONField()
    standing = models.CharField(max_length=12, default="draft", db_index=True)
    author = models.CharField(max_length=150, db_index=True)
    shared_with = models.TextField(blank=True, default="")
    edition = models.IntegerField(default=1)
    effective_on = models.DateField(null=True)
    decided_at = models.DateTimeField(null=True)
    change_set_id = models.BigIntegerField(null=True)
    told_set_id = models.BigIntegerField(null=True)
    back_set_id = models.BigIntegerField(null=True)
    closed_user = models.CharField(max_length=150, blank=True, default="")
    moved: models.JSONField[Any, Any] = models.JSONField(default=list)
    log: models.JSONField[Any, Any] = models.JSONField(default=list)
    problem = models.TextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["effective_on", "id"]

    def __str__(self) -> str:
        return f"{self.standing} {self.rep_id} {self.effective_on}"
