"""Who sells where: a suggested rep for each territory, why, what they give up; accept or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.territories import queries, service
from perilune.territories.contracts import Suggested
from perilune.territories.web import honesty, shown
from perilune.territories.web.views.edits import edition_of
from perilune.ui import formats
from perilune.ui.contracts import Link, PageHeader, Tone
from perilune.ui.toasts import notify

LITTLE = 0.005
"""A share below which nothing is said to be broken or given up."""


@page(Right.DESIGN_TERRITORIES)
def index(request: PageRequest, draft_id: int) -> HttpResponse:
    """The suggested seats of a plan; what is ticked is accepted, as one change."""
    view = queries.draft(draft_id, request.scope, request.actor)
    found = queries.seating(draft_id, request.scope, request.actor)
    if request.method == "POST":
        return _accept(request, draft_id, found)
    facts: dict[str, Any] = {
        "header": PageHeader(
            gettext("Who sells where"),
            finding=_finding(found),
            back=Link(view.head.name, reverse("territories:plan", args=[draft_id])),
            statuses=(shown.state_of(view.head),),
        ),
        "rows": [(one, _why(one), one.rep_id != one.now_id) for one in found],
        "has_offers": any(one.rep_id and one.rep_id != one.now_id for one in found),
        "may_edit": shown.may_edit(request, view.head),
        "edition": view.head.edition,
        "leaving": honesty.leaving(request, view),
        "view": view,
    }
    return render(request, "territories/seats.html", facts)


def _accept(request: PageRequest, draft_id: int, found: Sequence[Suggested]) -> HttpResponse:
    ticked = set(request.POST.getlist("territory"))
    is_all = request.POST.get("which") == "all"
    seats = {
        one.territory: one.rep_id
        for one in found
        if one.rep_id is not None and one.rep_id != one.now_id
        and (is_all or str(one.territory) in ticked)
    }  # fmt: skip
    try:
        if not seats:
            raise Invalid(gettext("Tick a territory whose rep would change."))
        service.seat_all(
            draft_id, edition_of(request), seats, actor=request.actor, scope=request.scope
        )
    except (Conflict, Invalid, NotFound, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        told = ngettext(
            "%(n)s rep seated: it can be taken back.", "%(n)s reps seated: it can be taken back.",
            len(seats),
        )  # fmt: skip
        notify(request, told % {"n": formats.number(len(seats), 0)})
    return redirect("territories:seats", draft_id)


def _finding(found: Sequence[Suggested]) -> str:
    if not found:
        return gettext("There is nobody to seat: no rep holds accounts of this plan.")
    changes = sum(one.rep_id is not None and one.rep_id != one.now_id for one in found)
    vacant = sum(one.rep_id is None for one in found)
    if not changes:
        text = gettext("Every territory has the rep who suits it best, all seats together.")
    else:
        text = ngettext(
            "Another rep would suit %(n)s territory better, all seats together.",
            "Other reps would suit %(n)s territories better, all seats together.",
            changes,
        ) % {"n": formats.number(changes, 0)}
    if vacant:
        more = ngettext(
            "For %(n)s territory nobody is left.", "For %(n)s territories nobody is left.", vacant
        )
        text = f"{text} {more % {'n': formats.number(vacant, 0)}}"
    return text


def _why(one: Suggested) -> list[str]:
    """Return what speaks for a rep, what breaks and what they give up, in short sentences."""
    if one.rep_id is None:
        return [gettext("Nobody is left: hire, or merge it with another one.")]
    parts = [gettext("holds %(share)s of it today") % {"share": formats.percent(one.kept, 0)}]
    for share, text in (
        (one.segment, gettext("%(share)s of their bookings are won in a mix of segments like it")),
        (one.country, gettext("%(share)s of its accounts are in their country of employment")),
        (one.ground, gettext("nearness to what they hold: %(share)s")),
    ):
        if share is not None:
            parts.append(text % {"share": formats.percent(share, 0)})
    if one.breaks > LITTLE:
        parts.append(
            gettext("%(share)s of pipeline, bookings and time with its accounts would change hands")
            % {"share": formats.percent(one.breaks, 0)}
        )
    if one.given_up > LITTLE:
        parts.append(gettext("alone, they would suit “%(best)s” better") % {"best": one.best})
    return parts
