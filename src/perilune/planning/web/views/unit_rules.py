"""The rules of a plan's units: share, floor, cap, over-assignment and who sees it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop
from perilune.kernel.money import Money
from perilune.people.contracts import Right
from perilune.people.web.forms import PlainForm
from perilune.people.web.gate import PageRequest, page
from perilune.planning import queries, service
from perilune.planning.contracts import COMPANY, PlanView, UnitRow
from perilune.planning.web import plan_shown, shown
from perilune.planning.web.plan_columns import money
from perilune.planning.web.plan_forms import PercentField
from perilune.ui.contracts import Column, Empty, Format, Row, Status, Table

AMOUNT: dict[str, Any] = {
    "required": False, "min_value": Decimal(0), "max_digits": 18, "decimal_places": 2,
    "localize": True,
}  # fmt: skip


class UnitRuleForm(PlainForm):
    """The rules of one unit."""

    weight = forms.FloatField(
        label=_("Share beside its siblings"), min_value=0, localize=True,
        help_text=_("In any unit: 2 gets twice what 1 gets, prorated for who is there; 0 is the sum"
                    " of the units below."),
    )  # fmt: skip
    floor = forms.DecimalField(label=_("At least in the year"), **AMOUNT)
    cap = forms.DecimalField(label=_("At most in the year"), **AMOUNT)
    over = PercentField(
        label=_("Over-assignment below, %"),
        help_text=_("What the units below get together above this one's target."),
    )
    is_over_shown = forms.BooleanField(
        label=_("Shown to managers who see a part of the plan"), required=False,
        help_text=_("Letters never show it."),
    )  # fmt: skip


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """The rules of the units that one sees; with ?unit=, the form of one."""
    view = queries.plan(plan_id, request.scope, request.actor)
    can = plan_shown.may_edit(request, view.head)
    unit = request.GET.get("unit", "")
    facts: dict[str, Any] = {
        "header": plan_shown.header(request, view, "rules"),
        "table": _table(view, unit, can=can),
    }
    if unit and can:
        row = view.content.units.get(unit)
        if row is None:
            raise NotFound(gettext_noop("This plan has no unit “%(unit)s”."), unit=unit)
        form = _form(request, view, row)

        def keep() -> None:
            service.set_rule(
                plan_id, shown.edition_of(request) or 0, _typed(form, view, row),
                actor=request.actor, scope=request.scope,
            )  # fmt: skip

        done = gettext("Rule kept: reconcile to let quotas follow.")
        if request.method == "POST" and shown.saved(request, form, keep, done):
            return redirect(f"{reverse('planning:unit_rules', args=[plan_id])}?unit={unit}")
        facts |= {
            "form": form,
            "form_title": plan_shown.label_of(view, row),
            "edition": view.head.edition,
            "verb": gettext("Keep the rule"),
            "cancel_url": reverse("planning:unit_rules", args=[plan_id]),
        }
    return shown.show(request, "unit_rules.html", facts)


def _form(request: PageRequest, view: PlanView, row: UnitRow) -> UnitRuleForm:
    def major(minor: int | None) -> Decimal | None:
        return None if minor is None else Money.from_minor(minor, view.head.currency).amount

    form = UnitRuleForm(
        request.POST or None,
        initial={
            "weight": round(row.weight, 4), "floor": major(row.floor), "cap": major(row.cap),
            "over": Decimal(row.over) / 100, "is_over_shown": row.is_over_shown,
        },
    )  # fmt: skip
    if not view.is_whole:
        del form.fields["is_over_shown"]
        if not row.is_over_shown:
            del form.fields["over"]
    return form


def _typed(form: UnitRuleForm, view: PlanView, row: UnitRow) -> UnitRow:
    data = form.cleaned_data

    def minor(name: str) -> int | None:
        value = data[name]
        return None if value is None else Money(value, view.head.currency).minor()

    over = data.get("over")
    return UnitRow(
        row.unit, row.parent, data["weight"], row.history, minor("floor"), minor("cap"),
        row.over if over is None else round(over * 100),
        data.get("is_over_shown", row.is_over_shown),
    )  # fmt: skip


def _table(view: PlanView, chosen: str, *, can: bool) -> Table:
    currency = view.head.currency
    address = reverse("planning:unit_rules", args=[view.head.id])
    rows = []
    for unit, row in _ordered(view):
        is_seen = view.is_whole or row.is_over_shown
        over = row.over / 10_000 if row.kind != "rep" and is_seen else None
        state = None
        if row.kind != "rep" and is_seen and row.over:
            state = Status(gettext("shown") if row.is_over_shown else gettext("hidden"))
        rows.append(
            Row(unit, (plan_shown.label_of(view, row), _share(view, row), row.floor, row.cap, over,
                       state),
                url=f"{address}?unit={unit}" if can else "", level=_depth(view, unit),
                is_selected=unit == chosen)
        )  # fmt: skip
    notes = [gettext("Reconciling keeps to these rules and to typed amounts, and says what does not"
                     " fit.")]  # fmt: skip
    if can:
        notes.insert(0, gettext("A unit opens its rules."))
    return Table(
        (
            Column("unit", gettext("Unit"), is_title=True),
            Column("weight", gettext("Share of the unit above"), Format.PERCENT, decimals=1),
            money("floor", gettext("At least"), currency),
            money("cap", gettext("At most"), currency),
            Column("over", gettext("Over-assignment below"), Format.PERCENT, decimals=1),
            Column("shown", gettext("To managers"), is_minor=True),
        ),
        rows,
        gettext("Rules of the units"),
        name="unit-rules",
        is_dense=True,
        empty=Empty(gettext("Nobody is in this plan yet"), icon="users"),
        note=" ".join(notes),
    )  # fmt: skip


def _share(view: PlanView, row: UnitRow) -> float | None:
    """Return a unit's share beside its siblings; None where shares come from the units below."""
    siblings = view.content.children.get(row.parent, ())
    total = sum(_weight(view, unit) for unit in siblings)
    return row.weight / total if row.weight and total else None


def _weight(view: PlanView, unit: str) -> float:
    """Return a unit's own weight, else that of the units below."""
    own = view.content.units[unit].weight
    return own or sum(_weight(view, one) for one in view.content.children.get(unit, ()))


def _ordered(view: PlanView) -> list[tuple[str, UnitRow]]:
    """Return the units depth first; those whose parent one does not see are roots."""
    content = view.content
    found: list[tuple[str, UnitRow]] = []

    def add(unit: str) -> None:
        found.append((unit, content.units[unit]))
        for below in content.children.get(unit, ()):
            add(below)

    for unit, row in content.units.items():
        if row.parent not in content.units and not row.is_apart:
            add(unit)
    return found


def _depth(view: PlanView, unit: str) -> int:
    depth, parent = 0, view.content.units[unit].parent
    while parent in view.content.units and unit != COMPANY:
        depth, parent = depth + 1, view.content.units[parent].parent
    return depth
