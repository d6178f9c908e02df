"""Plan against actual: where a plan stands, unit by unit, and what would close the gap."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.kernel.errors import Invalid
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.planning import queries
from perilune.planning.contracts import COMPANY, Lever, PlanView, Source
from perilune.planning.queries.closing import Closing
from perilune.planning.queries.gaps import PlanGap, plan_gap
from perilune.planning.queries.words import LEVER_LABELS, level_label, unit_label
from perilune.planning.web import plan_shown, shown
from perilune.planning.web.plan_columns import excel, money, month_name, percent, rep_url
from perilune.planning.web.views.landing import landing_url
from perilune.ui import formats
from perilune.ui.contracts import Action, Chart, Column, Empty, Format, Kpi, Row, Table


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """What one sees of a plan against what was booked, as known at the page's as-of."""
    view = queries.plan(plan_id, request.scope, request.actor)
    facts: dict[str, Any] = {"header": plan_shown.header(request, view, "gap")}
    try:
        found = plan_gap(view, request.scope, request.as_of)
    except Invalid as error:
        back = Action(gettext("Targets and quotas"), reverse("planning:plan", args=[plan_id]))
        facts["empty"] = Empty(gettext("Nothing to compare yet"), said(error), back, icon="gauge")
        return shown.show(request, "plan_gap.html", facts)
    facts |= {
        "kpis": _kpis(view, found),
        "chart": _chart(view, found),
        "units": units_table(request, view, found),
        "levers": None if found.closing is None else _levers(view, found, found.closing),
        "landing_url": landing_url(view, request.as_of) if found.rows[0].unit == COMPANY else "",
        "found": True,
    }
    return shown.show(request, "plan_gap.html", facts)


def _kpis(view: PlanView, found: PlanGap) -> list[Kpi]:
    lead, currency = found.rows[0], view.head.currency
    at = lead.pace
    against = gettext("%(unit)s, against: %(level)s") % {
        "unit": unit_label(lead.unit, view.names),
        "level": level_label(lead.level).lower(),
    }
    due = gettext("%(due)s due by %(day)s: %(source)s") % {
        "due": formats.short_money(at.due, currency),
        "day": formats.day(min(found.as_of.day, found.year.end)),
        "source": _source(found),
    }
    at_pace = gettext("booked, divided by the share of the year that is due")
    return [
        Kpi(gettext("Attainment"), at.attainment, Format.PERCENT, decimals=0, detail=against),
        Kpi(gettext("Pace"), at.pace, Format.PERCENT, decimals=0, detail=due),
        Kpi(gettext("Still to book"), at.gap, Format.MONEY, currency, 1,
            detail=gettext("of %(target)s")
            % {"target": formats.short_money(at.target, currency)}),
        Kpi(gettext("Year at this pace"), at.projected, Format.MONEY, currency, 1, detail=at_pace),
    ]  # fmt: skip


def _source(found: PlanGap) -> str:
    """Return where the share due comes from."""
    if found.season.source is Source.LEARNT:
        text = ngettext("season of %(n)s year", "season of %(n)s years", found.season.years)
        return text % {"n": formats.number(found.season.years, 0)}
    return gettext("the plan's own months, as no season is known")


def _chart(view: PlanView, found: PlanGap) -> Chart:
    currency, lead = view.head.currency, found.rows[0]
    months = [month_name(one.month) for one in found.months]
    rows = [
        Row(one.month.name, (month_name(one.month), one.planned, one.actual))
        for one in found.months
    ]

    line = {"type": "line", "symbol": "none"}
    return Chart(
        "plan-gap",
        gettext("Booked and planned since the year began"),
        {
            "legend": {},
            "grid": {"top": 40},
            "xAxis": {"type": "category", "data": months},
            "yAxis": {"type": "value", "min": 0},
            "series": [
                {**line, "name": gettext("Booked"),
                 "data": [one.actual for one in found.months],
                 "itemStyle": {"color": "token:cat-1"}},
                {**line, "name": level_label(lead.level),
                 "data": [one.planned for one in found.months],
                 "lineStyle": {"type": "dashed"}, "itemStyle": {"color": "token:cat-3"}},
            ],
        },
        sentence=gettext("%(unit)s: booked against the %(level)s (dashed), both summed up; "
            "the month under way is booked up to the day.") % {
            "unit": unit_label(lead.unit, view.names), "level": level_label(lead.level).lower(),
        },
        format=Format.MONEY,
        currency=currency,
        table=Table(
            (
                Column("month", gettext("Month")),
                money("planned", level_label(lead.level), currency),
                money("booked", gettext("Booked"), currency),
            ),
            rows, gettext("Booked and planned by month"), name="plan-gap-table",
        ),
    )  # fmt: skip


