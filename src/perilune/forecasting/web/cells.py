"""The drawer behind a cell of the roll-up: what it says, what it consists of, its deals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.forecasting.contracts import (
    CATEGORY_LABELS,
    LADDER,
    OPEN,
    Category,
    CellDeals,
    DealShare,
    Rollup,
    RollupRow,
    View,
    categories_of,
)
from perilune.forecasting.web import words
from perilune.forecasting.web.meeting import category_label, label_of
from perilune.ui import formats
from perilune.ui.contracts import Column, Contribution, Explanation, Fact, Format, Row, Table


@dataclass(frozen=True)
class Figure:
    """A figure of a row: its name in the address, its label, the categories of its deals."""

    name: str
    label: str
    categories: tuple[Category, ...]
    format: Format = Format.MONEY
    decimals: int = 0


@dataclass(frozen=True)
class Opened:
    """The cell that was opened."""

    figure: Figure
    row: RollupRow
    rolled: Rollup
    view: View


def figure_of(name: str, view: View) -> Figure | None:
    """Return a figure by its name in the address; None for none."""
    if name in [each.value for each in CATEGORY_LABELS]:
        category = Category(name)
        label = category_label(category)
        if view is View.CUMULATIVE and category in LADDER[1:]:
            label = gettext("%(category)s, cumulative") % {"category": label}
        return Figure(name, label, categories_of(category, view))
    won, percent = (Category.CLOSED,), Format.PERCENT
    return {
        "quota": Figure(name, gettext("Quota"), won),
        "gap": Figure(name, gettext("Gap to quota"), won),
        "attainment": Figure(name, gettext("Attainment"), won, percent),
        "coverage": Figure(name, gettext("Coverage"), OPEN, Format.NUMBER, 1),
        "range": Figure(name, gettext("Model"), (Category.CLOSED, *OPEN)),
        "call": Figure(name, gettext("Last call"), (Category.CLOSED, *OPEN)),
    }.get(name)


def value_of(figure: Figure, row: RollupRow, view: View) -> float | int | None:
    """Return a figure of a row."""
    if figure.name in [each.value for each in CATEGORY_LABELS]:
        return row.value(Category(figure.name), view)
    if figure.name == "range":
        return row.reach.p50 if row.reach else None
    if figure.name == "call":
        return row.call.amount if row.call else None
    found: float | int | None = getattr(row, figure.name)
    return found


def explanation(opened: Opened, found: CellDeals, definition: str) -> Explanation:
    """Return the drawer of one cell."""
    figure, row, rolled, view = opened.figure, opened.row, opened.rolled, opened.view
    return Explanation(
        title=f"{label_of(row, rolled.scope_label)} · {figure.label}",
        sentence=_sentence(figure, row, rolled, found),
        value=value_of(figure, row, view),
        format=figure.format,
        currency=rolled.currency,
        decimals=figure.decimals,
        contributions=_parts(figure, row, rolled, view),
        contributions_title=gettext("By unit below"),
        definition=definition,
        facts=_facts(row, rolled),
        sql=found.sql,
        rows=_deals(found, rolled.currency) if found.deals else None,
        stopped=gettext("Your role sees totals; single deals are not shown.")
        if found.is_withheld
        else "",
    )


def _sentence(figure: Figure, row: RollupRow, rolled: Rollup, found: CellDeals) -> str:
    money = formats.short_money(found.value, rolled.currency)
    many = ngettext("%(count)s deal", "%(count)s deals", found.count) % {"count": found.count}
    said = {
        "quota": gettext("Closed so far: %(money)s from %(deals)s.")
        % {"money": money, "deals": many},
        "coverage": gettext("%(money)s open in %(deals)s, over what is still to be won.")
        % {"money": money, "deals": many},
        "range": gettext("The model's range stands beside %(money)s won and open in %(deals)s.")
        % {"money": money, "deals": many},
        "call": gettext("The call stands beside %(money)s won and open in %(deals)s.")
        % {"money": money, "deals": many},
    }.get(figure.name, gettext("%(money)s from %(deals)s.") % {"money": money, "deals": many})
    largest = ", ".join(
        f"{deal.name} ({formats.short_money(deal.value, rolled.currency)})"
        for deal in found.deals[:3]
    )
    if largest:
        said += " " + gettext("Largest: %(names)s.") % {"names": largest}
    if figure.name == "coverage" and row.required is not None:
        said += " " + gettext(
            "Past periods needed %(ratio)s at the same day: 1 over the share of the open value "
            "that those very deals brought by the end."
        ) % {"ratio": formats.number(row.required.ratio, 1)}
    return said


def _parts(figure: Figure, row: RollupRow, rolled: Rollup, view: View) -> list[Contribution]:
    if figure.name not in [each.value for each in CATEGORY_LABELS]:
        return []
    base = reverse("forecasting:cell", args=[rolled.period.name])
    same = {"figure": figure.name, "view": view.value}
    return [
        Contribution(
            label_of(each, rolled.scope_label),
            value_of(figure, each, view),
            f"{base}?{urlencode({'row': each.node.key, **same})}",
        )
        for each in rolled.rows
        if each.node.parent == row.node.key and value_of(figure, each, view)
    ]


def _facts(row: RollupRow, rolled: Rollup) -> list[Fact]:
    def money(label: str, amount: float | None) -> Fact:
        return Fact(label, amount, Format.MONEY, rolled.currency, 0)

    facts = [
        Fact(gettext("Scope"), words.label("total", rolled.scope_label)),
        Fact(gettext("Period"), rolled.period.name),
        Fact(gettext("As of"), rolled.as_of.day, Format.DATE),
        Fact(gettext("Store version"), rolled.store_version, Format.NUMBER),
        money(gettext("Quota"), row.quota),
    ]
    if row.call is not None:
        calls = reverse("forecasting:calls", args=[rolled.period.name])
        unit = "" if row.speaks_for is None else f"?unit={row.speaks_for[0]}:{row.speaks_for[1]}"
        facts.append(replace(money(gettext("Last call"), row.call.amount), url=calls + unit))
    if row.reach is not None and row.reach.p50 is not None:
        for name in ("p10", "p50", "p90"):
            facts.append(money(name, getattr(row.reach, name)))
        facts.append(Fact(gettext("Range"), str(words.mark(row.reach.status).label)))
    return facts


def _deals(found: CellDeals, currency: str) -> Table:
    columns = (
        Column("name", gettext("Deal"), is_title=True),
        Column("value", gettext("Value"), Format.MONEY, currency=currency, decimals=0),
        Column("close", gettext("Close date"), Format.DATE),
        Column("category", gettext("Category")),
        Column("stage", gettext("Stage")),
        Column("rep", gettext("Rep")),
        Column("share", gettext("Share"), Format.PERCENT, unit="%", decimals=0),
    )
    rows = [
        Row(
            f"{deal.id}-{deal.rep_id}",
            _line(deal),
            url=reverse("crm:record", args=["opportunity", deal.id]),
        )
        for deal in found.deals
    ]
    rest = found.count - len(rows)
    note = ""
    if rest:
        note = ngettext(
            "%(count)s smaller one is not listed.", "%(count)s smaller ones are not listed.", rest
        ) % {"count": rest}
    caption = gettext("The deals behind this figure")
    return Table(columns, rows, caption, is_dense=True, name="cell-deals", note=note)


def _line(deal: DealShare) -> tuple[object, ...]:
    share = deal.share / 10_000
    return (
        deal.name, deal.value, deal.close_date, category_label(deal.category), deal.stage,
        deal.rep, share,
    )  # fmt: skip
