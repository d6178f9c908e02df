"""Subscriptions: who is told what, in whose eyes."""

from __future__ import annotations

import secrets as randoms
from collections.abc import Sequence
from datetime import UTC, datetime

from perilune.hub.contracts.hooks import (
    CHANGES,
    OTHER_EVENTS,
    RECORD_KINDS,
    TEST_EVENT,
    SendState,
)
from perilune.hub.models import Delivery, Subscription
from perilune.hub.service.hooks import feeding, keys, posting
from perilune.hub.service.hooks.sending import attempt
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _

_LAST_TRY = 100
"""A test is made once: no try is left after it."""

EVENTS = (*(f"{kind}.{what}" for kind in RECORD_KINDS for what in CHANGES), *OTHER_EVENTS)


def subscription_add(
    name: str, address: str, events: Sequence[str], *, owner: str
) -> tuple[int, str]:
    """Let an address be told what happens from now on; return (id, secret, told this once).

    owner: what this person may see is told, and nothing else. Invalid on a bad address or event,
    Refused where the address lies in a private network.
    """
    if not name.strip():
        raise Invalid(_("A subscription needs a name."))
    strange = sorted(set(events) - set(EVENTS))
    if strange:
        raise Invalid(_("There is no event %(name)s."), name=strange[0])
    if not events:
        raise Invalid(_("Choose what is told."))
    clean = posting.checked(address)
    posting.door(clean)
    secret = keys.made()
    made = Subscription.objects.create(
        name=name.strip()[:60], address=clean, owner=owner,
        events=[e for e in EVENTS if e in events], secrets=keys.sealed(secret),
        cursors=feeding.heads(owner),
    )  # fmt: skip
    return made.id, secret


def subscription_of(subscription_id: int) -> Subscription:
    """Return a subscription; NotFound when there is none."""
    found = Subscription.objects.filter(id=subscription_id).first()
    if found is None:
        raise NotFound(_("There is no subscription %(id)s."), id=subscription_id)
    return found


def subscription_rotate(subscription_id: int) -> str:
    """Give a subscription a new secret and return it; for a day calls bear both signatures."""
    found = subscription_of(subscription_id)
    secret = keys.made()
    keys.turn(found, secret, datetime.now(UTC))
    found.save(update_fields=["secrets", "both_until"])
    return secret


def subscription_switch(subscription_id: int, is_on: bool) -> None:
    """Tell (again), or stop; what happens while it is off is not told afterwards."""
    found = subscription_of(subscription_id)
    if is_on and not found.is_on:
        found.cursors = feeding.heads(found.owner)
    found.is_on = is_on
    found.save(update_fields=["is_on", "cursors"])


def subscription_remove(subscription_id: int) -> None:
    """Forget a subscription with its deliveries."""
    subscription_of(subscription_id).delete()


def subscription_test(subscription_id: int) -> posting.Answer:
    """Send a call that says nothing, at once, and return what was answered."""
    now = datetime.now(UTC)
    row = Delivery.objects.create(
        subscription=subscription_of(subscription_id), type=TEST_EVENT,
        event_id=f"test-{subscription_id}-{randoms.token_hex(6)}", state=SendState.SENT.value,
        tries=_LAST_TRY, next_at=now, created_at=now, asked_at=now,
    )  # fmt: skip
    return attempt(row) or posting.Answer(0, "")
