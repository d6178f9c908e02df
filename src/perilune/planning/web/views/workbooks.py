"""Workbooks of a plan: hand out, take back, preview, merge; targets from a plain sheet."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.service import has_mail_server
from perilune.people.web.gate import PageRequest, page, require, said
from perilune.planning import queries, service
from perilune.planning.web import plan_shown, shown, workbook_shown
from perilune.planning.web.workbook_shown import Refusal
from perilune.ui import formats
from perilune.ui.contracts import Tone
from perilune.ui.export import attachment
from perilune.ui.toasts import notify

EVERY = "every"
ENDINGS = (".xlsx", ".xlsm", ".xls", ".ods")


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """What waits and would change, and the workbooks that were handed out."""
    return _shown(request, plan_id, ())


def _shown(request: PageRequest, plan_id: int, refused: tuple[Refusal, ...]) -> HttpResponse:
    view = queries.plan(plan_id, request.scope, request.actor)
    found = queries.waiting(plan_id, request.scope, request.actor)
    books = queries.workbooks(plan_id, request.scope, request.actor)
    may_export = workbook_shown.may_export(request)
    head = view.head
    facts = {
        "header": workbook_shown.header(request, view, found),
        "plan_id": plan_id,
        "edition": head.edition,
        "refused": refused,
        "may_edit": plan_shown.may_edit(request, head),
        "may_export": may_export,
        "files": found.files,
        "files_table": workbook_shown.files_table(request, view, found),
        "changes": workbook_shown.changes_table(view, found),
        "questions": workbook_shown.questions(view, found.merge.clashes),
        "is_empty": found.merge.is_empty,
        "same": found.merge.same,
        "offered": workbook_shown.offered(view, request),
        "handed": workbook_shown.handed_table(
            view,
            books,
            may_export=may_export,
            may_mail=may_export and has_mail_server() and plan_shown.may_edit(request, head),
        ),
        "mailed": workbook_shown.mailed_table(
            queries.mailed_workbooks(plan_id, request.scope, request.actor)
        ),
        "no_server": "" if has_mail_server() else gettext(service.NO_SERVER),
        "lock_on": head.lock_on.isoformat() if head.lock_on else "",
        "is_whole": view.is_whole,
        "endings": ",".join(ENDINGS),
    }
    return render(request, "planning/workbooks.html", facts, status=422 if refused else 200)


@require_POST
@page(Right.MAKE_PLANS)
def hand_out(request: PageRequest, plan_id: int) -> HttpResponse:
    """Make the workbook of one leader or unit, or of every leader."""
    require(request, Right.EXPORT_DATA)
    view = queries.plan(plan_id, request.scope, request.actor)
    wanted = request.POST.get("for", "")
    keys = {key for key, _label in workbook_shown.offered(view, request)}
    holders = queries.holders(view.content, view.names, request.company.today)
    chosen = [
        one
        for one in holders
        if one.key in keys and (one.key == wanted or (wanted == EVERY and "leader:" in one.key))
    ]
    try:
        if not chosen:
            raise NotFound(_("Choose whom the workbook is for."))
        for holder in chosen:
            service.hand_out(plan_id, holder, actor=request.actor, scope=request.scope)
    except (Invalid, NotFound, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        text = ngettext(
            "%(n)s workbook made: download it from the list.",
            "%(n)s workbooks made: download them from the list.",
            len(chosen),
        )
        notify(request, text % {"n": formats.number(len(chosen), 0)})
    return redirect("planning:workbooks", plan_id)


@require_POST
@page(Right.MAKE_PLANS)
def mail(request: PageRequest, plan_id: int) -> HttpResponse:
    """Mail chosen workbooks to their leaders."""
    require(request, Right.EXPORT_DATA)
    ids = [int(text) for text in request.POST.getlist("id") if text.isdecimal()]
    try:
        service.mail_workbooks(plan_id, ids, actor=request.actor, scope=request.scope)
    except PeriluneError as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("On their way: the list below says what the mail server took."))
    return redirect("planning:workbooks", plan_id)


@page(Right.MAKE_PLANS)
def file(request: PageRequest, plan_id: int, workbook_id: int) -> HttpResponseBase:
    """A workbook as it was handed out."""
    require(request, Right.EXPORT_DATA)
    books = queries.workbooks(plan_id, request.scope, request.actor)
    book = next((one for one in books if one.id == workbook_id), None)
    if book is None:
        raise NotFound(_("There is no such workbook, or it is not yours to see."))
    view = queries.plan(plan_id, request.scope, request.actor)
    out = tempfile.SpooledTemporaryFile(max_size=4 * 2**20)  # noqa: SIM115 - the response closes it
    service.write_workbook(book, view.head, view.content, view.names, out)
    out.seek(0)
    name = f"{view.head.name} - {book.holder}"
    return FileResponse(out, headers=attachment(name, "xlsx"))


@require_POST
@page(Right.MAKE_PLANS)
def take(request: PageRequest, plan_id: int) -> HttpResponse:
    """Read the files that came back; those that are wrong are told cell by cell, none is kept."""
    refused = []
    count = 0
    for sent in request.FILES.getlist("files"):
        try:
            with on_disk(sent) as path:
                service.receive_file(
                    plan_id, path, sent.name or "", actor=request.actor, scope=request.scope
                )
            count += 1
        except (Conflict, Invalid, NotFound, Refused) as error:
            refused.append(workbook_shown.refusal_of(error))
    if count:
        text = ngettext("%(n)s file read: look at what it changes.",
                        "%(n)s files read: look at what they change.", count)  # fmt: skip
        notify(request, text % {"n": formats.number(count, 0)})
    if refused:
        return _shown(request, plan_id, tuple(refused))
    if not count:
        notify(request, gettext("Choose a file."), tone=Tone.WATCH)
    return redirect("planning:workbooks", plan_id)


@contextmanager
def on_disk(sent: UploadedFile[Any]) -> Iterator[Path]:
    """Give the path of an upload under its own name: readers go by its ending, errors name it."""
    name = Path(sent.name or "").name
    if Path(name).suffix.lower() not in ENDINGS:
        raise Invalid(_("%(file)s is no workbook: save it as .xlsx."), file=name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        with path.open("wb") as out:
            for block in sent.chunks():
                out.write(block)
        yield path


@require_POST
@page(Right.MAKE_PLANS)
def merge(request: PageRequest, plan_id: int) -> HttpResponse:
    """Write what the files of the preview say as one edition."""
    ids = [int(text) for text in request.POST.getlist("file") if text.isdecimal()]
    try:
        taken = service.merge_returns(
            plan_id, shown.edition_of(request) or 0, ids, workbook_shown.picked(request.POST),
            actor=request.actor, scope=request.scope,
        )  # fmt: skip
    except (Conflict, Invalid, NotFound, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
        return redirect("planning:workbooks", plan_id)
    text = ngettext("%(n)s amount written as one edition: reconcile, or take it back.",
                    "%(n)s amounts written as one edition: reconcile, or take them back.",
                    taken.count)  # fmt: skip
    notify(request, text % {"n": formats.number(taken.count, 0)})
    return redirect("planning:plan", plan_id)


@require_POST
@page(Right.MAKE_PLANS)
def drop(request: PageRequest, plan_id: int) -> HttpResponse:
    """Put files aside that wait."""
    try:
        for text in request.POST.getlist("id"):
            by: dict[str, Any] = {"actor": request.actor, "scope": request.scope}
            service.drop_return(plan_id, int(text) if text.isdecimal() else 0, **by)
    except PeriluneError as error:
        notify(request, said(error), tone=Tone.WATCH)
    return redirect("planning:workbooks", plan_id)


@require_POST
@page(Right.MAKE_PLANS)
def lock(request: PageRequest, plan_id: int) -> HttpResponse:
    """Keep the last day on which workbooks are taken."""
    text = request.POST.get("lock_on", "")
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(_("«%(text)s» is not a date such as 2026-12-31."), text=text) from None
    try:
        service.lock_workbooks(
            plan_id, shown.edition_of(request) or 0, day, actor=request.actor, scope=request.scope
        )
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Saved."))
    return redirect("planning:workbooks", plan_id)
