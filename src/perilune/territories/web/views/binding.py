"""Constraints of a plan: which accounts stay together or apart, what a territory may hold, pins."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.territories import service
from perilune.territories.contracts import Sheet
from perilune.territories.web.views.edits import answer, edition_of, units_of
from perilune.ui.contracts import Tone
from perilune.ui.toasts import notify


@require_POST
@page(Right.DESIGN_TERRITORIES)
def bind(request: PageRequest, draft_id: int) -> HttpResponse:
    """Keep accounts together or apart; from the table of accounts, back to it."""

    def verb() -> Sheet:
        return service.bind_accounts(
            draft_id, edition_of(request), units_of(request),
            is_together=request.POST.get("kind") == "together",
            actor=request.actor, scope=request.scope,
        )  # fmt: skip

    if "application/json" in request.headers.get("Accept", ""):
        return answer(request, verb, reload=False)
    try:
        verb()
    except (Conflict, Invalid, NotFound, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Kept so by every design from now on; it can be taken back."))
    back = reverse("territories:accounts", args=[draft_id])
    query = request.POST.get("query", "")
    return redirect(f"{back}?{query}" if query else back)


@require_POST
@page(Right.DESIGN_TERRITORIES)
def pin(request: PageRequest, draft_id: int) -> JsonResponse:
    """Pin the centre of a territory at the accounts that are chosen on the map."""
    text = request.POST.get("to", "")
    if not text.isdigit():
        return JsonResponse({"said": gettext("Choose a territory.")}, status=400)

    def verb() -> Sheet:
        return service.bind_territory(
            draft_id, edition_of(request), int(text), at_units=units_of(request),
            actor=request.actor, scope=request.scope,
        )  # fmt: skip

    return answer(request, verb, reload=False)


@require_POST
@page(Right.DESIGN_TERRITORIES)
def rules(request: PageRequest, draft_id: int, number: int) -> HttpResponse:
    """Say which accounts a territory may hold, and whether its centre is pinned."""
    only: dict[str, list[str]] = {}
    for text in request.POST.getlist("only"):
        name, __, value = text.partition("=")
        only.setdefault(name, []).append(value)
    try:
        service.bind_territory(
            draft_id, edition_of(request), number, only=only,
            is_pinned=request.POST.get("is_pinned") == "on",
            actor=request.actor, scope=request.scope,
        )  # fmt: skip
    except (Conflict, Invalid, NotFound, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Kept so by every design from now on; it can be taken back."))
    return redirect("territories:plan", draft_id)


@require_POST
@page(Right.DESIGN_TERRITORIES)
def lift(request: PageRequest, draft_id: int, kind: str, number: int) -> JsonResponse:
    """Take a constraint away."""

    def verb() -> Sheet:
        return service.lift(
            draft_id, edition_of(request), kind, number, actor=request.actor, scope=request.scope
        )

    return answer(request, verb, reload=kind == "locked")
