"""Territories by hand: add, remove, merge, split; each is taken back like any other change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.people.contracts import Right
from perilune.people.queries import rep_choices
from perilune.people.web.gate import PageRequest, page, said
from perilune.territories import queries, service
from perilune.territories.web.forms import NewTerritoryForm
from perilune.territories.web.views.edits import edition_of
from perilune.ui.contracts import Tone
from perilune.ui.toasts import notify

NONE = -1


@page(Right.DESIGN_TERRITORIES)
def add(request: PageRequest, draft_id: int) -> HttpResponse:
    """A new territory beside the page: empty, or with what is chosen on the map."""
    view = queries.draft(draft_id, request.scope, request.actor)
    form = NewTerritoryForm(
        request.POST or None,
        initial={"units": request.GET.get("units", "")},
        reps=rep_choices(request.scope, with_leavers=False),
    )
    if request.method == "POST" and form.is_valid():
        try:
            service.add_territory(
                draft_id, edition_of(request), form.cleaned_data["name"],
                rep_id=form.cleaned_data["rep"] or None, units=form.numbers(),
                actor=request.actor, scope=request.scope,
            )  # fmt: skip
        except (Conflict, Invalid, NotFound, Refused) as error:
            form.take(error)
        else:
            notify(request, gettext("Territory added: it can be taken back."))
            return redirect("territories:plan", draft_id)
    facts = {"form": form, "view": view, "edition": view.head.edition}
    status = 422 if form.is_bound and not form.is_valid() else 200
    whole = "" if request.headers.get("HX-Request") else "_page"
    return render(request, f"territories/new{whole}.html", facts, status=status)


@require_POST
@page(Right.DESIGN_TERRITORIES)
def remove(request: PageRequest, draft_id: int, number: int) -> HttpResponse:
    """Remove a territory; its accounts go to none, or to another one."""
    to = _number(request, "to")

    def verb(**who: Any) -> None:
        service.remove_territory(draft_id, edition_of(request), number, to=to, **who)

    return _done(request, draft_id, verb, gettext("Territory removed: it can be taken back."))


@require_POST
@page(Right.DESIGN_TERRITORIES)
def merge(request: PageRequest, draft_id: int, number: int) -> HttpResponse:
    """Merge another territory into this one."""
    other = _number(request, "other")

    def verb(**who: Any) -> None:
        service.merge(draft_id, edition_of(request), number, other, **who)

    return _done(request, draft_id, verb, gettext("Territories merged: it can be taken back."))


@require_POST
@page(Right.DESIGN_TERRITORIES)
def split(request: PageRequest, draft_id: int, number: int) -> HttpResponse:
    """Begin the split of a territory in two; the studio shows how far it is."""

    def verb(**who: Any) -> None:
        service.split_territory(draft_id, edition_of(request), number, **who)

    return _done(request, draft_id, verb, gettext("The split has begun."))


def _done(
    request: PageRequest, draft_id: int, verb: Callable[..., None], told: str
) -> HttpResponse:
    try:
        verb(actor=request.actor, scope=request.scope)
    except (Conflict, Invalid, NotFound, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, told)
    return redirect("territories:plan", draft_id)


def _number(request: PageRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdigit() else NONE
