"""What is known of webhooks: what came, what was refused and why, what was told and is still."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, Sum

from perilune.hub.contracts.hooks import CallState, Refusal, Scheme, SendState
from perilune.hub.engine.sync.watch import silence
from perilune.hub.models import (
    Delivery,
    Hook,
    HookCall,
    HookRefusal,
    ImportRun,
    Subscription,
    SyncRun,
)
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _

REFUSED_DAYS = 7
_CALLS = 60
_STUCK = timedelta(minutes=30)


@dataclass(frozen=True)
class HookInfo:
    """An address that is called. seen, imported: records that calls named, and that were written.

    refused: of the last week, (reason, count, last), the latest first. quiet_s: for how long it has
    been silent, where that is longer than ever.
    """

    id: int
    name: str
    address: str
    connection: str
    scheme: Scheme
    header: str
    is_on: bool
    both_until: datetime | None
    calls: int
    waiting: int
    oldest: datetime | None
    failed: int
    seen: int
    imported: int
    last_at: datetime | None
    refused: tuple[tuple[Refusal, int, datetime], ...]
    quiet_s: float | None

    @property
    def refusals(self) -> int:
        """How many calls of the last week were refused."""
        return sum(count for _reason, count, _at in self.refused)

    def is_stuck(self, now: datetime) -> bool:
        """Tell whether calls wait for longer than any run of the job takes."""
        return self.oldest is not None and now - self.oldest > _STUCK


@dataclass(frozen=True)
class CallInfo:
    """A call that was taken."""

    id: int
    call_id: str
    received_at: datetime
    state: CallState
    records: int
    run_id: int | None
    import_id: int | None
    message: str
    message_params: Mapping[str, Any]


@dataclass(frozen=True)
class SubscriptionInfo:
    """An address that is told. last_at: when it took something last."""

    id: int
    name: str
    address: str
    owner: str
    events: tuple[str, ...]
    is_on: bool
    both_until: datetime | None
    waiting: int
    sent: int
    dead: int
    last_at: datetime | None


@dataclass(frozen=True)
class DeliveryInfo:
    """A delivery as the log shows it."""

    id: int
    subscription: str
    event_id: str
    type: str
    state: SendState
    tries: int
    status: int
    answer: str
    created_at: datetime
    next_at: datetime
    answered_at: datetime | None


def hooks(now: datetime | None = None, *, connection: str = "") -> list[HookInfo]:
    """Return every address that is called, by name; connection: its alone."""
    found = Hook.objects.select_related("connection")
    if connection:
        found = found.filter(connection__name=connection)
    return [_hook(one, now or datetime.now(UTC)) for one in found]


def hook(hook_id: int, now: datetime | None = None) -> HookInfo:
    """Return one; NotFound when there is none."""
    found = Hook.objects.select_related("connection").filter(id=hook_id).first()
    if found is None:
        raise NotFound(_("There is no webhook %(id)s."), id=hook_id)
    return _hook(found, now or datetime.now(UTC))


def _hook(one: Hook, now: datetime) -> HookInfo:
    calls = HookCall.objects.filter(hook=one)
    new = Q(state=CallState.NEW.value)
    facts = calls.aggregate(
        calls=Count("id"), seen=Sum("records"), last=Max("received_at"),
        waiting=Count("id", filter=new), failed=Count("id", filter=Q(state=CallState.FAILED.value)),
    )  # fmt: skip
    oldest = calls.filter(new).order_by("id").values_list("received_at", flat=True).first()
    times = [at.timestamp() for at in calls.values_list("received_at", flat=True)[:_CALLS]]
    return HookInfo(
        one.id, one.name, one.address, one.connection.name if one.connection else "",
        Scheme(one.scheme), one.header, one.is_on, _still(one.both_until, now),
        facts["calls"], facts["waiting"], oldest, facts["failed"], facts["seen"] or 0,
        _imported(calls), facts["last"], _refused(one, now),
        silence(times, now.timestamp()) if one.is_on else None,
    )  # fmt: skip


def _still(until: datetime | None, now: datetime) -> datetime | None:
    return until if until is not None and until > now else None


def _imported(calls: Any) -> int:
    """Return how many records the latest calls led to: what their syncs and imports wrote."""
    latest = calls[:500]
    runs = {call.run_id for call in latest if call.run_id}
    imports = {call.import_id for call in latest if call.import_id}
    for found in SyncRun.objects.filter(id__in=runs).values_list("import_ids", flat=True):
        imports.update(found)
    return sum(
        int(one.get(name, 0))
        for counts in ImportRun.objects.filter(id__in=imports).values_list("counts", flat=True)
        for one in counts.values()
        if isinstance(one, dict)
        for name in ("new", "changed")
    )


def _refused(one: Hook, now: datetime) -> tuple[tuple[Refusal, int, datetime], ...]:
    rows = (
        HookRefusal.objects.filter(hook=one, day__gt=now.date() - timedelta(days=REFUSED_DAYS))
        .values("reason")
        .annotate(n=Sum("count"), last=Max("last_at"))
        .order_by("-last")
    )
    return tuple((Refusal(row["reason"]), int(row["n"]), row["last"]) for row in rows)


def calls_of(hook_id: int, limit: int = 50) -> list[CallInfo]:
    """Return the latest calls of a hook that were taken, newest first."""
    return [
        CallInfo(
            row.id, row.call_id, row.received_at, CallState(row.state), row.records, row.run_id,
            row.import_id, row.message, row.message_params,
        )
        for row in HookCall.objects.filter(hook=hook_id)[:limit]
    ]  # fmt: skip


def subscriptions() -> list[SubscriptionInfo]:
    """Return every subscription, by name."""
    return [_subscription(one) for one in Subscription.objects.all()]


def subscription(subscription_id: int) -> SubscriptionInfo:
    """Return one; NotFound when there is none."""
    found = Subscription.objects.filter(id=subscription_id).first()
    if found is None:
        raise NotFound(_("There is no subscription %(id)s."), id=subscription_id)
    return _subscription(found)


def _subscription(one: Subscription) -> SubscriptionInfo:
    rows = Delivery.objects.filter(subscription=one)
    sent = Q(state=SendState.SENT.value)
    facts = rows.aggregate(
        waiting=Count("id", filter=Q(state=SendState.WAITING.value)),
        sent=Count("id", filter=sent), dead=Count("id", filter=Q(state=SendState.DEAD.value)),
        last=Max("answered_at", filter=sent),
    )  # fmt: skip
    return SubscriptionInfo(
        one.id, one.name, one.address, one.owner, tuple(one.events), one.is_on,
        _still(one.both_until, datetime.now(UTC)), facts["waiting"], facts["sent"], facts["dead"],
        facts["last"],
    )  # fmt: skip


def deliveries(
    subscription_id: int | None = None, *, state: SendState | None = None, limit: int = 50
) -> list[DeliveryInfo]:
    """Return the latest deliveries, newest first: of one subscription, in one state, or all."""
    found = Delivery.objects.select_related("subscription")
    if subscription_id is not None:
        found = found.filter(subscription=subscription_id)
    if state is not None:
        found = found.filter(state=state.value)
    return [
        DeliveryInfo(
            row.id, row.subscription.name, row.event_id, row.type, SendState(row.state), row.tries,
            row.status, row.answer, row.created_at, row.next_at, row.answered_at,
        )
        for row in found[:limit]
    ]  # fmt: skip
