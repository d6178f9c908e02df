"""How likely a plan is reached: capacity against target, chances, what matters, how it did."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.kernel.errors import Invalid, Refused
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.planning import queries
from perilune.planning.contracts import PlanView
from perilune.planning.queries.chance_words import pieces
from perilune.planning.queries.chances import Chances, chances, months_of
from perilune.planning.queries.flaws import flaws
from perilune.planning.queries.words import DRIVER_LABELS, level_label, unit_label
from perilune.planning.web import plan_shown, shown
from perilune.planning.web.plan_columns import excel, money, percent
from perilune.planning.web.views.landing import landing_url
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Chart,
    Column,
    Empty,
    Format,
    Kpi,
    Row,
    Status,
    Table,
    Tone,
)


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """The chances of one plan, as known at the page's as-of."""
    view = queries.plan(plan_id, request.scope, request.actor)
    facts: dict[str, Any] = {"header": plan_shown.header(request, view, "chances")}
    if not view.is_whole:
        reason = gettext("You see the rows of your reps; sales operations computes the whole.")
        facts["empty"] = Empty(gettext("The chances are of the whole plan"), reason, icon="gauge")
        return shown.show(request, "plan_chances.html", facts)
    content = queries.loaded_plan(plan_id).content
    try:
        found = chances(view.head, content, request.scope, request.as_of)
    except Invalid as error:
        back = Action(gettext("Targets and quotas"), reverse("planning:plan", args=[plan_id]))
        facts["empty"] = Empty(gettext("No chances yet"), said(error), back, icon="gauge")
        return shown.show(request, "plan_chances.html", facts)
    facts |= {
        "kpis": _kpis(view, found),
        "chart": _chart(found),
        "odds": odds_table(request, view, found),
        "drivers": _drivers(found),
        "track": _track(view, found),
        "basis": _basis(view, found),
        "landing_url": landing_url(view, request.as_of),
        "flaws": _flaws(request),
        "found": True,
    }
    return shown.show(request, "plan_chances.html", facts)


def _flaws(request: PageRequest) -> str:
    """Return how many records that the chances count with cannot be as they stand; "" for none."""
    try:
        count = len(flaws(request.scope, request.as_of))
    except Refused:
        return ""
    text = ngettext(
        "%(n)s record that these figures count with cannot be as it stands.",
        "%(n)s records that these figures count with cannot be as they stand.",
        count,
    )
    return text % {"n": formats.number(count, 0)} if count else ""


def _kpis(view: PlanView, found: Chances) -> list[Kpi]:
    odds = found.simulation.odds[0]
    currency = view.head.currency
    inside = sum(origin.is_inside for origin in found.origins)
    told = {"inside": inside, "count": len(found.origins)}
    claim = gettext("no claim: %(count)s past years are too few") % told
    if found.has_track:
        claim = gettext("%(inside)s of %(count)s past years fell inside") % told
    span = {
        "low": formats.short_money(odds.reached.p10, currency),
        "high": formats.short_money(odds.reached.p90, currency),
    }
    return [
        Kpi(gettext("Chance of the operating plan"), odds.chance, Format.PERCENT, decimals=0,
            detail=claim),
        Kpi(gettext("Middle of the simulated years"), odds.reached.p50, Format.MONEY, currency, 1,
            detail=gettext("p10 %(low)s, p90 %(high)s") % span),
        Kpi(gettext("Operating target"), odds.aim.minor, Format.MONEY, currency, 1),
        Kpi(gettext("Sellers who leave in a year"), found.leaving.a_year, Format.PERCENT,
            decimals=0, detail=gettext("all sellers as one group, %(n)s departures known")
            % {"n": found.leaving.leavers}),
    ]  # fmt: skip


