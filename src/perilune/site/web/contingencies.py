"""Contingencies: the list with the distance to each trigger, the form, and panels elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from perilune.kernel.calendar import Grain
from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError
from perilune.kernel.money import minor_exponent
from perilune.kernel.wiring import Panel
from perilune.metrics.contracts import Unit
from perilune.people.contracts import Right
from perilune.people.queries import company, person_names
from perilune.people.web.forms import PlainForm
from perilune.people.web.gate import PageRequest, page, said
from perilune.planning.contracts import RESULTS_PLACE
from perilune.planning.queries import heads, scenario, sharers
from perilune.planning.web.room_tabs import room_tabs
from perilune.site import contingencies as model
from perilune.site.contingencies import Watched
from perilune.site.models import Contingency
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Column,
    Empty,
    Fact,
    Format,
    Link,
    PageHeader,
    Row,
    Status,
    Table,
    Tone,
)
from perilune.ui.reading import NumberField
from perilune.ui.toasts import notify

MOST_SHOWN = 5
"""Triggers of the short list on the page of risks."""
PERIODS = 4
TONES = {
    model.WATCHING: Tone.NEUTRAL,
    model.FIRED: Tone.ACT,
    model.STOPPED: Tone.NEUTRAL,
    model.OVER: Tone.NEUTRAL,
}


class ContingencyForm(PlainForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    scenario_id = forms.TypedChoiceField(label=_("Prepared scenario"), coerce=int)
    figure = forms.ChoiceField(label=_("Figure that triggers it"))
    period = forms.ChoiceField(label=_("Of the period"))
    comparison = forms.ChoiceField(
        label=_("Triggers"),
        choices=[
            (model.BELOW, _("when it is at or below")),
            (model.ABOVE, _("when it is at or above")),
        ],
    )
    threshold = NumberField(
        label=_("Threshold"), localize=True,
        help_text=_("Money in the company's currency, rates in percent."),
    )  # fmt: skip
    until = forms.DateField(label=_("Watched until"), required=False)
    owner = forms.ChoiceField(label=_("Owner"), help_text=_("Gets the notice when it triggers."))
    first_actions = forms.CharField(
        label=_("First actions"), widget=forms.Textarea(attrs={"rows": 3})
    )
    shared_with = forms.MultipleChoiceField(
        label=_("Shared with"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, request: PageRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shared_with"].widget.attrs.pop("class", None)
        people = [(person.username, person.name) for person in sharers()]
        first = request.company.calendar.find(request.company.today.day, Grain.QUARTER)
        quarters = [request.company.calendar.shift(first, at).name for at in range(PERIODS)]
        offered: dict[str, Sequence[tuple[Any, str]]] = {
            "scenario_id": [(head.id, head.name) for head in heads(request.actor)],
            "figure": [(name, gettext(label)) for name, label in model.figures().items()],
            "period": [(name, name) for name in quarters],
            "owner": people,
            "shared_with": [pair for pair in people if pair[0] != request.actor],
        }
        for name, pairs in offered.items():
            self.fields[name].choices = list(pairs)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return what a valid form says, the threshold in the unit of its figure."""
        found = dict(self.cleaned_data)
        factor = in_unit(found["figure"])
        return {**found, "threshold": float(found["threshold"]) * factor}


def in_unit(figure: str) -> float:
    """Return what a typed value is multiplied by: money to minor units, per cent to a share."""
    whole = 10.0 ** minor_exponent(company().currency)
    return {Unit.MONEY: whole, Unit.RATIO: 0.01}.get(model.unit_of(figure), 1.0)


def _plain(value: float) -> float | int:
    rounded = round(value, 4)
    return int(rounded) if rounded == int(rounded) else rounded


@page(Right.MAKE_SCENARIOS)
def index(request: PageRequest) -> HttpResponse:
    """What shows to somebody, with the distance to each trigger."""
    found = model.contingencies(request.actor, request.as_of)
    new = Action(gettext("Prepare a contingency"), reverse("site:contingency_new"), icon="plus",
                 is_primary=True)  # fmt: skip
    facts = {
        "header": PageHeader(
            gettext("Contingencies"),
            finding=_finding(found),
            actions=(new,),
            tabs=room_tabs(request, "contingencies"),
        ),
        "table": table(found, request.company.currency),
    }
    return render(request, "site/list.html", facts)


