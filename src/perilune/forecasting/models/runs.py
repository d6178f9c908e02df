"""Recorded runs of the forecast."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class ForecastRun(models.Model):
    """One row is a forecast as it was made: never changed, recomputed from its pinned store.

    rows: amounts in whole minor units, JSON. The same inputs give the same row: it is kept once.
    """

    as_of_at = models.DateTimeField()
    as_of_day = models.DateField()
    period = models.CharField(max_length=20)
    starts = models.DateField()
    ends = models.DateField()
    by = models.CharField(max_length=10)
    scope_label = models.CharField(max_length=200)
    scope_digest = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    store_version = models.BigIntegerField()
    inputs_digest = models.CharField(max_length=64)
    method = models.CharField(max_length=20)
    created_at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    rows: models.JSONField[Any, Any] = models.JSONField()
    parameters: models.JSONField[Any, Any] = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="forecast_run_once",
                fields=[
                    "as_of_at", "starts", "ends", "by", "scope_digest", "inputs_digest", "method",
                ],
            )
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(name="forecast_run_period", fields=["scope_digest", "starts", "ends"])
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.by} {self.as_of_day}"
