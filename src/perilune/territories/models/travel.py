"""The company's routing server, and what it said of the ways in a draft."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from perilune.territories.models.drafts import Draft


class RoutingServer(models.Model):
    """The one row is the server that designs ask for travel times; none: straight lines."""

    kind = models.CharField(max_length=12)
    url = models.CharField(max_length=300)
    profile = models.CharField(max_length=60, blank=True)
    most = models.IntegerField(default=0)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.url


class DraftTravel(models.Model):
    """One row is the ways from the centres of a design to what its draft shares out.

    server: as it is shown. edition: of the draft that the design began from, then the one that it
    made. asked: units asked for so far. units: packed numbers of accounts, numbers: packed numbers
    of territories, the order of columns; minutes: packed float32 (asked, k) while it is asked for,
    (accounts, k) once is_done, inf for no way. refused: names with the server's words, JSON.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="travel")
    server = models.CharField(max_length=300)
    day = models.DateField()
    edition = models.IntegerField()
    asked = models.IntegerField(default=0)
    questions = models.IntegerField(default=0)
    units = models.BinaryField()
    numbers = models.BinaryField()
    minutes = models.BinaryField(null=True)
    refused: models.JSONField[Any, Any] = models.JSONField(default=list)
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-id"]
