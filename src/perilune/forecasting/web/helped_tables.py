"""Closed mitigations as components, and whether acting on risks helped."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext

from perilune.forecasting.contracts import OUTCOME_LABELS, ClosedMitigation, Compared
from perilune.forecasting.web import risk_words as words
from perilune.ui.contracts import Column, Empty, Format, Row, Status, Table, Tone


def compared(rows: Sequence[Compared]) -> Table:
    """Deals whose risk was worked on beside like deals whose risk was left alone."""
    columns = [
        Column("kind", gettext("Risk"), is_title=True),
        Column("worked", gettext("Worked on"), Format.NUMBER, decimals=0),
        Column("worked_won", gettext("Won of decided"), Format.NUMBER),
        Column("left", gettext("Left alone"), Format.NUMBER, decimals=0),
        Column("left_won", gettext("Won of decided"), Format.NUMBER),
        Column("verdict", gettext("Did it help?"), Format.LONG_TEXT),
    ]
    listed = [
        Row(
            row.kind.value if row.kind else "all",
            [
                words.label(row.kind) if row.kind else gettext("All risks"),
                row.worked,
                f"{row.worked_won} / {row.worked_decided}",
                row.left,
                f"{row.left_won} / {row.left_decided}",
                words.verdict(row),
            ],
        )
        for row in rows
    ]
    empty = Empty(
        gettext("Nothing was closed yet"),
        gettext("Once mitigations are closed, their deals stand here beside like deals."),
    )
    note = gettext(
        "Like deals had the same risk in the same stage at the end of the month before, and nobody"
        " took it on. No claim is made under 20 decided deals on either side; whoever chooses what"
        " to work on chooses unevenly, so a difference is no proof."
    )
    return Table(
        columns, listed, gettext("Did it help?"), empty=empty, is_dense=True, name="helped",
        note=note,
    )  # fmt: skip


MEANING_TONES = {"won": Tone.GOOD, "lost": Tone.ACT, "open": Tone.NEUTRAL}


def closed(acts: Sequence[ClosedMitigation], currency: str) -> Table:
    """Closed mitigations, latest first, with what became of their deals."""
    columns = [
        Column("deal", gettext("Deal"), is_title=True),
        Column("risk", gettext("Risk")),
        Column("who", gettext("Who did it")),
        Column("opened", gettext("Taken on"), Format.DATE),
        Column("closed", gettext("Closed on"), Format.DATE),
        Column("outcome", gettext("What came of it")),
        Column("reason", gettext("Reason"), Format.LONG_TEXT),
        Column("meaning", gettext("The deal now")),
        Column("value", gettext("Value"), Format.MONEY, currency=currency, decimals=0),
    ]
    states = {"won": gettext("won"), "lost": gettext("lost"), "open": gettext("open")}
    rows = [
        Row(
            each.mitigation.id,
            [
                each.account or each.deal_name,
                words.short(each.mitigation.kind),
                each.mitigation.owner,
                each.mitigation.opened_on,
                each.mitigation.closed_on,
                gettext(OUTCOME_LABELS[each.mitigation.outcome])
                if each.mitigation.outcome
                else None,
                each.mitigation.reason,
                Status(states.get(each.meaning, each.meaning), MEANING_TONES[each.meaning]),
                each.value,
            ],
            url=reverse("crm:record", args=["opportunity", each.mitigation.deal]),
        )
        for each in acts
    ]
    empty = Empty(
        gettext("Nothing was closed yet"),
        gettext("Take a risk on in the worklist, and close it with what came of it."),
    )
    return Table(
        columns, rows, gettext("Closed mitigations"), empty=empty, is_dense=True, name="closed"
    )
