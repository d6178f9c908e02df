"""The list of scenarios, the studio of one, and its verbs."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Invalid
from perilune.people.contracts import Right
from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest, page, said
from perilune.planning import queries, service
from perilune.planning.contracts import RESULTS_PLACE, Reserve, Scenario, ScenarioHead
from perilune.planning.web import plan_events_shown, sharing_shown, shown
from perilune.planning.web.forms import ScenarioForm, SettingsForm, ShareForm
from perilune.planning.web.plan_forms import CommentForm
from perilune.planning.web.room_tabs import room_tabs
from perilune.ui.contracts import (
    Action,
    Column,
    Empty,
    Format,
    Link,
    PageHeader,
    Row,
    Table,
    Timeline,
    TimelineEvent,
    Tone,
)
from perilune.ui.toasts import notify

MOST_CHANGES = 5


@page(Right.MAKE_SCENARIOS)
def index(request: PageRequest) -> HttpResponse:
    """Scenarios of one's own and those shared by name; a new one."""
    form = ScenarioForm(request.POST or None, periods=shown.periods(request))
    made: list[int] = []

    def create() -> None:
        values = form.cleaned_data
        made.append(service.scenario_create(values["name"], values["period"], actor=request.actor))

    if request.method == "POST" and shown.saved(request, form, create, gettext("Scenario made.")):
        return redirect("planning:scenario", made[0])
    heads = queries.heads(request.actor, request.as_of)
    mine = [head for head in heads if head.author == request.actor]
    shared = [head for head in heads if head.author != request.actor]
    count = ngettext("%(n)s scenario is yours", "%(n)s scenarios are yours", len(mine))
    more = ngettext("%(n)s is shared with you", "%(n)s are shared with you", len(shared))
    told = {"mine": count % {"n": len(mine)}, "shared": more % {"n": len(shared)}}
    finding = gettext("%(mine)s, %(shared)s.") % told if shared else told["mine"] + "."
    reserves = queries.reserves(request.actor, request.as_of)
    facts = {
        "header": PageHeader(
            gettext("Scenarios"),
            finding=finding,
            tabs=room_tabs(request, "scenarios"),
        ),
        "form": form,
        "verb": gettext("Make scenario"),
        "mine": _mine(mine),
        "shared": _shared(shared),
        "has_shared": bool(shared),
        "reserves": _reserves(reserves) if reserves else None,
    }
    return shown.show(request, "scenarios.html", facts)


def _mine(heads: Sequence[ScenarioHead]) -> Table:
    rows = [
        Row(
            head.id,
            (head.name, head.period, head.edits, _named(head.shared_with) or gettext("only me")),
            url=reverse("planning:scenario", args=[head.id]),
        )
        for head in heads
    ]
    return _table("mine", gettext("My scenarios"), gettext("Seen by"), rows, no_scenario())


def no_scenario() -> Empty:
    """Return what stands in the place of scenarios where one sees none."""
    return Empty(
        gettext("No scenario yet"),
        gettext("A scenario asks what a hire, a departure or a shock would do to the forecast."),
        icon="git-compare",
    )


def _named(usernames: Sequence[str]) -> str:
    known = person_names()
    return ", ".join(known.get(name, name) for name in usernames)


def _shared(heads: Sequence[ScenarioHead]) -> Table:
    rows = [
        Row(
            head.id,
            (head.name, head.period, head.edits, _named([head.author])),
            url=reverse("planning:scenario", args=[head.id]),
        )
        for head in heads
    ]
    return _table("shared", gettext("Shared with me"), gettext("Author"), rows, None)


def _table(name: str, caption: str, last: str, rows: list[Row], empty: Empty | None) -> Table:
    compare = Action(gettext("Compare"), reverse("planning:compare"), icon="git-compare")
    return Table(
        columns=(
            Column("name", gettext("Name"), is_title=True),
            Column("period", gettext("Period")),
            Column("edits", gettext("Edits"), Format.NUMBER, decimals=0),
            Column("last", last),
        ),
        rows=rows,
        caption=caption,
        empty=empty,
        verbs=(compare,) if rows else (),
        name=name,
    )


def _reserves(found: Sequence[Reserve]) -> Table:
    return Table(
        columns=(
            Column("level", gettext("Level"), is_title=True),
            Column("reps", gettext("Sellers now"), Format.NUMBER, decimals=0),
            Column("starts", gettext("From"), Format.DATE),
            Column("fte", gettext("FTE"), Format.NUMBER, decimals=1),
        ),
        rows=[
            Row(place, (item.name, item.reps, item.starts, item.fte))
            for place, item in enumerate(found)
        ],
        caption=gettext("Unnamed reserve"),
        note=gettext("Hires and departures of others' scenarios, without names."),
        name="reserve",
    )


@page(Right.MAKE_SCENARIOS)
def studio(request: PageRequest, scenario_id: int) -> HttpResponse:
    """One scenario: its edits at left, what they do at right."""
    found = queries.scenario(scenario_id, request.as_of, request.actor)
    speaker = shown.speaker_of(request, found)
    return shown.show(request, "studio.html", {**studio_facts(request, found),
        "edits": shown.edits_of(request, found, speaker)})  # fmt: skip


