"""Deliveries are made: signed, tried again with longer waits, given up where nobody takes them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import orjson
from django.db.models import QuerySet

from perilune.hub.contracts.hooks import SendState
from perilune.hub.engine.hooks.signing import signatures, wait_s
from perilune.hub.models import Delivery
from perilune.hub.service.hooks import keys, posting
from perilune.hub.service.hooks.bodies import body_of
from perilune.kernel.errors import Conflict, NotFound, PeriluneError
from perilune.kernel.messages import gettext_noop as _

HELD = timedelta(minutes=2)
"""How long a try holds its delivery: longer than any answer is waited for."""

GONE = 410
"""With it a receiver says that it wants no more."""


def send(deadline: float) -> tuple[int, int]:
    """Make deliveries that are due until a moment (monotonic); return (made, due and left)."""
    made = 0
    while time.monotonic() < deadline:
        row = _due(datetime.now(UTC))
        if row is None:
            return made, 0
        attempt(row)
        made += 1
    return made, _waiting(datetime.now(UTC)).count()


def _waiting(now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        state=SendState.WAITING.value, next_at__lte=now, subscription__is_on=True
    )


def _due(now: datetime) -> Delivery | None:
    """Take the next delivery and hold it, so that no other process makes it too."""
    for row in _waiting(now).select_related("subscription").order_by("next_at", "id")[:10]:
        mine = Delivery.objects.filter(id=row.id, state=row.state, next_at=row.next_at)
        if mine.update(next_at=now + HELD, asked_at=now, tries=row.tries + 1):
            row.tries, row.asked_at = row.tries + 1, now
            return row
    return None


def attempt(row: Delivery) -> posting.Answer | None:
    """Make one delivery and keep what was answered; None where there is nothing to tell."""
    now = datetime.now(UTC)
    of = row.subscription
    said = body_of(row)
    if said is None:
        _keep(row, SendState.EMPTY, posting.Answer(0, ""), now)
        return None
    body = orjson.dumps(said)
    id_, seconds = f"msg_{row.event_id}", int(now.timestamp())
    headers = {
        "content-type": "application/json", "user-agent": "Perilune-Webhooks/1",
        "webhook-id": id_, "webhook-timestamp": str(seconds),
        "webhook-signature": signatures(keys.good(of, now), id_, seconds, body),
    }  # fmt: skip
    try:
        answer = posting.post(of.address, body, headers)
    except PeriluneError as error:
        answer = posting.Answer(0, error.message % error.params if error.params else error.message)
    wait = wait_s(row.tries)
    state = SendState.SENT if answer.is_taken else SendState.WAITING
    if not answer.is_taken and (wait is None or answer.status == GONE):
        state = SendState.DEAD
    _keep(row, state, answer, datetime.now(UTC), wait or 0)
    if answer.status == GONE:
        of.is_on = False
        of.save(update_fields=["is_on"])
    return answer


def _keep(
    row: Delivery, state: SendState, answer: posting.Answer, now: datetime, wait: int = 0
) -> None:
    row.state, row.status, row.answer = state.value, answer.status, answer.text[:300]
    row.answered_at, row.next_at = now, now + timedelta(seconds=wait)
    row.save(update_fields=["state", "status", "answer", "answered_at", "next_at"])


def delivery_again(delivery_id: int) -> int:
    """Let a delivery be made again, under its old id; return its subscription."""
    found = Delivery.objects.filter(id=delivery_id)
    if not found.exists():
        raise NotFound(_("There is no delivery %(id)s."), id=delivery_id)
    fresh = {"state": SendState.WAITING.value, "tries": 0, "next_at": datetime.now(UTC)}
    if not found.exclude(state=SendState.WAITING.value).update(**fresh):
        raise Conflict(_("This delivery waits already."))
    return int(found.values_list("subscription", flat=True)[0])
