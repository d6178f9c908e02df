"""Pages of dossiers: find a person, see where they stand, export, ask, approve, read the proof."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST

from perilune.jobs import queries as jobs
from perilune.jobs.contracts import State
from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import may_approve
from perilune.people.web import shell
from perilune.people.web.gate import PageRequest, page, said
from perilune.privacy import queries, service
from perilune.privacy.contracts import GROUNDS, DossierInfo, DossierState, Ground
from perilune.privacy.contracts.dossiers import OUTSIDE
from perilune.privacy.web import words
from perilune.ui.contracts import Action, Link, PageHeader, ProblemReport, Steps, StepState, Tab
from perilune.ui.toasts import notify


@page(Right.PROTECT_PEOPLE)
def index(request: PageRequest) -> HttpResponse:
    """Look for a person; the dossiers there are."""
    text = request.GET.get("q", "").strip()
    found, problem = [], ""
    if text:
        try:
            found = words.candidates(queries.find(text))
        except Invalid as error:
            problem = said(error)
    infos = queries.dossiers()
    waiting = sum(info.state is DossierState.ASKED for info in infos)
    facts = {
        "header": header_of(request, "index", _finding(waiting)),
        "text": text,
        "found": found,
        "problem": problem,
        "table": words.list_of(infos),
        "kept_out": queries.count_kept_out(),
    }
    return render(request, "privacy/index.html", facts)


def header_of(request: PageRequest, current: str, finding: str) -> PageHeader:
    """Return the header of a page of privacy, with its two parts below the tabs."""
    pages = (("index", gettext("People")), ("retention", gettext("Retention rules")))
    parts = [
        Tab(label, reverse(f"privacy:{name}"), is_current=name == current) for name, label in pages
    ]
    return replace(shell.header(request, "privacy", finding=finding), parts=parts)


def _finding(waiting: int) -> str:
    if not waiting:
        return gettext("Find, export and erase a person: nobody decides alone.")
    return gettext("Erasures that wait for somebody else: %(count)s.") % {"count": waiting}


@require_POST
@page(Right.PROTECT_PEOPLE)
def open_one(request: PageRequest) -> HttpResponse:
    """Open a dossier of the records that were ticked, or of what was typed."""
    records = []
    for value in request.POST.getlist("record"):
        kind, _sep, number = value.partition(":")
        if number.isdecimal():
            records.append((kind, int(number)))
    extra = [request.POST.get("text", "")] if "with_text" in request.POST else []
    opened = service.dossier_open(records, extra=extra, actor=request.actor)
    return redirect("privacy:show", opened)


@page(Right.PROTECT_PEOPLE)
def show(request: PageRequest, dossier_id: int) -> HttpResponse:
    """Show a dossier: where the person stands, what goes, what stays, who decides."""
    info = queries.dossier(dossier_id)
    state = info.state
    header = PageHeader(
        words.title_of(info), words.finding_of(info),
        actions=_actions(info), back=Link(gettext("Privacy"), reverse("privacy:index")),
        statuses=(words.status_of(state),),
    )  # fmt: skip
    facts: dict[str, Any] = {
        "header": header,
        "info": info,
        "steps": _steps(info),
        "problem": _problem(info),
        "places": words.places_of(info),
        "people": [
            (words.kind_label(kind), queries.name_of(kind, number), words.record_url(kind, number))
            for kind, number in info.records
        ],
        "shared": [
            (f"{kind}:{number}", words.kind_label(kind), queries.name_of(kind, number),
             words.record_url(kind, number))
            for kind, number in info.shared if state is not DossierState.DONE
        ],
        "mentions": words.mentions_of(info),
        "stays": words.stays(),
        "grounds": [(ground.value, gettext(label)) for ground, label in GROUNDS.items()],
        "ground": gettext(GROUNDS[Ground(info.ground)]) if info.ground else "",
        "may_ask": state in (DossierState.FOUND, DossierState.REMAINS),
        "is_asked": state is DossierState.ASKED,
        "may_approve": state is DossierState.ASKED
        and may_approve(request.actor, [info.asked_by]),
        "may_change": state is DossierState.FOUND,
        "proof": info.proof,
        "proof_facts": words.proof_facts(info.proof) if info.proof else [],
        "remains": words.remains_of(info.proof) if info.proof and info.proof.remains else None,
        "hashes": words.hashes_of(info.proof) if info.proof else [],
        "outside": [gettext(text) for text in OUTSIDE],
    }  # fmt: skip
    return render(request, "privacy/dossier.html", facts)


def _actions(info: DossierInfo) -> list[Action]:
    if info.state in (DossierState.DONE, DossierState.DROPPED, DossierState.LOOKING):
        return []
    return [
        Action(
            gettext("Export everything"), reverse("privacy:export", args=[info.id]), method="post",
            icon="download",
        )
    ]  # fmt: skip


def _steps(info: DossierInfo) -> Steps | None:
    if info.state not in (DossierState.LOOKING, DossierState.APPROVED) or info.job_id is None:
        return None
    try:
        job = jobs.job(info.job_id)
    except NotFound:
        return None
    if job.state.is_over:
        return None
    title = gettext("Erasure") if info.state is DossierState.APPROVED else gettext("Look")
    return Steps(
        title, StepState.WAITING if job.state is State.QUEUED else StepState.RUNNING,
        job.done, job.total, gettext(job.message) if job.message else "",
        poll_url=reverse("privacy:progress", args=[info.id]),
    )  # fmt: skip


def _problem(info: DossierInfo) -> ProblemReport | None:
    """Say that a job failed, or what remains; nothing is lost by carrying it out again."""
    again = Action(
        gettext("Carry it out again"), reverse("privacy:change", args=[info.id]), method="post",
        values={"verb": "again"}, is_primary=True,
    )  # fmt: skip
    if info.state is DossierState.REMAINS:
        return ProblemReport(
            what=gettext("The search after the erasure still found this person."),
            todo=gettext("See below where, and carry it out again."),
            kept=gettext("What was erased stays erased."),
            actions=(again,),
        )
    if info.state is not DossierState.APPROVED or info.job_id is None:
        return None
    try:
        job = jobs.job(info.job_id)
    except NotFound:
        job = None
    if job is not None and job.state not in (State.FAILED, State.CANCELLED):
        return None
    return ProblemReport(
        what=gettext(job.error)
        if job is not None and job.error
        else gettext("The job ended early."),
        todo=gettext("Carry it out again: it goes on from what is done."),
        kept=gettext("What was erased stays erased."),
        actions=(again,),
    )


@page(Right.PROTECT_PEOPLE)
def progress(request: PageRequest, dossier_id: int) -> HttpResponse:
    """Answer how far the job is; the page is asked again once it is over."""
    steps = _steps(queries.dossier(dossier_id))
    if steps is not None:
        return render(request, "privacy/part_steps.html", {"steps": steps})
    answer = HttpResponse()
    answer["HX-Redirect"] = reverse("privacy:show", args=[dossier_id])
    return answer


@require_POST
@page(Right.PROTECT_PEOPLE)
def take_out(request: PageRequest, dossier_id: int) -> HttpResponse:
    """Hand out everything that is held of a person, as one file."""
    info = queries.dossier(dossier_id)
    if info.state in (DossierState.DONE, DossierState.DROPPED):
        raise Conflict(_("This dossier is closed."))
    name, content = queries.export(dossier_id, get_language() or "en")
    answer = HttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@page(Right.PROTECT_PEOPLE)
def change(request: PageRequest, dossier_id: int) -> HttpResponse:
    """Ask, approve, close, look again, carry out again."""
    verb = request.POST.get("verb", "")
    try:
        _do(request, dossier_id, verb)
    except PeriluneError as error:
        if isinstance(error, NotFound):
            raise
        notify(request, said(error))
    return redirect("privacy:show", dossier_id)


def _do(request: PageRequest, dossier_id: int, verb: str) -> None:
    actor = request.actor
    if verb == "ask":
        ground = request.POST.get("ground", "")
        if ground not in {item.value for item in Ground}:
            raise Invalid(_("Say why the person is erased."))
        chosen = [words.mention_of(value) for value in request.POST.getlist("mention")]
        service.erasure_ask(
            dossier_id, ground=ground, chosen=[one for one in chosen if one], actor=actor
        )
    elif verb == "approve":
        service.erasure_approve(dossier_id, actor=actor)
    elif verb == "close":
        service.erasure_withdraw(dossier_id, actor=actor)
    elif verb == "again":
        service.erasure_again(dossier_id, actor=actor)
    elif verb == "add":
        kind, _sep, number = request.POST.get("record", "").partition(":")
        service.dossier_add(dossier_id, kind, int(number) if number.isdecimal() else 0, actor=actor)
    elif verb == "look":
        service.look_again(dossier_id, actor=actor)
    else:
        raise Invalid(_("There is no such verb."))
