"""Providers, what they may do, asking them; and the typing that machines saved."""

from __future__ import annotations

from pathlib import Path

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST

from perilune.hub.contracts.enriching import ENRICHED, Form
from perilune.hub.contracts.typing import DEFINITION, OWNER
from perilune.hub.queries.enriching import provider, providers
from perilune.hub.queries.typing import typing_avoided
from perilune.hub.service import enriching
from perilune.hub.service.typing import set_seconds
from perilune.hub.web import enriching_shown as shown
from perilune.hub.web import mending_shown
from perilune.hub.web.views.imports import kept
from perilune.hub.web.views.repairs import whole
from perilune.hub.web.words import kind_label
from perilune.jobs import queries as jobs
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, require
from perilune.people.web.progress import steps_of
from perilune.ui import formats
from perilune.ui.contracts import Action, Link, PageHeader
from perilune.ui.export import csv_response, xlsx_response
from perilune.ui.toasts import notify


@page(Right.IMPORT_DATA)
def index(request: PageRequest) -> HttpResponse:
    """Show the providers, take a file, connect a service."""
    whole(request)
    facts = {
        "header": PageHeader(
            gettext("Enrichment"),
            gettext("What others know of your records waits among the proposals, with its source."),
            tabs=mending_shown.tabs("providers"),
            back=Link(gettext("Data"), reverse("hub:index")),
        ),
        "table": shown.providers_table(providers()),
        "kinds": [(kind, kind_label(kind)) for kind in ENRICHED],
        "may_set": Right.MANAGE_SETTINGS in request.rights,
        "is_demo": request.company.is_demo,
    }
    return render(request, "hub/providers.html", facts)


@require_POST
@page(Right.IMPORT_DATA)
def upload(request: PageRequest) -> HttpResponse:
    """Take the file of a provider and read it in a job."""
    whole(request)
    files = request.FILES.getlist("files")
    if not files:
        raise Invalid(_("No file was chosen."))
    name = request.POST.get("name", "").strip()
    threshold = request.POST.get("threshold", "").strip().replace(",", ".")
    try:
        share = float(threshold) / 100 if threshold else None
    except ValueError:
        raise Invalid(_("“%(text)s” is not a number."), text=threshold) from None
    enriching.provider_set(
        name, actor=request.actor, kind=request.POST.get("kind", "account"), threshold=share
    )
    path = kept(files)
    enriching.enrich_start(name, actor=request.actor, path=_together(path))
    return redirect("hub:provider", name)


def _together(path: Path) -> Path:
    return path if path.is_dir() else path.parent


@require_POST
@page(Right.IMPORT_DATA)
def service(request: PageRequest) -> HttpResponse:
    """Keep how an HTTP service is asked."""
    whole(request)
    require(request, Right.MANAGE_SETTINGS)
    settings, headers = shown.read_service(request.POST)
    name = request.POST.get("name", "").strip()
    kind = request.POST.get("kind", "account")
    enriching.service_set(name, settings, actor=request.actor, kind=kind, headers=headers)
    notify(request, gettext("Kept."))
    return redirect("hub:provider", name)


@page(Right.IMPORT_DATA)
def show(request: PageRequest, name: str) -> HttpResponse:
    """Show one provider: what it may do to each field, how it is asked, what it said."""
    whole(request)
    info = provider(name)
    if request.method == "POST":
        require(request, Right.MANAGE_SETTINGS)
        enriching.policies_set(name, shown.read_policies(request.POST, info))
        notify(request, gettext("Kept: the next answers go by it."))
        return redirect("hub:provider", name)
    steps = None
    if info.job_id is not None:
        steps = steps_of(
            jobs.job(info.job_id), gettext("What was said before stands."), may_cancel=True
        )
    actions = [
        Action(
            gettext("See what it says"), icon="list-checks",
            url=mending_shown.group_url("repairs_of", (info.kind, "enriched", name)),
            refused="" if info.waiting else gettext("Nothing waits."),
        )
    ]  # fmt: skip
    if info.form is Form.SERVICE:
        ask = reverse("hub:provider_ask", args=[name])
        actions.append(Action(gettext("Ask now"), ask, method="post", icon="refresh-cw"))
    if Right.MANAGE_SETTINGS in request.rights:
        actions.append(
            Action(
                gettext("Remove"), reverse("hub:provider_remove", args=[name]), method="post",
                icon="x", consequence=gettext("What was accepted stays, with its source."),
            )
        )  # fmt: skip
    facts = {
        "header": PageHeader(
            name, _finding(info.waiting), actions=actions,
            back=Link(gettext("Enrichment"), reverse("hub:providers")),
        ),
        "steps": steps,
        "info": info,
        "policies": shown.policies(info),
        "fields_text": shown.service_text(info.service),
        "may_set": Right.MANAGE_SETTINGS in request.rights,
        "kinds": [(info.kind, kind_label(info.kind))],
    }  # fmt: skip
    return render(request, "hub/provider.html", facts)


def _finding(waiting: int) -> str:
    if not waiting:
        return gettext("Nothing waits.")
    return gettext("Proposals that wait: %(n)s.") % {"n": formats.number(waiting, 0)}


@require_POST
@page(Right.IMPORT_DATA)
def ask(request: PageRequest, name: str) -> HttpResponse:
    """Ask a service about all records, in a job."""
    whole(request)
    enriching.enrich_start(name, actor=request.actor)
    return redirect("hub:provider", name)


@require_POST
@page(Right.IMPORT_DATA)
def remove(request: PageRequest, name: str) -> HttpResponse:
    """Forget a provider and what waits of it."""
    whole(request)
    require(request, Right.MANAGE_SETTINGS)
    enriching.provider_remove(name)
    notify(request, gettext("Removed."))
    return redirect("hub:providers")


# -- typing avoided --------------------------------------------------------------------------------


@page(Right.IMPORT_DATA)
def typing(request: PageRequest) -> HttpResponse:
    """Show what typing machines saved, by month and team, and what it rests on."""
    whole(request)
    if request.method == "POST":
        require(request, Right.MANAGE_SETTINGS)
        set_seconds(shown.read_seconds(request.POST))
        notify(request, gettext("Kept."))
        return redirect("hub:typing")
    report = typing_avoided(request.as_of)
    facts = {
        "header": PageHeader(
            gettext("Typing avoided"),
            shown.typing_finding(report),
            tabs=mending_shown.tabs("typing"),
            back=Link(gettext("Data"), reverse("hub:index")),
        ),
        "kpis": shown.typing_kpis(report),
        "table": shown.typing_table(report),
        "seconds": shown.seconds_table(report),
        "inputs": shown.seconds_inputs(report),
        "definition": gettext(DEFINITION),
        "owner": gettext(OWNER),
        "until": formats.day(report.until),
        "may_set": Right.MANAGE_SETTINGS in request.rights,
    }
    return render(request, "hub/typing.html", facts)


@page(Right.EXPORT_DATA)
def typing_export(request: PageRequest, form: str) -> HttpResponseBase:
    """Give every line of the measure as a file."""
    whole(request)
    made = shown.typing_export(typing_avoided(request.as_of))
    if form == "csv":
        return csv_response(made, get_language() or "en")
    if form == "xlsx":
        return xlsx_response(made)
    raise NotFound(_("Repairs are exported as csv or xlsx."))
