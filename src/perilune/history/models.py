"""The truth: change sets and their rows. Record tables are its projection to now."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Counter(models.Model):
    """One row is the next free number of a series: record ids of a kind, or set events."""

    name = models.CharField(max_length=40, primary_key=True)
    next = models.BigIntegerField(default=1)


class ChangeSet(models.Model):
    """One row is everything that one act wrote: an edit, an import, a merge.

    It is visible once completed and while not retracted. Times are microseconds UTC.
    """

    source = models.CharField(max_length=80)
    actor = models.CharField(max_length=150)
    purpose = models.CharField(max_length=20)
    title = models.CharField(max_length=300, blank=True)
    known_us = models.BigIntegerField()
    recorded_us = models.BigIntegerField()
    completed_us = models.BigIntegerField(null=True)
    retracted_us = models.BigIntegerField(null=True)
    retracted_by = models.CharField(max_length=150, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                name="history_set_hidden",
                fields=["id"],
                condition=models.Q(completed_us=None) | models.Q(retracted_us__isnull=False),
            )
        ]


class SetEvent(models.Model):
    """One row says that a set was completed or retracted; its number is the store's cursor."""

    number = models.BigIntegerField(primary_key=True)
    change_set = models.ForeignKey(ChangeSet, on_delete=models.CASCADE, related_name="+")
    at_us = models.BigIntegerField()


class Change(models.Model):
    """One row is one field of one record going from old to new (JSON), known from an instant on.

    The empty field is the record's creation, whose new value holds all first values; the field `*`
    holds several fields known at one instant (flat rows with everything repeated are slower).
    """

    change_set = models.ForeignKey(
        # no constraint: SQLite would look the set up again for every row of an import
        ChangeSet,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
    )
    kind = models.CharField(max_length=24)
    record_id = models.BigIntegerField()
    known_us = models.BigIntegerField()
    field = models.CharField(max_length=60, blank=True)
    old = models.TextField(null=True)
    new = models.TextField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(name="history_change_record", fields=["kind", "record_id", "known_us"])
        ]


class Identity(models.Model):
    """One row is a record's name in a source, as one set said it: source, kind and key find it.

    The row of the latest set that counts holds; so undoing a set also forgets what it said.
    sent is what the source said (JSON); null where that is what the set's own rows say.
    """

    source = models.CharField(max_length=80)
    kind = models.CharField(max_length=24)
    key = models.CharField(max_length=200)
    record_id = models.BigIntegerField()
    digest = models.BigIntegerField(default=0)
    sent = models.TextField(null=True)
    change_set = models.ForeignKey(
        ChangeSet, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="history_identity_once", fields=["source", "kind", "key", "change_set"]
            )
        ]
        indexes: ClassVar = [
            models.Index(name="history_identity_record", fields=["kind", "record_id"])
        ]


class CustomField(models.Model):
    """One row is a field of the company's own; its name in history and store is `x_key`."""

    kind = models.CharField(max_length=24)
    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=80)
    type = models.CharField(max_length=20)
    choices = models.JSONField(default=list)
    position = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="history_custom_field", fields=["kind", "key"])
        ]


class Record(models.Model):
    """A record as it stands now, projected from its history. Never written by hand.

    Pages read values from the store or the history; these tables serve look-ups and foreign keys.
    """

    id = models.BigIntegerField(primary_key=True)
    custom = models.JSONField(default=dict)

    class Meta:
        abstract = True
