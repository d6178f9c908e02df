"""The projection of scenarios and their edits to now; pages read values from the history."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from perilune.history.models import Record


def _reference(to: str) -> models.ForeignKey[Any, Any]:
    # history decides what exists, in any order of arrival, and a hire's id is below zero
    return models.ForeignKey(
        to,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )


class Scenario(Record):
    """One row is a scenario as it stands now."""

    name = models.TextField(null=True)
    author = models.TextField(null=True)
    period = models.TextField(null=True)
    shared_with = models.TextField(null=True)
    edition = models.IntegerField(null=True)
    is_reserve = models.BooleanField(null=True)
    plan_id = models.IntegerField(null=True)
    plan_lines = models.TextField(null=True)


class Assumption(Record):
    """One row is an edit of a scenario as it stands now."""

    scenario = _reference("planning.Scenario")
    position = models.IntegerField(null=True)
    type = models.TextField(null=True)
    rep = _reference("people.Rep")
    to_rep = _reference("people.Rep")
    team = _reference("people.Team")
    product = _reference("crm.Product")
    starts = models.DateField(null=True)
    ends = models.DateField(null=True)
    last_day = models.DateField(null=True)
    role = models.TextField(null=True)
    heads = models.IntegerField(null=True)
    fte = models.FloatField(null=True)
    ramp_days = models.IntegerField(null=True)
    accounts = models.TextField(null=True)
    segment = models.TextField(null=True)
    sector = models.TextField(null=True)
    unit = models.TextField(null=True)
    period = models.TextField(null=True)
    amount = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)
    what = models.TextField(null=True)
    factor = models.FloatField(null=True)
    title = models.TextField(null=True)
    elasticity = models.FloatField(null=True)
    series = models.TextField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(name="planning_of_scenario", fields=["scenario"])]
