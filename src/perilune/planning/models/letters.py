"""Quota letters: made once, never changed; what happened to each is a dated record beside it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from perilune.planning.models.plans import Plan


class QuotaLetter(models.Model):
    """One row is a letter to a rep about the quota of a fiscal year, or of its rest.

    lines: JSON, see `contracts.LetterLine`; the name of the rep is not kept, so that an erasure
    reaches letters too. made_on: the company's day, made_at: the instant of the machine. replaces:
    the letter of the year before this one.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="letters")
    # the history decides which reps exist, as for every record
    rep = models.ForeignKey(
        "people.Rep", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    year = models.IntegerField()
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=2)
    starts = models.DateField()
    ends = models.DateField()
    lines: models.JSONField[Any, Any] = models.JSONField(default=list)
    made_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.year}-{self.pk}"


class LetterStep(models.Model):
    """One row is a letter's delivery or acknowledgement.

    day: on which it happened. noted_on: the company's day of the record, at: its instant.
    """

    letter = models.ForeignKey(QuotaLetter, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12)
    day = models.DateField()
    noted_on = models.DateField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="letter_step_once", fields=["letter", "kind"])
        ]
