"""The check while somebody types a new record."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from perilune.hub.contracts.lookalikes import ASKED
from perilune.hub.web import looks_shown as shown
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page


@page(Right.SEE_ROWS)
def look(request: PageRequest, kind: str) -> HttpResponse:
    """Answer with the list for the fields of the address."""
    if kind not in ASKED:
        raise NotFound(_("There is no check for duplicates of this kind: %(kind)s."), kind=kind)
    facts = shown.part(request, kind, request.GET.dict())
    return render(request, "hub/looks_part.html", facts)
