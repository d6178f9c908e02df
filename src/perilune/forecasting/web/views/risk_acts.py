"""One verb on one or many risks: asks what it needs, then writes one change set with its undo."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.forecasting import queries, service
from perilune.forecasting.contracts import RiskKey
from perilune.forecasting.service.risks import LONGEST_SLEEP, Asked
from perilune.forecasting.web import risk_acts
from perilune.forecasting.web.risk_acts import VERBS
from perilune.forecasting.web.views.ranges import target_in_scope
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui.contracts import Link, PageHeader
from perilune.ui.toasts import notify

ASKING = ("assign", "snooze", "close")
"""Verbs that need to know more than which risks are meant."""


@require_POST
@page(Right.EDIT_RECORDS)
def act(request: PageRequest, period: str) -> HttpResponse:
    """Take on, hand over, let sleep, wake or close risks."""
    risk_acts.require_act(request)
    asked = request.company.calendar.parse(period)
    verb = request.POST.get("verb", "")
    if verb not in VERBS:
        raise Invalid(_("There is no such verb."))
    goal = target_in_scope(request, asked)
    found = queries.risks_of(asked, request.as_of, request.scope, target=goal)
    keys = risk_acts.keys_asked(request, found)
    if not keys:
        raise Invalid(_("Select at least one risk that this can be done with."))
    if verb in ASKING and "ready" not in request.POST:
        return _ask(request, asked, verb, keys)
    change_set = _do(request, verb, keys, Asked(request.actor, request.as_of.day, asked))
    done = ngettext("%(count)s risk changed", "%(count)s risks changed", len(keys))
    notify(request, done % {"count": len(keys)}, reverse("crm:undo", args=[change_set]))
    return redirect(_back(request, asked))


def _do(request: PageRequest, verb: str, keys: Sequence[RiskKey], asked: Asked) -> int:
    verbs = service.risks
    if verb == "take":
        return verbs.take(keys, asked)
    if verb == "assign":
        owner, due = request.POST.get("owner", ""), risk_acts.day_typed(request, "due")
        if owner not in {choice.value for choice in risk_acts.hands(request)}:
            raise Invalid(_("Choose who does it."))
        return verbs.take(keys, asked, owner=owner, due=due)
    if verb == "snooze":
        until = risk_acts.day_typed(request, "until")
        if until is None:
            raise Invalid(_("Say until when the risk may sleep."))
        return verbs.snooze(keys, asked, reason=request.POST.get("reason", ""), until=until)
    if verb == "wake":
        return verbs.wake(keys, asked)
    outcome = risk_acts.outcome_typed(request)
    return verbs.close(keys, asked, outcome=outcome, reason=request.POST.get("reason", ""))


def _ask(request: PageRequest, period: Period, verb: str, keys: Sequence[RiskKey]) -> HttpResponse:
    titles = {
        "assign": gettext("Hand over"),
        "snooze": gettext("Let sleep"),
        "close": gettext("Close"),
    }
    consequences = {
        "assign": gettext("Whoever does it finds the risks under «mine»."),
        "snooze": gettext("They leave the list and come back the day after; nothing is closed."),
        "close": gettext("They stay on the list as long as their facts hold."),
    }
    count = ngettext("%(count)s risk", "%(count)s risks", len(keys)) % {"count": len(keys)}
    facts = {
        "header": PageHeader(
            titles[verb],
            finding=f"{count}. {consequences[verb]}",
            back=Link(
                gettext("Risks %(period)s") % {"period": period.name}, _back(request, period)
            ),
        ),
        "title": titles[verb],
        "verb": verb,
        "posted": [
            (name, value)
            for name in ("id", "kind", "portfolio")
            for value in request.POST.getlist(name)
        ],
        "hands": risk_acts.hands(request),
        "outcomes": risk_acts.outcomes(),
        "first": request.as_of.day,
        "last": request.as_of.day + LONGEST_SLEEP,
        "back_url": _back(request, period),
    }
    return render(request, "forecasting/risk_act.html", facts)


def _back(request: PageRequest, period: Period) -> str:
    """Return the page that the person came from."""
    came = request.POST.get("back") or request.headers.get("Referer", "")
    if came and url_has_allowed_host_and_scheme(came, {request.get_host()}) and "/act/" not in came:
        return came
    return reverse("forecasting:risks", args=[period.name])
