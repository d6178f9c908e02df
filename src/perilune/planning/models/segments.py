"""Versions of the segmentation, what each run of one wrote, and the field that says potential."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Segmentation(models.Model):
    """One row is a version: rules and go-to-market as one document (`engine.segment_rules`).

    number: of the version. edition: grows with every change, whoever writes names the one that they
    saw.
    """

    number = models.IntegerField(unique=True)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=12, default="draft")
    author = models.CharField(max_length=150)
    edition = models.IntegerField(default=1)
    document: models.JSONField[Any, Any] = models.JSONField(default=dict)
    based_on = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=150, blank=True)
    submitted_at = models.DateTimeField(null=True)
    checked_by = models.CharField(max_length=150, blank=True)
    checked_at = models.DateTimeField(null=True)
    is_self_approved = models.BooleanField(default=False)
    reason = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["-number"]

    def __str__(self) -> str:
        return self.name


class SegmentationRun(models.Model):
    """One row is a version that was applied: the change set says what became of each account."""

    segmentation = models.ForeignKey(Segmentation, on_delete=models.PROTECT, related_name="runs")
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    day = models.DateField()
    changed = models.IntegerField()
    unsegmented = models.IntegerField()
    change_set_id = models.BigIntegerField()

    class Meta:
        ordering: ClassVar = ["-id"]


class PotentialField(models.Model):
    """One row is a choice of the account field that says potential; the latest one holds.

    field: its name, empty for none.
    """

    field = models.CharField(max_length=60, blank=True)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
