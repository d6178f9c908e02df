"""Hiring advice as pages show it: the answer in words, who starts when, what limits it."""

from __future__ import annotations

import math

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.people.queries import person_names
from perilune.planning.contracts import PlanView, Productivity, Returns
from perilune.planning.contracts.hiring_advice import (
    Chance,
    HiringAdviceInfo,
    HiringAnswer,
    SegmentUsed,
)
from perilune.planning.engine.staffing import returned
from perilune.planning.queries.words import unit_label
from perilune.planning.web.capacity_words import ROLES
from perilune.planning.web.plan_columns import money, percent
from perilune.ui import formats
from perilune.ui.contracts import Chart, Column, Empty, Format, Kpi, Row, Table

MOST_SHOWN = 10
"""New sellers of a segment up to which the curve is drawn."""


def figures(view: PlanView, found: HiringAdviceInfo, answer: HiringAnswer) -> list[Kpi]:
    """Return people, cost, chance before and after, what waiting costs."""
    currency = view.head.currency
    gap = gettext("within %(gap)s of the least possible, proved") % {
        "gap": formats.percent(answer.gap, 1)
    }
    if answer.is_late:
        gap += " · " + gettext("the solver ran out of time")
    return [
        Kpi(gettext("People to hire"), answer.heads, decimals=0),
        Kpi(gettext("Cost to the end of the year"), answer.cost, Format.MONEY, currency, 1,
            detail=gap),
        Kpi(gettext("Chance before"), answer.before.chance, Format.PERCENT, decimals=0,
            detail=_interval(answer.before)),
        Kpi(gettext("Chance after"), answer.after.chance, Format.PERCENT, decimals=0,
            detail=_interval(answer.after)),
        Kpi(gettext("Waiting a month costs"), answer.waiting, Format.MONEY, currency, 1,
            detail=_waiting(view, answer)),
    ]  # fmt: skip


def _interval(chance: Chance) -> str:
    low, high = chance.interval
    return gettext("%(low)s to %(high)s by the paths drawn") % {
        "low": formats.percent(low, 1), "high": formats.percent(high, 1),
    }  # fmt: skip


def _waiting(view: PlanView, answer: HiringAnswer) -> str:
    if answer.waiting is not None:
        return gettext("more for the same chance")
    money_ = formats.short_money(answer.waiting_missing, view.head.currency)
    if answer.waiting_missing:
        return gettext("out of reach then: %(missing)s short") % {"missing": money_}
    return gettext("not asked: out of reach already")


def starts_table(view: PlanView, answer: HiringAnswer) -> Table:
    """Return who starts when and where."""
    rows = [
        Row(at, (start.month, unit_label(start.team, view.names),
                 *((start.segment,) if answer.segments else ()),
                 gettext(ROLES.get(start.role, start.role)), start.heads))
        for at, start in enumerate(answer.starts)
    ]  # fmt: skip
    segment = (Column("segment", gettext("Segment")),) if answer.segments else ()
    blank = (None,) * (3 + len(segment))
    return Table(
        (
            Column("month", gettext("Starts on"), Format.DATE, is_title=True),
            Column("team", gettext("Team")),
            *segment,
            Column("role", gettext("Selling role")),
            Column("heads", gettext("People"), Format.NUMBER, decimals=0),
        ),
        rows,
        gettext("Who starts when and where"),
        totals=(*blank, answer.heads) if rows else (),
        total_label=gettext("Sum"),
        name="starts",
        is_dense=True,
        empty=Empty(gettext("Nobody to hire"), icon="users"),
    )


def segment_label(view: PlanView, one: SegmentUsed) -> str:
    """Return a segment with what a seller brings there and the team that would hire."""
    return gettext("%(segment)s: %(minor)s a year per ramped FTE, %(team)s") % {
        "segment": one.segment,
        "minor": formats.short_money(round(one.minor), view.head.currency),
        "team": unit_label(one.team, view.names),
    }


def segments_table(view: PlanView, answer: HiringAnswer) -> Table | None:
    """Return what each segment was taken to bring, with its spread; None for whole teams."""
    if not answer.segments:
        return None
    currency = view.head.currency
    rows = [
        Row(one.segment, (one.segment, unit_label(one.team, view.names), one.minor, one.low,
                          one.high, one.fte, one.reps, one.twice, _source(one)))
        for one in answer.segments
    ]  # fmt: skip
    return Table(
        (
            Column("segment", gettext("Segment"), is_title=True),
            Column("team", gettext("Hired in")),
            money("minor", gettext("Booked per ramped FTE"), currency),
            money("low", gettext("One in ten below"), currency, is_minor=True),
            money("high", gettext("One in ten above"), currency, is_minor=True),
            Column("fte", gettext("FTE there"), Format.NUMBER, decimals=1),
            Column("reps", gettext("Sellers"), Format.NUMBER, decimals=0, is_minor=True),
            percent("twice", gettext("Twice the sellers bring")),
            Column("source", gettext("Source"), is_minor=True),
        ),
        rows,
        gettext("What a seller brings by segment"),
        name="hiring-segments",
        is_dense=True,
        note=gettext("Last twelve complete months; a seller's year is shared out by the deals"
                     " closed in each segment. No spread under five sellers. In the plan the people"
                     " then count as sellers of their team."),
    )  # fmt: skip


def _source(one: SegmentUsed) -> str:
    if one.is_set:
        return gettext("set")
    return gettext("learnt") if one.is_learnt else gettext("nothing claimed")


