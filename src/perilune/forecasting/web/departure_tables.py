"""The tables of a departure's preview, and of the list of departures."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from perilune.forecasting.contracts.departures import GOING_LABELS, Departure, Follows, Handed
from perilune.forecasting.web import departure_words as words
from perilune.people.queries import company
from perilune.ui.contracts import Cell, Column, Empty, Format, Row, Table

SHOWN = 25
"""Accounts and deals that the preview lists, the largest first."""


def listed(found: Sequence[Departure], actor: str, *, may_plan: bool) -> Table:
    """Return the departures that somebody sees, the soonest first."""
    hint = (
        gettext("Open a rep and say what happens: leaves, long absence, change of team.")
        if may_plan
        else gettext("What others plan shows here once they share it with you by name.")
    )
    return Table(
        columns=(
            Column("rep", gettext("Rep"), is_title=True),
            Column("what", gettext("What")),
            Column("day", gettext("From"), Format.DATE),
            Column("status", gettext("Status")),
            Column("circle", gettext("Seen by"), is_minor=True),
        ),
        rows=[
            Row(
                one.id,
                (one.rep, gettext(GOING_LABELS[one.terms.going]), one.terms.day, words.status(one),
                 words.circle(one, actor)),
                url=reverse("departures:departure", args=[one.id]),
            )
            for one in found
        ],
        caption=gettext("Departures, absences, changes of team"),
        empty=Empty(gettext("Nothing is planned"), hint, icon="calendar-range"),
        name="departures",
    )  # fmt: skip


def changes(found: Follows) -> Table:
    """Return what changes and when."""
    return Table(
        columns=(
            Column("what", gettext("What changes"), is_title=True),
            Column("day", gettext("When"), Format.DATE),
            Column("figures", gettext("In figures"), Format.LONG_TEXT),
        ),
        rows=[
            Row(at, (what, day, text)) for at, (day, what, text) in enumerate(words.changes(found))
        ],
        caption=gettext("What changes and when"),
        name="changes",
    )


def takers(found: Follows) -> Table:
    """Return who takes how much."""
    currency = company().currency
    rows = words.by_taker(found)
    return Table(
        columns=(
            Column("who", gettext("Who takes over"), is_title=True),
            Column("accounts", gettext("Accounts"), Format.NUMBER, decimals=0),
            Column("deals", gettext("Open deals"), Format.NUMBER, decimals=0),
            Column("value", gettext("Value"), Format.MONEY, currency=currency, decimals=0),
        ),
        rows=[
            Row(at, (name or gettext("stays with the rep"), *counts))
            for at, (name, *counts) in enumerate(rows)
        ],
        caption=gettext("Who takes over"),
        totals=(None, *(sum(row[at] for row in rows) for at in (1, 2, 3))),  # type: ignore[misc]
        total_label=gettext("All"),
        empty=Empty(gettext("No accounts and no open deals"), icon="briefcase"),
        name="takers",
    )


def deals(found: Follows) -> Table:
    """Return the largest open deals with their stage, and who takes them."""
    rows, currency = found.deals[:SHOWN], company().currency
    return Table(
        columns=(
            Column("deal", gettext("Deal"), is_title=True),
            Column("value", gettext("Value"), Format.MONEY, currency=currency, decimals=0),
            Column("to", gettext("Goes to")),
            Column("stage", gettext("Stage"), is_minor=True),
        ),
        rows=[
            Row(one.id, (one.name, one.value, _to(one), one.stage),
                url=reverse("crm:record", args=["opportunity", one.id]))
            for one in rows
        ],
        caption=gettext("Open deals"),
        is_dense=True,
        note=_note(len(rows), len(found.deals)),
        empty=Empty(gettext("No open deals"), icon="briefcase"),
        name="deals",
    )  # fmt: skip


def accounts(found: Follows) -> Table:
    """Return the accounts with most open, and who takes them."""
    ordered = sorted(found.accounts, key=lambda one: (-(one.value or 0), one.name.casefold()))
    return Table(
        columns=(
            Column("account", gettext("Account"), is_title=True),
            Column("value", gettext("Open"), Format.MONEY, currency=company().currency, decimals=0),
            Column("to", gettext("Goes to")),
        ),
        rows=[
            Row(one.id, (one.name, one.value, _to(one)),
                url=reverse("crm:record", args=["account", one.id]))
            for one in ordered[:SHOWN]
        ],
        caption=gettext("Accounts"),
        is_dense=True,
        note=_note(len(ordered[:SHOWN]), len(ordered)),
        empty=Empty(gettext("No accounts"), icon="briefcase"),
        name="accounts",
    )  # fmt: skip


def _to(one: Handed) -> Cell:
    stays = gettext("stays, in commit") if one.is_commit else gettext("stays")
    return Cell(one.to_name or stays)


def _note(shown: int, whole: int) -> str:
    if shown == whole:
        return ""
    return gettext("The %(shown)s largest of %(all)s.") % {"shown": shown, "all": whole}


def quotas(found: Follows) -> Table:
    """Return the quotas that are prorated."""
    return Table(
        columns=(
            Column("from", gettext("Quota from"), Format.DATE, is_title=True),
            Column("to", pgettext("day", "to"), Format.DATE),
            Column("level", gettext("Level"), is_minor=True),
            Column("before", gettext("Before"), Format.MONEY, decimals=0),
            Column("after", gettext("After"), Format.MONEY, decimals=0),
        ),
        rows=[
            Row(one.id, (one.starts, one.ends, words.level_text(one.level), one.before, one.after),
                currency=one.currency or company().currency)
            for one in found.quotas
        ],
        caption=gettext("Quota prorated"),
        note=gettext("What is taken off is nobody's yet: targets of the team stay as they are."),
        name="quotas",
    )  # fmt: skip


def capacity(found: Follows) -> Table:
    """Return FTE of the teams before and after."""
    return Table(
        columns=(
            Column("team", gettext("Team"), is_title=True),
            Column("period", gettext("Period")),
            Column("before", gettext("FTE before"), Format.NUMBER, decimals=2),
            Column("after", gettext("FTE after"), Format.NUMBER, decimals=2),
        ),
        rows=[
            Row(at, (one.team, one.period.name, one.before, one.after))
            for at, one in enumerate(found.capacity)
        ],
        caption=gettext("Capacity"),
        empty=Empty(gettext("Without a team"), icon="users"),
        name="capacity",
    )
