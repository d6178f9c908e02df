from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext

from perilune.hub.queries import reconciling as queries
from perilune.hub.service.reconciling import Asked, reconcile_report
from perilune.hub.web import reconcile_words as words
from perilune.hub.web.reconcile_forms import ReconcileForm
from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui.contracts import Link, PageHeader
from perilune.ui.export import csv_response, xlsx_response

_LARGEST = 200 * 2**20


@page(Right.IMPORT_DATA)
def index(request: PageRequest) -> HttpResponse:
    """Show the comparisons on record, and make one."""
    _whole(request)
    form = ReconcileForm(request.POST or None, request.FILES or None, initial=_filled(request))
    if request.method == "POST" and form.is_valid():
        try:
            with _kept(form.cleaned_data["report"]) as path:
                made = reconcile_report(
                    path, _asked(request, form.cleaned_data), scope=request.scope,
                    as_of=request.as_of, actor=request.actor,
                )  # fmt: skip
            return redirect("hub:reconciliation", made)
        except (Invalid, Refused) as error:
            form.take(error)
    is_wrong = form.is_bound and not form.is_valid()
    facts = {
        "header": PageHeader(
            gettext("Reconcile"),
            gettext("Why a total of another system differs from ours, row by row."),
            back=Link(gettext("Data"), reverse("hub:index")),
        ),
        "table": words.list_table(queries.reconciliations()),
        "form": form,
    }
    return render(request, "hub/reconcile.html", facts, status=422 if is_wrong else 200)


def _filled(request: PageRequest) -> dict[str, str]:
    """Return what a link fills in: the filters of the figure that somebody came from."""
    names = ("what", "where", "value", "period", "stage", "owner", "title")
    return {name: request.GET[name][:150] for name in names if request.GET.get(name)}


def _whole(request: PageRequest) -> None:
    if request.scope.owners is not None:
        raise Refused(_("Only who sees every record can say why two totals differ."))


def _asked(request: PageRequest, given: dict[str, Any]) -> Asked:
    period = given["period"].strip()
    return Asked(
        request.company.calendar.parse(period) if period else None,
        "" if given["stage"] == "all" else given["stage"] or "won",
        given["owner"],
        report_day=given["report_day"],
        total=given["total"],
        title=given["title"],
        kind=given["kind"],
        measure=given["measure"],
        where=(given["where"], given["value"]),
    )


@contextmanager
def _kept(file: Any) -> Iterator[Path | None]:
    """Give an uploaded report as a file while it is read; it is not kept."""
    if file is None:
        yield None
        return
    if file.size > _LARGEST:
        raise Invalid(_("The report is larger than 200 MB; narrow it to what is compared."))
    folder = Path(settings.PERILUNE_HOME) / "uploads" / secrets.token_hex(8)
    folder.mkdir(parents=True)
    try:
        path = folder / (Path(str(file.name).replace("\\", "/")).name or "report.csv")
        with path.open("wb") as out:
            for block in file.chunks():
                out.write(block)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@page(Right.IMPORT_DATA)
def show(request: PageRequest, made_id: int) -> HttpResponse:
    """Show a comparison: both totals, the causes, the rows that make the difference."""
    _whole(request)
    info = queries.reconciliation(made_id)
    rows = queries.reconciled_rows(info, scope=request.scope, as_of=request.as_of)
    facts = {
        "header": PageHeader(
            info.title or info.file or gettext("A total alone"),
            words.finding_of(info),
            back=Link(gettext("Reconcile"), reverse("hub:reconcile")),
        ),
        "kpis": words.kpis_of(info),
        "causes": words.causes_table(info),
        "rows": words.rows_table(info, rows),
        "facts": words.facts_of(info),
    }
    return render(request, "hub/reconciliation.html", facts)


@page(Right.EXPORT_DATA)
def export(request: PageRequest, made_id: int, form: str) -> HttpResponseBase:
    """Give every row of a comparison as a file."""
    _whole(request)
    info = queries.reconciliation(made_id)
    rows = queries.reconciled_rows(info, scope=request.scope, as_of=request.as_of, limit=None)
    made = words.export_of(info, rows)
    if form == "csv":
        return csv_response(made, get_language() or "en")
    if form == "xlsx":
        return xlsx_response(made)
    raise NotFound(_("Reconciliations are exported as csv or xlsx."))
