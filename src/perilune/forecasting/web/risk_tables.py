"""Risks as components: the worklist, the strip of portfolio risks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from perilune.forecasting.contracts import (
    DealAtRisk,
    Mitigation,
    PortfolioRisk,
    RiskKind,
    RiskList,
)
from perilune.forecasting.web import risk_words as words
from perilune.kernel.calendar import Period
from perilune.ui.contracts import (
    Action,
    Cell,
    Column,
    Empty,
    Format,
    Kpi,
    Link,
    Pages,
    Row,
    Status,
    Table,
    Tone,
)

SIZE = 50


@dataclass(frozen=True)
class Listing:
    """A page of the worklist: what is shown of what, and what may be done with it."""

    period: Period
    currency: str
    deals: Sequence[DealAtRisk]
    page: int = 1
    may_act: bool = False
    is_asleep: bool = False
    exports: Sequence[Link] = ()
    previous_url: str = ""
    next_url: str = ""

    @property
    def shown(self) -> Sequence[DealAtRisk]:
        """The deals of the page."""
        return self.deals[(self.page - 1) * SIZE : self.page * SIZE]


def worklist(listing: Listing) -> Table:
    """Deals at risk, most at stake first."""
    has_figures = any(deal.revenue is not None for deal in listing.deals)
    currency = listing.currency
    columns = [
        Column("deal", gettext("Deal"), is_title=True),
        Column("risks", gettext("Risks"), Format.LONG_TEXT),
        Column(
            "revenue",
            gettext("At risk"),
            Format.MONEY,
            currency=currency,
            decimals=0,
            hint=gettext("Value x (chance of like deals without the risk - own chance)."),
        ),
        Column("win", gettext("Chance"), Format.PERCENT, unit="%", decimals=0),
        Column("value", gettext("Value"), Format.MONEY, currency=currency, decimals=0),
        Column("close", gettext("Close date"), Format.DATE),
        Column("owner", gettext("Owner")),
        Column("doing", gettext("What is done")),
    ]
    left_out = () if has_figures else ("revenue", "win")
    rows = [
        Row(
            deal.id,
            [
                value
                for column, value in zip(columns, _cells(deal, listing), strict=True)
                if column.name not in left_out
            ],
            url=reverse("crm:record", args=["opportunity", deal.id]),
        )
        for deal in listing.shown
    ]
    return Table(
        [column for column in columns if column.name not in left_out],
        rows,
        gettext("Deals at risk"),
        export_urls=listing.exports if rows else (),
        empty=_empty(listing),
        pages=_pages(listing),
        verbs=_verbs(listing) if rows and listing.may_act else (),
        is_dense=True,
        name="risks",
        note=gettext("A deal counts once, by the largest of its risks: they overlap."),
    )


def _cells(deal: DealAtRisk, listing: Listing) -> list[Any]:
    why = reverse("forecasting:risk", args=[listing.period.name, deal.id])
    risks = deal.silenced if listing.is_asleep else deal.risks
    tone = Tone.ACT if len(deal.risks) > 2 else Tone.WATCH
    acts = [risk.mitigation for risk in risks if risk.mitigation]
    return [
        deal.account or deal.name,
        Cell(", ".join(words.short(risk.kind) for risk in risks), tone=tone, why_url=why),
        Cell(deal.revenue, why_url=why),
        deal.win,
        deal.value,
        deal.close_date,
        deal.owner,
        _done(acts),
    ]


def _done(acts: Sequence[Mitigation]) -> Status | None:
    """Return the act that is due first."""
    ordered = sorted(acts, key=lambda act: (act.due is None, act.due, act.id))
    return words.doing(ordered[0]) if ordered else None


def _verbs(listing: Listing) -> list[Action]:
    address = reverse("forecasting:risks_act", args=[listing.period.name])
    if listing.is_asleep:
        return [Action(gettext("Wake"), address, "post", "bell", name="wake")]
    return [
        Action(gettext("Take on"), address, "post", "check", name="take"),
        Action(gettext("Hand over"), address, "post", "user", name="assign"),
        Action(gettext("Let sleep"), address, "post", "clock", name="snooze"),
        Action(gettext("Close"), address, "post", "x", name="close"),
    ]


def _empty(listing: Listing) -> Empty:
    if listing.is_asleep:
        return Empty(
            gettext("No risk sleeps"),
            gettext("A risk with a known reason can sleep until a day that you name."),
        )
    return Empty(
        gettext("No deal is at risk"),
        gettext("None of the open deals in sight matches these filters."),
    )


def _pages(listing: Listing) -> Pages | None:
    total = len(listing.deals)
    if total <= SIZE:
        return None
    first = (listing.page - 1) * SIZE + 1
    last = min(listing.page * SIZE, total)
    return Pages(first, last, total, listing.previous_url, listing.next_url)


def strip(found: RiskList, period: Period, currency: str) -> list[Kpi]:
    """The portfolio's risks, each with what is at stake."""
    return [
        Kpi(
            words.label(risk.kind),
            risk.figure.revenue,
            Format.MONEY,
            currency=currency,
            detail=words.about(risk),
            why_url=reverse("forecasting:portfolio_risk", args=[period.name, risk.kind.value]),
            status=words.doing(risk.mitigation),
        )
        for risk in found.portfolio
    ]


def portfolio_deals(
    risk: PortfolioRisk, found: Sequence[DealAtRisk], currency: str
) -> Table | None:
    """The deals that a portfolio's risk rests on, as far as they are at risk themselves."""
    chosen = [deal for deal in found if deal.id in set(risk.deals)]
    if not chosen:
        return None
    columns = [
        Column("deal", gettext("Deal"), is_title=True),
        Column("win", gettext("Chance"), Format.PERCENT, decimals=0),
        Column("value", gettext("Value"), Format.MONEY, currency=currency, decimals=0),
    ]
    rows = [
        Row(
            deal.id,
            [deal.account or deal.name, deal.win, deal.value],
            url=reverse("crm:record", args=["opportunity", deal.id]),
        )
        for deal in chosen[:SIZE]
    ]
    return Table(columns, rows, gettext("Deals"), is_dense=True, name="risk-deals")


def kinds_of(deals: Sequence[DealAtRisk]) -> dict[RiskKind, int]:
    """Return how many deals have each kind."""
    counts: dict[RiskKind, int] = {}
    for deal in deals:
        for kind in deal.kinds:
            counts[kind] = counts.get(kind, 0) + 1
    return counts
