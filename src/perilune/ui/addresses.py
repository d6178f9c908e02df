"""Addresses of the same page with one thing changed."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString


def _query(request: HttpRequest | None) -> QueryDict:
    # pages render without a request too: in tests and in e-mails
    return request.GET.copy() if isinstance(request, HttpRequest) else QueryDict(mutable=True)


def with_query(request: HttpRequest | None, **changes: str | list[str] | None) -> str:
    """Return `?…` of this request with parameters replaced; None removes one."""
    query = _query(request)
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        elif isinstance(value, str):
            query[name] = value
        else:
            query.setlist(name, value)
    return "?" + query.urlencode()


def hidden_inputs(request: HttpRequest | None, leave_out: list[str]) -> SafeString:
    """Return the request's parameters as hidden inputs, so that a form keeps them."""
    kept = [
        (name, value)
        for name, values in _query(request).lists()
        if name not in leave_out
        for value in values
    ]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)
