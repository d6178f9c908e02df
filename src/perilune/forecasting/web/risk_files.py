"""The worklist of risks as a file of exactly what is shown: one row a deal and risk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext

from perilune.forecasting.contracts import DealAtRisk
from perilune.forecasting.web import risk_words as words
from perilune.ui.contracts import Column, Format


def export_columns(currency: str) -> list[Column]:
    """The columns of the file: one row a deal and risk."""
    return [
        Column("deal", gettext("Deal")),
        Column("account", gettext("Account")),
        Column("owner", gettext("Owner")),
        Column("team", gettext("Team")),
        Column("stage", gettext("Stage")),
        Column("close", gettext("Close date"), Format.DATE),
        Column("value", gettext("Value"), Format.MONEY, currency=currency),
        Column("risk", gettext("Risk")),
        Column("evidence", gettext("What speaks for it")),
        Column("chance", gettext("Chance"), Format.PERCENT),
        Column("without", gettext("Chance of like deals without it"), Format.PERCENT),
        Column("peers", gettext("Like deals"), Format.NUMBER),
        Column("revenue", gettext("At risk"), Format.MONEY, currency=currency),
        Column("why_none", gettext("Why no figure")),
        Column("todo", gettext("Proposed action")),
        Column("who", gettext("Who does it")),
        Column("due", gettext("Due"), Format.DATE),
    ]


def export_rows(deals: Sequence[DealAtRisk]) -> Iterator[list[Any]]:
    """Give one row for each risk of each deal."""
    for deal in deals:
        for risk in deal.risks:
            act, figure = risk.mitigation, risk.figure
            yield [
                deal.name,
                deal.account,
                deal.owner,
                deal.team,
                deal.stage,
                deal.close_date,
                deal.value,
                words.label(risk.kind),
                words.evidence(risk),
                deal.win,
                figure.chance_without,
                figure.peers or None,
                None if figure.revenue is None else round(figure.revenue),
                words.why_none(figure),
                words.action(risk.kind),
                act.owner if act else None,
                act.due if act else None,
            ]
