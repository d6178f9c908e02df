from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.history.contracts import to_us
from perilune.hub import queries, service
from perilune.hub.contracts import RunState
from perilune.hub.queries import RunInfo
from perilune.hub.queries.said import said, taken_for
from perilune.hub.web import alikes_shown, words
from perilune.jobs import queries as jobs
from perilune.jobs import service as job_service
from perilune.jobs.contracts import State
from perilune.kernel.asof import end_of_day
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui.contracts import (
    Action,
    Confirm,
    Link,
    PageHeader,
    ProblemReport,
    Steps,
    StepState,
    Tone,
)
from perilune.ui.toasts import notify

_BUSY = (RunState.READING, RunState.APPLYING)


@page(Right.IMPORT_DATA)
def show(request: PageRequest, run_id: int) -> HttpResponse:
    """Show an import at the step where it stands: columns, progress, difference, result."""
    info = queries.run_info(run_id)
    job = _steps(info)
    if info.state in _BUSY or (job is not None and job.is_running):
        return _render(request, info, "progress.html", {"steps": job or _waiting(info)})
    if info.state is RunState.OPENED:
        facts = {
            "tables": service.import_choices(run_id),
            "doubts": service.doubts_of(run_id),
            "sources": words.source_choices(info),
            "new_source": words.new_source(info),
            "is_asked": service.source_question(run_id),
            "taken_for": taken_for(info),
        }
        return _render(request, info, "mapping.html", facts)
    if info.state in (RunState.READY, RunState.STOPPED):
        return _render(request, info, "preview.html", _preview(request, info))
    return _render(request, info, "result.html", _result(request, info))


def _render(
    request: PageRequest, info: RunInfo, template: str, facts: dict[str, object]
) -> HttpResponse:
    actions: list[Action] = []
    if info.state is RunState.DONE and info.change_set_id is not None:
        actions.append(
            Action(
                gettext("Roll back this import"),
                reverse("hub:rollback", args=[info.id]),
                icon="undo-2",
            )
        )
    finding = words.finding_of(info) if info.counts else ""
    header = PageHeader(
        info.title,
        finding,
        actions=actions,
        back=Link(gettext("Data"), reverse("hub:index")),
        statuses=(words.state_of(info),),
    )
    base = {"header": header, "run": info, "notices": words.notices(info)}
    return render(request, f"hub/{template}", {**base, **facts})


def _preview(request: PageRequest, info: RunInfo) -> dict[str, object]:
    samples = service.import_preview(info.id, limit=5)
    stopped = None
    if info.state is RunState.STOPPED:
        stopped = ProblemReport(
            what=said(info.message, info.message_params),
            todo=gettext("Check the export. Apply it all the same if it is right."),
            kept=gettext("Nothing was changed."),
            tone=Tone.WATCH,
        )
    return {
        "counts": words.counts_table(info),
        "problems": words.problems_table(
            info, queries.problem_groups(info.id, scope=request.scope)
        ),
        "changed": words.sample_diffs(samples, request.company.currency, is_new=False),
        "new": words.sample_diffs(samples, request.company.currency, is_new=True, limit=2),
        "stopped": stopped,
        **alikes_shown.facts_of(request, info),
    }


def _result(request: PageRequest, info: RunInfo) -> dict[str, object]:
    facts: dict[str, object] = {"counts": words.counts_table(info)}
    if info.state is RunState.FAILED:
        facts["problem"] = ProblemReport(
            what=said(info.message, info.message_params),
            todo=gettext("Correct it and import again."),
            kept=gettext("Nothing of this import was kept; everything else is as it was."),
            actions=(words.new_import(),),
        )
    if info.state is RunState.DONE:
        facts["problems"] = words.problems_table(
            info, queries.problem_groups(info.id, scope=request.scope)
        )
        facts["missing"] = [
            (kind, words.kind_label(kind), count)
            for kind, count in queries.missing_counts(info.id).items()
        ]
    return facts


