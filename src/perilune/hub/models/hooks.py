"""Webhooks: addresses that take calls and what came, subscriptions and what is to be sent.

A call is kept before it is answered; a delivery before it is made.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from perilune.hub.models.connections import Connection


class Hook(models.Model):
    """One row is an address that other systems call.

    connection: whose records its calls name; none where calls are all that `source` ever sends.
    secrets: sealed list, the newest first; the older one is good until `both_until`. header: that
    of an HMAC.
    """

    address = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=60)
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, null=True, related_name="+"
    )
    source = models.CharField(max_length=60, blank=True)
    scheme = models.CharField(max_length=10)
    header = models.CharField(max_length=80, blank=True)
    secrets = models.TextField()
    both_until = models.DateTimeField(null=True)
    is_on = models.BooleanField(default=True)
    actor = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "id")


class HookCall(models.Model):
    """One row is a call that was proved and taken, once for each id of its sender.

    stamp_ms: when it was signed last. body: emptied once it was acted on. records: how many it
    named or brought; run, import_id: what it led to.
    """

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="+")
    call_id = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    stamp_ms = models.BigIntegerField(default=0)
    body = models.TextField(blank=True)
    state = models.CharField(max_length=8, default="new")
    records = models.IntegerField(default=0)
    run_id = models.BigIntegerField(null=True)
    import_id = models.BigIntegerField(null=True)
    message = models.TextField(blank=True)
    message_params = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(name="hub_hook_call_once", fields=["hook", "call_id"])
        ]
        indexes: ClassVar = [models.Index(name="hub_hook_call_state", fields=["hook", "state"])]


class HookRefusal(models.Model):
    """One row counts the calls of a day that were refused for one reason; nothing of them stays."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    reason = models.CharField(max_length=12)
    count = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="hub_hook_refusal_once", fields=["hook", "day", "reason"])
        ]


class Subscription(models.Model):
    """One row is an address that is told what happens.

    owner: whose eyes it has. events: such as opportunity.changed. secrets, both_until: as of
    `Hook`. cursors: how far each feed was followed.
    """

    name = models.CharField(max_length=60)
    address = models.CharField(max_length=500)
    owner = models.CharField(max_length=150)
    events = models.JSONField(default=list)
    secrets = models.TextField()
    both_until = models.DateTimeField(null=True)
    is_on = models.BooleanField(default=True)
    cursors = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "id")


class Delivery(models.Model):
    """One row is something that a subscription is told, kept before it is sent.

    refs: what it is about, by ids alone; its body is made when it is sent, from what the owner may
    see then. status, answer: what was said to the last try.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="+")
    event_id = models.CharField(max_length=80)
    type = models.CharField(max_length=60)
    refs = models.JSONField(default=dict)
    state = models.CharField(max_length=8, default="waiting")
    tries = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    status = models.IntegerField(default=0)
    answer = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(name="hub_delivery_once", fields=["subscription", "event_id"])
        ]
        indexes: ClassVar = [models.Index(name="hub_delivery_due", fields=["state", "next_at"])]
