"""The answer at an address where there is nothing, in the house's frame for who is known here."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.defaults import page_not_found

from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.web.gate import PageRequest, page


def lost(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 404, with the frame and in the reader's language; bare to who is not logged in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return page_not_found(request, exception)
    return _nothing(cast(PageRequest, request))  # the gate makes it one


@page()
def _nothing(request: PageRequest) -> HttpResponseBase:
    raise NotFound(_("There is no page at this address. Search, or choose from the menu."))
