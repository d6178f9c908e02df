"""The logs of webhooks are not kept for good: old calls, refusals and deliveries are deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from perilune.hub.contracts.hooks import CallState, Scheme, SendState
from perilune.hub.models import Delivery, HookCall, HookRefusal
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.personal import PersonalLog

_AT_ONCE = 500
"""Rows of one statement: no write holds the records for longer than a moment."""
_TIMED = (Scheme.STANDARD.value, Scheme.HUBSPOT.value)
"""Schemes that sign the time: an old call is refused by it, with or without its row."""


def drop_older(before: datetime, is_dry: bool) -> int:
    """Delete what was logged before an instant and waits for nothing; return how many entries.

    Where calls sign no time a replay is known by its row alone: the row stays, its texts go.
    """
    calls = HookCall.objects.filter(received_at__lt=before).exclude(state=CallState.NEW.value)
    gone: Sequence[QuerySet[Any]] = (
        calls.filter(hook__scheme__in=_TIMED),
        Delivery.objects.filter(created_at__lt=before).exclude(state=SendState.WAITING.value),
        HookRefusal.objects.filter(last_at__lt=before),
    )
    emptied = calls.exclude(hook__scheme__in=_TIMED).exclude(Q(body="") & Q(message=""))
    if is_dry:
        return sum(rows.count() for rows in (*gone, emptied))
    return sum(_deleted(rows) for rows in gone) + _emptied(emptied)


def _deleted(rows: QuerySet[Any]) -> int:
    count = 0
    while some := _some(rows):
        rows.model._default_manager.filter(id__in=some).delete()
        count += len(some)
    return count


def _emptied(rows: QuerySet[HookCall]) -> int:
    count = 0
    while some := _some(rows):
        HookCall.objects.filter(id__in=some).update(body="", message="", message_params={})
        count += len(some)
    return count


def _some(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by("id").values_list("id", flat=True)[:_AT_ONCE])


LOG = PersonalLog("hooks", _("Logs of webhooks"), drop_older, days=90)