def units_table(request: PageRequest, view: PlanView, found: PlanGap) -> Table:
    """Return where each unit and rep stands."""
    currency = view.head.currency
    rows = []
    for at, row in enumerate(found.rows):
        one = row.pace
        rows.append(
            Row(at, (unit_label(row.unit, view.names), level_label(row.level), one.target,
                     one.booked, one.attainment, one.pace, one.gap, one.projected),
                url=rep_url(request, row.unit))
        )  # fmt: skip
    notes = [gettext("A gap below zero is what was booked beyond the year's amount.")]
    if found.outside:
        booked = formats.short_money(found.outside, currency)
        notes.append(
            gettext("The company's bookings hold %(booked)s of sellers outside the plan.")
            % {"booked": booked}
        )
    if found.without_rate:
        text = ngettext(
            "%(n)s deal has no rate and is in no amount.",
            "%(n)s deals have no rate and are in no amount.",
            found.without_rate,
        )
        notes.append(text % {"n": formats.number(found.without_rate, 0)})
    return Table(
        (
            Column("unit", gettext("Unit"), is_title=True),
            Column("level", gettext("Against")),
            money("target", gettext("Target"), currency),
            money("booked", gettext("Booked"), currency),
            percent("attainment", gettext("Attainment")),
            percent("pace", gettext("Pace")),
            money("gap", gettext("Still to book"), currency),
            money("projected", gettext("Year at this pace"), currency, is_minor=True),
        ),
        rows,
        gettext("Plan against actual"),
        name="plan-gap-units",
        is_dense=True,
        note=" ".join(notes),
        export_urls=excel(request, view.head.id, "gap"),
    )


def _levers(view: PlanView, found: PlanGap, closing: Closing) -> Table:
    currency = view.head.currency
    rows = [Row(one.name, _lever(one, currency)) for one in closing.levers]
    facts = {
        "wanted": formats.short_money(closing.wanted, currency),
        "rest": formats.short_money(closing.rest, currency),
        "level": level_label(found.rows[0].level).lower(),
        "months": formats.number(closing.months, 0),
    }
    return Table(
        (
            Column("lever", gettext("One lever alone"), is_title=True),
            Column("now", gettext("Now")),
            Column("needed", gettext("Change needed")),
            Column("wanted", gettext("Would be")),
            Column("elasticity", gettext("Elasticity")),
        ),
        rows,
        gettext("What would close the gap"),
        name="plan-gap-levers",
        is_dense=True,
        note=gettext(
            "From now to the end of the year %(wanted)s are needed for the %(level)s; %(rest)s "
            "come at this pace. Elasticities are measured over %(months)s months and tell what "
            "went together, not what caused it. Reps are ramped "
            "FTE, and new ones ramp first."
        )
        % facts,
    )


def _lever(one: Lever, currency: str) -> tuple[str, ...]:
    label = gettext(LEVER_LABELS[one.name])
    if one.source is not Source.LEARNT:
        return (label, _level(one, one.value, currency), "", "", gettext("no claim: not measured"))
    measured = gettext("%(middle)s (%(low)s to %(high)s)") % {
        "middle": formats.number(one.elasticity, 1),
        "low": formats.number(one.low, 1),
        "high": formats.number(one.high, 1),
    }
    if one.needed is None or one.wanted is None:
        cannot = gettext("cannot close it alone")
        return (label, _level(one, one.value, currency), cannot, "", measured)
    return (
        label,
        _level(one, one.value, currency),
        formats.percent(one.needed, 0),
        _level(one, one.wanted, currency),
        measured,
    )


def _level(one: Lever, value: float, currency: str) -> str:
    """Return a lever's level in its own unit."""
    if one.name == "win_rate":
        return formats.percent(value, 0)
    if one.name == "deal_size":
        return formats.short_money(round(value), currency)
    if one.name == "cycle":
        text = ngettext("%(n)s day", "%(n)s days", round(value))
        return text % {"n": formats.number(value, 0)}
    return gettext("%(n)s FTE") % {"n": formats.number(value, 1)}
