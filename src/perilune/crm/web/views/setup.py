"""What a company sets up: stages, custom fields, saved views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.crm import queries
from perilune.crm.contracts import FORECAST_CATEGORIES, MEANINGS, Done
from perilune.crm.queries import kind_named, pipelines
from perilune.crm.service import (
    CUSTOM_TYPES,
    field_add,
    record_change,
    record_create,
    stage_remove,
    stage_shift,
)
from perilune.crm.service import view_delete as forget
from perilune.crm.service import view_save as save
from perilune.crm.web.addresses import list_url
from perilune.crm.web.permitting import require_edit
from perilune.crm.web.presenting import kind_label, label_of, word
from perilune.crm.web.reading import value_posted
from perilune.history.queries import custom_fields as fields_of
from perilune.kernel.errors import Conflict, Invalid, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.ui.contracts import Column, Link, PageHeader, Row, Table, Tone
from perilune.ui.toasts import notify

_STAGE_FIELDS = ("name", "meaning", "category", "probability", "is_qualified")


@page(Right.MANAGE_SETTINGS)
def stages(request: PageRequest) -> HttpResponse:
    if request.method == "POST":
        try:
            done = _stage_verb(request)
        except (Invalid, Conflict) as error:
            notify(request, _sentences(error), tone=Tone.ACT)
        else:
            undo = reverse("crm:undo", args=[done.change_set_id]) if done.change_set_id else ""
            notify(request, gettext("Stages saved"), undo)
        return redirect("crm:stages")
    groups = [
        {"id": i, "name": name, "stages": queries.stages(request.as_of, i)}
        for i, name in pipelines(request.as_of)
    ]
    loose = [s for s in queries.stages(request.as_of) if s["pipeline_id"] is None]
    if loose:
        groups.append({"id": "", "name": gettext("Without a pipeline"), "stages": loose})
    facts = {
        "header": PageHeader(
            gettext("Stages"),
            gettext("The steps of each pipeline: what they mean, and how they are forecast."),
            back=Link(gettext("Pipeline"), reverse("crm:pipeline")),
        ),
        "groups": groups,
        "meanings": [(value, word(label)) for value, label in MEANINGS],
        "categories": [(value, word(label)) for value, label in FORECAST_CATEGORIES],
        "is_past": request.as_of.day < request.company.today.day,
    }
    return render(request, "crm/stages.html", facts)


def _stage_verb(request: PageRequest) -> Done:
    require_edit(request, "stage")
    verb, actor = request.POST.get("verb", ""), request.actor
    given = request.POST.get("id", "")
    stage_id = int(given) if given.isdigit() else 0
    verbs: dict[str, Callable[[], Done]] = {
        "up": lambda: stage_shift(stage_id, -1, actor=actor),
        "down": lambda: stage_shift(stage_id, +1, actor=actor),
        "remove": lambda: stage_remove(stage_id, actor=actor),
        "save": lambda: record_change("stage", stage_id, _stage(request), actor=actor),
        "add": lambda: _stage_add(request),
        "rename": lambda: record_change(
            "pipeline", stage_id, {"name": request.POST.get("name", "").strip()}, actor=actor
        ),
        "pipeline": lambda: _pipeline_add(request),
    }
    if verb not in verbs:
        raise Invalid(_("There is no such verb."))
    return verbs[verb]()


def _stage(request: PageRequest) -> dict[str, Any]:
    kind = kind_named("stage")
    return {
        name: value_posted(request, kind.field(name), request.POST.get(name, ""), "")
        for name in _STAGE_FIELDS
        if name in request.POST
    } | {"is_qualified": request.POST.get("is_qualified") == "1"}


def _stage_add(request: PageRequest) -> Done:
    given = request.POST.get("pipeline", "")
    pipeline_id = int(given) if given.isdigit() else None
    there = queries.stages(request.company.today, pipeline_id)
    position = max((s["position"] or 0 for s in there), default=0) + 1
    values = _stage(request) | {"pipeline_id": pipeline_id, "position": position}
    return record_create("stage", values, actor=request.actor)


def _pipeline_add(request: PageRequest) -> Done:
    position = len(pipelines(request.company.today)) + 1
    values = {"name": request.POST.get("name", "").strip(), "position": position}
    return record_create("pipeline", values, actor=request.actor)


def _sentences(error: PeriluneError) -> str:
    listed = [gettext(p.message) % p.params for p in getattr(error, "problems", ())]
    return " ".join(listed) or said(error)


# -- custom fields -------------------------------------------------------------------------------


@page(Right.MANAGE_SETTINGS)
def custom_fields(request: PageRequest, kind: str) -> HttpResponse:
    declared = kind_named(kind)
    problem, status = "", 200
    if request.method == "POST":
        given = request.POST
        try:
            item = field_add(
                kind,
                given.get("label", ""),
                given.get("type", ""),
                given.get("choices", "").splitlines(),
            )
        except (Invalid, Conflict) as error:
            problem, status = said(error), 422
        else:
            text = gettext("Field «%(label)s» added: lists, filters and imports know it.")
            notify(request, text % {"label": item.label})
            return redirect("crm:fields", kind=kind)
    types = _type_labels()
    rows = [
        Row(
            item.name,
            (item.label, item.name, types.get(item.type.value, item.type.value), _choices(item)),
        )
        for item in fields_of(kind)
    ]
    columns = (
        Column("label", gettext("Field"), is_title=True),
        Column("name", gettext("Name in files and queries")),
        Column("type", gettext("Type")),
        Column("choices", gettext("Choices")),
    )
    title = gettext("Custom fields: %(kind)s") % {"kind": kind_label(declared, plural=True)}
    facts = {
        "header": PageHeader(title, back=Link(kind_label(declared, plural=True), list_url(kind))),
        "table": Table(columns, rows, title, is_dense=True),
        "declared": ", ".join(label_of(item) for item in declared.fields),
        "types": [(value, types[value]) for value in CUSTOM_TYPES],
        "posted": request.POST,
        "problem": problem,
    }
    return render(request, "crm/fields.html", facts, status=status)


def _choices(item: Any) -> str:
    return ", ".join(label for _value, label in item.choices)


def _type_labels() -> dict[str, str]:
    return {
        "text": gettext("Text"),
        "long_text": gettext("Long text"),
        "choice": gettext("Choice"),
        "integer": gettext("Whole number"),
        "decimal": gettext("Number"),
        "money": gettext("Amount of money"),
        "date": gettext("Date"),
        "boolean": gettext("Yes or no"),
    }


# -- saved views ---------------------------------------------------------------------------------


@require_POST
@page(Right.SEE_ROWS)
def view_save(request: PageRequest, kind: str) -> HttpResponse:
    query = request.POST.get("query", "")
    save(
        kind_named(kind).name,
        request.POST.get("name", ""),
        query,
        owner=request.actor,
        is_shared=request.POST.get("is_shared") == "1",
    )
    notify(request, gettext("View saved"))
    return redirect(f"{list_url(kind)}?{query}")


@require_POST
@page(Right.SEE_ROWS)
def view_forget(request: PageRequest, view_id: int) -> HttpResponse:
    forget(view_id, owner=request.actor)
    notify(request, gettext("View forgotten"))
    kind = request.POST.get("kind", "opportunity")
    return redirect(list_url(kind_named(kind).name))
