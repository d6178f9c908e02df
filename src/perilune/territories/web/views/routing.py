"""The routing server among the settings: which one, and what it is used for."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Invalid, Unavailable
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.people.web.shell import header
from perilune.territories import queries, service
from perilune.territories.contracts.routing import Router
from perilune.territories.web.forms import ServerForm
from perilune.ui.contracts import Action
from perilune.ui.toasts import notify


@page(Right.MANAGE_SETTINGS)
def index(request: PageRequest) -> HttpResponse:
    """Say which server designs ask for travel times; one that does not answer is not kept."""
    now = queries.routing_server()
    initial = {"kind": now.kind.value, "url": now.url, "profile": now.profile,
               "most": now.most or None} if now else {}  # fmt: skip
    form = ServerForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            service.put_server(
                Router(values["kind"]), values["url"], profile=values["profile"],
                most=values["most"] or 0, actor=request.actor,
            )  # fmt: skip
        except (Invalid, Unavailable) as error:
            form.take(error)
        else:
            notify(request, gettext("It answered: designs of territories ask it from now on."))
            return redirect("routing:index")
    finding = gettext("No routing server is set: territories are designed on straight lines.")
    verbs = []
    if now:
        finding = gettext("Designs of territories ask %(server)s for travel times.") % {
            "server": queries.shown_server(now)
        }
        verbs = [Action(gettext("Go by straight lines again"), reverse("routing:remove"), "post")]
    facts = {
        "header": header(request, "routing", finding=finding, actions=verbs),
        "form": form,
        "verb": gettext("Ask it and keep it"),
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "territories/routing.html", facts, status=status)


@require_POST
@page(Right.MANAGE_SETTINGS)
def remove(request: PageRequest) -> HttpResponse:
    """Let designs go by straight lines again."""
    service.remove_server()
    notify(request, gettext("Designs go by straight lines again; plans keep their figures."))
    return redirect("routing:index")