@require_POST
@page(Right.IMPORT_DATA)
def choose(request: PageRequest, run_id: int) -> HttpResponse:
    """Take the choices of the mapping page; read the files when nothing is left to choose."""
    posted = request.POST
    kinds, columns = {}, {}
    for table in service.import_choices(run_id):
        kind = posted.get(f"kind-{table.index}")
        if kind:
            kinds[table.index] = kind
        chosen = {
            column.column: posted.get(f"field-{table.index}-{i}", "")
            for i, column in enumerate(table.columns)
        }
        if f"field-{table.index}-0" in posted:
            columns[table.index] = chosen
    source = posted.get("known_source", "") or posted.get("source", "")
    if "read" in posted and not source.strip():
        raise Invalid(_("A new source needs a name."))
    service.set_options(
        run_id,
        source=source,
        as_of_us=_as_of(request, posted.get("as_of", "")),
        is_full="is_full" in posted,
    )
    is_other = service.import_choose(run_id, kinds, columns)
    is_open = is_other or service.source_question(run_id) or service.missing_of(run_id)
    if "read" in posted and not is_open:
        service.import_start(run_id, apply=False, actor=request.actor)
    return redirect(reverse("hub:run", args=[run_id]))


def _as_of(request: PageRequest, text: str) -> int | None:
    if not text:
        return None
    try:
        return to_us(end_of_day(date.fromisoformat(text), request.company.zone))
    except ValueError:
        raise Invalid("«%(text)s» is not a date such as 2026-12-31.", text=text) from None


@require_POST
@page(Right.IMPORT_DATA)
def apply(request: PageRequest, run_id: int) -> HttpResponse:
    """Apply what was shown, on the job queue."""
    info = queries.run_info(run_id)
    if info.state is RunState.STOPPED and "force" in request.POST:
        service.import_release(run_id)
    service.import_start(run_id, apply=True, actor=request.actor)
    return redirect(reverse("hub:run", args=[run_id]))


@require_POST
@page(Right.IMPORT_DATA)
def cancel(request: PageRequest, run_id: int) -> HttpResponse:
    """Stop an import that is not applied; what it wrote is erased."""
    info = queries.run_info(run_id)
    if info.job_id is not None and _steps(info) is not None:
        job_service.cancel(info.job_id)
    if info.state not in _BUSY:
        service.import_cancel(run_id)
    if request.headers.get("HX-Request") == "true":
        return progress(request, run_id)
    return redirect(reverse("hub:run", args=[run_id]))


@page(Right.IMPORT_DATA)
def progress(request: PageRequest, run_id: int) -> HttpResponse:
    """Answer the progress of a run; the whole page is asked again once it is over."""
    info = queries.run_info(run_id)
    steps = _steps(info)
    if steps is not None and steps.is_running:
        return render(request, "hub/part_steps.html", {"steps": steps})
    answer = HttpResponse()
    answer["HX-Redirect"] = reverse("hub:run", args=[run_id])
    return answer


@page(Right.IMPORT_DATA)
def rollback(request: PageRequest, run_id: int) -> HttpResponse:
    """Ask, then roll a whole import back."""
    info = queries.run_info(run_id)
    if request.method == "POST":
        kept = sum(
            len(item.conflicts) for item in service.import_rollback(run_id, actor=request.actor)
        )
        notify(
            request, gettext("Rolled back. Later edits that stand: %(count)s.") % {"count": kept}
        )
        return redirect(reverse("hub:run", args=[run_id]))
    question = Confirm(
        gettext("Roll back %(title)s?") % {"title": info.title},
        gettext(
            "Its records and changes no longer count, today or as of any date."
            " Edits made since stand. The files can be imported again."
        ),
        Action(
            gettext("Roll back this import"),
            reverse("hub:rollback", args=[run_id]),
            method="post",
            is_dangerous=True,
        ),
        cancel_url=reverse("hub:run", args=[run_id]),
    )
    return _render(request, info, "confirm.html", {"question": question})


def _steps(info: RunInfo) -> Steps | None:
    if info.job_id is None:
        return None
    try:
        job = jobs.job(info.job_id)
    except NotFound:
        return None
    if job.state.is_over:
        return None
    reading = (
        StepState.RUNNING if info.state in (RunState.OPENED, RunState.READING) else StepState.DONE
    )
    writing = StepState.RUNNING if info.state is RunState.APPLYING else StepState.WAITING
    return Steps(
        title=info.title,
        state=StepState.WAITING if job.state is State.QUEUED else StepState.RUNNING,
        done=job.done,
        total=job.total,
        message=said(job.message, job.message_params),
        stages=((gettext("Read"), reading), (gettext("Write"), writing)),
        poll_url=reverse("hub:progress", args=[info.id]),
        cancel_url=reverse("hub:cancel", args=[info.id]),
    )


def _waiting(info: RunInfo) -> Steps:
    return Steps(
        info.title, StepState.RUNNING, message=gettext("Under way in another window or terminal")
    )
