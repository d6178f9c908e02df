"""The tables of the bridge, on the page and in files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from perilune.crm.contracts import FORECAST_CATEGORIES
from perilune.forecasting.contracts import (
    BY_LABELS,
    COMPONENT_MEANINGS,
    Bridge,
    BridgeDeal,
    BridgeRow,
    By,
    Component,
)
from perilune.forecasting.web import bridge_words as words
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.rates import RateSet
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column, Empty, Format, Link, Row, Table, Tone
from perilune.ui.export import Export
from perilune.ui.filters import scope_label

Address = Callable[[Component, str], str]
"""The address of the deals behind a reason of a unit; empty where rows are not shown."""


def reasons(bridge: Bridge, address: Address, exports: Sequence[Link]) -> Table:
    """Return opening, reasons and closing of the scope, with the deals that each touched."""
    total, currency, gap = bridge.total, bridge.currency, bridge.gap
    columns = (
        Column("reason", gettext("Reason"), is_title=True),
        Column("deals", gettext("Deals"), Format.NUMBER, decimals=0),
        Column("value", gettext("Value"), Format.MONEY, currency=currency, decimals=0),
    )
    rows: list[Row] = []

    def end(id_: str, label: str, count: int | None, value: int) -> None:
        rows.append(Row(id_, (label, count, value), tone=Tone.NEUTRAL))

    if gap:
        end("budget-opening", gettext("Opening at budget rates"), None, gap.opening_budget)
        end("gap-opening", gettext("Actual against budget rates"), None, gap.opening_difference)
    end("opening", gettext("Opening"), total.opening_count, total.opening)
    rows += [
        Row(
            line.component.value,
            (
                Cell(
                    words.component(line.component),
                    hint=gettext(COMPONENT_MEANINGS[line.component]),
                ),
                line.count,
                Cell(line.value, url=address(line.component, "total")),
            ),
            level=1,
        )
        for line in total.lines
    ]
    end("closing", gettext("Closing"), total.closing_count, total.closing)
    if gap:
        end("gap-closing", gettext("Budget against actual rates"), None, -gap.closing_difference)
        end("budget-closing", gettext("Closing at budget rates"), None, gap.closing_budget)
    return Table(
        columns,
        rows,
        gettext("Bridge by reason"),
        export_urls=exports,
        note=gettext("Opening and reasons sum to the closing, to the cent."),
        is_dense=True,
        name="reasons",
    )


def units(bridge: Bridge, address: Address) -> Table:
    """Return a row for each unit below the total, with a column for each reason that occurs."""
    rows = bridge.rows
    present = [c for c in Component if any(line.component is c for r in rows for line in r.lines)]

    def amount(name: str, label: str, hint: str = "") -> Column:
        return Column(name, label, Format.MONEY, unit=" ", decimals=0, hint=hint)

    columns = (
        Column("unit", gettext(BY_LABELS[bridge.request.by]), is_title=True),
        amount("opening", gettext("Opening")),
        *(amount(c.value, words.component(c), gettext(COMPONENT_MEANINGS[c])) for c in present),
        amount("closing", gettext("Closing")),
    )
    return Table(
        columns,
        [_unit(row, bridge, present, address) for row in rows],
        gettext("Bridge by unit"),
        note=gettext(
            "Each row sums to its closing. What goes from unit to unit cancels out in the total."
        ),
        is_dense=True,
        name="units",
    )


def _unit(row: BridgeRow, bridge: Bridge, present: Sequence[Component], address: Address) -> Row:
    name = words.unit(row, bridge)
    if row.is_withheld:
        hint = gettext("Withheld: too few people.")
        return Row(row.unit, (Cell(name, hint=hint), *[None] * (len(present) + 2)), level=1)
    values = {line.component: line.value for line in row.lines}
    cells = [Cell(values[c], url=address(c, row.unit)) if c in values else None for c in present]
    level = 0 if row.unit == "total" else 1
    return Row(row.unit, (name, row.opening, *cells, row.closing), level=level)


# -- deals -----------------------------------------------------------------------------------------


def deals(
    found: Sequence[BridgeDeal], total: int, bridge: Bridge, exports: Sequence[Link], *, many: bool
) -> Table:
    """Return the deals behind a reason: each fact as it is, or what it was and what it became.

    many: of several reasons, so that each row names its own.
    """
    note = ""
    if total > len(found):
        note = gettext("The %(shown)s largest of %(total)s.") % {
            "shown": len(found),
            "total": formats.number(total, 0),
        }
    columns = (
        Column("deal", gettext("Deal"), is_title=True),
        *((Column("reason", gettext("Reason")),) if many else ()),
        Column("value", gettext("Effect"), Format.MONEY, currency=bridge.currency, decimals=0),
        *(Column(name, gettext(label)) for name, label in FACTS.items()),
    )
    rows = [
        Row(
            f"{deal.id}-{deal.component}",
            (
                deal.name,
                *((words.component(deal.component),) if many else ()),
                deal.value,
                *(_course(name, deal) for name in FACTS),
            ),
            url=_record(deal),
        )
        for deal in found
    ]
    return Table(
        columns,
        rows,
        gettext("Deals behind the bridge"),
        export_urls=exports,
        empty=Empty(gettext("No deal"), gettext("Nothing happened for this reason.")),
        note=note,
        is_dense=True,
        name="deals",
    )


FACTS = {
    "owner": _("Owner"),
    "stage": _("Stage"),
    "category": _("Category"),
    "close_date": _("Close date"),
    "amount": _("Amount"),
}
"""What is shown of a deal, as English msgids."""


def _course(name: str, deal: BridgeDeal) -> str:
    """Return a fact, or what it was and what it became."""
    then, now = _written(name, deal.before), _written(name, deal.after)
    if not deal.before or then == now:
        return now
    return f"{then} → {now or NOTHING}"


def _written(name: str, known: Mapping[str, Any]) -> str:
    value = known.get(name)
    if not known:
        return ""
    if value is None:
        return NOTHING
    if name == "amount":
        return formats.money(value, str(known["currency"]), 0)
    if name == "close_date":
        return formats.day(value)
    return gettext(_CATEGORIES.get(value, value)) if name == "category" else str(value)


def _record(deal: BridgeDeal) -> str:
    # what is gone, or no longer seen, has no page
    return reverse("crm:record", args=["opportunity", deal.id]) if deal.after else ""


_CATEGORIES = dict(FORECAST_CATEGORIES)
NOTHING = "–"


# -- files -----------------------------------------------------------------------------------------


def export_of(bridge: Bridge) -> Export:
    """Return every row's opening, reasons and closing: one line each, as the page shows them."""
    unit_label = gettext(BY_LABELS[bridge.request.by]) if bridge.request.by is not By.TOTAL else ""
    columns = (
        Column("unit", unit_label or gettext("Scope")),
        Column("reason", gettext("Reason")),
        Column("deals", gettext("Deals"), Format.NUMBER, decimals=0),
        Column("value", gettext("Value"), Format.MONEY, currency=bridge.currency),
    )
    return Export(_name(bridge, "bridge"), columns, list(_lines(bridge)), facts=facts_of(bridge))


