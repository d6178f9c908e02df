"""What quotas rest on: a mix of bases, previewed and taken; sums from below beside targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from perilune.kernel.errors import Conflict, Invalid, Refused
from perilune.kernel.messages import gettext_noop
from perilune.people.contracts import Right
from perilune.people.web.forms import PlainForm
from perilune.people.web.gate import PageRequest, page, said
from perilune.planning import queries, service
from perilune.planning.contracts import (
    BASIS_LABELS,
    COMPANY,
    HISTORY_ALONE,
    Level,
    PlanView,
    QuotaBasis,
)
from perilune.planning.queries.account_targets import require_whole_view
from perilune.planning.queries.quota_bases import BASES, Mixed, mixed_plan
from perilune.planning.web import bases_shown, plan_shown, shown
from perilune.planning.web.plan_forms import PercentField
from perilune.ui import formats
from perilune.ui.contracts import Action, Empty, Tone
from perilune.ui.toasts import notify


class MixForm(PlainForm):
    """The parts of a mix, in any unit."""

    history = PercentField(label=_("History"), required=False)
    potential = PercentField(label=_("Potential of the accounts"), required=False)
    pipeline = PercentField(label=_("Open deals, by chance"), required=False)
    pipeline_value = PercentField(label=_("Open deals, full value"), required=False)
    accounts = PercentField(
        label=_("Account targets"), required=False,
        help_text=_("Parts in any unit: 1 and 3 are 25 % and 75 %. An empty one does not count."),
    )  # fmt: skip

    def mix(self) -> dict[str, float]:
        """Return the parts of a valid form that are above zero."""
        return {name: float(part) for name, part in self.cleaned_data.items() if part}


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """The bases of each rep's quota, by the mix of the plan or the address; a POST takes it."""
    view = queries.plan(plan_id, request.scope, request.actor)
    if request.method == "POST":
        return _taken(request, plan_id)
    facts: dict[str, Any] = {"header": plan_shown.header(request, view, "bases", verbs=())}
    if not view.is_whole:
        reason = gettext("You see the rows of your reps; shares are of the whole plan.")
        facts["empty"] = Empty(gettext("Bases are of the whole plan"), reason, icon="scale")
        return shown.show(request, "bases.html", facts)
    form = _form(request.GET, view)
    facts["form"] = form
    try:
        found = found_of(request, view)
    except Invalid as error:
        notify(request, said(error), tone=Tone.WATCH)
        return redirect("planning:plan_bases", plan_id)
    can = plan_shown.may_edit(request, view.head)
    facts |= {
        "header": plan_shown.header(
            request, view, "bases", said=bases_shown.finding(view, found), verbs=()
        ),
        "take": _take(view, found) if can else None,
        "table": bases_shown.reps_table(request, view, found),
        "sums": bases_shown.bottom_up_table(request, view, found.targets),
        "found": True,
    }
    return shown.show(request, "bases.html", facts)


def found_of(request: PageRequest, view: PlanView) -> Mixed:
    """Return the plan by the mix that the address names, else by its own."""
    require_whole_view(view)
    form = _form(request.GET, view)
    mix = form.mix() if form.is_bound and form.is_valid() else dict(view.content.mix)
    year = request.company.calendar.year(view.head.year)
    return mixed_plan(view.content, mix, year, request.scope, request.as_of)


def _form(given: Mapping[str, Any], view: PlanView) -> MixForm:
    names = {basis.value for basis in BASES}
    own = view.content.mix or HISTORY_ALONE
    return MixForm(given if names & set(given) else None, initial=dict(own))


def _take(view: PlanView, found: Mixed) -> Action:
    mix = found.content.mix or {QuotaBasis.HISTORY.value: 1.0}
    values = {name: f"{part:g}" for name, part in mix.items()}
    refused = ""
    if view.content.year(Level.OPERATING, COMPANY) is None:
        refused = gettext("The plan has no operating target yet.")
    return Action(
        gettext("Take the mix as one edition"), reverse("planning:plan_bases", args=[view.head.id]),
        "post", "check", values={**values, "edition": str(view.head.edition)}, is_primary=True,
        refused=refused,
    )  # fmt: skip


def _taken(request: PageRequest, plan_id: int) -> HttpResponse:
    form = MixForm(request.POST)
    try:
        if not form.is_valid():
            label = gettext(BASIS_LABELS[QuotaBasis(next(iter(form.errors)))])
            raise Invalid(_NOT_A_PART, basis=label)
        misfits = service.set_bases(
            plan_id, shown.edition_of(request) or 0, form.mix(),
            actor=request.actor, scope=request.scope,
        )  # fmt: skip
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
        return redirect("planning:plan_bases", plan_id)
    if misfits:
        text = ngettext("Taken; %(n)s sum does not fit between floors, caps and fixed amounts.",
                        "Taken; %(n)s sums do not fit between floors, caps and fixed amounts.",
                        len(misfits))  # fmt: skip
        notify(request, text % {"n": formats.number(len(misfits), 0)}, tone=Tone.WATCH)
    else:
        notify(request, gettext("Taken and reconciled: every level sums to the cent."))
    return redirect("planning:plan_bases", plan_id)


_NOT_A_PART = gettext_noop("“%(basis)s”: a part lies between 0 and 100.")
