"""Duplicates among the records of a home: searches, what they found, and what people answered.

What a merge writes stands in the history; these rows say what to look at.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class DuplicateSearch(models.Model):
    """One row is one look through all records of a kind.

    quality, fields: what was measured on people's answers, and what was compared (JSON).
    """

    kind = models.CharField(max_length=24)
    actor = models.CharField(max_length=150)
    merge = models.FloatField()
    different = models.FloatField()
    records = models.BigIntegerField(default=0)
    candidates = models.BigIntegerField(default=0)
    fields = models.JSONField(default=list)
    quality = models.JSONField(null=True)
    seconds = models.FloatField(default=0)
    job_id = models.BigIntegerField(null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)


class DuplicateGroup(models.Model):
    """One row is a set of records that are probably one thing, or a pair that a person is to judge.

    weakest: the smallest probability within, null where a rule found it and none is claimed; rule:
    which; is_question: asked because the answer teaches most.
    """

    search = models.ForeignKey(DuplicateSearch, on_delete=models.CASCADE, related_name="groups")
    ids = models.JSONField()
    weakest = models.FloatField(null=True)
    rule = models.CharField(max_length=20, blank=True)
    is_question = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="open")  # open, merged, different, later
    change_set_id = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(name="hub_group_state", fields=["search", "state", "-weakest"])
        ]


class DuplicatePair(models.Model):
    """One row is a pair of a group with its probability; parts: why, weightiest first (JSON)."""

    group = models.ForeignKey(DuplicateGroup, on_delete=models.CASCADE, related_name="pairs")
    left_id = models.BigIntegerField()
    right_id = models.BigIntegerField()
    probability = models.FloatField()
    parts = models.JSONField(default=list)


class DuplicateAnswer(models.Model):
    """One row is a person's word on two records, left < right; the next search learns from it.

    known_us: when it was given, so that the values it was given on can be asked of the history.
    """

    kind = models.CharField(max_length=24)
    left_id = models.BigIntegerField()
    right_id = models.BigIntegerField()
    is_same = models.BooleanField()
    actor = models.CharField(max_length=150)
    known_us = models.BigIntegerField()
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="hub_duplicate_answer", fields=["kind", "left_id", "right_id"]
            )
        ]


class MassMerge(models.Model):
    """One row is one act that merged many groups: its change sets, to take all of them back."""

    kind = models.CharField(max_length=24)
    actor = models.CharField(max_length=150)
    change_set_ids = models.JSONField(default=list)
    at = models.DateTimeField(auto_now_add=True)


class SurvivorRules(models.Model):
    """One row says whose value survives a merge of records of a kind.

    rules: field to rule; sources: from the most trusted on.
    """

    kind = models.CharField(max_length=24, primary_key=True)
    rules = models.JSONField(default=dict)
    sources = models.JSONField(default=list)
