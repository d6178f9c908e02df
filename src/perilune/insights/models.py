"""Records of insights: the models that were learnt, by what was known."""

from __future__ import annotations

from django.db import models


class OutlookModel(models.Model):
    """One row is a model learnt from just one state of knowledge; derived, safe to delete."""

    digest = models.CharField(max_length=64, unique=True)
    day = models.DateField()
    payload = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.day} {self.digest[:12]}"
