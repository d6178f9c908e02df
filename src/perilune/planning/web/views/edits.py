"""Add, change, remove and reorder edits in the studio of a scenario."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.planning import queries, service
from perilune.planning.contracts import EDIT_LABELS, EDITS, Edit, Move, Quota, Scenario
from perilune.planning.web import shown
from perilune.planning.web.forms import EditForm, first_days
from perilune.planning.web.market_forms import FORMS, accounts_text
from perilune.planning.web.sentences import Speaker
from perilune.planning.web.views.scenarios import studio_facts
from perilune.ui.contracts import Tone
from perilune.ui.toasts import notify


@page(Right.MAKE_SCENARIOS)
def new(request: PageRequest, scenario_id: int, edit_type: str) -> HttpResponse:
    """Add an edit of a type."""
    if edit_type not in EDITS:
        raise NotFound(_("There is no edit of this type."))
    found = queries.own_scenario(scenario_id, request.actor)
    speaker = shown.speaker_of(request, found)
    form = _form(request, EDITS[edit_type], speaker, first_days(request.company.today.day))

    def save() -> None:
        service.edit_add(scenario_id, form.edit(), **_by(request))

    if request.method == "POST" and shown.saved(
        request, form, save, gettext("Edit added."), _undo(scenario_id)
    ):
        return redirect("planning:scenario", scenario_id)
    title = gettext("New: %(what)s") % {"what": gettext(EDIT_LABELS[edit_type])}
    return _studio(request, found, speaker, {"form": form, "form_title": title})


@page(Right.MAKE_SCENARIOS)
def change(request: PageRequest, scenario_id: int, assumption_id: int) -> HttpResponse:
    """Give an edit other values."""
    found = queries.own_scenario(scenario_id, request.actor)
    edit = next((item.edit for item in found.assumptions if item.id == assumption_id), None)
    if edit is None:
        raise NotFound(_("This edit is not there (any more)."))
    speaker = shown.speaker_of(request, found)
    initial = FORMS[type(edit)].shown(edit)
    if isinstance(edit, Move):
        initial["accounts"] = accounts_text(edit, request.company.today)
    form = _form(request, type(edit), speaker, initial, {-assumption_id})

    def save() -> None:
        service.edit_change(scenario_id, assumption_id, form.edit(), **_by(request))

    if request.method == "POST" and shown.saved(
        request, form, save, gettext("Edit saved."), _undo(scenario_id)
    ):
        return redirect("planning:scenario", scenario_id)
    facts = {"form": form, "form_title": gettext(EDIT_LABELS[edit.TYPE])}
    return _studio(request, found, speaker, facts, assumption_id)


@require_POST
@page(Right.MAKE_SCENARIOS)
def remove(request: PageRequest, scenario_id: int, assumption_id: int) -> HttpResponse:
    """Remove an edit; the toast brings it back."""
    edition = shown.edition_of(request)
    try:
        service.edit_remove(scenario_id, assumption_id, actor=request.actor, edition=edition)
    except Invalid as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Edit removed."), _undo(scenario_id))
    return redirect("planning:scenario", scenario_id)


@require_POST
@page(Right.MAKE_SCENARIOS)
def reorder(request: PageRequest, scenario_id: int, assumption_id: int) -> HttpResponse:
    """Move an edit up or down the list."""
    by = -1 if request.POST.get("by") == "-1" else 1
    service.edit_reorder(
        scenario_id, assumption_id, by, actor=request.actor, edition=shown.edition_of(request)
    )
    return redirect("planning:scenario", scenario_id)


def _form(
    request: PageRequest,
    kind: type[Edit],
    speaker: Speaker,
    initial: Any,
    without: frozenset[int] | set[int] = frozenset(),
) -> EditForm:
    form = FORMS[kind]
    extra: dict[str, Any] = {}
    if kind is Move:
        extra = {"scope": request.scope, "as_of": request.company.today}
    if kind is Quota:
        extra = {"currency": request.company.currency}
    return form(
        request.POST or None,
        request.FILES or None,
        offered=queries.choices(request.scope, request.company.today),
        hires=[pair for pair in speaker.hires() if pair[0] not in without],
        initial=initial,
        **extra,
    )


def _by(request: PageRequest) -> dict[str, Any]:
    edition = shown.edition_of(request)
    return {"actor": request.actor, "scope": request.scope, "edition": edition}


def _studio(
    request: PageRequest,
    found: Scenario,
    speaker: Speaker,
    facts: dict[str, Any],
    open_id: int | None = None,
) -> HttpResponse:
    scenario_id = found.head.id
    return shown.show(
        request,
        "studio.html",
        {
            **studio_facts(request, found),
            "edits": shown.edits_of(request, found, speaker, open_id),
            "verb": gettext("Add to the scenario") if open_id is None else gettext("Save edit"),
            "edition": found.head.edition,
            "cancel_url": reverse("planning:scenario", args=[scenario_id]),
            "is_multipart": True,
            **facts,
        },
    )


def _undo(scenario_id: int) -> str:
    return reverse("planning:undo", args=[scenario_id])
