"""What surrounds every request: the headers of its answer, the memory of what it looked up."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from perilune.kernel.memo import remembering

_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline';"
    " script-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; form-action 'self'"
)


class OneLook:
    """What a page asks many times (the company, its fields) is looked up once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Remember until the answer is made."""
        with remembering():
            return self._get_response(request)


class SecurityHeaders:
    """Only our own scripts run, nothing is loaded from elsewhere, nobody frames the pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add the content security policy."""
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response
