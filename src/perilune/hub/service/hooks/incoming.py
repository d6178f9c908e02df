"""Calls of other systems: proved, kept, then answered. What they led to is a job's affair."""

from __future__ import annotations

import hashlib
import json
import re
import secrets as randoms
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F

from perilune.hub.contracts.hooks import Call, CallState, Forged, Refusal, Scheme, Seal
from perilune.hub.engine.hooks.signing import proved
from perilune.hub.models import Hook, HookCall, HookRefusal
from perilune.hub.service.hooks import keys
from perilune.hub.service.hooks.running import hooks_wake
from perilune.hub.service.sync.connections import connection_of, slug_of
from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people import queries as people

LARGEST = 1_048_576
"""Bytes of a call; HubSpot and Pipedrive send a few hundred kilobytes at most."""

USER = "perilune"
"""Whom Pipedrive calls as."""

_STATUS = {
    Refusal.LARGE: 413, Refusal.CUT: 400, Refusal.UNREADABLE: 400, Refusal.REPLAYED: 409,
    Refusal.REUSED: 409, Refusal.OFF: 410,
}  # fmt: skip


class Receipt(NamedTuple):
    """The answer to a call: its status, and why it was refused."""

    status: int
    refusal: Refusal | None = None


def hook_add(
    name: str, scheme: Scheme, *, connection: str = "", header: str = "", secret: str = "",
    actor: str,
) -> tuple[int, str]:  # fmt: skip
    """Make an address that may be called; return (id, secret, which is told this once).

    connection: whose records its calls name; without one, calls are all that a source of this name
    sends, and their rows are imported. secret: of the other system; one is made where none is
    given. Invalid on a bad name, header or secret; Refused in a demo home.
    """
    if people.company().is_demo:
        raise Refused(
            _("This is a demo home: it never takes real data. Use «perilune init» for a company.")
        )
    clean = slug_of(name)
    if not clean:
        raise Invalid(_("A webhook needs a name."))
    found = connection_of(connection) if connection else None
    header = header.strip().lower() or "x-signature-256"
    if not re.fullmatch(r"[a-z0-9-]{3,80}", header):
        raise Invalid(_("«%(text)s» is not the name of a header."), text=header)
    if scheme is Scheme.HUBSPOT and not secret.strip():
        raise Invalid(_("HubSpot signs with the client secret of the app: give it."))
    told = keys.checked(secret) if secret.strip() else keys.made()
    made = Hook.objects.create(
        address=randoms.token_urlsafe(24), name=clean, connection=found,
        source="" if found else clean, scheme=scheme.value,
        header=header if scheme is Scheme.HMAC else "", secrets=keys.sealed(told), actor=actor,
    )  # fmt: skip
    return made.id, told


def hook_rotate(hook_id: int, secret: str = "") -> str:
    """Give a hook another secret and return it; the one before stays good for a day."""
    found = hook_of(hook_id)
    told = keys.checked(secret) if secret.strip() else keys.made()
    keys.turn(found, told, datetime.now(UTC))
    found.save(update_fields=["secrets", "both_until"])
    return told


def hook_switch(hook_id: int, is_on: bool) -> None:
    """Take calls (again), or refuse them all."""
    hook_of(hook_id)
    Hook.objects.filter(id=hook_id).update(is_on=is_on)


def hook_remove(hook_id: int) -> None:
    """Forget an address and what came; records and imports stay."""
    hook_of(hook_id).delete()


def hook_of(hook_id: int) -> Hook:
    """Return a hook; NotFound when there is none."""
    found = Hook.objects.filter(id=hook_id).select_related("connection").first()
    if found is None:
        raise NotFound(_("There is no webhook %(id)s."), id=hook_id)
    return found


def hook_receive(address: str, call: Call, now: datetime) -> Receipt:
    """Take a call: what is proved is kept, then answered; NotFound for an unknown address.

    Of a refused call only the reason is counted. The same id again is a second try of the sender
    where it was signed anew (answered, not acted on), else a replay.
    """
    found = Hook.objects.filter(address=address).first()
    if found is None:
        raise NotFound(_("There is no such address."))
    try:
        if not found.is_on:
            raise Forged(Refusal.OFF)
        if len(call.body) > LARGEST:
            raise Forged(Refusal.LARGE)
        if not _is_whole(call):
            raise Forged(Refusal.CUT)
        seal = proved(
            Scheme(found.scheme), _accepted(found, now), call, int(now.timestamp() * 1000),
            header=found.header,
        )  # fmt: skip
        is_new = _kept(found, seal, call.body, now)
    except Forged as error:
        _count(found, error.reason, now)
        return Receipt(_STATUS.get(error.reason, 401), error.reason)
    if is_new:
        hooks_wake()
    return Receipt(202 if is_new else 200)


def _accepted(found: Hook, now: datetime) -> list[str]:
    good = keys.good(found, now)
    return [f"{USER}:{one}" for one in good] if found.scheme == Scheme.BASIC.value else good


def _is_whole(call: Call) -> bool:
    told = call.headers.get("content-length", "")
    return not told.isdecimal() or int(told) == len(call.body)


def _kept(found: Hook, seal: Seal, body: bytes, now: datetime) -> bool:
    """Keep a proved call; false for a second try. Forged where it came before, or says nothing."""
    try:
        text = body.decode()
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Forged(Refusal.UNREADABLE) from error
    digest = hashlib.sha256(body).hexdigest()
    try:
        with transaction.atomic():
            HookCall.objects.create(
                hook=found, call_id=seal.id, digest=digest, stamp_ms=seal.stamp_ms,
                body=text.replace("\x00", ""), state=CallState.NEW.value, received_at=now,
            )  # fmt: skip
    except IntegrityError as error:
        before = HookCall.objects.filter(hook=found, call_id=seal.id)
        if not before.filter(digest=digest).exists():
            raise Forged(Refusal.REUSED) from error
        # the condition decides between two tries that come at once
        if not before.filter(stamp_ms__lt=seal.stamp_ms).update(stamp_ms=seal.stamp_ms):
            raise Forged(Refusal.REPLAYED) from error
        return False
    return True


def _count(found: Hook, reason: Refusal, now: datetime) -> None:
    row, _new = HookRefusal.objects.get_or_create(
        hook=found, day=now.date(), reason=reason.value, defaults={"last_at": now}
    )
    HookRefusal.objects.filter(id=row.id).update(count=F("count") + 1, last_at=now)
