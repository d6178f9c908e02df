"""Pages of write-back: what differs, and which fields may be written."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from perilune.hub.contracts.writing import CHOSEN, KINDS, MOST_OF, POLICY_LABELS, Verb
from perilune.hub.queries import births
from perilune.hub.queries import connections as connection_queries
from perilune.hub.queries import writing as queries
from perilune.hub.queries.connections import ConnectionInfo
from perilune.hub.queries.proposals import proposals, rules_of
from perilune.hub.queries.said import said
from perilune.hub.queries.scopes import missing_scopes
from perilune.hub.service import sync
from perilune.hub.web import batch_words, making_words
from perilune.hub.web import write_words as words
from perilune.hub.web.sync_forms import WriteForm
from perilune.hub.web.views.batches import looked
from perilune.kernel.errors import Conflict, PeriluneError
from perilune.people.contracts import Right
from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest, page
from perilune.ui.contracts import Action, Link, PageHeader, ProblemReport, Table, Tone
from perilune.ui.toasts import notify

SHOWN_MADE = 50
"""New records that a page shows with their values."""


@page(Right.WRITE_BACK)
def index(request: PageRequest, name: str) -> HttpResponse:
    """Show what differs from what the other system said last, and look at what stands there."""
    info = connection_queries.connection(name)
    text = request.GET.get("set", "")
    set_id = int(text) if text.isdigit() else None
    form = WriteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        what = form.cleaned_data["what"]
        try:
            batch_id = sync.write_prepare(
                name, form.cleaned_data["purpose"], actor=request.actor, set_id=set_id,
                verb=Verb(what) if what in (Verb.MAKE, Verb.END) else Verb.CHANGE,
            )  # fmt: skip
            return looked(request, name, batch_id)
        except PeriluneError as error:
            form.take(error)
    rules = rules_of(name)
    found = proposals(name, set_id=set_id, limit=words.SHOWN)
    made, ended = births.to_make(name, limit=SHOWN_MADE), births.to_end(name, limit=words.SHOWN)
    may = births.may(name)
    objects = _written(info)
    currency = request.company.currency
    facts = {
        "header": PageHeader(
            gettext("Write back to %(name)s") % {"name": name},
            f"{words.finding_of(found, rules, name)}"
            f" {making_words.counted(made.records, ended.records)}".strip(),
            back=Link(name, reverse("connections:show", args=[name])),
        ),
        "problem": _not_allowed(request, name),
        "form": form,
        "verb": gettext("Look at what stands there"),
        "may_look": bool(found.records) and info.is_connected,
        "is_part": set_id is not None,
        "whole_url": reverse("connections:write", args=[name]),
        "proposals": words.proposals_of(found, currency),
        "asked": batch_words.asked_of(name, queries.asked(name), currency),
        "others": []
        if set_id is not None
        else [
            one
            for one in (
                _other(Verb.MAKE, form, made.records, making_words.births_of(made, currency))
                if any(match for match, _ends in may.values())
                else None,
                _other(Verb.END, form, ended.records, making_words.ends_of(ended))
                if any(ends for _match, ends in may.values())
                else None,
            )
            if one is not None
        ],
        "rules": words.rules_table(name, objects, rules, making_words.objects_may(objects, may)),
        "batches": batch_words.batches_of(queries.batches(name), person_names()),
    }
    is_wrong = form.is_bound and not form.is_valid()
    return render(request, "hub/write.html", facts, status=422 if is_wrong else 200)


def _not_allowed(request: PageRequest, name: str) -> ProblemReport | None:
    """Say that access must be allowed anew where what was granted does not suffice."""
    missing = missing_scopes(name)
    if not missing:
        return None
    door = Action(gettext("Connect again"), reverse("connections:connect", args=[name]))
    return ProblemReport(
        what=gettext("The access that was granted allows no writing: %(scopes)s is missing.")
        % {"scopes": ", ".join(missing)},
        todo=gettext("Connect again: the other system then asks for writing too."),
        kept=gettext("Reading goes on; what differs waits here."),
        actions=(door,) if Right.MANAGE_SCHEDULES in request.rights else (),
        tone=Tone.WATCH,
    )


def _other(verb: Verb, form: WriteForm, count: int, table: Table) -> dict[str, Any]:
    """Return what a page shows of records to be made or deleted there: all of them, and a form."""
    is_mine = form.is_bound and form.data.get("what") == verb.value
    mine = form if is_mine else WriteForm(auto_id=f"{verb.value}_%s", initial={"what": verb.value})
    hint = {
        Verb.MAKE: gettext("First it is looked whether any of them stands there already."),
        Verb.END: gettext("First it is looked which of them stand there. At most %(n)s at once.")
        % {"n": MOST_OF[Verb.END]},
    }[verb]
    return {"table": table, "form": mine if count else None, "hint": hint}


def _written(info: ConnectionInfo) -> list[str]:
    """Return the objects of which something may be written at all."""
    return [one.name for one in info.objects if one.is_on and set(one.kinds) & set(KINDS)]


@page(Right.WRITE_BACK)
def fields(request: PageRequest, name: str, object_name: str) -> HttpResponse:
    """Choose which fields of an object may be written, and whose value counts in a conflict."""
    info = connection_queries.connection(name)
    if request.method == "POST":
        told = {
            key.removeprefix("policy-"): str(request.POST[key])
            for key in request.POST
            if key.startswith("policy-") and request.POST[key]
        }
        sync.write_allow(name, object_name, told, str(request.POST.get("external", "")))
        try:
            sync.write_may(
                name, object_name, match=str(request.POST.get("match", "")),
                ends=bool(request.POST.get("ends")),
            )  # fmt: skip
        except Conflict as error:
            notify(request, said(error.message, error.params), tone=Tone.WATCH)
            return redirect("connections:write_fields", name, object_name)
        notify(request, gettext("Kept: what may be written goes by it."))
        return redirect("connections:write", name)
    may = sync.writable(name, object_name)
    rules = next((one for one in rules_of(name) if one.object == object_name), None)
    chosen = {} if rules is None else {how.column: p for how, p in rules.fields.values()}
    match, ends = births.may(name).get(object_name, ("", False))
    facts = {
        "header": PageHeader(
            gettext("What may be written: %(object)s") % {"object": object_name},
            gettext("A field may be written once somebody chose it here; none is by itself."),
            back=Link(
                gettext("Write back to %(name)s") % {"name": name},
                reverse("connections:write", args=[name]),
            ),
        ),
        "object_name": object_name,
        "fields": [
            (
                there.name, there.label, words.field_label(name, object_name, field),
                [(p.value, gettext(POLICY_LABELS[p]), chosen.get(column) is p) for p in CHOSEN],
            )
            for column, field, there in may
        ],
        "marks": [
            (one.name, one.label, one.name == match)
            for one in sync.mark_fields(name, object_name)
        ],
        "setup": making_words.setup_of(info.provider),
        "ends": ends,
        "externals": [
            (one.name, one.label, rules is not None and rules.external == one.name)
            for one in sync.external_fields(name, object_name)
        ],
    }  # fmt: skip
    return render(request, "hub/write_fields.html", facts)


@page(Right.WRITE_BACK)
def part(request: PageRequest, set_id: int) -> HttpResponse:
    """Answer what of one change set could be written, for a panel on another page."""
    found = []
    for info in connection_queries.connections():
        told = proposals(info.name, set_id=set_id, limit=0)
        if rules_of(info.name):
            url = f"{reverse('connections:write', args=[info.name])}?set={set_id}"
            found.append((words.part_finding(told.records, info.name), url if told.records else ""))
    return render(request, "hub/write_part.html", {"found": found})