def studio_facts(request: PageRequest, found: Scenario) -> dict[str, object]:
    """Return what the studio shows whatever stands at right."""
    scenario_id = found.head.id
    may = shown.is_editable(request, found)
    here = [scenario_id]
    return {
        "header": shown.header(request, found),
        "new_edits": shown.new_edits(found) if may else [],
        "is_editable": may,
        "empty": Empty(
            gettext("Nothing is assumed yet"),
            gettext("Add a first edit: the results answer at once.")
            if may
            else gettext("Its author has not added an edit yet."),
            icon="list-checks",
        ),
        "results_url": reverse("planning:results", args=here),
        "exports": [
            Link(name, reverse("planning:export", args=[scenario_id, form]), icon="download")
            for name, form in (("CSV", "csv"), ("Excel", "xlsx"))
            if Right.EXPORT_DATA in request.rights
        ],
        "changes": _changes(request, scenario_id),
        "ties": plan_events_shown.ties_of_scenario(request, found),
        "proposals": sharing_shown.proposals_of(request, found)
        if Right.MAKE_PLANS in request.rights
        else [],
        "comments": sharing_shown.said_of(request, found),
        "comment_form": CommentForm(),
        "comment_url": reverse("planning:scenario_comment", args=here),
    }


def _changes(request: PageRequest, scenario_id: int) -> Timeline:
    events = queries.changes(scenario_id, request.as_of)[:MOST_CHANGES]
    return Timeline(
        [
            TimelineEvent(event.recorded_at, gettext(event.title) if event.title else "",
                          actor=_named([event.actor]), icon="history")
            for event in events
        ]
    )  # fmt: skip


@page(Right.MAKE_SCENARIOS)
def results(request: PageRequest, scenario_id: int) -> HttpResponse:
    """What other capabilities say of a scenario; asked for when the page is shown."""
    found = queries.scenario(scenario_id, request.as_of, request.actor)
    context = {"scenario": found, "period": shown.period_of(request, found)}
    facts = {
        "results": shown.results_of(request, RESULTS_PLACE, context),
        "nothing": Empty(
            gettext("No results here"),
            gettext("No part of this installation computes scenarios."),
            icon="gauge",
        ),
    }
    return render(request, "planning/results.html", facts)


@page(Right.MAKE_SCENARIOS)
def settings(request: PageRequest, scenario_id: int) -> HttpResponse:
    """Name, period and reserve of a scenario."""
    found = queries.own_scenario(scenario_id, request.actor)
    head = found.head
    form = SettingsForm(
        request.POST or None,
        periods=shown.periods(request, head.period),
        initial={"name": head.name, "period": head.period, "is_reserve": head.is_reserve},
    )

    def save() -> None:
        service.scenario_change(
            scenario_id, actor=request.actor, edition=shown.edition_of(request), **form.cleaned_data
        )

    if request.method == "POST" and shown.saved(
        request, form, save, gettext("Scenario saved."), _undo(scenario_id)
    ):
        return redirect("planning:scenario", scenario_id)
    return _beside(request, found, form, gettext("Name and period"), gettext("Save"))


@page(Right.MAKE_SCENARIOS)
def share(request: PageRequest, scenario_id: int) -> HttpResponse:
    """By name: who else sees a scenario."""
    found = queries.own_scenario(scenario_id, request.actor)
    head = found.head
    people = [
        (person.username, f"{person.name} ({person.username})")
        for person in queries.sharers()
        if person.username != head.author
    ]
    form = ShareForm(
        request.POST or None, people=people, initial={"people": list(head.shared_with)}
    )

    def save() -> None:
        service.scenario_share(
            scenario_id,
            form.cleaned_data["people"],
            actor=request.actor,
            edition=shown.edition_of(request),
        )

    if request.method == "POST" and shown.saved(
        request, form, save, gettext("Sharing saved."), _undo(scenario_id)
    ):
        return redirect("planning:scenario", scenario_id)
    return _beside(request, found, form, gettext("Share by name"), gettext("Save sharing"))


def _beside(
    request: PageRequest, found: Scenario, form: object, title: str, verb: str
) -> HttpResponse:
    """Show a form in the studio, in the place of the results."""
    speaker = shown.speaker_of(request, found)
    facts = {
        **studio_facts(request, found),
        "edits": shown.edits_of(request, found, speaker),
        "form": form,
        "form_title": title,
        "verb": verb,
        "edition": found.head.edition,
        "cancel_url": reverse("planning:scenario", args=[found.head.id]),
    }
    return shown.show(request, "studio.html", facts)


@require_POST
@page(Right.MAKE_SCENARIOS)
def copy(request: PageRequest, scenario_id: int) -> HttpResponse:
    """Go on from here in a private scenario of one's own."""
    head = queries.scenario(scenario_id, None, request.actor).head
    name = gettext("%(name)s (copy)") % {"name": head.name[:100]}
    made = service.scenario_copy(scenario_id, name, actor=request.actor)
    notify(request, gettext("Copied; the copy is private."))
    return redirect("planning:scenario", made)


@require_POST
@page(Right.MAKE_SCENARIOS)
def delete(request: PageRequest, scenario_id: int) -> HttpResponse:
    """Delete a scenario; the toast brings it back."""
    edition = shown.edition_of(request)
    service.scenario_delete(scenario_id, actor=request.actor, edition=edition)
    notify(request, gettext("Scenario deleted."), _undo(scenario_id))
    return redirect("planning:scenarios")


@require_POST
@page(Right.MAKE_SCENARIOS)
def undo(request: PageRequest, scenario_id: int) -> HttpResponse:
    """Take the last change back."""
    try:
        title = service.scenario_undo(scenario_id, actor=request.actor)
    except Invalid as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Taken back: %(what)s.") % {"what": gettext(title)})
    return redirect("planning:scenario", scenario_id)


def _undo(scenario_id: int) -> str:
    return reverse("planning:undo", args=[scenario_id])
