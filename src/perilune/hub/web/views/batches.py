"""Pages of one batch of write-back: what it would write, what it wrote, its undo."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.hub.contracts.writing import BatchInfo, BatchState, LineState
from perilune.hub.queries import writing as queries
from perilune.hub.queries.said import said
from perilune.hub.service import sync
from perilune.hub.web import batch_words as words
from perilune.hub.web import making_words
from perilune.hub.web.write_words import SHOWN
from perilune.jobs import queries as jobs
from perilune.jobs import service as job_service
from perilune.jobs.contracts import State
from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError, Refused, Unavailable
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest, page
from perilune.ui import formats
from perilune.ui.contracts import Action, Link, PageHeader, Steps, StepState, Tone
from perilune.ui.toasts import notify

LOOK_SECONDS = 4.0
"""How long a page looks by itself before the job queue goes on with it."""

Verb = Callable[[PageRequest, BatchInfo], HttpResponse | None]


def looked(request: PageRequest, name: str, batch_id: int) -> HttpResponse:
    """Look for some seconds; what takes longer goes on in the job queue."""
    try:
        is_done = sync.write_step(batch_id, seconds=LOOK_SECONDS).is_done
    except PeriluneError as error:
        notify(request, said(error.message, error.params), tone=Tone.WATCH)
        return redirect("connections:batch", name, batch_id)
    if not is_done:
        sync.write_queue(batch_id, actor=request.actor)
    return redirect("connections:batch", name, batch_id)


@page(Right.WRITE_BACK)
def batch(request: PageRequest, name: str, batch_id: int) -> HttpResponse:
    """Show a batch: the difference before it is written, the log afterwards."""
    info = queries.batch(batch_id, name)
    state = request.GET.get("state", "")
    states = [one for one in LineState if one.value == state]
    lines = queries.lines(batch_id, states=states, limit=SHOWN)
    of = info.count(*states) if states else sum(info.counts.values())
    steps = _steps(info)
    facts = {
        "header": PageHeader(
            info.purpose,
            words.batch_finding(info),
            actions=[] if steps else _actions(info),
            tabs=words.tabs_of(info, state),
            back=Link(
                gettext("Write back to %(name)s") % {"name": name},
                reverse("connections:write", args=[name]),
            ),
            statuses=(words.state_of(info),),
        ),
        "info": info,
        "steps": steps,
        "kpis": words.kpis_of(info),
        "lines": words.lines_of(info, lines, of, request.company.currency),
        "people": words.people_of(info, person_names()),
        "links": _links(info),
    }
    return render(request, "hub/batch.html", facts)


def _actions(info: BatchInfo) -> list[Action]:
    def verb(name: str, label: str, consequence: str = "") -> Action:
        url = reverse("connections:batch_verb", args=[info.connection, info.id, name])
        is_primary = name == "go"
        return Action(label, url, method="post", consequence=consequence, is_primary=is_primary)

    actions = []
    if info.may_go or info.state is BatchState.WRITING:  # nobody is at it: a process was killed
        label = gettext("Go on") if info.started_at else making_words.go_label(info)
        actions.append(verb("go", label, making_words.consequence(info)))
    if info.may_undo:
        what = gettext("First it is shown what would be written; what was changed since stays.")
        actions.append(verb("undo", gettext("Take it back"), what))
    if info.state is BatchState.LOOKING:
        actions.append(verb("look", gettext("Look at what stands there")))
    if info.state in (BatchState.READY, BatchState.LOOKING):
        actions.append(verb("discard", gettext("Discard")))
    return actions


def _links(info: BatchInfo) -> list[tuple[str, str]]:
    links = []
    if info.undoes is not None:
        url = reverse("connections:batch", args=[info.connection, info.undoes])
        links.append((gettext("The batch that it takes back"), url))
    if info.undone_by is not None:
        url = reverse("connections:batch", args=[info.connection, info.undone_by])
        links.append((gettext("The batch that took it back"), url))
    return links


def _steps(info: BatchInfo) -> Steps | None:
    if info.state not in (BatchState.LOOKING, BatchState.WRITING) or info.job_id is None:
        return None
    try:
        job = jobs.job(info.job_id)
    except NotFound:
        return None
    if job.state.is_over:
        return None
    state = StepState.WAITING if job.state is State.QUEUED else StepState.RUNNING
    where = [info.connection, info.id]
    return Steps(
        gettext("Write-back"), state, job.done, job.total, said(job.message, job.message_params),
        poll_url=reverse("connections:batch_progress", args=where),
        cancel_url=reverse("connections:batch_verb", args=[*where, "stop"]),
    )  # fmt: skip


@page(Right.WRITE_BACK)
def progress(request: PageRequest, name: str, batch_id: int) -> HttpResponse:
    """Answer the progress of a batch; the page is asked again once it is over."""
    steps = _steps(queries.batch(batch_id, name))
    if steps is not None:
        return render(request, "hub/part_steps.html", {"steps": steps})
    answer = HttpResponse()
    answer["HX-Redirect"] = reverse("connections:batch", args=[name, batch_id])
    return answer


def _go(request: PageRequest, info: BatchInfo) -> HttpResponse | None:
    sync.write_go(info.id, actor=request.actor)
    sync.write_queue(info.id, actor=request.actor)
    return None


def _look(request: PageRequest, info: BatchInfo) -> HttpResponse | None:
    return looked(request, info.connection, info.id)


def _stop(request: PageRequest, info: BatchInfo) -> HttpResponse | None:
    if info.job_id is not None:
        job_service.cancel(info.job_id)
    sync.write_stop(info.id)
    is_part = request.headers.get("HX-Request") == "true"
    return progress(request, info.connection, info.id) if is_part else None


def _undo(request: PageRequest, info: BatchInfo) -> HttpResponse | None:
    purpose = gettext("Taken back: %(what)s") % {"what": info.purpose}
    undo_id = sync.write_undo(info.id, purpose, actor=request.actor)
    return looked(request, info.connection, undo_id)


def _discard(request: PageRequest, info: BatchInfo) -> HttpResponse | None:
    sync.write_discard(info.id)
    return redirect("connections:write", info.connection)


def _leave(request: PageRequest, info: BatchInfo) -> HttpResponse | None:
    sync.write_leave(info.id, _ids(request))
    return None


def _decide(choice: str) -> Verb:
    def decide(request: PageRequest, info: BatchInfo) -> HttpResponse | None:
        count = sync.write_decide(info.id, _ids(request), choice, actor=request.actor)
        text = ngettext("%(n)s decision kept.", "%(n)s decisions kept.", count)
        notify(request, text % {"n": formats.number(count, 0)})
        return None

    return decide


def _ids(request: PageRequest) -> list[int]:
    return [int(text) for text in request.POST.getlist("id") if text.isdigit()]


_VERBS: dict[str, Verb] = {
    "go": _go, "look": _look, "stop": _stop, "undo": _undo, "discard": _discard, "leave": _leave,
    "ours": _decide("ours"), "theirs": _decide("theirs"),
}  # fmt: skip


@require_POST
@page(Right.WRITE_BACK)
def verb(request: PageRequest, name: str, batch_id: int, what: str) -> HttpResponse:
    """Do something with a batch: go, stop, discard, undo; leave, ours, theirs for some lines."""
    info = queries.batch(batch_id, name)
    if what not in _VERBS:
        raise NotFound(_("There is no such verb."))
    try:
        answer = _VERBS[what](request, info)
    except (Conflict, Invalid, Refused, Unavailable) as error:
        notify(request, said(error.message, error.params), tone=Tone.WATCH)
        answer = None
    return answer or redirect("connections:batch", name, batch_id)
