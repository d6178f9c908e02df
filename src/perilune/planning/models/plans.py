"""Annual plans: working documents outside the history, until they are published."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Plan(models.Model):
    """One row is an annual plan in the making, or one that was published.

    year: the name of its fiscal year. currency: of every amount in it, at budget rates. edition:
    grows with every change, whoever writes names the one that they saw. settings: JSON, what it was
    built from. replaced: the plan that this one superseded. change_set_id: what its day wrote.
    """

    name = models.CharField(max_length=120)
    year = models.IntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12, default="draft")
    author = models.CharField(max_length=150)
    edition = models.IntegerField(default=1)
    settings: models.JSONField[Any, Any] = models.JSONField(default=dict)
    as_of_at = models.DateTimeField()
    as_of_day = models.DateField()
    based_on = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    replaced = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    effective_from = models.DateField(null=True)
    change_set_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=150, blank=True)
    submitted_at = models.DateTimeField(null=True)
    checked_by = models.CharField(max_length=150, blank=True)
    checked_at = models.DateTimeField(null=True)
    is_self_approved = models.BooleanField(default=False)
    published_by = models.CharField(max_length=150, blank=True)
    published_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class PlanContent(models.Model):
    """One row is what a plan says, as one document that each change rewrites (`stored_plans`).

    A year of 5,000 people is one row, not 60,000; nothing asks for a part of it by SQL.
    """

    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="content")
    document: models.JSONField[Any, Any] = models.JSONField(default=dict)


class PlanEdit(models.Model):
    """One row is a change of a plan: what undo takes back, and what a conflict is named by.

    number: the edition that it made. changes: JSON [[part, key, before, after], ...], None where
    there was or is nothing. is_private: it concerns people events, seen by the plan's circle alone
    (rule 24). is_undone: it was taken back; is_void: and something else was done since.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="edits")
    number = models.IntegerField()
    kind = models.CharField(max_length=12)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    changes: models.JSONField[Any, Any] = models.JSONField(default=list)
    is_private = models.BooleanField(default=False)
    is_undone = models.BooleanField(default=False)
    is_void = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="plan_edit_once", fields=["plan", "number"])
        ]
        ordering: ClassVar = ["number"]


class PlanComment(models.Model):
    """One row is what somebody said of a plan, or of one of its units."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="comments")
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    text = models.TextField()
    unit = models.CharField(max_length=160, blank=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]


class PlanTask(models.Model):
    """One row is a line of the planning season's check-list: who does what by when."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="tasks")
    position = models.IntegerField()
    title = models.CharField(max_length=200)
    owner = models.CharField(max_length=150, blank=True)
    due = models.DateField(null=True)
    done_by = models.CharField(max_length=150, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["position", "id"]
