"""Dossiers of people, and the list of those who are kept out."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Dossier(models.Model):
    """One row is a person who was looked for, and what was asked, approved and done about it.

    records: [[kind, id], ...]. found: what the look found, without values: places with counts,
    mentions and the records of others who bear the same (JSON). chosen: the mentions that were
    judged to name the person. sealed: what is looked for, encrypted with the home's secret, empty
    once it is over. proof: JSON, with keyed hashes instead of values.
    """

    records: models.JSONField[Any, Any] = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="looking", db_index=True)
    ground = models.CharField(max_length=12, blank=True, default="")
    rule_id = models.BigIntegerField(null=True)
    found: models.JSONField[Any, Any] = models.JSONField(default=dict)
    chosen: models.JSONField[Any, Any] = models.JSONField(default=list)
    sealed = models.TextField(blank=True, default="")
    erased: models.JSONField[Any, Any] = models.JSONField(default=dict)
    proof: models.JSONField[Any, Any] = models.JSONField(null=True)
    opened_by = models.CharField(max_length=150)
    opened_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150, blank=True, default="")
    asked_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=150, blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    is_self_approved = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True)
    # the queue lives in a file of its own
    job_id = models.BigIntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class Suppressed(models.Model):
    """One row keeps somebody out: a keyed hash of an address, a number, a name or a source's key.

    kind, record_id: the record without the person that takes their place where rows refer to them.
    hint: a few bits of a hash of the value's longest word, so that most texts need no look; they
    tell one word in 4,096.
    """

    digest = models.CharField(max_length=48)
    sort = models.CharField(max_length=8)
    kind = models.CharField(max_length=24)
    record_id = models.BigIntegerField()
    hint = models.IntegerField(default=0)
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="suppressed")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="privacy_suppressed_once", fields=["digest", "kind"])
        ]

    def __str__(self) -> str:
        return f"{self.sort} {self.digest[:8]}"
