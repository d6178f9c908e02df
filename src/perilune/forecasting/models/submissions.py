"""The projection of submitted forecasts to now."""

from __future__ import annotations

from typing import Any

from django.db import models

from perilune.history.models import Record


def _reference(to: str) -> models.ForeignKey[Any, Any]:
    # history decides what exists, in any order of arrival: no constraint
    return models.ForeignKey(
        to,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )


class Submission(Record):
    """One row is a forecast that somebody submitted, as it stands now."""

    rep = _reference("people.Rep")
    team = _reference("people.Team")
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    made_on = models.DateField(null=True)
    category = models.TextField(null=True)
    amount = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)
    author = models.TextField(null=True)
