from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.hub import queries, service
from perilune.hub.queries.said import read_back, said, suggestion
from perilune.hub.web import words
from perilune.kernel.errors import Invalid, NotFound
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui.contracts import Column, Format, Link, PageHeader, ProblemReport, Row, Table
from perilune.ui.toasts import notify


@page(Right.IMPORT_DATA)
def groups(request: PageRequest, run_id: int) -> HttpResponse:
    """List what is doubtful in an import, rows alike together."""
    info = queries.run_info(run_id)
    header = PageHeader(
        gettext("Problems of %(title)s") % {"title": info.title},
        gettext(
            "What could be stored is stored; repair it here for all rows alike, or one by one."
        ),
        back=Link(info.title, reverse("hub:run", args=[run_id])),
    )
    found = queries.problem_groups(run_id, scope=request.scope)
    facts = {"header": header, "table": words.problems_table(info, found)}
    return render(request, "hub/problems.html", facts)


@page(Right.IMPORT_DATA)
def alike(request: PageRequest, run_id: int, problem_id: int) -> HttpResponse:
    """Show rows that are doubtful alike, with the verbs that repair them."""
    return _alike(request, run_id, problem_id)


def _alike(
    request: PageRequest,
    run_id: int,
    problem_id: int,
    report: ProblemReport | None = None,
    meant: str = "",
) -> HttpResponse:
    rows = queries.problems_like(problem_id)
    group = next(
        (
            g
            for g in queries.problem_groups(run_id, limit=1000, scope=request.scope)
            if g.first_id == problem_id
        ),
        None,
    )
    count = group.count if group is not None else len(rows)
    first = rows[0]
    header = PageHeader(
        said(first.message, first.message_params),
        ngettext("%(count)s row is like this.", "%(count)s rows are like this.", count)
        % {"count": count},
        back=Link(gettext("Problems"), reverse("hub:problems", args=[run_id])),
    )
    table = Table(
        caption=gettext("Rows"),
        columns=(
            Column("key", gettext("Record"), is_title=True),
            Column("file", gettext("File")),
            Column("line", gettext("Line"), Format.NUMBER, decimals=0),
            Column("column", gettext("Column")),
            Column("value", gettext("Value")),
            Column("raw", gettext("Row")),
        ),
        rows=[Row(r.id, (r.key, r.file, r.line, r.column, r.value, r.raw)) for r in rows],
    )
    facts = {
        "header": header,
        "table": table,
        "first": first,
        "run_id": run_id,
        "meant": meant or suggestion(first.code, first.suggestion),
        "can_repair": bool(first.field and first.record_id),
        "is_conflict": first.code == "conflict",
        "may_all": bool(first.value) and first.code != "conflict",
        "known": queries.names_known(first.kind, first.field),
        "count": count,
        "problem": report,
    }
    return render(request, "hub/alike.html", facts, status=422 if report else 200)


@require_POST
@page(Right.IMPORT_DATA)
def repair(request: PageRequest, run_id: int, problem_id: int) -> HttpResponse:
    """Write what a value means, for all rows alike or this one."""
    meant = request.POST.get("meant", "").strip()
    is_all = request.POST.get("rows") != "one"
    try:
        told = read_back(queries.problems_like(problem_id, 1)[0].code, meant)
        count = service.repair(problem_id, told, actor=request.actor, is_for_all=is_all)
    except Invalid as error:
        report = ProblemReport(
            what=said(error.message, error.params), kept=gettext("Nothing was changed.")
        )
        return _alike(request, run_id, problem_id, report, meant)
    notify(
        request,
        ngettext("%(count)s record repaired.", "%(count)s records repaired.", count)
        % {"count": count},
    )
    return redirect(reverse("hub:problems", args=[run_id]))


@require_POST
@page(Right.IMPORT_DATA)
def keep(request: PageRequest, run_id: int, problem_id: int) -> HttpResponse:
    """Leave doubtful values as they were stored."""
    count = service.dismiss([problem_id], is_for_all=request.POST.get("rows") != "one")
    notify(
        request,
        ngettext("%(count)s row left as it is.", "%(count)s rows left as they are.", count)
        % {"count": count},
    )
    return redirect(reverse("hub:problems", args=[run_id]))


@page(Right.IMPORT_DATA)
def missing(request: PageRequest, run_id: int) -> HttpResponse:
    """List records that a full file no longer holds, and take the answer why."""
    info = queries.run_info(run_id)
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        if kind not in info.counts:
            raise NotFound("There is no import %(id)s.", id=run_id)
        count = service.answer_missing(
            run_id, kind, request.POST.get("answer", ""), actor=request.actor
        )
        notify(request, gettext("Answered for %(count)s records.") % {"count": count})
        return redirect(reverse("hub:run", args=[run_id]))
    rows = queries.missing_records(run_id)
    table = Table(
        caption=gettext("Records that are no longer in the file"),
        columns=(
            Column("title", gettext("Record"), is_title=True),
            Column("kind", gettext("Kind")),
            Column("key", gettext("Key at the source")),
        ),
        rows=[
            Row(r["record_id"], (r["title"], words.kind_label(r["kind"]), r["key"])) for r in rows
        ],
    )
    facts = {
        "header": PageHeader(
            gettext("Records that are no longer in the file"),
            gettext(
                "Say why, so that it is not asked again:"
                " filtered out of the export, deleted, or merged."
            ),
            back=Link(info.title, reverse("hub:run", args=[run_id])),
        ),
        "table": table,
        "kinds": [(k, words.kind_label(k), n) for k, n in queries.missing_counts(run_id).items()],
        "run_id": run_id,
    }
    return render(request, "hub/missing.html", facts)