def returns_chart(view: PlanView, answer: HiringAnswer) -> Chart | None:
    """Return what each further seller of a segment would bring, as the simulation has it."""
    if not answer.segments or all(one.twice >= 2 for one in answer.segments):
        return None
    more = list(range(MOST_SHOWN + 1))
    lines = {one.segment: [_added(one, n) for n in more] for one in answer.segments}
    series = [
        {"type": "line", "symbol": "none", "name": name, "data": [round(v) for v in line],
         "itemStyle": {"color": f"token:cat-{at % 8 + 1}"}}
        for at, (name, line) in enumerate(lines.items())
    ]  # fmt: skip
    currency = view.head.currency
    rows = [Row(n, (n, *(line[n] for line in lines.values()))) for n in more]
    title = gettext("What new sellers of a segment add in a year, ramped")
    return Chart(
        "returns",
        title,
        {
            "legend": {"data": list(lines)},
            "grid": {"top": 40},
            "xAxis": {"type": "category", "data": [str(n) for n in more]},
            "yAxis": {"type": "value", "min": 0},
            "series": series,
        },
        sentence=gettext("Each further seller finds the same accounts shared by more."),
        format=Format.MONEY,
        currency=currency,
        table=Table(
            (Column("more", gettext("New sellers"), Format.NUMBER, decimals=0),
             *(money(f"s{at}", name, currency) for at, name in enumerate(lines))),
            rows, title, name="returns-table", is_dense=True,
        ),
    )  # fmt: skip


def _added(one: SegmentUsed, people: int) -> float:
    fte = max(one.fte, 1.0)
    law = Returns(math.log2(one.twice), fte, beside=fte)
    return one.minor * float(returned(Productivity("", 1.0, returns=law), np.array([people]))[0])


def odds_table(view: PlanView, answer: HiringAnswer) -> Table:
    """Return the year with and without the hires, as ranges."""
    currency = view.head.currency
    rows = [
        Row(name, (label, chance.chance, chance.p10, chance.p50, chance.p90))
        for name, label, chance in (
            ("before", gettext("As planned"), answer.before),
            ("after", gettext("With these hires"), answer.after),
        )
    ]
    return Table(
        (
            Column("what", gettext("Year"), is_title=True),
            percent("chance", gettext("Chance")),
            money("p10", "p10", currency, is_minor=True),
            money("p50", "p50", currency),
            money("p90", "p90", currency, is_minor=True),
        ),
        rows,
        gettext("Bookings of the year"),
        name="hiring-odds",
        is_dense=True,
        note=gettext("Simulated with departures, refilled seats, ramps, differences between reps"
                     " and luck, as on the chances page, whose track record holds here too."),
    )  # fmt: skip


def asked_sentences(view: PlanView, found: HiringAdviceInfo) -> list[str]:
    """Return what the answer rests on."""
    asked, currency = found.asked, view.head.currency
    facts = {
        "month": formats.money(asked.seller_month, currency, 0),
        "once": formats.money(asked.seller_once, currency, 0),
        "day": formats.day(asked.earliest(found.as_of.day)),
        "lead": formats.number(asked.lead, 0),
    }
    said = [
        gettext("A seller costs %(month)s a month and %(once)s once; recruiting takes %(lead)s"
                " months: nobody starts before %(day)s.") % facts
    ]  # fmt: skip
    if asked.ramp_days is None:
        said.append(gettext("New sellers ramp as all sellers do, by the ramp of the chances."))
    else:
        said.append(gettext("New sellers ramp evenly in %(days)s days, as was typed.")
                    % {"days": formats.number(asked.ramp_days, 0)})  # fmt: skip
    if asked.is_assumed:
        said.append(gettext("These costs are assumptions: nobody has said yours."))
    if asked.segments:
        said.append(gettext("New sellers leave as all sellers do and bring what sellers bring in"
                            " their segment."))  # fmt: skip
    else:
        said.append(gettext("New sellers leave as all sellers do and bring what their team's do."))
    answer = found.answer
    if answer is not None:
        text = ngettext("%(n)s programme solved and simulated, %(seconds)s s.",
                        "%(n)s programmes solved and simulated, %(seconds)s s.",
                        answer.attempts)  # fmt: skip
        said.append(text % {"n": formats.number(answer.attempts, 0),
                            "seconds": formats.number(answer.seconds, 1)})  # fmt: skip
    return said


def earlier(view: PlanView, listed: list[HiringAdviceInfo]) -> Table:
    """Return the advice on record."""
    named = person_names()
    address = reverse("planning:hiring", args=[view.head.id])
    currency = view.head.currency
    rows = []
    for one in listed:
        answer = one.answer
        rows.append(
            Row(one.id, (
                one.made_at, named.get(one.actor, one.actor), one.edition, one.asked.wanted,
                answer.heads if answer else None, answer.cost if answer else None,
                answer.after.chance if answer else None, named.get(one.taken_by, one.taken_by),
            ), url=f"{address}?advice={one.id}")
        )  # fmt: skip
    return Table(
        (
            Column("at", gettext("Asked"), Format.INSTANT, is_title=True),
            Column("by", gettext("By")),
            Column("edition", gettext("Edition"), Format.NUMBER, decimals=0, is_minor=True),
            percent("wanted", gettext("Wanted")),
            Column("heads", gettext("People"), Format.NUMBER, decimals=0),
            money("cost", gettext("Cost"), currency),
            percent("after", gettext("Chance after")),
            Column("taken", gettext("Taken in by"), is_minor=True),
        ),
        rows,
        gettext("Advice on record"),
        name="advice",
        is_dense=True,
        empty=Empty(gettext("No advice was asked for yet"), icon="users"),
    )
