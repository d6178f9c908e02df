"""The list of territory plans, what is in force, and a new plan."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.kernel.errors import PeriluneError
from perilune.people.contracts import Right
from perilune.people.queries import person_names, rep_choices
from perilune.people.web.gate import PageRequest, page
from perilune.territories import queries, service
from perilune.territories.contracts import REGION, DraftHead, HoldOver, InForce
from perilune.territories.web import ruled, shown
from perilune.territories.web.forms import PlanForm
from perilune.ui.contracts import Column, Empty, Format, PageHeader, Row, Table
from perilune.ui.toasts import notify


@page(Right.DESIGN_TERRITORIES)
def index(request: PageRequest) -> HttpResponse:
    """Plans that one sees something of, what is in force, and the form of a new plan."""
    heads = queries.drafts(request.scope, request.actor)
    standing = queries.in_force(request.as_of, request.scope)
    form = PlanForm(
        request.POST or None,
        attributes=queries.attribute_choices(),
        fields=[(one.name, gettext(one.label)) for one in queries.rule_fields()],
        reps=rep_choices(request.scope, with_leavers=False),
        layers=sorted({one.layer for one in heads} | {one.layer for one in standing} - {""}),
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = service.create_draft(
                form.cleaned_data["name"],
                form.attributes(),
                actor=request.actor,
                scope=request.scope,
                layer=form.cleaned_data["layer"],
                criteria=form.criteria(),
                reps=form.cleaned_data["reps"],
                hold_over=HoldOver(form.cleaned_data["hold_over"]),
            )
        except PeriluneError as error:
            form.take(error)
        else:
            notify(request, gettext("Plan made from the accounts as they are now."))
            return redirect("territories:plan", made)
    opened = {
        "layer": bool(form["layer"].value() or form["reps"].value()),
        "questions": form.is_bound and any(form[f"field{at}"].value() for at in range(form.count)),
    }
    facts = {
        "header": PageHeader(gettext("Territories"), finding=_finding(standing, heads)),
        "plans": _plans(heads),
        "standing": _standing(standing),
        "form": form,
        "opened": opened,
        "verb": gettext("Make the plan"),
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "territories/plans.html", facts, status=status)


def _finding(standing: Sequence[InForce], heads: Sequence[DraftHead]) -> str:
    standing = [one for one in standing if one.type != REGION]
    if not standing:
        return gettext(
            "No territory is in force: accounts belong to their owners. A plan shares them out, "
            "and changes nothing before it is published."
        )
    count = ngettext("%(n)s territory in force", "%(n)s territories in force", len(standing))
    open_ = sum(head.may_edit for head in heads)
    plans = ngettext("%(n)s plan in the making", "%(n)s plans in the making", open_)
    return f"{count % {'n': len(standing)}}, {plans % {'n': open_}}."


def _plans(heads: Sequence[DraftHead]) -> Table:
    named, fields = person_names(), ruled.fields_by_name()
    is_some = any(queries.criteria_of(head.settings) for head in heads)
    rows = [
        Row(
            head.id,
            (
                head.name,
                shown.state_of(head),
                head.layer or gettext("main"),
                *([shown.membership(head, fields) or gettext("all")] if is_some else []),
                head.territories,
                head.accounts,
                head.as_of.day,
                head.effective_from,
                named.get(head.author, head.author),
            ),
            url=reverse("territories:plan", args=[head.id]),
        )
        for head in heads
    ]
    return Table(
        (
            Column("name", gettext("Name"), is_title=True),
            Column("state", gettext("State")),
            Column("layer", gettext("Layer"), is_minor=True),
            *([Column("of", gettext("Of accounts where"), is_minor=True)] if is_some else []),
            Column("territories", gettext("Territories"), Format.NUMBER, decimals=0),
            Column("accounts", gettext("Accounts"), Format.NUMBER, decimals=0),
            Column("as_of", gettext("Accounts of"), Format.DATE),
            Column("from", gettext("In force from"), Format.DATE),
            Column("author", gettext("Author")),
        ),
        rows,
        gettext("Territory plans"),
        name="plans",
        empty=Empty(
            gettext("No plan yet"),
            gettext("A plan begins with the accounts and their owners as they are today."),
            icon="map",
        ),
    )


def _standing(found: Sequence[InForce]) -> Table:
    regions = {one.id: one.name for one in found if one.type == REGION}
    rows = [
        Row(
            one.id,
            (
                one.name,
                regions.get(one.parent_id or 0),
                ", ".join(name for _id, name, _role in one.reps) or gettext("vacant"),
                one.layer or gettext("main"),
                one.accounts,
                one.effective_from,
            ),
        )
        for one in found
        if one.type != REGION
    ]
    return Table(
        (
            Column("name", gettext("Territory"), is_title=True),
            Column("region", gettext("Region"), is_minor=True),
            Column("reps", gettext("Reps")),
            Column("layer", gettext("Layer"), is_minor=True),
            Column("accounts", gettext("Accounts"), Format.NUMBER, decimals=0),
            Column("from", gettext("In force from"), Format.DATE),
        ),
        rows,
        gettext("Territories in force"),
        name="standing",
        is_dense=True,
        empty=Empty(
            gettext("No territory is in force"),
            gettext("Publish a plan: it is in force from the day that you choose."),
            icon="map",
        ),
    )
