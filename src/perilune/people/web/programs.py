"""The gate of programs: a token in the header reads as its user, through the same gate as pages."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from perilune.people.queries import user_of_token
from perilune.people.web.gate import PageRequest, admit_program


class TokenGate(HttpBearer):
    """`Authorization: Bearer plt_…`; unknown and revoked tokens open nothing."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Return the name of who reads; company, as-of, scope and rights are on the request."""
        user = user_of_token(token, timezone.now().date())
        if user is None:
            return None
        admit_program(cast(PageRequest, request), user)
        return user.username
