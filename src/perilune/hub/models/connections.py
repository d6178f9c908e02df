"""Connections: the systems that are synced, their runs, and the proof that nothing was lost."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Connection(models.Model):
    """One row is a system that is synced: where it is, how to come in, what was read so far.

    credentials is encrypted with the home's secret. objects: name -> {mapping, cursor_us, shape,
    proved, is_full_due}. health: what the last runs saw.
    """

    name = models.CharField(max_length=60, unique=True)
    provider = models.CharField(max_length=20)
    address = models.CharField(max_length=300)
    credentials = models.TextField(blank=True)
    is_connected = models.BooleanField(default=False)
    objects_read = models.JSONField(default=dict)
    health = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)


class SyncRun(models.Model):
    """One row is one sync: what it was asked, where it stands, what it saw, wrote and proved."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    mode = models.CharField(max_length=12)
    state = models.CharField(max_length=12, default="running")
    actor = models.CharField(max_length=150, blank=True)
    place = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    notices = models.JSONField(default=list)
    import_ids = models.JSONField(default=list)
    is_proved = models.BooleanField(default=False)
    message = models.TextField(blank=True)
    message_params = models.JSONField(default=dict)
    pid = models.IntegerField(default=0)
    job_id = models.BigIntegerField(null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="hub_one_sync_at_a_time",
                fields=["connection"],
                condition=models.Q(state="running"),
            )
        ]


class Proof(models.Model):
    """One row is one object and month on both sides, as the last run that listed it found it.

    Sums are order-free checksums of (key, last change). rows: the first keys that differ.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="+")
    object = models.CharField(max_length=80)
    month = models.CharField(max_length=7)
    there = models.BigIntegerField()
    here = models.BigIntegerField()
    sum_there = models.BigIntegerField()
    sum_here = models.BigIntegerField()
    refused = models.BigIntegerField(default=0)
    rows = models.JSONField(default=list)
    proved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="hub_proof_once", fields=["connection", "object", "month"])
        ]
