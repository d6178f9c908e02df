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
    """One row is the ways from the centres of a design to the accounts of its draft.

    server: as it is shown. edition: of the draft that was designed with it. asked: how many of the
    accounts shared out have been asked for; ids: packed numbers of those accounts; at: packed
    places (k, 2) that ways begin at, degrees; minutes: packed (asked, k) float32, inf for no way.
    refused: accounts that the server puts on no road, with its words, JSON.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="travel")
    server = models.CharField(max_length=300)
    day = models.DateField()
    edition = models.IntegerField()
    asked = models.IntegerField(default=0)
    questions = models.IntegerField(default=0)
    units = models.BinaryField()
    at = models.BinaryField()
    minutes = models.BinaryField(null=True)
    refused: models.JSONField[Any, Any] = models.JSONField(default=list)
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-id"]
