"""Open deals with their chances as components: table, filters, drawer, file."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from perilune.forecasting.contracts import OpenDeal, OpenDeals
from perilune.forecasting.web import deal_words as words
from perilune.insights.contracts import DealReliability
from perilune.ui.contracts import (
    Cell,
    Choice,
    Column,
    Contribution,
    Empty,
    Explanation,
    Fact,
    Filter,
    FilterBar,
    Format,
    Link,
    Pages,
    Row,
    Status,
    Table,
    Tone,
)
from perilune.ui.export import Export
from perilune.ui.filters import scope_label

SIZE = 50
_KEYS: dict[str, Callable[[OpenDeal], float | str]] = {
    "expected": lambda deal: deal.expected,
    "win": lambda deal: deal.chance.win,
    "lose": lambda deal: deal.chance.lose,
    "slip": lambda deal: deal.chance.slip,
    "ever": lambda deal: deal.chance.ever,
    "value": lambda deal: deal.chance.value,
    "close": lambda deal: -(deal.chance.close.toordinal() if deal.chance.close else math.inf),
}
"""What the deals may be sorted by, the largest first; of days the nearest first."""
FIELDS = ("team", "owner", "stage")
HARDLY = "hardly"


def chosen(
    found: OpenDeals, picked: dict[str, list[str]], only: str = "", sort: str = ""
) -> list[OpenDeal]:
    """Return the deals that filters leave, sorted; by expected value where nothing else is asked.

    picked: ids as text by field; `-` is none.
    """
    deals = [
        deal
        for deal in found.deals
        if all(not ids or _id(deal, field) in ids for field, ids in picked.items())
        and (only != HARDLY or deal.is_hardly)
    ]
    key = _KEYS.get(sort)
    return sorted(deals, key=key, reverse=True) if key else deals


def _id(deal: OpenDeal, field: str) -> str:
    value = getattr(deal, f"{field}_id")
    return "-" if value is None else str(value)


def filters(
    found: OpenDeals, picked: dict[str, list[str]], only: str, sort: str, reset: str
) -> FilterBar:
    """Return the chips: team, owner, stage, and those that are unlikely to close at all."""
    labels = {"team": gettext("Team"), "owner": gettext("Owner"), "stage": gettext("Stage")}
    chips = []
    for field in FIELDS:
        counts = Counter((_id(deal, field), getattr(deal, field)) for deal in found.deals)
        choices = [
            Choice(key, name or gettext("None"), key in picked[field], count)
            for (key, name), count in sorted(counts.items(), key=lambda item: item[0][1])
        ]
        names = [choice.label for choice in choices if choice.is_selected]
        summary = names[0] if len(names) == 1 else str(len(names)) if names else ""
        chips.append(Filter(field, labels[field], "choice", "", choices, summary=summary))
    all_, hardly = gettext("All"), gettext("Unlikely to close at all")
    choices = [Choice("", all_, not only), Choice(HARDLY, hardly, only == HARDLY)]
    chips.append(
        Filter("only", gettext("Show"), "one", only, choices, summary=hardly if only else "")
    )
    hidden = {"sort": sort} if sort else {}
    is_set = bool(only) or any(picked.values())
    return FilterBar(tuple(chips), reset_url=reset if is_set else "", hidden=hidden)


def table(
    found: OpenDeals,
    deals: Sequence[OpenDeal],
    page: int,
    *,
    address: Callable[..., str],
    sort: str,
    exports: Sequence[Link],
    empty: Empty,
) -> Table:
    """Return one page of the deals. address: gives `?…` of the page with parameters replaced."""
    last_page = max((len(deals) - 1) // SIZE + 1, 1)
    at = min(max(page, 1), last_page)
    listed = deals[(at - 1) * SIZE : at * SIZE]
    first = (at - 1) * SIZE + 1
    pages = Pages(
        first,
        first + len(listed) - 1,
        len(deals),
        address(page=str(at - 1)) if at > 1 else "",
        address(page=str(at + 1)) if at < last_page else "",
    )
    totals = [None] * 6 + [
        sum(deal.chance.value for deal in deals), sum(deal.expected for deal in deals), None, None,
    ]  # fmt: skip
    return Table(
        columns(found, address=address, sort=sort),
        [_row(found, deal) for deal in listed],
        gettext("Open deals by expected value"),
        totals=totals if deals else (),
        total_label=gettext("All deals shown, on every page"),
        export_urls=exports if deals else (),
        empty=empty,
        pages=pages if deals else None,
        is_dense=True,
        name="deals",
        note=gettext(
            "Won, lost and still open sum to 100 % of a deal. Expected is the chance of a win in "
            "the period times what the win would bring."
        ),
    )


def columns(
    found: OpenDeals, *, address: Callable[..., str] | None = None, sort: str = ""
) -> tuple[Column, ...]:
    """Return the columns; sortable where an address is given."""

    def column(name: str, label: str, form: Format = Format.TEXT, **more: Any) -> Column:
        if address is not None and name in _KEYS:
            is_sorted = name == (sort or "expected")
            more |= {"sort_url": address(sort=name, page=None)}
            more |= {"sorted": "desc" if is_sorted else ""}
        return Column(name, label, form, **more)

    def chance(name: str, label: str, hint: str) -> Column:
        return column(name, label, Format.PERCENT, decimals=0, unit="%", hint=hint)

    money = {"currency": found.currency, "decimals": 0}
    return (
        column("deal", gettext("Deal"), is_title=True),
        chance("win", pgettext("chance", "Won"), gettext("Chance that it is won in the period.")),
        chance(
            "lose",
            pgettext("chance", "Lost"),
            gettext("Chance that it is lost in the period."),
        ),
        chance(
            "slip",
            pgettext("chance", "Open"),
            gettext("Chance that it is open after the period."),
        ),
        chance("ever", gettext("In a year"), gettext("Chance that it is won within a year.")),
        column(
            "close", gettext("Likely close"), Format.DATE,
            hint=gettext("If it is won: half of the chance of a win within a year lies before."),
        ),
        column(
            "value", gettext("If won"), Format.MONEY, **money,
            hint=gettext("What a win is expected to bring."),
        ),
        column("expected", pgettext("amount", "Expected"), Format.MONEY, **money),
        column("owner", gettext("Owner")),
        column("why", gettext("Why"), Format.LONG_TEXT),
    )  # fmt: skip


def _row(found: OpenDeals, deal: OpenDeal) -> Row:
    why = reverse("forecasting:deal", args=[found.period.name, deal.id])
    chance = deal.chance
    strongest = words.reason(chance.reasons[0]) if chance.reasons else ""
    hint = "; ".join(words.reason(one) for one in chance.reasons)
    close: Any = mark(deal) or chance.close
    cells = (
        deal.name, Cell(chance.win, why_url=why), chance.lose, chance.slip, chance.ever, close,
        chance.value, deal.expected, deal.owner, Cell(strongest, hint=hint),
    )  # fmt: skip
    return Row(deal.id, cells, url=reverse("crm:record", args=["opportunity", deal.id]))


def export_of(
    found: OpenDeals, deals: Sequence[OpenDeal], facts: Sequence[tuple[str, str]]
) -> Export:
    """Return the deals as they are shown, all pages, with what they cover (rule 10)."""
    rows = [
        (
            deal.name, deal.chance.win, deal.chance.lose, deal.chance.slip, deal.chance.ever,
            deal.chance.close, round(deal.chance.value), round(deal.expected),
            deal.owner, "; ".join(words.reason(one) for one in deal.chance.reasons), deal.team,
            deal.stage, mark(deal),
        )
        for deal in deals
    ]  # fmt: skip
    more = (gettext("Team"), gettext("Stage"), gettext("Mark"))
    return Export(
        f"deals-{found.period.name}-{found.as_of.day}",
        (*columns(found), *(Column(name, name) for name in more)),
        rows,
        facts=(
            (gettext("Scope"), str(scope_label(found.scope_label))),
            (gettext("As of"), found.as_of.day.isoformat()),
            (gettext("Period"), found.period.name),
            (gettext("Currency"), found.currency),
            (gettext("Store version"), str(found.store_version)),
            *facts,
        ),
    )


def explanation(
    found: OpenDeals, deal: OpenDeal, near: float | None, record: DealReliability, definition: str
) -> Explanation:
    """Return the drawer of one deal: what is likely, why, how such chances did (rule 22).

    near: its chance to be won within the window that is scored.
    """
    chance = deal.chance
    return Explanation(
        title=deal.name,
        sentence=words.outlook(chance, found.period.name) + " " + words.track(record, near),
        value=chance.win,
        format=Format.PERCENT,
        decimals=0,
        contributions=(
            Contribution(gettext("Won in the period"), chance.win),
            Contribution(gettext("Lost in the period"), chance.lose),
            Contribution(gettext("Still open after it"), chance.slip),
        ),
        contributions_title=gettext("What may become of it"),
        definition=definition,
        facts=(
            Fact(gettext("Scope"), str(scope_label(found.scope_label))),
            Fact(gettext("As of"), found.as_of.day, Format.DATE),
            Fact(gettext("Owner"), deal.owner),
            Fact(gettext("Stage"), deal.stage),
            Fact(gettext("Close date on the deal"), deal.close_date, Format.DATE),
            Fact(gettext("Value on the deal"), deal.value, Format.MONEY, found.currency, 0),
            Fact(gettext("Value of a win"), chance.value, Format.MONEY, found.currency, 0),
            Fact(gettext("Expected in the period"), deal.expected, Format.MONEY, found.currency, 0),
            Fact(gettext("Store version"), found.store_version, Format.NUMBER),
        ),
        sql=found.sql,
        rows=reasons(deal),
        status=mark(deal),
    )


def reasons(deal: OpenDeal) -> Table:
    """Return the strongest reasons: how often such deals are won, against the average open deal."""
    columns = (
        Column("what", gettext("Reason"), is_title=True),
        Column("times", gettext("Times as often won"), Format.NUMBER, decimals=1),
    )
    rows = [
        Row(
            at,
            (
                words.what(one),
                Cell(math.exp(one.effect), tone=Tone.GOOD if one.effect > 0 else Tone.ACT),
            ),
        )
        for at, one in enumerate(deal.chance.reasons)
    ]
    return Table(
        columns,
        rows,
        gettext("Reasons, against the average open deal"),
        empty=Empty(gettext("Nothing sets this deal apart from the others.")),
        is_dense=True,
        name="reasons",
        note=gettext("Against the average open deal; the factors multiply."),
    )


def facts_of(chips: FilterBar) -> list[tuple[str, str]]:
    """Return the filters that are set, for a file."""
    return [(chip.label, chip.summary) for chip in chips.filters if chip.summary]


def mark(deal: OpenDeal) -> Status | None:
    """Return the mark of a deal that will hardly ever close."""
    return Status(gettext("unlikely to close at all"), Tone.WATCH) if deal.is_hardly else None
