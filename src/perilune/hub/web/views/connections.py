from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_POST

from perilune.hub.contracts.sync import Mode, SyncState
from perilune.hub.queries import connections as queries
from perilune.hub.queries import health
from perilune.hub.queries.connections import ConnectionInfo
from perilune.hub.queries.said import said
from perilune.hub.service import sync
from perilune.hub.web import health_words
from perilune.hub.web import sync_words as words
from perilune.hub.web.source_forms import form_of
from perilune.hub.web.sync_forms import SystemForm
from perilune.hub.web.views.sources import tested_connection
from perilune.jobs import queries as jobs
from perilune.jobs import service as job_service
from perilune.jobs.contracts import State
from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError, Refused, Unavailable
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web import shell
from perilune.people.web.gate import PageRequest, page
from perilune.ui.contracts import (
    Action,
    Confirm,
    Link,
    PageHeader,
    ProblemReport,
    Steps,
    StepState,
)
from perilune.ui.toasts import notify

_VERIFIER = "connection_verifier"


@page(Right.MANAGE_SCHEDULES)
def index(request: PageRequest) -> HttpResponse:
    """Show the connections, and add one or try whether it would come in."""
    of = sync.provider_of(
        request.POST.get("system") or request.GET.get("system") or sync.PROVIDERS[0].name
    )
    form = form_of(of, request.POST or None)
    tested = tested_connection(of, form) if request.method == "POST" and "test" in request.POST \
        else None  # fmt: skip
    if tested is not None and request.headers.get("HX-Request") == "true":
        return render(request, "hub/part_tested.html", {"tested": tested})
    if request.method == "POST" and tested is None and form.is_valid():
        try:
            return redirect(_added(of, form), sync.slug_of(form.cleaned_data["name"]))
        except (Invalid, Conflict, Refused) as error:
            form.take(error)
    is_wrong = form.is_bound and not form.is_valid()
    facts = {
        "header": shell.header(
            request, "connections",
            finding=gettext("Systems that are synced, and the proof that nothing was lost."),
        ),
        "table": health_words.health_table(health.health()),
        "form": form,
        "systems": words.systems_of(sync.PROVIDERS, of.name),
        "how": words.how_of(of),
        "is_demo": request.company.is_demo,
        "verb": gettext("Add the connection"),
        "test_verb": pgettext("verb", "Test") if of.entered else "",
        "tested": tested,
        "tested_template": "hub/part_tested.html" if tested else "",
    }  # fmt: skip
    return render(request, "hub/connections.html", facts, status=422 if is_wrong else 200)


def _added(of: sync.Provider, form: SystemForm) -> str:
    """Add the connection that a form describes; return the page to go on at."""
    given = form.cleaned_data
    if of.entered:
        sync.source_add(given["name"], of.name, given["address"], form.keys())
        return "connections:connect"
    sync.connection_add(
        given["name"], given["address"], given["client_id"], given["client_secret"],
        private_key=given.get("private_key", ""), user=given.get("user", ""),
        token=given.get("token", ""), provider=of.name,
    )  # fmt: skip
    return "connections:connect" if given.get("token") else "connections:show"


@page(Right.MANAGE_SCHEDULES)
def show(request: PageRequest, name: str) -> HttpResponse:
    """Show a connection: its health, what it reads, its runs, the proof of both sides."""
    info = queries.connection(name)
    if info.is_connected and not info.objects and not info.is_named:
        try:
            sync.connection_look(name)
        except PeriluneError as error:
            notify(request, said(error.message, error.params))
        info = queries.connection(name)
    cells = queries.proof(name)
    known = health.health_of(name)
    facts: dict[str, object] = {
        "info": info,
        "steps": _steps(info),
        "kpis": words.kpis_of(info),
        "objects": words.objects_of(info),
        "proof": words.proof_of(cells, [one.name for one in info.objects]),
        "differing": words.differing_of(cells),
        "troubles": health_words.troubles_table(
            known.troubles, name, may_write=Right.WRITE_BACK in request.rights
        ),
        "may_write": Right.WRITE_BACK in request.rights,
        "writing": health_words.writing_facts(known.writing),
        "runs": words.runs_of(known.runs[:10]),
        "notices": words.notices_of(info.last),
        "minutes": info.schedule.every if info.schedule and info.schedule.is_enabled else 0,
        "choices": _cadences(),
        "missing": info.last.import_ids[-1] if info.asked and info.last and info.last.import_ids
        else 0,
        "problem": _problem(info),
    }  # fmt: skip
    return _render(request, info, "connection.html", facts)


def _cadences() -> list[tuple[int, str]]:
    return [
        (0, gettext("only when asked")),
        (15, gettext("every 15 minutes")),
        (60, gettext("every hour")),
        (360, gettext("every 6 hours")),
        (1440, gettext("every day")),
    ]


def _render(
    request: PageRequest, info: ConnectionInfo, template: str, facts: dict[str, object]
) -> HttpResponse:
    actions: list[Action] = []
    if info.is_connected and info.running is None:
        actions = [
            Action(gettext("Sync now"), reverse("connections:sync", args=[info.name]),
                   method="post", icon="refresh-cw"),
        ]  # fmt: skip
    if Right.WRITE_BACK in request.rights and not info.is_named:
        actions.append(
            Action(gettext("Write back"), reverse("connections:write", args=[info.name]),
                   icon="send")
        )  # fmt: skip
    header = PageHeader(
        info.name, words.finding_of(info), actions=actions,
        back=Link(gettext("Connections"), reverse("connections:index")),
        statuses=(words.state_of(info),),
    )  # fmt: skip
    return render(request, f"hub/{template}", {"header": header, **facts})


