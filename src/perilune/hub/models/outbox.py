"""The outbox: what is to be written to a service, kept before it is asked, and what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from perilune.hub.models.connections import Connection


class WriteRule(models.Model):
    """One row says which fields of an object may be written. None may without a row.

    policies: field of the service to the policy of a conflict. external: the field by whose value
    records are addressed, empty for their id. match: the field there that keeps our id of a record
    that was made here, empty where none is made there; sign: what our ids begin with in it. ends:
    whether what was ended here may be deleted there.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    object = models.CharField(max_length=80)
    policies = models.JSONField(default=dict)
    external = models.CharField(max_length=80, blank=True)
    match = models.CharField(max_length=120, blank=True, default="")
    sign = models.CharField(max_length=20, blank=True, default="")
    ends = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="hub_write_rule_once", fields=["connection", "object"])
        ]


class WriteBatch(models.Model):
    """One row is a set of values that somebody wants written, with why and what came of it.

    It outlives its connection: source is that one's name. verb: what it does there. taken: change
    sets that took what stood there. left_over: records that were more than a batch takes.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    source = models.CharField(max_length=60)
    actor = models.CharField(max_length=150)
    confirmed_by = models.CharField(max_length=150, blank=True)
    purpose = models.CharField(max_length=300)
    verb = models.CharField(max_length=8, default="change")
    state = models.CharField(max_length=12, default="looking")
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    change_set_id = models.BigIntegerField(null=True)
    taken = models.JSONField(default=list)
    left_over = models.IntegerField(default=0)
    message = models.TextField(blank=True)
    message_params = models.JSONField(default=dict)
    pid = models.IntegerField(default=0)
    job_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    looked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="hub_one_write_at_a_time",
                fields=["connection"],
                condition=models.Q(state="writing"),
            )
        ]


class WriteLine(models.Model):
    """One row is one field of one record in a batch; of a deletion, one record and no field.

    known, wanted, found: what the service said last, what stands here, what stands there, as
    history keeps values. text, was: what is written and what stood there, as the service says it.
    after: what stood there once it was written, where that is not what was wanted.
    decision counts for exactly the value that was found when it was made (decided_on). is_told: the
    history knows that the service took it.
    """

    batch = models.ForeignKey(WriteBatch, on_delete=models.CASCADE, related_name="+")
    object = models.CharField(max_length=80)
    kind = models.CharField(max_length=24)
    record_id = models.BigIntegerField()
    title = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=200)
    field = models.CharField(max_length=60)
    column = models.CharField(max_length=120)
    known = models.JSONField(null=True)
    wanted = models.JSONField(null=True)
    found = models.JSONField(null=True)
    after = models.JSONField(null=True)
    text = models.TextField(blank=True)
    was = models.TextField(blank=True)
    policy = models.CharField(max_length=8)
    state = models.CharField(max_length=8, default="new")
    decision = models.CharField(max_length=8, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_on = models.JSONField(null=True)
    decided_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    tries = models.IntegerField(default=0)
    is_told = models.BooleanField(default=False)
    edited_us = models.BigIntegerField(default=0)
    changed_us = models.BigIntegerField(default=0)
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(name="hub_write_line_state", fields=["batch", "state", "id"]),
            models.Index(name="hub_write_line_record", fields=["kind", "record_id"]),
        ]
