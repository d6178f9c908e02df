"""The page of one record, its forms and its verbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.crm.contracts import Done
from perilune.crm.queries import kind_named, now_state, record_view, stages
from perilune.crm.service import (
    Share,
    edit_undo,
    is_closing,
    opportunity_close,
    opportunity_move,
    record_change,
    record_create,
    record_delete,
    record_restore,
    splits_set,
)
from perilune.crm.web.addresses import list_url, record_url
from perilune.crm.web.forms import RecordForm, close_form, read_close, splits_form
from perilune.crm.web.page_of_record import form_panels, page_facts
from perilune.crm.web.permitting import require_edit, require_values, state_to_edit
from perilune.crm.web.presenting import kind_label
from perilune.history.queries import merged_into
from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.ui.contracts import Link, PageHeader, Tone
from perilune.ui.toasts import notify


@page(Right.SEE_ROWS)
def record(request: PageRequest, kind: str, record_id: int) -> HttpResponse:
    is_audit = "audit" in request.GET and Right.SEE_AUDIT in request.rights
    view = record_view(
        kind_named(kind).name,
        record_id,
        scope=request.scope,
        as_of=request.as_of,
        with_retracted=is_audit,
    )
    became = None if view.state or is_audit else merged_into(kind, [record_id]).get(record_id)
    if became is not None:  # the id of a record that was merged away leads on
        name = str(view.last.get(view.kind.title_field) or f"#{record_id}")
        notify(request, gettext("“%(name)s” was merged into this record.") % {"name": name})
        return redirect("crm:record", kind, became)
    return render(request, "crm/record.html", page_facts(request, view, is_audit=is_audit))


@page(Right.SEE_ROWS)
def new(request: PageRequest, kind: str) -> HttpResponse:
    require_edit(request, kind_named(kind).name)
    form = RecordForm.blank(request, kind)
    if request.method == "POST":
        form = RecordForm.posted(request, kind, None)
        if form.is_ready():
            try:
                require_values(request, kind, form.values)
                done = record_create(kind, form.values, actor=request.actor)
            except (Invalid, Conflict) as error:
                form.take(error)
            else:
                _tell(request, done, gettext("%(kind)s added") % {"kind": kind_label(kind)})
                return redirect(_after_create(request, kind, done.ids[0]))
    return _form_page(
        request, kind, form, gettext("Add: %(kind)s") % {"kind": kind_label(kind).lower()}
    )


def _after_create(request: PageRequest, kind: str, record_id: int) -> str:
    try:
        now_state(kind, record_id, request.scope)
    except PeriluneError:  # given to somebody else at once
        return list_url(kind)
    return record_url(kind, record_id)


@page(Right.SEE_ROWS)
def edit(request: PageRequest, kind: str, record_id: int) -> HttpResponse:
    state = state_to_edit(request, kind_named(kind).name, record_id)
    form = RecordForm.of(request, kind, state)
    if request.method == "POST":
        form = RecordForm.posted(request, kind, state)
        if form.is_ready():
            try:
                require_values(request, kind, form.values)
                done = record_change(kind, record_id, form.values, actor=request.actor)
            except (Invalid, Conflict) as error:
                form.take(error)
            else:
                _tell(request, done, gettext("%(kind)s saved") % {"kind": kind_label(kind)})
                return redirect(record_url(kind, record_id))
    title = gettext("Edit: %(kind)s") % {"kind": kind_label(kind)}
    return _form_page(request, kind, form, title, record_url(kind, record_id))


def _form_page(
    request: PageRequest, kind: str, form: RecordForm, title: str, back: str = ""
) -> HttpResponse:
    label = kind_label(kind, plural=True)
    header = PageHeader(title, back=Link(label, back or list_url(kind)))
    facts = {"header": header, "form": form, "back_url": back or list_url(kind), "kind": kind}
    if not back:
        facts["panels"] = form_panels(request, kind, form.typed)
    status = 422 if form.problems or form.warnings else 200
    return render(request, "crm/form.html", facts, status=status)


@require_POST
@page(Right.SEE_ROWS)
def delete(request: PageRequest, kind: str, record_id: int) -> HttpResponse:
    state_to_edit(request, kind_named(kind).name, record_id)
    done = record_delete(kind, record_id, actor=request.actor)
    _tell(request, done, gettext("%(kind)s deleted") % {"kind": kind_label(kind)})
    return redirect(list_url(kind))


@require_POST
@page(Right.SEE_ROWS)
def restore(request: PageRequest, kind: str, record_id: int) -> HttpResponse:
    require_edit(request, kind_named(kind).name)
    record_view(kind, record_id, scope=request.scope, as_of=request.as_of)  # the gate
    done = record_restore(kind, record_id, actor=request.actor)
    _tell(request, done, gettext("%(kind)s restored") % {"kind": kind_label(kind)})
    return redirect(record_url(kind, record_id))


@require_POST
@page(Right.EDIT_RECORDS)
def undo(request: PageRequest, set_id: int) -> HttpResponse:
    result = edit_undo(
        set_id, actor=request.actor, may_undo_others=Right.SEE_AUDIT in request.rights
    )
    text = gettext("Taken back.")
    if result.conflicts:
        text += " " + gettext("Later edits of the same fields stand.")
    notify(request, text, tone=Tone.WATCH if result.conflicts else Tone.GOOD)
    if request.headers.get("Sec-Fetch-Mode") == "navigate":  # a plain form, without scripts
        return redirect(request.headers.get("Referer") or "/")
    return HttpResponse(status=204)


@page(Right.SEE_ROWS)
def move(request: PageRequest, kind: str, record_id: int) -> HttpResponse:
    """Bring a deal into another stage; a closing one asks for what closing needs."""
    if kind != "opportunity":
        raise NotFound(_("Only deals have stages."))
    state = state_to_edit(request, kind, record_id)
    given = request.POST if request.method == "POST" else request.GET
    stage_id = int(given["stage"]) if given.get("stage", "").isdigit() else 0
    if stage_id not in {row["id"] for row in stages(request.company.today)}:
        raise Invalid(_("Choose a stage."))
    if not is_closing(stage_id):
        if request.method != "POST":
            return redirect(record_url(kind, record_id))
        done = opportunity_move(record_id, stage_id, actor=request.actor)
        return _moved(request, state, done)
    problem: PeriluneError | None = None
    if "close_date" in request.POST:
        try:
            facts = read_close(request, state)
            done = opportunity_close(record_id, stage_id, actor=request.actor, **facts)
            return _moved(request, state, done)
        except Invalid as error:
            problem = error
    return close_form(request, state, stage_id, problem)


def _moved(request: PageRequest, state: Mapping[str, Any], done: Done) -> HttpResponse:
    _tell(request, done, gettext("Stage of «%(name)s» changed") % {"name": state["name"]})
    if "board" in request.POST:
        return redirect(request.POST["board"] if _is_own(request.POST["board"]) else "crm:board")
    return redirect(record_url("opportunity", state["id"]))


def _is_own(url: str) -> bool:
    return url.startswith(reverse("crm:board"))


@page(Right.SEE_ROWS)
def splits(request: PageRequest, kind: str, record_id: int) -> HttpResponse:
    """Say who is credited with a deal."""
    if kind != "opportunity":
        raise NotFound(_("Only deals have splits."))
    state = state_to_edit(request, kind, record_id)
    problem = ""
    if request.method == "POST":
        try:
            done = splits_set(record_id, _shares(request), actor=request.actor)
        except Invalid as error:
            listed = [gettext(p.message) % p.params for p in error.problems]
            problem = " ".join(listed) or said(error)
        else:
            _tell(request, done, gettext("Splits saved"))
            return redirect(record_url(kind, record_id))
    return splits_form(request, state, problem)


def _shares(request: PageRequest) -> list[Share]:
    shares = []
    rows = zip(
        request.POST.getlist("rep"),
        request.POST.getlist("share"),
        request.POST.getlist("overlay"),
        strict=False,
    )
    for rep, share, overlay in rows:
        if not rep.isdigit() or not share.strip():
            continue
        try:
            percent = float(share.replace(",", ".").strip(" %\u202f\u00a0"))
        except ValueError:
            raise Invalid(_("«%(text)s» is not a number."), text=share) from None
        shares.append(Share(int(rep), round(percent * 100), overlay == "1"))
    return shares


def _tell(request: PageRequest, done: Done, text: str) -> None:
    undo_url = reverse("crm:undo", args=[done.change_set_id]) if done.change_set_id else ""
    warned = " ".join(gettext(p.message) % p.params for p in done.warnings)
    if not done.change_set_id:
        text = gettext("Nothing had to be changed.")
    tone = Tone.WATCH if warned else Tone.GOOD
    notify(request, f"{text}. {warned}" if warned else text, undo_url, tone)
