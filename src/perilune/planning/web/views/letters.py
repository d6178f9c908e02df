"""Quota letters: who of a plan has one, the letter itself, one's own."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import person
from perilune.people.web.gate import PageRequest, page, require, said
from perilune.planning import queries, service
from perilune.planning.contracts import Letter
from perilune.planning.queries.letters import MISSING_LETTER
from perilune.planning.web import letter_shown, shown
from perilune.ui import formats
from perilune.ui.contracts import Tone
from perilune.ui.toasts import notify

LANGUAGES = ("fr", "en")


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """The letters of a plan's reps: who has none, which were delivered, which acknowledged."""
    view = queries.plan(plan_id, request.scope, request.actor)
    rows = queries.letters(plan_id, request.scope, request.actor, request.as_of)
    facts = {
        "header": letter_shown.header(request, view, rows),
        "kpis": letter_shown.figures(rows),
        "table": letter_shown.table(request, view.head, rows),
        "deliver_url": reverse("planning:letters_deliver", args=[plan_id]),
        "may_deliver": letter_shown.may_write(request) and letter_shown.undelivered(rows),
        "today": request.company.today.day.isoformat(),
    }
    return shown.show(request, "letters.html", facts)


@require_POST
@page(Right.MAKE_PLANS)
def make(request: PageRequest, plan_id: int) -> HttpResponse:
    """Make the letters that are missing."""
    require(request, Right.PUBLISH_PLANS)
    try:
        made = service.make_letters(plan_id, actor=request.actor, scope=request.scope)
    except (Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        text = ngettext("%(n)s letter made.", "%(n)s letters made.", len(made))
        notify(request, text % {"n": formats.number(len(made), 0)})
    return redirect("planning:letters", plan_id)


@require_POST
@page(Right.MAKE_PLANS)
def deliver(request: PageRequest, plan_id: int) -> HttpResponse:
    """Record that letters were handed over: those chosen, or all that were not yet."""
    rows = queries.letters(plan_id, request.scope, request.actor, request.company.today)
    chosen = {int(text) for text in request.POST.getlist("id") if text.isdecimal()}
    ids = [
        one.letter.id
        for one in letter_shown.undelivered(rows)
        if one.letter and (one.rep_id in chosen or "all" in request.POST)
    ]
    try:
        count = service.deliver_letters(
            ids, _day(request), actor=request.actor, scope=request.scope
        )
    except (Invalid, NotFound, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        text = ngettext("%(n)s delivery recorded.", "%(n)s deliveries recorded.", count)
        notify(request, text % {"n": formats.number(count, 0)})
    return redirect("planning:letters", plan_id)


@page(Right.SEE_ROWS)
def paper(request: PageRequest, letter_id: int) -> HttpResponse:
    """A letter as PDF: one's own once it was handed over, else of a rep of one's scope."""
    found = _found(request, letter_id)
    also = request.GET.get("also", "")
    content = service.letter_pdf(found, also if also in LANGUAGES else "")
    name = f"perilune-quota-{found.year}-{found.id}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@require_POST
@page(Right.SEE_ROWS)
def acknowledge(request: PageRequest, letter_id: int) -> HttpResponse:
    """Say that one has read one's own letter."""
    service.acknowledge_letter(letter_id, actor=request.actor, rep_id=person(request.user))
    notify(request, gettext("Acknowledged: the day is on record."))
    return redirect("planning:own_letters")


@page(Right.SEE_ROWS)
def own(request: PageRequest) -> HttpResponse:
    """One's own letters, and the verb that acknowledges the latest."""
    rep = person(request.user)
    found = [] if rep is None else queries.own_letters(rep, request.as_of)
    facts: dict[str, Any] = letter_shown.own(request, found)
    facts["quota"] = letter_shown.own_quota(request, rep)
    return shown.show(request, "own_letters.html", facts)


def _found(request: PageRequest, letter_id: int) -> Letter:
    rep = person(request.user)
    found = queries.letter(letter_id, request.scope, rep, request.company.today)
    # whoever may not make plans reads their own letter, whatever rows their scope holds
    if found.rep_id != rep and Right.MAKE_PLANS not in request.rights:
        raise NotFound(MISSING_LETTER)
    return found


def _day(request: PageRequest) -> date | None:
    text = request.POST.get("day", "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(_("«%(text)s» is not a date such as 2026-12-31."), text=text) from None
