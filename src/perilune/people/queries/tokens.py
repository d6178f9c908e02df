"""Access tokens: whose they are, and which somebody has."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from perilune.people.models import AccessToken, User

TOKEN_PREFIX = "plt_"  # what every token begins with, so that scanners know one
"""What a token begins with, so that whoever finds one in a file knows what it is."""


@dataclass(frozen=True)
class TokenInfo:
    """A token in force, without its text. used_on: the last day on which it was used."""

    id: int
    name: str
    created_at: datetime
    used_on: date | None


def token_digest(text: str) -> str:
    """Return what is kept of a token: of 256 random bits a plain hash is enough."""
    return hashlib.sha256(text.encode()).hexdigest()


def tokens_of(username: str) -> list[TokenInfo]:
    """Return somebody's tokens in force, latest first."""
    found = AccessToken.objects.filter(user__username=username, revoked_at=None)
    return [TokenInfo(token.id, token.name, token.created_at, token.used_on) for token in found]


def user_of_token(text: str, today: date) -> User | None:
    """Return who reads with a token; None where it is unknown, revoked, or its user's is closed."""
    token = (
        AccessToken.objects.select_related("user")
        .filter(digest=token_digest(text), revoked_at=None, user__is_active=True)
        .first()
    )
    if token is None:
        return None
    if token.used_on != today:  # once a day: a busy program is no busy writer
        AccessToken.objects.filter(id=token.id).update(used_on=today)
    return token.user
