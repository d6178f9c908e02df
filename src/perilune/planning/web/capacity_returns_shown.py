"""Bookings by the accounts and by the potential that a rep holds: both curves, and which counts."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext

from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest
from perilune.planning.contracts import PlanView
from perilune.planning.contracts.capacity import Abscissa
from perilune.planning.engine.capacity_learning import Saturation
from perilune.planning.queries.capacity_returns import Returns
from perilune.planning.web import segment_shown
from perilune.planning.web.capacity_words import REASONS
from perilune.planning.web.plan_columns import money
from perilune.ui import formats
from perilune.ui.contracts import Chart, Column, Format, Row, Table


def returns_panels(request: PageRequest, view: PlanView, found: Returns) -> dict[str, Any]:
    """Return the parts of the page: two curves with their sentences, the verdict, the choice."""
    currency = view.head.currency
    choice = found.choice
    return {
        "accounts": _chart(Abscissa.ACCOUNTS, found.law(Abscissa.ACCOUNTS), currency),
        "accounts_note": _note(Abscissa.ACCOUNTS, found),
        "potential": _chart(Abscissa.POTENTIAL, found.law(Abscissa.POTENTIAL), currency),
        "potential_note": _note(Abscissa.POTENTIAL, found),
        "verdict": verdict(found),
        "chosen_by": _chosen_by(found),
        "returns_url": reverse("planning:capacity_returns", args=[view.head.id]),
        "may_choose": segment_shown.may_change(request),
        "returns_choices": [
            (value, label, value == (choice.by or ""))
            for value, label in (
                ("", gettext("the better of the two")),
                (Abscissa.ACCOUNTS.value, gettext("accounts per rep")),
                (Abscissa.POTENTIAL.value, gettext("potential per rep")),
            )
        ],
        "twice": "" if choice.twice is None else round(100 * choice.twice),
    }


def verdict(found: Returns) -> list[str]:
    """Return which curve tells reps left out better, and what counts."""
    said = []
    skills = found.skills or {}
    if found.reps >= 3:
        facts = {
            "accounts": formats.percent(1 - skills[Abscissa.ACCOUNTS], 0),
            "potential": formats.percent(1 - skills[Abscissa.POTENTIAL], 0),
            "reps": formats.number(found.reps, 0),
        }
        said.append(
            gettext("On the %(reps)s reps of whom both are known, each left out once, the error is"
                    " %(accounts)s of the mean's by accounts, %(potential)s by potential.") % facts
        )  # fmt: skip
    counted, share = found.counted, formats.percent(found.twice, 0)
    if found.choice.twice is not None:
        text = gettext("Set: twice the sellers of a segment bring %(share)s.")
    elif counted is Abscissa.ACCOUNTS:
        text = gettext("Accounts count: twice the sellers of a segment bring %(share)s.")
    elif counted is Abscissa.POTENTIAL:
        text = gettext("Potential counts: twice the sellers of a segment bring %(share)s.")
    else:
        text = gettext("Neither is claimed: twice the sellers of a segment bring %(share)s.")
    said.append(text % {"share": share})
    if found.choice.by is not None and counted not in (None, found.choice.by):
        said.append(gettext("The chosen one claims nothing here, so the other counts."))
    return said


def _chosen_by(found: Returns) -> str:
    choice = found.choice
    if not choice.actor or choice.at is None:
        return ""
    return gettext("Kept by %(name)s on %(day)s.") % {
        "name": person_names().get(choice.actor, choice.actor),
        "day": formats.day(choice.at.date()),
    }


def _chart(by: Abscissa, law: Saturation, currency: str) -> Chart | None:
    if not law.groups:
        return None
    is_money = by is Abscissa.POTENTIAL
    names = [
        formats.short_money(round(held), currency)
        if is_money
        else gettext("%(accounts)s accounts") % {"accounts": formats.number(held, 0)}
        for held, _made, _n in law.groups
    ]
    series: list[dict[str, Any]] = [
        {"type": "bar", "name": gettext("groups of reps"), "barMaxWidth": 48,
         "data": [round(made) for _held, made, _n in law.groups],
         "itemStyle": {"color": "token:cat-1"}}
    ]  # fmt: skip
    if not law.reason:
        lines = (
            (gettext("learnt"), law.exponent, "solid"),
            (pgettext("interval", "from"), law.low, "dashed"),
            (pgettext("interval", "to"), law.high, "dashed"),
        )
        for name, power, kind in lines:
            series.append(
                {"type": "line", "symbol": "none", "name": name, "lineStyle": {"type": kind},
                 "itemStyle": {"color": "token:cat-2"},
                 "data": [round(law.at(held, power)) for held, _made, _n in law.groups]}
            )  # fmt: skip
    title = gettext("Bookings per FTE by potential held") if is_money else (
        gettext("Bookings per FTE by accounts held"))  # fmt: skip
    sentence = gettext("Booked by a ramped FTE in twelve months; reps in order of the accounts that"
                       " they hold, at least five in a group.")  # fmt: skip
    held_column = Column("held", gettext("Accounts per ramped FTE"), Format.NUMBER, decimals=1)
    if is_money:
        held_column = money("held", gettext("Potential per ramped FTE"), currency)
        sentence = gettext("Booked by a ramped FTE in twelve months; reps in order of the potential"
                           " of the accounts that they hold, at least five in a group. Estimates"
                           " are those of a year before; a column's word is today's.")  # fmt: skip
    return Chart(
        by.value,
        title,
        {
            "legend": {"data": [one["name"] for one in series]},
            "grid": {"top": 40},
            "xAxis": {"type": "category", "data": names},
            "yAxis": {"type": "value", "min": 0},
            "series": series,
        },
        sentence=sentence,
        format=Format.MONEY,
        currency=currency,
        table=Table(
            (held_column,
             money("booked", gettext("Booked per ramped FTE"), currency),
             Column("reps", gettext("Reps"), Format.NUMBER, decimals=0)),
            [Row(i, (round(held) if is_money else held, made, n))
             for i, (held, made, n) in enumerate(law.groups)],
            gettext("Groups of reps in order of what they hold"), name=f"{by.value}-table",
            is_dense=True,
        ),
    )  # fmt: skip


def _note(by: Abscissa, found: Returns) -> list[str]:
    law, said = found.law(by), []
    is_accounts = by is Abscissa.ACCOUNTS
    if law.reason:
        text = (
            gettext("No claim that more accounts per rep bring less each: %(why)s (%(reps)s reps).")
            if is_accounts
            else gettext("No claim that more potential per rep brings less each: %(why)s (%(reps)s"
                         " reps).")
        )  # fmt: skip
        why = gettext(REASONS.get(law.reason, law.reason))
        said.append(text % {"why": why, "reps": formats.number(law.reps, 0)})
    else:
        text = (
            gettext("Twice the accounts bring %(times)s times the bookings (%(low)s to %(high)s);"
                    " the curve errs %(skill)s less than the mean on reps left out.")
            if is_accounts
            else gettext("Twice the potential brings %(times)s times the bookings (%(low)s to"
                         " %(high)s); the curve errs %(skill)s less than the mean on reps left"
                         " out.")
        )  # fmt: skip
        said.append(text % {
            "times": formats.number(2**law.exponent, 2), "low": formats.number(2**law.low, 2),
            "high": formats.number(2**law.high, 2), "skill": formats.percent(law.skill, 0),
        })  # fmt: skip
    if not is_accounts and found.unknown:
        text = ngettext(
            "%(n)s rep is left out: of more than a fifth of their accounts the potential is not"
            " known.",
            "%(n)s reps are left out: of more than a fifth of their accounts the potential is not"
            " known.",
            found.unknown,
        )
        said.append(text % {"n": formats.number(found.unknown, 0)})
    return said