def _problem(info: ConnectionInfo) -> ProblemReport | None:
    last = info.last
    if last is None or last.state is not SyncState.FAILED:
        return None
    return ProblemReport(
        what=said(last.message, last.message_params),
        todo=gettext("Sync again: the run goes on where it stopped, or begins anew."),
        kept=gettext("Nothing was lost; records stand as the last run left them."),
    )


def _steps(info: ConnectionInfo) -> Steps | None:
    run = info.running
    if run is None:
        return None
    done, total, message, state = 0, 0, "", StepState.RUNNING
    if run.job_id is not None:
        try:
            job = jobs.job(run.job_id)
        except NotFound:
            return None
        if job.state.is_over:
            return None
        done, total = job.done, job.total
        message = said(job.message, job.message_params)
        state = StepState.WAITING if job.state is State.QUEUED else StepState.RUNNING
    return Steps(
        gettext("Sync"), state, done, total, message,
        poll_url=reverse("connections:progress", args=[info.name]),
        cancel_url=reverse("connections:cancel", args=[info.name]),
    )  # fmt: skip


@page(Right.MANAGE_SCHEDULES)
def connect(request: PageRequest, name: str) -> HttpResponse:
    """Lead to the page where access is allowed; an app that signs for itself comes right in."""
    if queries.connection(name).signs_itself:
        try:
            sync.connection_sign_in(name)
        except PeriluneError as error:
            notify(request, said(error.message, error.params))
        return redirect("connections:show", name)
    back = request.build_absolute_uri(reverse("connections:back"))
    door, verifier = sync.connection_door(name, back, request.actor)
    request.session[_VERIFIER] = verifier
    return redirect(door)


@page(Right.MANAGE_SCHEDULES)
def arrive(request: PageRequest) -> HttpResponse:
    """Take the answer of the page where access is allowed."""
    verifier = str(request.session.pop(_VERIFIER, ""))
    if request.GET.get("error"):
        raise Refused(_("Access was not allowed at the other system."))
    back = request.build_absolute_uri(reverse("connections:back"))
    name = sync.connection_arrive(
        request.GET.get("code", ""), request.GET.get("state", ""), back, request.actor, verifier
    )
    notify(request, gettext("Connected."))
    return redirect("connections:show", name)


@page(Right.MANAGE_SCHEDULES)
def choose(request: PageRequest, name: str, object_name: str) -> HttpResponse:
    """Show how an object is read, and take other choices."""
    info = queries.connection(name)
    table = sync.object_choice(name, object_name)
    if request.method == "POST":
        columns = {
            column.column: request.POST.get(f"field-0-{i}", "")
            for i, column in enumerate(table.columns)
        }
        sync.connection_choose(
            name, object_name, columns if table.is_editable else {}, on="on" in request.POST
        )
        notify(request, gettext("Saved. The next sync reads this object from its beginning."))
        return redirect("connections:show", name)
    is_on = next(one.is_on for one in info.objects if one.name == object_name)
    facts = {"info": info, "table": table, "is_on": is_on, "is_described": True,
             "object_name": object_name}  # fmt: skip
    return _render(request, info, "connection_map.html", facts)


@require_POST
@page(Right.MANAGE_SCHEDULES)
def start(request: PageRequest, name: str) -> HttpResponse:
    """Begin a sync on the job queue."""
    mode = request.POST.get("mode", Mode.INCREMENTAL.value)
    if mode not in {item.value for item in Mode}:
        raise Invalid(_("There is no such way to sync."))
    try:
        sync.sync_queue(name, Mode(mode), actor=request.actor)
    except (Conflict, Unavailable) as error:
        notify(request, said(error.message, error.params))
    return redirect("connections:show", name)


@page(Right.MANAGE_SCHEDULES)
def progress(request: PageRequest, name: str) -> HttpResponse:
    """Answer the progress of the running sync; the page is asked again once it is over."""
    steps = _steps(queries.connection(name))
    if steps is not None:
        return render(request, "hub/part_steps.html", {"steps": steps})
    answer = HttpResponse()
    answer["HX-Redirect"] = reverse("connections:show", args=[name])
    return answer


@require_POST
@page(Right.MANAGE_SCHEDULES)
def cancel(request: PageRequest, name: str) -> HttpResponse:
    """Stop the running sync; what is not complete is erased."""
    run = queries.connection(name).running
    if run is not None:
        if run.job_id is not None:
            job_service.cancel(run.job_id)
        sync.sync_cancel(run.id)
    if request.headers.get("HX-Request") == "true":
        return progress(request, name)
    return redirect("connections:show", name)


@require_POST
@page(Right.MANAGE_SCHEDULES)
def schedule(request: PageRequest, name: str) -> HttpResponse:
    """Take how often a connection syncs by itself."""
    text = request.POST.get("minutes", "0")
    if not text.isdigit():
        raise Invalid(_("«%(value)s» is not a number; the field stays empty."), value=text)
    sync.sync_schedule(name, int(text))
    notify(request, gettext("The schedule is set."))
    return redirect("connections:show", name)


@page(Right.MANAGE_SCHEDULES)
def forget(request: PageRequest, name: str) -> HttpResponse:
    """Ask, then forget a connection; its records stay."""
    info = queries.connection(name)
    if request.method == "POST":
        sync.sync_schedule(name, 0)
        sync.connection_forget(name)
        notify(request, gettext("Forgotten. The records that it brought stay."))
        return redirect("connections:index")
    question = Confirm(
        gettext("Forget %(title)s?") % {"title": info.name},
        gettext("Its keys, its proof and its ledger are erased; the records that it brought stay."),
        Action(gettext("Forget this connection"), reverse("connections:forget", args=[name]),
               method="post", is_dangerous=True),
        cancel_url=reverse("connections:show", args=[name]),
    )  # fmt: skip
    return _render(request, info, "confirm.html", {"question": question})