def _finding(found: Sequence[Watched]) -> str:
    fired = [one.row.name for one in found if one.is_reached]
    if fired:
        return gettext("Triggered: %(names)s.") % {"names": ", ".join(fired)}
    return gettext("Nothing is triggered.") if found else ""


def table(found: Sequence[Watched], currency: str) -> Table:
    """Return contingencies as rows, the nearest trigger first."""
    return Table(
        columns=(
            Column("name", gettext("Contingency"), is_title=True),
            Column("state", gettext("Status")),
            Column("trigger", gettext("Trigger")),
            Column("now", gettext("Now")),
            Column("distance", gettext("Distance")),
            Column("owner", gettext("Owner"), is_minor=True),
        ),
        rows=[
            Row(one.row.pk, _cells(one, currency),
                url=reverse("site:contingency", args=[one.row.pk]))
            for one in found
        ],
        caption=gettext("Contingencies"),
        empty=Empty(
            gettext("No contingency is prepared"),
            gettext("A scenario, a figure that triggers it, an owner and the first actions."),
            icon="git-compare",
        ),
        name="contingencies",
    )  # fmt: skip


def _cells(one: Watched, currency: str) -> tuple[Any, ...]:
    row = one.row
    hidden = gettext("ask %(name)s") % {"name": person_names().get(row.owner, row.owner)}
    now = hidden if one.is_hidden else written(row.figure, one.value, currency)
    far = "" if one.is_hidden else written(row.figure, one.distance, currency)
    state = Status(gettext(model.STATES[row.state]), TONES[row.state])
    if row.state == model.WATCHING and one.is_reached:
        state = Status(gettext("Reached"), Tone.ACT)
    elif row.state == model.WATCHING and one.is_near:
        state = Status(gettext("Near"), Tone.WATCH)
    return (
        row.name,
        state,
        trigger(row, currency),
        now,
        far,
        person_names().get(row.owner, row.owner),
    )


def trigger(row: Contingency, currency: str) -> str:
    """Return what triggers it, as a phrase."""
    sign = "≤" if row.comparison == model.BELOW else "≥"
    label = gettext(model.figures().get(row.figure, row.figure))
    limit = written(row.figure, row.threshold, currency)
    text = f"{label} {row.period} {sign} {limit}"
    if row.until is None:
        return text
    return gettext("%(what)s, until %(day)s") % {"what": text, "day": formats.day(row.until)}


def written(figure: str, value: float | None, currency: str) -> str:
    """Return a value in the unit of its figure."""
    if value is None:
        return "–"
    unit = model.unit_of(figure)
    if unit is Unit.MONEY:
        return formats.short_money(value, currency)
    return formats.percent(value, 1) if unit is Unit.RATIO else formats.number(value, 1)


@page(Right.MAKE_SCENARIOS)
def new(request: PageRequest) -> HttpResponse:
    """Prepare one; a scenario may be named in the address."""
    first = {"owner": request.actor, "scenario_id": request.GET.get("scenario", "")}
    return _form(request, None, first)


@page(Right.MAKE_SCENARIOS)
def one(request: PageRequest, contingency_id: int) -> HttpResponse:
    """One contingency: to its author as a form, to the others as facts."""
    row = model.contingency(contingency_id, request.actor)
    first = {
        name: getattr(row, name)
        for name in ("name", "scenario_id", "figure", "period", "comparison", "until", "owner",
                     "first_actions")
    }  # fmt: skip
    first |= {
        "threshold": _plain(row.threshold / in_unit(row.figure)),
        "shared_with": row.shared_with.split(),
    }
    return _form(request, row, first)


def _form(request: PageRequest, row: Contingency | None, first: Mapping[str, Any]) -> HttpResponse:
    may = row is None or row.author == request.actor
    form = ContingencyForm(request.POST or None, request=request, initial=first) if may else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            number = model.save(row.pk if row else None, form.values(), actor=request.actor)
        except (Invalid, Conflict, NotFound) as error:
            form.take(error)
        else:
            notify(request, gettext("Saved: it is watched every day."))
            return redirect("site:contingency", number)
    facts = {
        "header": _header(request, row),
        "form": form,
        "verb": gettext("Save and watch"),
        "facts": _facts(request, row) if row else (),
        "first_actions": row.first_actions if row else "",
    }
    is_wrong = form is not None and form.is_bound and not form.is_valid()
    return render(request, "site/contingency.html", facts, status=422 if is_wrong else 200)


