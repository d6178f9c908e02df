"""What the house itself keeps: notices and their settings, packs as made, contingencies."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Notice(models.Model):
    """One grouped notice to one person, made on the knowledge of one day."""

    username = models.CharField(max_length=150, db_index=True)
    day = models.DateField()
    """The as-of: what was known on this day."""
    made_at = models.DateTimeField()
    topic = models.CharField(max_length=30)
    title = models.TextField()
    """An English msgid; `params` fills it."""
    params: models.JSONField[Any, Any] = models.JSONField(default=dict)
    lines: models.JSONField[Any, Any] = models.JSONField(default=list)
    scope_label = models.TextField(blank=True, default="")
    url = models.TextField(blank=True, default="")
    read_at = models.DateTimeField(null=True)
    acted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("username", "topic", "day"), name="one_notice_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.username} {self.topic} {self.day}"


class NoticeSettings(models.Model):
    """How many notices a week somebody wants, and since when they want them again."""

    username = models.CharField(max_length=150, unique=True)
    weekly_budget = models.PositiveSmallIntegerField()
    resumed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.username


class KeptPack(models.Model):
    """A pack as it was made for one person, in words; sent_at is empty where no mail left."""

    token = models.CharField(max_length=40)
    username = models.CharField(max_length=150, db_index=True)
    made_at = models.DateTimeField()
    day = models.DateField()
    period = models.CharField(max_length=20)
    language = models.CharField(max_length=5)
    address = models.CharField(max_length=254, blank=True, default="")
    sent_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, default="")
    shown: models.JSONField[Any, Any] = models.JSONField()

    class Meta:
        ordering = ("-made_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("token", "username"), name="one_pack_a_run")
        ]

    def __str__(self) -> str:
        return f"{self.username} {self.period} {self.day}"


class Contingency(models.Model):
    """A prepared scenario and what calls it; private to author, owner and those named (rule 24).

    threshold, fired_value: in the unit of the figure (money in minor units). fired_on: the as-of
    day on which the trigger fired; told_at: when its owner had the notice.
    """

    name = models.CharField(max_length=120)
    scenario_id = models.BigIntegerField(null=True)
    author = models.CharField(max_length=150, db_index=True)
    owner = models.CharField(max_length=150, db_index=True)
    shared_with = models.TextField(blank=True, default="")
    figure = models.CharField(max_length=60)
    comparison = models.CharField(max_length=10)
    threshold = models.FloatField()
    period = models.CharField(max_length=20)
    until = models.DateField(null=True)
    first_actions = models.TextField()
    state = models.CharField(max_length=12, default="watching")
    fired_on = models.DateField(null=True)
    fired_value = models.FloatField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name
