"""Secrets of webhooks: made here or given, sealed at rest, two good while one is changed."""

from __future__ import annotations

import base64
import secrets as randoms
from datetime import datetime, timedelta
from typing import Protocol

from perilune.hub.engine.hooks.signing import PREFIX
from perilune.hub.service.sync import secrets
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _

BOTH_FOR = timedelta(days=1)
"""How long the secret before stays good."""

_SHORTEST = 16


class Keyed(Protocol):
    """What has secrets: a hook or a subscription."""

    secrets: str
    both_until: datetime | None


def made() -> str:
    """Return a new secret as Standard Webhooks writes it: 32 random bytes."""
    return PREFIX + base64.b64encode(randoms.token_bytes(32)).decode()


def checked(given: str) -> str:
    """Return a secret that somebody gave; Invalid where it is too short to keep anything safe."""
    text = given.strip()
    if len(text) < _SHORTEST:
        raise Invalid(_("A secret has at least %(count)s characters."), count=_SHORTEST)
    return text


def sealed(*found: str) -> str:
    """Return secrets as they are kept, the newest first."""
    return secrets.sealed({"secrets": found})


def good(of: Keyed, now: datetime) -> list[str]:
    """Return the secrets that are good now."""
    found = [str(one) for one in secrets.opened(of.secrets).get("secrets", [])]
    is_both = of.both_until is not None and now < of.both_until
    return found[:2] if is_both else found[:1]


def turn(of: Keyed, secret: str, now: datetime) -> None:
    """Let a secret follow on the one before, which stays good for a day."""
    found = secrets.opened(of.secrets).get("secrets", [])
    of.secrets, of.both_until = sealed(secret, *found[:1]), now + BOTH_FOR
