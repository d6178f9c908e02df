"""One field of one record: read, edited and saved in place, in lists and on record pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from perilune.crm.queries import columns_of, kind_named, now_state, options
from perilune.crm.service import record_change
from perilune.crm.web.addresses import record_url
from perilune.crm.web.facts import field_view
from perilune.crm.web.permitting import require_values, state_to_edit
from perilune.crm.web.presenting import label_of
from perilune.crm.web.reading import currency_of, value_posted
from perilune.history.queries import all_fields
from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError
from perilune.kernel.kinds import Field
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.ui.contracts import Tone
from perilune.ui.toasts import notify, with_toast


@page(Right.SEE_ROWS)
def field(request: PageRequest, kind: str, record_id: int, name: str) -> HttpResponse:
    item = _field(kind, name)
    if request.method == "POST":
        return _save(request, kind, record_id, item)
    if "read" in request.GET:
        return _shown(request, kind, now_state(kind, record_id, request.scope), item)
    state = state_to_edit(request, kind, record_id)
    return _editor(request, kind, state, item)


def _field(kind: str, name: str) -> Field:
    kind_named(kind)
    for item in all_fields(kind):
        if item.name == name:
            return item
    raise NotFound(_("There is no field named %(name)s."), name=name)


def _save(request: PageRequest, kind: str, record_id: int, item: Field) -> HttpResponse:
    state = state_to_edit(request, kind, record_id)
    text = request.POST.get(item.name, "")
    try:
        value = value_posted(request, item, text, currency_of(request, state))
        require_values(request, kind, {item.name: value})
        done = record_change(kind, record_id, {item.name: value}, actor=request.actor)
    except (Invalid, Conflict) as error:
        return _editor(request, kind, state, item, problem=_sentence(error), typed=text)
    undo = reverse("crm:undo", args=[done.change_set_id]) if done.change_set_id else ""
    message = gettext("%(field)s saved") % {"field": label_of(item)}
    warned = " ".join(said_problem(problem) for problem in done.warnings)
    tone = Tone.WATCH if warned else Tone.GOOD
    if not request.headers.get("HX-Request"):
        notify(request, f"{message}. {warned}".strip(), undo, tone)
        return redirect(record_url(kind, record_id))
    state = now_state(kind, record_id, request.scope)
    response = _shown(request, kind, state, item)
    if not done.change_set_id:
        return response
    text = f"{message}. {warned}" if warned else message
    return with_toast(response, text, undo, tone, is_written=True)


def _sentence(error: PeriluneError) -> str:
    listed = [said_problem(problem) for problem in getattr(error, "problems", ())]
    return " ".join(listed) or said(error)


def said_problem(problem: Any) -> str:
    """Return a problem's sentence in the reader's language."""
    text = gettext(problem.message)
    return text % problem.params if problem.params else text


def _shown(request: PageRequest, kind: str, state: dict[str, Any], item: Field) -> HttpResponse:
    view = field_view(request, kind, state, item)
    return render(request, "crm/field.html", {"view": view, "is_cell": _is_cell(request)})


def _editor(
    request: PageRequest,
    kind: str,
    state: dict[str, Any],
    item: Field,
    *,
    problem: str = "",
    typed: str | None = None,
) -> HttpResponse:
    view = field_view(request, kind, state, item, is_editing=True, problem=problem, typed=typed)
    facts = {
        "view": view,
        "is_cell": _is_cell(request),
        "names_url": reverse("crm:names", args=[kind]) + f"?field={item.name}",
        "is_typed_reference": bool(item.target) and not view.choices,
    }
    if not request.headers.get("HX-Request") and not _is_cell(request):
        facts["back_url"] = record_url(kind, state["id"])
        return render(request, "crm/field_page.html", facts, status=422 if problem else 200)
    # scripts put an answer into the page only when it is a success
    return render(request, "crm/field.html", facts)


def _is_cell(request: PageRequest) -> bool:
    return "cell" in request.GET


@require_GET
@page(Right.SEE_ROWS)
def names(request: PageRequest, kind: str) -> HttpResponse:
    """Give names to choose from for a typed reference, as options of a data list."""
    name = request.GET.get("field", "")
    column = columns_of(kind_named(kind).name).get(name)
    if column is None or not column.field.target:
        raise NotFound(_("There is no field named %(name)s."), name=name)
    text = request.GET.get(name, request.GET.get("q", "")).strip()
    found = options(column.field.target, text, scope=request.scope, as_of=request.as_of, most=12)
    return render(request, "crm/options.html", {"options": found})