def _header(request: PageRequest, row: Contingency | None) -> PageHeader:
    back = Link(gettext("Contingencies"), reverse("site:contingencies"))
    if row is None:
        tabs = room_tabs(request, "contingencies")
        return PageHeader(gettext("Prepare a contingency"), back=back, tabs=tabs)
    verbs = []
    if request.actor in {row.author, row.owner}:
        is_on = row.state == model.WATCHING
        label = gettext("Stop watching") if is_on else gettext("Watch again")
        address = reverse("site:contingency_switch", args=[row.pk])
        verbs = [Action(label, address, "post", icon="bell")]
    currency = request.company.currency
    state = _cells(_watched(request, row), currency)[1]
    return PageHeader(
        row.name, trigger(row, currency), verbs, statuses=(state,), back=back,
        tabs=room_tabs(request, "contingencies"),
    )  # fmt: skip


def _watched(request: PageRequest, row: Contingency) -> Watched:
    seen = model.contingencies(request.actor, request.as_of)
    return next(one for one in seen if one.row.pk == row.pk)


def _facts(request: PageRequest, row: Contingency) -> list[Fact]:
    currency = request.company.currency
    found = _watched(request, row)
    _name, _state, _trigger, now, far, owner = _cells(found, currency)
    facts = [Fact(gettext("Now"), now), Fact(gettext("Distance"), far or "–"),
             Fact(gettext("Owner"), owner)]  # fmt: skip
    try:
        name = scenario(row.scenario_id or 0, None, request.actor).head.name
        address = reverse("planning:scenario", args=[row.scenario_id])
        facts.append(Fact(gettext("Prepared scenario"), name, url=address))
    except PeriluneError as error:
        facts.append(Fact(gettext("Prepared scenario"), said(error)))
    if row.fired_on is not None:
        value = "–" if found.is_hidden else written(row.figure, row.fired_value, currency)
        facts.append(Fact(gettext("Triggered as of"), row.fired_on, Format.DATE))
        facts.append(Fact(gettext("Figure then"), value))
    return facts


@require_POST
@page(Right.MAKE_SCENARIOS)
def switch(request: PageRequest, contingency_id: int) -> HttpResponse:
    """Stop watching, or watch again; the same address takes it back."""
    row = model.switch(contingency_id, actor=request.actor)
    text = gettext("Watched again.") if row.state == model.WATCHING else gettext("Stopped.")
    notify(request, text, reverse("site:contingency_switch", args=[contingency_id]))
    return redirect("site:contingency", contingency_id)


# -- on other pages --------------------------------------------------------------------------------


def panels() -> list[Panel]:
    """Return the panels: on the page of risks, on a scenario's."""
    return [
        Panel("site.contingencies", "forecasting.risks", 10, _near),
        Panel("site.contingency", RESULTS_PLACE, 20, _of_scenario),
    ]


def _near(request: PageRequest, context: Mapping[str, Any]) -> str:
    """Return the short list of triggers; nothing to whom none shows."""
    found = model.contingencies(request.actor, request.as_of)
    shown = [one for one in found if one.row.state in (model.FIRED, model.WATCHING)][:MOST_SHOWN]
    if not shown:
        return ""
    facts = {"title": gettext("Contingencies: distance to the trigger"),
             "table": table(shown, request.company.currency)}  # fmt: skip
    return render_to_string("site/contingencies_panel.html", facts, request=request)


def _of_scenario(request: PageRequest, context: Mapping[str, Any]) -> str:
    """Return the door from a scenario to its contingencies; context: `scenario`."""
    head = context["scenario"].head
    if head.id not in {mine.id for mine in heads(request.actor)}:
        return ""
    number = head.id
    found = model.contingencies(request.actor, request.as_of, scenario_id=number)
    door = Action(gettext("Prepare a contingency"),
                  f"{reverse('site:contingency_new')}?scenario={number}", icon="bell")  # fmt: skip
    facts = {"door": door, "table": table(found, request.company.currency) if found else None}
    return render_to_string("site/contingencies_panel.html", facts, request=request)
