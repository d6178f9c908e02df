"""Repairs: what could be mended, what people decided, what was applied; and providers of values."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class RepairRun(models.Model):
    """One row is one act that applied proposals: a change set. It counts while that set stands.

    rule: empty where rows of several kinds of repair were picked; origin: the provider.
    """

    change_set_id = models.BigIntegerField(unique=True)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=24)
    rule = models.CharField(max_length=20, blank=True)
    origin = models.CharField(max_length=80, blank=True)
    fields = models.BigIntegerField(default=0)
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering = ("-id",)


class RepairProposal(models.Model):
    """One row says that a field of a record could become another; old, new: as history keeps them.

    state: open, applied (by `run`), rejected (never proposed again while both values are the same),
    stale (edited since, holding `found`). sure: 1 to 3; agree, of: who could tell and who does.
    origin: the provider, empty for a repair; told_on: its date; probability: that it speaks of
    this record, null where a number or an id decided.
    """

    kind = models.CharField(max_length=24)
    record_id = models.BigIntegerField()
    field = models.CharField(max_length=60)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    found = models.JSONField(null=True)
    rule = models.CharField(max_length=20)
    sure = models.SmallIntegerField()
    agree = models.IntegerField(default=0)
    of = models.IntegerField(default=0)
    origin = models.CharField(max_length=80, blank=True)
    told_on = models.DateField(null=True)
    probability = models.FloatField(null=True)
    state = models.CharField(max_length=10, default="open")
    run = models.ForeignKey(
        RepairRun, on_delete=models.SET_NULL, null=True, related_name="proposals"
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(
                name="hub_repair_group", fields=["state", "kind", "rule", "origin", "-sure", "id"]
            ),
            models.Index(name="hub_repair_record", fields=["kind", "record_id"]),
        ]


class RepairState(models.Model):
    """One row, of id 1: how far the records were looked at, and what the company writes.

    cursor: the last event of the history that was seen. country: «en», «fr», «code», empty for the
    most usual, which the last look found; phone: the form of numbers. seconds: type of field to
    what typing it takes.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    cursor = models.BigIntegerField(default=0)
    country = models.CharField(max_length=8, blank=True)
    usual = models.CharField(max_length=8, blank=True)
    phone = models.CharField(max_length=16, default="international")
    seconds = models.JSONField(default=dict)
    job_id = models.BigIntegerField(null=True)
    looked_at = models.DateTimeField(null=True)


class Provider(models.Model):
    """One row is a source of values for records that are there: a register, a table, a service.

    name: also the source in the history. form: register, table or service. settings: where it is
    and how it is read; credentials: headers, encrypted. policies: field to rule. threshold: how
    probable it must be that an answer speaks of a record. day, used: requests of that day.
    """

    name = models.SlugField(max_length=40, unique=True)
    form = models.CharField(max_length=12)
    kind = models.CharField(max_length=24, default="account")
    settings = models.JSONField(default=dict)
    credentials = models.TextField(blank=True)
    policies = models.JSONField(default=dict)
    threshold = models.FloatField(default=0.9)
    day = models.DateField(null=True)
    used = models.IntegerField(default=0)
    asked_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    job_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=150)

    class Meta:
        ordering = ("name",)
