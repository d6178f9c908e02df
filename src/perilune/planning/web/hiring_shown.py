"""Hiring advice as pages show it: the answer in words, who starts when, what limits it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.people.queries import person_names
from perilune.planning.contracts import PlanView
from perilune.planning.contracts.hiring_advice import (
    Chance,
    HiringAdviceInfo,
    HiringAnswer,
)
from perilune.planning.queries.words import unit_label
from perilune.planning.web.capacity_words import ROLES
from perilune.planning.web.plan_columns import money, percent
from perilune.ui import formats
from perilune.ui.contracts import Column, Empty, Format, Kpi, Row, Table


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
                 gettext(ROLES.get(start.role, start.role)), start.heads))
        for at, start in enumerate(answer.starts)
    ]  # fmt: skip
    return Table(
        (
            Column("month", gettext("Starts on"), Format.DATE, is_title=True),
            Column("team", gettext("Team")),
            Column("role", gettext("Selling role")),
            Column("heads", gettext("People"), Format.NUMBER, decimals=0),
        ),
        rows,
        gettext("Who starts when and where"),
        totals=(None, None, None, answer.heads) if rows else (),
        total_label=gettext("Sum"),
        name="starts",
        is_dense=True,
        empty=Empty(gettext("Nobody to hire"), icon="users"),
    )


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
        "days": formats.number(asked.ramp_days, 0),
        "lead": formats.number(asked.lead, 0),
    }
    said = [
        gettext("A seller costs %(month)s a month and %(once)s once; recruiting takes %(lead)s"
                " months, the ramp %(days)s days.") % facts
    ]  # fmt: skip
    if asked.is_assumed:
        said.append(gettext("These costs are assumptions: nobody has said yours."))
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
