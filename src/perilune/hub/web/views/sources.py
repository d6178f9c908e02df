from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_POST

from perilune.hub.queries import connections as queries
from perilune.hub.queries.said import said
from perilune.hub.service import sync
from perilune.hub.web import source_words as words
from perilune.hub.web.source_forms import ObjectForm, object_form_of
from perilune.hub.web.sync_forms import SystemForm
from perilune.kernel.errors import NotFound, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui.contracts import Link, PageHeader
from perilune.ui.toasts import notify

if TYPE_CHECKING:
    from perilune.hub.service.sync import Provider


def tested_connection(of: Provider, form: SystemForm) -> words.Tested:
    """Return whether a connection that a form describes would come in; nothing is kept."""
    if not form.is_valid():
        return words.wrong(gettext("Something is missing: look at the fields above."))
    try:
        told = sync.source_test(of.name, form.cleaned_data["address"], form.keys())
    except PeriluneError as error:
        return words.wrong(said(error.message, error.params))
    return words.good(told)


@page(Right.MANAGE_SCHEDULES)
def add(request: PageRequest, name: str) -> HttpResponse:
    """Name an object of a database or an interface, and try how it is read."""
    return _object(request, name, "")


@page(Right.MANAGE_SCHEDULES)
def edit(request: PageRequest, name: str, object_name: str) -> HttpResponse:
    """Change what is said of an object."""
    return _object(request, name, object_name)


def _object(request: PageRequest, name: str, object_name: str) -> HttpResponse:
    info = queries.connection(name)
    if not info.is_named:
        raise NotFound(_("There is no object %(name)s."), name=object_name or name)
    old = asdict(sync.object_given(name, object_name)) if object_name else {}
    of = sync.provider_of(info.provider)
    form = object_form_of(of, request.POST or None, initial=old, is_old=bool(old))
    tested = None
    if request.method == "POST" and "test" in request.POST:
        tested = _tested(name, form)
        if request.headers.get("HX-Request") == "true":
            return render(request, "hub/part_tested.html", {"tested": tested})
    elif request.method == "POST" and form.is_valid():
        try:
            probe = sync.object_set(name, form.told(), was=object_name)
            notify(request, gettext("Saved. See below how its rows are read."))
            return redirect("connections:map", name, probe.given.name)
        except PeriluneError as error:
            form.take(error)
    facts = {
        "header": PageHeader(
            object_name or gettext("New object"),
            gettext("Nothing is written there: only what you name here is read."),
            back=Link(info.name, reverse("connections:show", args=[name])),
        ),
        "info": info, "object_name": object_name, "form": form, "tested": tested,
        "verb": gettext("Save"), "test_verb": pgettext("verb", "Test"),
        "tested_template": "hub/part_tested.html" if tested else "",
    }  # fmt: skip
    is_wrong = form.is_bound and not form.is_valid()
    return render(request, "hub/connection_object.html", facts, status=422 if is_wrong else 200)


def _tested(name: str, form: ObjectForm) -> words.Tested:
    if not form.is_valid():
        return words.wrong(gettext("Something is missing: look at the fields above."))
    try:
        return words.found(sync.object_probe(name, form.told()))
    except PeriluneError as error:
        return words.wrong(said(error.message, error.params))


@require_POST
@page(Right.MANAGE_SCHEDULES)
def drop(request: PageRequest, name: str, object_name: str) -> HttpResponse:
    """Leave an object out; the records that it brought stay."""
    try:
        sync.object_drop(name, object_name)
        notify(request, gettext("Left out. The records that it brought stay."))
    except PeriluneError as error:
        notify(request, said(error.message, error.params))
    return redirect("connections:show", name)
