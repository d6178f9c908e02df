"""How the company counts the diminishing returns of a rep."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ReturnsChosen(models.Model):
    """One row is a choice; the latest one holds.

    by: accounts or potential, empty for the better of the two. twice: what twice the sellers bring
    instead, null where what is learnt counts.
    """

    by = models.CharField(max_length=12, blank=True)
    twice = models.FloatField(null=True)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
