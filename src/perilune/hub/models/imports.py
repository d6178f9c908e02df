"""Imports: the runs, their mappings, and what is doubtful or was kept out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ImportRun(models.Model):
    """One row is one import of a file or folder: what was found and decided, where it stands."""

    source = models.CharField(max_length=80)
    title = models.CharField(max_length=300)
    path = models.TextField()
    state = models.CharField(max_length=20, default="opened")
    actor = models.CharField(max_length=150, blank=True)
    asked_us = models.BigIntegerField(null=True)
    as_of_us = models.BigIntegerField(null=True)
    is_full = models.BooleanField(default=False)
    is_forced = models.BooleanField(default=False)
    tables = models.JSONField(default=list)
    mappings = models.JSONField(default=list)
    guess = models.JSONField(default=dict)  # which known source the files look like, and why
    notices = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    total_rows = models.BigIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    makes = models.JSONField(default=dict)
    change_set_id = models.BigIntegerField(null=True)
    repair_set_ids = models.JSONField(default=list)
    message = models.TextField(blank=True)
    message_params = models.JSONField(default=dict)
    pid = models.IntegerField(default=0)
    job_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar = [models.Index(name="hub_run_source", fields=["source", "state"])]


class SavedMapping(models.Model):
    """One row remembers how a file of a source is read."""

    source = models.CharField(max_length=80)
    file = models.CharField(max_length=300)
    mapping = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="hub_saved_mapping", fields=["source", "file"])
        ]


class Repair(models.Model):
    """One row remembers what a value of a source means: «GTXPro» is «GTX Pro»."""

    source = models.CharField(max_length=80)
    kind = models.CharField(max_length=24)
    field = models.CharField(max_length=60)
    value = models.TextField()
    meant = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="hub_repair_once", fields=["source", "kind", "field", "value"]
            )
        ]


class RowProblem(models.Model):
    """One row is one doubt about, or the reason against, one row of an imported file.

    other_id: the record that the row looks like; choice: what becomes of such a row, "" as usual.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="+")
    file = models.CharField(max_length=300)
    line = models.BigIntegerField()
    kind = models.CharField(max_length=24)
    key = models.TextField()
    field = models.CharField(max_length=60, blank=True)
    column = models.TextField(blank=True)
    code = models.CharField(max_length=30)
    value = models.TextField(blank=True)
    suggestion = models.TextField(blank=True)
    record_id = models.BigIntegerField(default=0)
    raw = models.TextField(blank=True)
    state = models.CharField(max_length=10, default="open")
    other_id = models.BigIntegerField(default=0)
    choice = models.CharField(max_length=10, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(name="hub_problem_alike", fields=["run", "state", "code", "field"])
        ]


class MissingAnswer(models.Model):
    """One row remembers why a record is no longer in a full file: filtered, deleted or merged."""

    source = models.CharField(max_length=80)
    kind = models.CharField(max_length=24)
    key = models.CharField(max_length=200)
    record_id = models.BigIntegerField()
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="+")
    answer = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="hub_missing", fields=["source", "kind", "key"])
        ]