def _lines(bridge: Bridge) -> Iterator[tuple[Any, ...]]:
    for row in bridge.rows:
        name = words.unit(row, bridge)
        if row.is_withheld:
            yield (name, gettext("Withheld: too few people."), None, None)
            continue
        yield (name, gettext("Opening"), row.opening_count, row.opening)
        for line in row.lines:
            yield (name, words.component(line.component), line.count, line.value)
        yield (name, gettext("Closing"), row.closing_count, row.closing)


def export_deals(found: Sequence[BridgeDeal], bridge: Bridge, of: str) -> Export:
    """Return all deals behind a reason, before and after; of: what they are, for the facts."""
    facts = (*facts_of(bridge), (gettext("Reason"), of))
    formats_of = {"close_date": Format.DATE, "amount": Format.MONEY}
    columns = (
        Column("deal", gettext("Deal")),
        Column("reason", gettext("Reason")),
        Column("value", gettext("Effect"), Format.MONEY, currency=bridge.currency),
        *(
            Column(f"{name}_{when}", f"{gettext(label)} {word}", formats_of.get(name, Format.TEXT))
            for name, label in FACTS.items()
            for when, word in (("before", gettext("before")), ("after", gettext("after")))
        ),
    )
    return Export(_name(bridge, "bridge-deals"), columns, list(_deal_rows(found)), facts=facts)


def _deal_rows(found: Sequence[BridgeDeal]) -> Iterator[tuple[Any, ...]]:
    for deal in found:
        facts = [_cell(name, end) for name in FACTS for end in (deal.before, deal.after)]
        yield (deal.name, words.component(deal.component), deal.value, *facts)


def _cell(name: str, known: Mapping[str, Any]) -> Any:
    value = known.get(name)
    if value is None:
        return None
    if name == "amount":
        return Cell(value, currency=str(known["currency"]))
    return gettext(_CATEGORIES.get(value, value)) if name == "category" else value


def _name(bridge: Bridge, what: str) -> str:
    request = bridge.request
    about = request.period.name if request.period else "all"
    return f"{what}-{about}-{request.since.day}-{request.until.day}"


def facts_of(bridge: Bridge) -> tuple[tuple[str, str], ...]:
    """Return the question behind the figures (rules 3, 5, 10)."""
    request, gap = bridge.request, bridge.gap
    is_budget = request.rates is RateSet.BUDGET
    more = []
    if gap:
        more = [
            (
                gettext("Opening at budget rates"),
                formats.money(gap.opening_budget, bridge.currency),
            ),
            (
                gettext("Closing at budget rates"),
                formats.money(gap.closing_budget, bridge.currency),
            ),
        ]
    organisation = gettext("of the closing") if request.is_todays else gettext("of each day")
    return (
        (gettext("Scope"), str(scope_label(bridge.scope_label))),
        (gettext("Period"), request.period.name if request.period else gettext("all open deals")),
        (gettext("From"), request.since.day.isoformat()),
        (gettext("To"), request.until.day.isoformat()),
        (gettext("Currency"), bridge.currency),
        (gettext("Rates"), gettext("budget") if is_budget else gettext("actual")),
        *more,
        (gettext("Type"), request.deal_type or gettext("all")),
        (gettext("Organisation"), organisation),
        (gettext("Store version"), str(bridge.store_version)),
        *((gettext("Note"), note) for note in words.notes(bridge)),
    )