def _chart(found: Chances) -> Chart:
    bands = found.simulation.bands
    days = [formats.day(day) for day in months_of(found)]
    low = [round(float(value), 2) for value in bands.p10]
    rows = [
        Row(at, (day, float(bands.p10[at]), float(bands.p50[at]), float(bands.p90[at])))
        for at, day in enumerate(days)
    ]
    width = [
        round(float(high - value), 2) for high, value in zip(bands.p90, bands.p10, strict=True)
    ]
    band = {"type": "line", "stack": "band", "symbol": "none", "lineStyle": {"opacity": 0}}
    middle = [round(float(value), 2) for value in bands.p50]
    fte = [round(float(value), 2) for value in bands.fte_mean]
    line = {"type": "line", "symbol": "none"}
    return Chart(
        "capacity",
        gettext("Capacity by month"),
        {
            "xAxis": {"type": "category", "data": days},
            "yAxis": {"type": "value", "min": 0},
            "series": [
                {**band, "name": "p10", "data": low},
                {**band, "name": "p90", "data": width,
                 "areaStyle": {"color": "token:cat-1", "opacity": 0.2}},
                {**line, "name": gettext("Ramped FTE"), "data": middle,
                 "itemStyle": {"color": "token:cat-1"}},
                {**line, "name": gettext("FTE"), "data": fte,
                 "lineStyle": {"type": "dashed"}, "itemStyle": {"color": "token:cat-3"}},
            ],
        },
        sentence=gettext("Ramped FTE with p10 and p90; the dashed line counts people there."),
        table=Table(
            (Column("from", gettext("From")),
             *(Column(name, name, Format.NUMBER, decimals=1) for name in ("p10", "p50", "p90"))),
            rows, gettext("Ramped FTE by month"), name="capacity-table",
        ),
    )  # fmt: skip


def odds_table(request: PageRequest, view: PlanView, found: Chances) -> Table:
    """Return the chance of each target with the range of what is reached."""
    currency, places = view.head.currency, 0
    rows = []
    pairs = zip(found.aims, found.simulation.odds, strict=True)
    for at, ((level, unit, _period), odds) in enumerate(pairs):
        rows.append(
            Row(at, (unit_label(unit, view.names), level_label(level), odds.aim.minor,
                     odds.chance, odds.reached.p10, odds.reached.p50, odds.reached.p90))
        )  # fmt: skip
    return Table(
        (
            Column("unit", gettext("Unit"), is_title=True),
            Column("level", gettext("Level")),
            money("target", gettext("Target"), currency, places),
            Column("chance", gettext("Chance"), Format.PERCENT, decimals=0),
            money("p10", "p10", currency, places, is_minor=True),
            money("p50", "p50", currency, places),
            money("p90", "p90", currency, places, is_minor=True),
        ),
        rows,
        gettext("Chance to reach each target"),
        name="odds",
        is_dense=True,
        note=gettext("Percentiles of rows do not add up to those of their sum."),
        export_urls=excel(request, view.head.id, "chances"),
    )


def _drivers(found: Chances) -> Table:
    rows = [
        Row(
            one.driver.value,
            (
                gettext(DRIVER_LABELS[one.driver]),
                # more spread helps a plan that the middle misses: worst is the lower chance
                *sorted((one.low, one.high)),
                one.weight,
            ),
        )
        for one in found.effects
    ]
    return Table(
        (
            Column("driver", gettext("If it goes otherwise"), is_title=True),
            percent("low", gettext("Chance at worst")),
            percent("high", gettext("Chance at best")),
            percent("weight", gettext("Share of the doubt"), is_minor=True),
        ),
        rows,
        gettext("What matters most"),
        name="drivers",
        is_dense=True,
        note=gettext("One at a time, the others as they fall: the shares need not make 100 %."),
    )


def _basis(view: PlanView, found: Chances) -> Table:
    learnt = Status(gettext("learnt"), Tone.GOOD)
    stated = Status(gettext("stated"), Tone.WATCH)
    rows = [
        Row(one.key, (one.label, one.value, learnt if one.is_learnt else stated, one.evidence))
        for one in pieces(found, view.head.currency, is_circle=view.is_circle)
    ]
    return Table(
        (
            Column("piece", gettext("Piece"), is_title=True),
            Column("value", gettext("Value")),
            Column("source", gettext("Source")),
            Column("evidence", gettext("From, or why not")),
        ),
        rows,
        gettext("What the chances rest on"),
        name="basis",
        is_dense=True,
        note=gettext("Percentages of doubt and difference are standard deviations."),
    )


def _track(view: PlanView, found: Chances) -> Table:
    currency, places = view.head.currency, 0
    rows = [
        Row(at, (origin.start, origin.said.p10, origin.said.p90, origin.actual,
                 Status(gettext("inside"), Tone.GOOD) if origin.is_inside
                 else Status(gettext("outside"), Tone.WATCH)))
        for at, origin in enumerate(found.origins)
    ]  # fmt: skip
    return Table(
        (
            Column("from", gettext("Year from"), Format.DATE, is_title=True),
            money("p10", "p10", currency, places),
            money("p90", "p90", currency, places),
            money("actual", gettext("Booked"), currency, places),
            Column("state", gettext("Hit")),
        ),
        rows,
        gettext("The same method on past years"),
        name="track",
        is_dense=True,
        empty=Empty(gettext("No past year to try it on"), icon="history"),
        note=gettext("Years that overlap are not independent."),
    )
