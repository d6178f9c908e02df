"""The projection of overrides to now."""

from __future__ import annotations

from django.db import models

from perilune.forecasting.models.submissions import reference
from perilune.history.models import Record


class Adjustment(Record):
    """One row is what one level says of one figure, as it stands now."""

    rep = reference("people.Rep")
    team = reference("people.Team")
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    category = models.TextField(null=True)
    basis = models.TextField(null=True)
    level = models.TextField(null=True)
    amount = models.BigIntegerField(null=True)
    computed = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)
    reason = models.TextField(null=True)
    made_on = models.DateField(null=True)
    author = models.TextField(null=True)
    author_rep = reference("people.Rep")
