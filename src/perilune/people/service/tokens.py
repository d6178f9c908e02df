"""Verbs on access tokens: make one, revoke one."""

from __future__ import annotations

import secrets
from datetime import datetime

from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.models import AccessToken
from perilune.people.queries import TOKEN_PREFIX, token_digest, user_named

MOST = 20
"""Tokens that one person may have in force."""


def token_create(username: str, name: str, now: datetime) -> str:
    """Make a token that reads as somebody; return its text, which is told this once only.

    NotFound for an unknown user; Invalid without a name, or with too many tokens in force.
    """
    user = user_named(username)
    if user is None:
        raise NotFound(_("There is no user named %(name)s."), name=username)
    if not name.strip():
        raise Invalid(_("Give the token a name, so that you know it again."))
    if AccessToken.objects.filter(user=user, revoked_at=None).count() >= MOST:
        raise Invalid(_("You have %(most)s tokens: revoke one first."), most=MOST)
    text = TOKEN_PREFIX + secrets.token_urlsafe(32)
    AccessToken.objects.create(
        user=user, name=name.strip()[:80], digest=token_digest(text), created_at=now
    )
    return text


def token_revoke(username: str, token_id: int, now: datetime) -> None:
    """Let one of somebody's tokens open nothing any more; NotFound for one that is not theirs."""
    found = AccessToken.objects.filter(id=token_id, user__username=username, revoked_at=None)
    if not found.update(revoked_at=now):
        raise NotFound(_("There is no such token."))
