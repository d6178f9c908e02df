"""Two annual plans side by side."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.utils.translation import gettext

from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.planning import queries
from perilune.planning.contracts import Level, PlanHead, PlanView
from perilune.planning.queries.words import level_label, unit_label
from perilune.planning.web import plan_events_shown, plan_shown, shown
from perilune.planning.web.plan_columns import excel, money
from perilune.ui.contracts import Choice, Column, Empty, Filter, FilterBar, Row, Table


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """Choose another plan; the years of each unit and level, and what differs."""
    view = queries.plan(plan_id, request.scope, request.actor)
    heads = others(request, plan_id)
    other = other_of(request, heads)
    chosen = other.head.id if other else 0
    choices = [Choice(str(h.id), h.name, h.id == chosen) for h in heads]
    with_ = Filter("with", gettext("Compare with"), "one", str(chosen or ""), choices,
                   summary=other.head.name if other else "")  # fmt: skip
    facts = {
        "header": plan_shown.header(request, view, "compare"),
        "filters": FilterBar([with_]),
        "table": table(request, view, other) if other else None,
        "events": events(request, view, other) if other else None,
        "withheld": Empty(
            gettext("Hires and leavers are seen by those who were named"),
            gettext("Their authors share both plans by name."),
            icon="users",
        ),
        "empty": Empty(
            gettext("There is no other plan"),
            gettext("Copy this one, change it, and compare the two."),
            icon="git-compare",
        ),
    }
    return shown.show(request, "plan_compare.html", facts)


def others(request: PageRequest, plan_id: int) -> list[PlanHead]:
    """Return the other plans that one sees something of."""
    return [one for one in queries.plans(request.scope, request.actor) if one.id != plan_id]


def other_of(request: PageRequest, heads: Sequence[PlanHead]) -> PlanView | None:
    """Return the plan that the address names, else the first of these; None without any."""
    text = request.GET.get("with", "")
    chosen = int(text) if text.isdigit() else (heads[0].id if heads else 0)
    return queries.plan(chosen, request.scope, request.actor) if chosen else None


def events(request: PageRequest, view: PlanView, other: PlanView) -> Table | None:
    """Return the events that differ, None to whoever does not see those of both (rule 24)."""
    if not (view.is_circle and other.is_circle):
        return None
    return plan_events_shown.events_table(request, view, other)


def table(request: PageRequest, view: PlanView, other: PlanView) -> Table:
    """Return the years of both plans by unit and level."""
    currency, places = view.head.currency, 0
    names = {**other.names, **view.names}
    rows = []
    for unit in {**view.content.units, **other.content.units}:
        for level in Level:
            one, two = view.content.year(level, unit), other.content.year(level, unit)
            if one is None and two is None:
                continue
            gap = None if one is None or two is None else one - two
            label = unit_label(unit, names)
            rows.append(Row(f"{unit}-{level.value}", (label, level_label(level), one, two, gap)))
    return Table(
        (
            Column("unit", gettext("Unit"), is_title=True),
            Column("level", gettext("Level")),
            money("one", view.head.name, currency, places),
            money("two", other.head.name, currency, places),
            money("gap", gettext("Difference"), currency, places),
        ),
        rows,
        gettext("Two plans by unit and level"),
        name="compared",
        is_dense=True,
        export_urls=excel(request, view.head.id, "compared", f"with={other.head.id}"),
    )
