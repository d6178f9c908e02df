"""Changes of a plan by hand: moves, locks, undo, redo, a territory's name and rep, comments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import rep_choices
from perilune.people.web.gate import PageRequest, page, said, status_of
from perilune.territories import queries, service
from perilune.territories.contracts import Sheet
from perilune.territories.web import expecting, sheet_shown
from perilune.territories.web.forms import TerritoryForm
from perilune.ui import formats
from perilune.ui.contracts import Tone
from perilune.ui.toasts import notify


def answer(request: PageRequest, verb: Callable[[], Sheet], *, reload: bool) -> JsonResponse:
    """Run a verb and say which edition it made; its error is said in the reader's language."""
    try:
        sheet = verb()
    except PeriluneError as error:
        return JsonResponse({"said": said(error)}, status=status_of(error))
    return JsonResponse({"edition": sheet.edition, "moved": sheet.moved, "reload": reload})


def edition_of(request: PageRequest) -> int:
    """Return the edition that a verb was meant for, 0 for none."""
    text = request.POST.get("edition", "")
    return int(text) if text.isdigit() else 0


def units_of(request: PageRequest) -> list[int]:
    """Return the accounts' numbers in the plan: one list of them, or checked boxes."""
    listed = request.POST.get("units", "").split(",") + request.POST.getlist("id")
    return [int(text) for text in listed if text.strip().isdigit()]


@require_POST
@page(Right.DESIGN_TERRITORIES)
def move(request: PageRequest, draft_id: int) -> HttpResponse:
    """Move accounts to a territory; from the table of accounts, back to it."""
    text = request.POST.get("to", "")
    if not text.lstrip("-").isdigit():
        return JsonResponse({"said": gettext("Choose a territory.")}, status=400)

    def verb() -> Sheet:
        return service.move_units(
            draft_id, edition_of(request), units_of(request), int(text),
            is_alone=request.POST.get("alone", "") in {"1", "on"},
            actor=request.actor, scope=request.scope,
        )  # fmt: skip

    if "application/json" in request.headers.get("Accept", ""):
        return answer(request, verb, reload=False)
    try:
        verb()
    except (Conflict, Invalid, NotFound) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Moved."))
    back = reverse("territories:accounts", args=[draft_id])
    query = request.POST.get("query", "")
    return redirect(f"{back}?{query}" if query else back)


@require_POST
@page(Right.DESIGN_TERRITORIES)
def lock(request: PageRequest, draft_id: int) -> HttpResponse:
    """Lock accounts where they are, or let them go."""
    return answer(
        request,
        lambda: service.lock(
            draft_id, edition_of(request), request.POST.get("locked") == "1",
            units=units_of(request), actor=request.actor, scope=request.scope,
        ),
        reload=False,
    )  # fmt: skip


@require_POST
@page(Right.DESIGN_TERRITORIES)
def undo(request: PageRequest, draft_id: int) -> HttpResponse:
    """Take the latest change back."""
    return answer(
        request,
        lambda: service.undo(
            draft_id, edition_of(request), actor=request.actor, scope=request.scope
        ),
        reload=True,
    )


@require_POST
@page(Right.DESIGN_TERRITORIES)
def redo(request: PageRequest, draft_id: int) -> HttpResponse:
    """Make the change again that was taken back last."""
    return answer(
        request,
        lambda: service.redo(
            draft_id, edition_of(request), actor=request.actor, scope=request.scope
        ),
        reload=True,
    )


@page(Right.DESIGN_TERRITORIES)
def territory(request: PageRequest, draft_id: int, number: int) -> HttpResponse:
    """One territory beside the page: its name, its rep, whether it is locked."""
    view = queries.draft(draft_id, request.scope, request.actor)
    row = next((one for one in view.rows if one.number == number), None)
    if row is None:
        raise NotFound(_("This plan has no territory %(number)s of yours."), number=number)
    now = {
        "name": row.name, "rep": row.rep_id or "", "region": row.region,
        "is_locked": row.is_locked,
    }  # fmt: skip
    form = TerritoryForm(
        request.POST or None, initial=now, reps=rep_choices(request.scope, with_leavers=False)
    )
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, draft_id, number, form.cleaned_data, now)
        except (Conflict, Invalid, NotFound) as error:
            form.take(error)
        else:
            notify(request, gettext("Territory saved."))
            return redirect("territories:plan", draft_id)
    facts = {
        "form": form,
        "view": view,
        "row": row,
        "edition": view.head.edition,
        "regions": sorted({one.region for one in view.rows} - {""}),
        "others": [one for one in view.rows if one.number != number],
        "choices": [
            (
                gettext(item.label),
                [(f"{item.name}={v}", v, v in row.only.get(item.name, ())) for v in values],
            )
            for item, values in queries.choices(draft_id, request.scope, request.actor)
        ],
        "is_pinned": row.pin_x is not None,
        **_figures(request, draft_id, number),
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    template = "territories/territory.html"
    if request.headers.get("HX-Request"):
        return render(request, template, facts, status=status)
    return render(request, "territories/territory_page.html", facts, status=status)


def _figures(request: PageRequest, draft_id: int, number: int) -> dict[str, Any]:
    """Return what open deals of a territory may bring, and its rep's quota with its plan."""
    sheet = queries.sheet(draft_id, request.scope, request.actor)
    outlook = queries.outlook(draft_id, request.as_of, request.scope, request.actor)
    row = next(one for one in sheet.territories if one.number == number)
    range_bar, said_of = expecting.bar(outlook, sheet, row)
    quota = "" if row.quota is None else formats.money(row.quota, sheet.currency, 0)
    return {
        "range_bar": range_bar,
        "range_said": said_of,
        "quota": gettext("%(what)s: %(amount)s")
        % {"what": sheet_shown.quota_label(sheet), "amount": quota}
        if quota
        else "",
    }


def _save(
    request: PageRequest,
    draft_id: int,
    number: int,
    asked: Mapping[str, Any],
    now: Mapping[str, Any],
) -> None:
    """Write what differs, each as a change of its own that can be taken back."""
    who: dict[str, Any] = {"actor": request.actor, "scope": request.scope}
    edition = edition_of(request)
    if now["is_locked"] and not asked["is_locked"]:
        edition = service.lock(draft_id, edition, False, territory=number, **who).edition
    if asked["name"] != now["name"]:
        edition = service.rename(draft_id, edition, number, asked["name"], **who).edition
    if (asked["rep"] or None) != (now["rep"] or None):
        edition = service.seat(draft_id, edition, number, asked["rep"] or None, **who).edition
    if asked["region"] != now["region"]:
        region = asked["region"]
        edition = service.put_region(draft_id, edition, number, region, **who).edition
    if asked["is_locked"] and not now["is_locked"]:
        service.lock(draft_id, edition, True, territory=number, **who)


@require_POST
@page(Right.DESIGN_TERRITORIES)
def comment(request: PageRequest, draft_id: int) -> HttpResponse:
    """Say something of a plan, or of one of its territories."""
    about = request.POST.get("territory", "")
    try:
        service.comment(
            draft_id, request.POST.get("text", ""), actor=request.actor, scope=request.scope,
            territory=int(about) if about.isdigit() else None,
        )  # fmt: skip
    except (Invalid, NotFound) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Comment kept."))
    return redirect(reverse("territories:plan", args=[draft_id]) + "#comments")
