"""Annual plans: the list and a new one, the pages of one plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.people.contracts import Right
from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest, page, require
from perilune.planning import queries, service
from perilune.planning.contracts import Level, PlanHead, PlanState
from perilune.planning.queries.words import level_label, unit_label
from perilune.planning.web import plan_shown, season_shown, sharing_shown, shown
from perilune.planning.web.plan_columns import excel, money, month_name
from perilune.planning.web.plan_forms import CommentForm, NewPlanForm
from perilune.planning.web.room_tabs import room_tabs
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column, Empty, Format, PageHeader, Row, Table
from perilune.ui.export import Export, xlsx_response


@page(Right.MAKE_PLANS)
def index(request: PageRequest) -> HttpResponse:
    """Plans that one sees something of, and the form of a new one."""
    heads = queries.plans(request.scope, request.actor)
    year = int(request.company.calendar.year_of(request.company.today.day).name)
    years = (year + 1, year, year + 2)
    name = gettext("Plan %(year)s") % {"year": year + 1}
    # drafts that one does not see bear names too
    proposed = shown.free_name(name, queries.plan_names())
    form = NewPlanForm(
        request.POST or None, years=years,
        initial={"name": proposed, "year": str(year + 1)},
    )  # fmt: skip
    made: list[int] = []

    def create() -> None:
        data = form.cleaned_data
        given = None if data["is_empty"] else form.proposal()
        made.append(
            service.create_plan(data["name"], data["year"], actor=request.actor,
                                scope=request.scope, from_last_year=given)
        )  # fmt: skip

    done = gettext("Plan made: look at the targets, then reconcile.")
    if request.method == "POST" and shown.saved(request, form, create, done):
        return redirect("planning:plan", made[0])
    facts = {
        "header": PageHeader(
            gettext("Annual plans"),
            finding=_finding(heads),
            tabs=room_tabs(request, "plans"),
        ),
        "plans": _plans(request, heads),
        "form": form,
        "may_make": request.scope.owners is None,
        "verb": gettext("Make the plan"),
    }  # fmt: skip
    return shown.show(request, "plans.html", facts)


def _finding(heads: Sequence[PlanHead]) -> str:
    standing = [head for head in heads if head.is_in_force]
    drafts = sum(head.may_edit for head in heads)
    text = ngettext("%(n)s plan in the making", "%(n)s plans in the making", drafts)
    said = text % {"n": formats.number(drafts, 0)}
    if standing:
        names = ", ".join(f"“{head.name}”" for head in standing)
        return gettext("In force: %(names)s. %(drafts)s.") % {"names": names, "drafts": said}
    coming = [head for head in heads if head.state is PlanState.PUBLISHED and head.effective_from]
    if coming:
        first = min(coming, key=lambda head: head.effective_from or date.max)
        return gettext("“%(name)s” is in force from %(day)s on. %(drafts)s.") % {
            "name": first.name, "day": formats.day(first.effective_from), "drafts": said,
        }  # fmt: skip
    return gettext("No plan is in force. %(drafts)s.") % {"drafts": said}


def _plans(request: PageRequest, heads: Sequence[PlanHead]) -> Table:
    named = person_names()
    shown_ = [head for head in heads if head.state is not PlanState.ARCHIVED]
    is_whole = request.scope.owners is None
    years = queries.company_years([head.id for head in shown_]) if is_whole else {}
    rows = []
    for head in shown_:
        amounts = [
            Cell(years.get(head.id, {}).get(level), currency=head.currency)
            for level in (Level.OPERATING, Level.STREET)
        ]
        rows.append(
            Row(
                head.id,
                (head.name, str(head.year), plan_shown.state_of(head), head.effective_from,
                 *(amounts if is_whole else ()),
                 named.get(head.author, head.author),
                 named.get(head.checked_by, head.checked_by)),
                url=reverse("planning:plan", args=[head.id]),
            )
        )  # fmt: skip
    columns = [
        money("operating", gettext("Operating target"), request.company.currency),
        money("street", gettext("Street quotas"), request.company.currency),
    ]
    return Table(
        (
            Column("name", gettext("Name"), is_title=True),
            Column("year", gettext("Fiscal year")),
            Column("state", gettext("State")),
            Column("from", gettext("In force from"), Format.DATE),
            *(columns if is_whole else ()),
            Column("author", gettext("Author"), is_minor=True),
            Column("checker", gettext("Approved by"), is_minor=True),
        ),
        rows,
        gettext("Annual plans"),
        name="plans",
        empty=Empty(
            gettext("No plan yet"),
            gettext("A plan begins with what the twelve months before brought, and who sells."),
            icon="calendar-range",
        ),
    )


@page(Right.MAKE_PLANS)
def plan(request: PageRequest, plan_id: int) -> HttpResponse:
    """The targets and quotas of one plan, its comments, check-list and changes."""
    view = queries.plan(plan_id, request.scope, request.actor)
    facts = {
        "header": plan_shown.header(request, view),
        "kpis": plan_shown.figures(view) if view.is_whole else [],
        "grid": plan_shown.grid(request, view),
        "changes": plan_shown.changes(view),
        "comments": plan_shown.said_of(view),
        "comment_form": CommentForm(),
        "comment_url": reverse("planning:plan_comment", args=[plan_id]),
        "comment_verb": gettext("Comment"),
        "proposed": sharing_shown.proposed_for(request, view),
        "lines": season_shown.lines(view, request),
        "plan_id": plan_id,
    }  # fmt: skip
    return shown.show(request, "plan.html", facts)


@page(Right.MAKE_PLANS)
def proof(request: PageRequest, plan_id: int) -> HttpResponse:
    """Every sum of a plan, proved to the cent."""
    view = queries.plan(plan_id, request.scope, request.actor)
    found = queries.proof(view.head, view.content) if view.is_whole else []
    facts = {
        "header": plan_shown.header(request, view, "proof"),
        "table": replace(
            plan_shown.proof_table(view, found), export_urls=excel(request, plan_id, "sums")
        ),
        "is_whole": view.is_whole,
        "withheld": Empty(
            gettext("The sums are of the whole plan"),
            gettext("You see the rows of your reps; sales operations proves the whole."),
            icon="list-checks",
        ),
    }
    return shown.show(request, "plan_proof.html", facts)


@page(Right.MAKE_PLANS)
def export(request: PageRequest, plan_id: int) -> HttpResponseBase:
    """The amounts by level, unit and month that one sees, as a workbook."""
    require(request, Right.EXPORT_DATA)
    view = queries.plan(plan_id, request.scope, request.actor)
    head = view.head
    months = request.company.calendar.months(head.year)
    currency, places = head.currency, 2
    columns = [
        Column("level", gettext("Level")),
        Column("key", gettext("Key")),
        Column("unit", gettext("Unit")),
        *(money(month.name, month_name(month), currency, places) for month in months),
        money("year", gettext("Year"), currency, places),
    ]
    rows = [
        (
            level_label(level),
            f"{level.value}|{unit}",
            unit_label(unit, view.names),
            *(view.content.amount(level, unit, at) for at in range(1, len(months) + 1)),
            view.content.year(level, unit),
        )
        for level in Level
        for unit in view.content.units
        if view.content.year(level, unit) is not None
    ]
    facts = [
        (gettext("Plan"), head.name),
        (gettext("Edition"), str(head.edition)),
        (gettext("State"), str(plan_shown.state_of(head).label)),
    ]
    return xlsx_response(Export(f"{head.name}", columns, rows, facts))


@page(Right.MAKE_PLANS)
def finance(request: PageRequest, plan_id: int) -> HttpResponseBase:
    """The amounts that one sees in the layout of finance: a row for each."""
    require(request, Right.EXPORT_DATA)
    view = queries.plan(plan_id, request.scope, request.actor)
    return xlsx_response(service.finance(view))
