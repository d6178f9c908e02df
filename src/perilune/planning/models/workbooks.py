"""Workbooks of annual plans: what was handed out, and what came back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from perilune.planning.models.plans import Plan


class PlanWorkbook(models.Model):
    """One row is a workbook that was handed out.

    key: what the file names itself by. units: JSON, topmost first. edition: the plan's at hand-out.
    base: JSON {level|unit|month: minor or None}, its inputs then. rep_id: the leader whom it is
    for, null for a unit's.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="workbooks")
    key = models.CharField(max_length=32, unique=True)
    holder = models.CharField(max_length=160)
    rep_id = models.BigIntegerField(null=True)
    units: models.JSONField[Any, Any] = models.JSONField(default=list)
    edition = models.IntegerField()
    base: models.JSONField[Any, Any] = models.JSONField(default=dict)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]


class PlanReturn(models.Model):
    """One row is a file that came back, or a plain sheet that was read.

    who: whose it is. edition, base: of the hand-out, else of the plan when it was read. cells: JSON
    as `base`. state: waiting, merged or dropped. merged_as: the edition that took it in.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="returns")
    workbook = models.ForeignKey(
        PlanWorkbook, on_delete=models.CASCADE, null=True, related_name="returns"
    )
    who = models.CharField(max_length=160)
    file = models.CharField(max_length=200)
    edition = models.IntegerField()
    base: models.JSONField[Any, Any] = models.JSONField(default=dict)
    cells: models.JSONField[Any, Any] = models.JSONField(default=dict)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    state = models.CharField(max_length=12, default="waiting")
    merged_as = models.IntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]


class WorkbookMail(models.Model):
    """One row is a workbook on its way to its leader by mail.

    token: of the job that sends it. sent_at: null while the mail server has not taken it; problem:
    why it did not.
    """

    workbook = models.ForeignKey(PlanWorkbook, on_delete=models.CASCADE, related_name="mails")
    token = models.CharField(max_length=32)
    username = models.CharField(max_length=150)
    address = models.CharField(max_length=254)
    language = models.CharField(max_length=8)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workbook", "token"], name="workbook_mailed_once")
        ]
