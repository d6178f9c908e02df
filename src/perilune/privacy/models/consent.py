"""The consent ledger: entries are added, never changed; a withdrawal is an entry of its own."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ConsentEntry(models.Model):
    """One row says that from a day on a person may, or may no longer, be written to."""

    kind = models.CharField(max_length=24)
    record_id = models.BigIntegerField()
    purpose = models.CharField(max_length=16)
    basis = models.CharField(max_length=12)
    state = models.CharField(max_length=10)
    source = models.CharField(max_length=200, blank=True, default="")
    day = models.DateField()
    actor = models.CharField(max_length=150)
    noted_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["day", "id"]
        indexes: ClassVar = [
            models.Index(name="privacy_consent_of", fields=["kind", "record_id", "purpose", "day"])
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id} {self.purpose} {self.state}"
