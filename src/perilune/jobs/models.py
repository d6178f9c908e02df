"""Jobs and schedules; they live in the queue's database, away from the records."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from perilune.jobs.contracts import Cadence, State


class Job(models.Model):
    """One row is a long job: its parameters, how far it is, what it said last, what came out."""

    kind = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    cursor = models.JSONField(default=dict)
    step = models.IntegerField(default=0)
    state = models.CharField(
        max_length=12, default=State.QUEUED.value, choices=[(s.value, s.value) for s in State]
    )
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    message_params = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    actor = models.CharField(max_length=150, blank=True)
    is_cancel_requested = models.BooleanField(default=False)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    stepped_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(name="jobs_job_state", fields=["state", "stepped_at"])]


class Schedule(models.Model):
    """One row starts a job again and again. Hours and weekdays are in its zone."""

    name = models.CharField(max_length=60, unique=True)
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    cadence = models.CharField(max_length=10, choices=[(c.value, c.value) for c in Cadence])
    every = models.PositiveIntegerField(default=1)
    at_hour = models.PositiveSmallIntegerField(default=6)
    weekday = models.PositiveSmallIntegerField(default=0)
    zone = models.CharField(max_length=60, default="UTC")
    is_enabled = models.BooleanField(default=True)
    last_job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    last_run_at = models.DateTimeField(null=True)
    next_run_at = models.DateTimeField(null=True)
