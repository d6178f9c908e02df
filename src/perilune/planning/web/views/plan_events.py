"""The hires and leavers of an annual plan, and what they have to do with scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest, page, require, said
from perilune.planning import queries, service
from perilune.planning.contracts import EDIT_LABELS, EDITS, PlanView, ScenarioHead
from perilune.planning.contracts.sharing import Proposal
from perilune.planning.queries.words import unit_label
from perilune.planning.web import plan_events_shown, plan_shown, sharing_shown, shown
from perilune.planning.web.market_forms import FORMS
from perilune.planning.web.sentences import ICONS
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Choice,
    Column,
    Empty,
    Filter,
    FilterBar,
    Format,
    Row,
    Table,
    Tone,
)
from perilune.ui.toasts import notify

PEOPLE = ("hire", "leave", "absence")


@page(Right.MAKE_PLANS)
def people(request: PageRequest, plan_id: int, kind: str = "") -> HttpResponse:
    """The hires and leavers of a plan; a form that adds one."""
    view = queries.plan(plan_id, request.scope, request.actor)
    can = plan_shown.may_edit(request, view.head) and view.is_circle and view.is_whole
    facts: dict[str, Any] = {
        "header": plan_shown.header(request, view, "people"),
        "events": plan_events_shown.planned_events(request, view),
        "is_circle": view.is_circle,
        "empty": Empty(
            gettext("No hire or leaver is planned"),
            gettext("Each changes who carries which quota from its day on."),
            icon="users",
        ),
        "withheld": Empty(
            gettext("Hires and leavers are seen by those who were named"),
            gettext("Its author shares the plan by name."),
            icon="users",
        ),
        "new_events": [
            Action(gettext(EDIT_LABELS[each]),
                   reverse("planning:plan_people_new", args=[plan_id, each]), icon=ICONS[each])
            for each in PEOPLE
        ] if can else [],
        "scenario_verbs": _scenario_verbs(view, can=can),
    }  # fmt: skip
    if kind:
        return _new_event(request, view, kind, facts)
    facts["ties"] = plan_events_shown.ties_of_plan(request, view) if view.is_circle else []
    return shown.show(request, "plan_people.html", facts)


def _scenario_verbs(view: PlanView, *, can: bool) -> list[Action]:
    """Return the ways between the plan and scenarios, for whoever sees its people events."""
    if not (view.is_circle and view.is_whole):
        return []
    here = [view.head.id]
    take = Action(gettext("Take from a scenario"), reverse("planning:plan_take", args=here),
                  icon="git-compare")  # fmt: skip
    open_ = Action(gettext("Open as a scenario"), reverse("planning:plan_scenario", args=here),
                   "post", "copy")  # fmt: skip
    return [take] * can + [open_] * bool(view.content.people)


def _new_event(
    request: PageRequest, view: PlanView, kind: str, facts: dict[str, Any]
) -> HttpResponse:
    if kind not in PEOPLE:
        raise NotFound(_("There is no such verb."))
    sellers = [row for row in view.content.units.values() if row.kind == "rep" and row.number > 0]
    reps = tuple((row.number, unit_label(row.unit, view.names)) for row in sellers)
    offered = replace(queries.choices(request.scope, request.as_of), reps=reps)
    rows = [row for row in view.content.units.values() if row.kind == "rep" and row.number < 0]
    hires = [(row.number, unit_label(row.unit, view.names)) for row in rows]
    form = FORMS[EDITS[kind]](request.POST or None, offered=offered, hires=hires)
    if "ramp_days" in form.fields:
        form.fields["ramp_days"].help_text = gettext(
            "Empty: as learnt of all sellers, else as assumed; what you type counts."
        )

    def add() -> None:
        edition = shown.edition_of(request) or 0
        by: dict[str, Any] = {"actor": request.actor, "scope": request.scope}
        service.people_add(view.head.id, edition, form.edit(), **by)

    done = gettext("Planned: reconcile to let quotas follow.")
    if request.method == "POST" and shown.saved(request, form, add, done):
        return redirect("planning:plan_people", view.head.id)
    facts |= {
        "form": form,
        "form_title": gettext(EDIT_LABELS[kind]),
        "verb": gettext("Plan it"),
        "edition": view.head.edition,
        "cancel_url": reverse("planning:plan_people", args=[view.head.id]),
    }
    return shown.show(request, "plan_people.html", facts)


@require_POST
@page(Right.MAKE_PLANS)
def people_remove(request: PageRequest, plan_id: int, number: int) -> HttpResponse:
    """Take a hire or leaver out of a plan."""
    try:
        service.people_remove(
            plan_id,
            (shown.edition_of(request) or 0),
            number,
            actor=request.actor,
            scope=request.scope,
        )
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Taken out of the plan."))
    return redirect("planning:plan_people", plan_id)


@page(Right.MAKE_PLANS)
def take(request: PageRequest, plan_id: int) -> HttpResponse:
    """A scenario beside the plan: what would come, what is there, what a plan cannot hold."""
    require(request, Right.MAKE_SCENARIOS)
    view = queries.plan(plan_id, request.scope, request.actor)
    if request.method == "POST":
        return _taken(request, plan_id)
    asked = request.GET.get("scenario", "")
    heads = queries.heads(request.actor)
    facts: dict[str, Any] = {"header": plan_shown.header(request, view, "people", verbs=())}
    if not asked.isdigit():
        queries.plan_of_circle(plan_id, request.actor, request.scope)
        return shown.show(request, "plan_take.html", facts | {"scenarios": _scenarios(view, heads)})
    by: dict[str, Any] = {"actor": request.actor, "scope": request.scope}
    tie = queries.take_preview(plan_id, int(asked), **by)
    head = tie.scenario.head
    choices = [Choice(str(each.id), each.name, each.id == head.id) for each in heads]
    can = plan_shown.may_edit(request, view.head)
    proposal = sharing_shown.proposal_at(request, plan_id, head.id)
    facts |= {
        "tie": tie,
        "filters": FilterBar([
            Filter("scenario", gettext("Scenario"), "one", asked, choices, summary=head.name)
        ]),
        "lines": plan_events_shown.lines_of(request, view, tie),
        "added": plan_events_shown.added_of(request, view, tie),
        "can": can and bool(tie.open),
        "closed": "" if can else gettext("The plan takes no changes now."),
        "circle": plan_events_shown.circle_note(view),
        "edition": view.head.edition,
        "cancel_url": reverse("planning:plan_people", args=[plan_id]),
        "proposal": proposal,
        "refusal_label": _refusal_label(proposal) if proposal else "",
        "scenario_url": reverse("planning:scenario", args=[head.id]),
        "empty": Empty(gettext("Nothing is assumed here"), icon="list-checks"),
    }  # fmt: skip
    return shown.show(request, "plan_take.html", facts)


def _refusal_label(one: Proposal) -> str:
    name = person_names().get(one.by, one.by)
    return gettext("Proposed by %(name)s. Why it is refused:") % {"name": name}


def _taken(request: PageRequest, plan_id: int) -> HttpResponse:
    number = request.POST.get("scenario", "")
    chosen = None if request.POST.get("all") else [
        int(text) for text in request.POST.getlist("id") if text.removeprefix("-").isdigit()
    ]  # fmt: skip
    seen = request.POST.get("seen", "")
    try:
        count = service.take_scenario(
            plan_id, shown.edition_of(request) or 0, int(number) if number.isdigit() else 0, chosen,
            actor=request.actor, scope=request.scope, seen=int(seen) if seen.isdigit() else None,
        )  # fmt: skip
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
        address = reverse("planning:plan_take", args=[plan_id])
        return redirect(f"{address}?{urlencode({'scenario': number})}")
    text = ngettext(
        "%(n)s event taken into the plan: reconcile to let quotas follow.",
        "%(n)s events taken into the plan: reconcile to let quotas follow.",
        count,
    )
    notify(request, text % {"n": formats.number(count, 0)})
    return redirect("planning:plan_people", plan_id)


def _scenarios(view: PlanView, heads: Sequence[ScenarioHead]) -> Table:
    named = person_names()
    rows = [
        Row(
            head.id,
            (head.name, head.period, head.edits, named.get(head.author, head.author)),
            url=f"{reverse('planning:plan_take', args=[view.head.id])}?scenario={head.id}",
        )
        for head in heads
    ]
    return Table(
        (
            Column("name", gettext("Scenario"), is_title=True),
            Column("period", gettext("Period")),
            Column("edits", gettext("Edits"), Format.NUMBER, decimals=0),
            Column("author", gettext("Author"), is_minor=True),
        ),
        rows,
        gettext("Scenarios that you may see"),
        name="plan-scenarios",
        empty=Empty(
            gettext("No scenario yet"),
            gettext(
                "A scenario asks what a hire, a departure or a shock would do to the forecast."
            ),
            icon="git-compare",
        ),
    )


@require_POST
@page(Right.MAKE_PLANS)
def open_scenario(request: PageRequest, plan_id: int) -> HttpResponse:
    """Make a private scenario of the plan's events: the forecast, loads and risks answer it."""
    require(request, Right.MAKE_SCENARIOS)
    head = queries.plan(plan_id, request.scope, request.actor).head
    by: dict[str, Any] = {"actor": request.actor, "scope": request.scope}
    try:
        taken = {one.name for one in queries.heads(request.actor)}
        name = shown.free_name(head.name[:100], taken)
        made = service.open_as_scenario(plan_id, name, **by)
    except Invalid as error:
        notify(request, said(error), tone=Tone.WATCH)
        return redirect("planning:plan_people", plan_id)
    notify(request, gettext("Opened as a scenario: only you see it."))
    return redirect("planning:scenario", made)


@require_POST
@page(Right.MAKE_SCENARIOS)
def follow(request: PageRequest, scenario_id: int) -> HttpResponse:
    """Let a scenario have the events of its plan as they are now."""
    require(request, Right.MAKE_PLANS)
    plan = request.POST.get("plan", "")
    by: dict[str, Any] = {"actor": request.actor, "scope": request.scope}
    try:
        count = service.follow_plan(
            scenario_id, int(plan) if plan.isdigit() else 0, edition=shown.edition_of(request), **by
        )
    except (Conflict, Invalid) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        text = ngettext(
            "%(n)s edit taken from the plan.", "%(n)s edits taken from the plan.", count
        )
        undo = reverse("planning:undo", args=[scenario_id])
        notify(request, text % {"n": formats.number(count, 0)}, undo)
    return redirect("planning:scenario", scenario_id)
