"""The measures that a plan is followed by: their page, and the box on the cockpit."""

from __future__ import annotations

from collections.abc import Mapping
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
from perilune.kernel.wiring import Panel
from perilune.people.contracts import Right
from perilune.people.queries import person_names
from perilune.people.web.forms import PlainForm
from perilune.people.web.gate import PageRequest, page, said
from perilune.planning import queries, service
from perilune.planning.contracts import PlanView
from perilune.planning.contracts.kpi import KpiAsked
from perilune.planning.web import plan_shown
from perilune.site import contingencies as triggers
from perilune.site import plan_kpis as model
from perilune.site.plan_kpis import Followed
from perilune.site.web.contingencies import in_unit, written
from perilune.ui.contracts import (
    Action,
    Cell,
    Column,
    Empty,
    Row,
    Status,
    Table,
    Tone,
)
from perilune.ui.toasts import notify


class KpiForm(PlainForm):
    """A measure, its owner, its target and where to act."""

    figure = forms.ChoiceField(label=_("Measure"))
    period = forms.ChoiceField(label=_("Of the period"))
    owner = forms.ChoiceField(label=_("Owner"))
    comparison = forms.ChoiceField(
        label=_("It is bad"),
        choices=[
            (triggers.BELOW, _("when it is low")),
            (triggers.ABOVE, _("when it is high")),
        ],
    )
    target = forms.FloatField(
        label=_("Target"), localize=True,
        help_text=_("Money in the company's currency, rates in percent."),
    )  # fmt: skip
    threshold = forms.FloatField(
        label=_("Threshold"), localize=True, help_text=_("From there on its owner acts.")
    )

    def __init__(self, *args: Any, request: PageRequest, view: PlanView, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        calendar = request.company.calendar
        year = calendar.year(view.head.year)
        quarters = [p.name for p in calendar.between(year.start, year.end, Grain.QUARTER)]
        offered = {
            "figure": [(name, gettext(label)) for name, label in triggers.figures().items()],
            "period": [(name, name) for name in (year.name, *quarters)],
            "owner": [(person.username, person.name) for person in queries.sharers()],
        }
        for name, pairs in offered.items():
            self.fields[name].choices = pairs  # type: ignore[attr-defined]

    def asked(self) -> KpiAsked:
        """Return what a valid form says, figures in the unit of the measure."""
        found = dict(self.cleaned_data)
        factor = in_unit(found["figure"])
        found |= {name: found[name] * factor for name in ("target", "threshold")}
        return KpiAsked(**found)


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """The measures of a plan, with the distance to each threshold, and a form that adds one."""
    view = queries.plan(plan_id, request.scope, request.actor)
    can = view.is_whole and view.is_circle
    form = None
    if can:
        form = KpiForm(
            request.POST or None, request=request, view=view, initial={"owner": request.actor}
        )
        if request.method == "POST" and form.is_valid():
            try:
                service.set_kpi(plan_id, form.asked(), triggers.figures(), actor=request.actor,
                                scope=request.scope)  # fmt: skip
            except (Invalid, Conflict, NotFound) as error:
                form.take(error)
            else:
                notify(request, gettext("Followed: it shows on the cockpit once the plan is in"
                                        " force."))  # fmt: skip
                return redirect("site:plan_kpis", plan_id)
    # a figure cut to somebody's reps is not the plan's (rule 10)
    listed = queries.kpis(plan_id) if view.is_whole else []
    found = model.followed(listed, request.as_of, request.scope)
    whole = gettext("The measures are of the whole plan: ask sales operations.")
    facts = {
        "header": plan_shown.header(
            request, view, "kpis", said=_finding(found) if view.is_whole else whole, verbs=()
        ),
        "table": table(found, request.company.currency),
        "removals": [_removal(plan_id, one) for one in found] if can else [],
        "form": form,
        "verb": gettext("Follow"),
    }
    is_wrong = form is not None and form.is_bound and not form.is_valid()
    return render(request, "site/plan_kpis.html", facts, status=422 if is_wrong else 200)


@require_POST
@page(Right.MAKE_PLANS)
def remove(request: PageRequest, plan_id: int, kpi_id: int) -> HttpResponse:
    """Follow a plan by a measure no more."""
    try:
        service.remove_kpi(plan_id, kpi_id, actor=request.actor, scope=request.scope)
    except NotFound:
        raise
    except PeriluneError as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("No longer followed."))
    return redirect("site:plan_kpis", plan_id)


def _finding(found: list[Followed]) -> str:
    late = [gettext(triggers.figures()[one.kpi.figure]) for one in found if one.is_reached]
    if late:
        return gettext("At or beyond the threshold: %(names)s.") % {"names": ", ".join(late)}
    return gettext("No threshold is reached.") if found else ""


def table(found: list[Followed], currency: str) -> Table:
    """Return measures as rows, the nearest to its threshold first."""
    named = person_names()
    return Table(
        (
            Column("figure", gettext("Measure"), is_title=True),
            Column("period", gettext("Period")),
            Column("state", gettext("Status")),
            Column("now", gettext("Now")),
            Column("target", gettext("Target")),
            Column("threshold", gettext("Threshold")),
            Column("distance", gettext("Distance")),
            Column("owner", gettext("Owner"), is_minor=True),
        ),
        [Row(one.kpi.id, _cells(one, named, currency)) for one in found],
        gettext("Measures that the plan is followed by"),
        name="plan-kpis",
        empty=Empty(
            gettext("The plan is followed by no measure yet"),
            gettext("Name a measure, its owner, its target and the threshold at which to act."),
            icon="target",
        ),
    )


def _cells(one: Followed, named: Mapping[str, str], currency: str) -> tuple[Any, ...]:
    kpi = one.kpi
    label = gettext(triggers.figures().get(kpi.figure, kpi.figure))
    definition = model.definition_of(kpi.figure)
    state = Status(gettext("unknown"))
    if one.is_reached:
        state = Status(gettext("Act"), Tone.ACT)
    elif one.is_on_target:
        state = Status(gettext("On target"), Tone.GOOD)
    elif one.value is not None:
        state = Status(gettext("Near") if one.is_near else gettext("Off target"), Tone.WATCH)
    return (
        Cell(label, hint=gettext(definition) if definition else ""),
        kpi.period,
        state,
        Cell(written(kpi.figure, one.value, currency), url=_behind(kpi.figure, kpi.period)),
        written(kpi.figure, kpi.target, currency),
        written(kpi.figure, kpi.threshold, currency),
        written(kpi.figure, one.distance, currency),
        named.get(kpi.owner, kpi.owner),
    )


def _behind(figure: str, period: str) -> str:
    """Return where a figure answers for itself: its measure's page, or the forecast's."""
    if figure in triggers.RANGE:
        return reverse("forecasting:period", args=[period])
    return reverse("metrics:measures") + f"?m={figure}&period={period}"


def _removal(plan_id: int, one: Followed) -> Action:
    label = gettext(triggers.figures().get(one.kpi.figure, one.kpi.figure))
    address = reverse("site:plan_kpi_remove", args=[plan_id, one.kpi.id])
    text = gettext("Remove: %(what)s %(period)s") % {"what": label, "period": one.kpi.period}
    return Action(text, address, "post", "trash-2")


# -- on the cockpit --------------------------------------------------------------------------------


def panels() -> list[Panel]:
    """Return the panels: on the cockpit, where a plan in force is followed by measures."""
    return [
        Panel("site.plan_kpis", "cockpit", 40, _box),
        Panel("site.plan_kpis_now", "cockpit.later", 40, _now),
    ]


def _box(request: PageRequest, context: Mapping[str, Any]) -> str:
    """Return the box, whose figures come after the page; nothing without a measure to follow."""
    if not queries.kpis_in_force(request.scope, request.actor):
        return ""
    facts = {"title": gettext("What the plan is followed by"),
             "load": context["later"]("site.plan_kpis_now")}  # fmt: skip
    return render_to_string("site/plan_kpis_panel.html", facts, request=request)


def _now(request: PageRequest, context: Mapping[str, Any]) -> str:
    found = model.in_force(request.actor, request.as_of, request.scope)
    listed = [one for _head, each in found for one in each]
    facts = {"table": table(listed, request.company.currency)}
    return render_to_string("site/plan_kpis_panel.html", facts, request=request)
