"""The capacity page of a plan: figures, picture, units, months, and the drawer behind each."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.planning.contracts import COMPANY, PlanView
from perilune.planning.contracts.capacity import COUNT_DEFINITIONS, COUNT_LABELS, Count
from perilune.planning.queries.capacity import PlanCapacity
from perilune.planning.queries.words import unit_label
from perilune.planning.web.plan_columns import money, month_name, percent
from perilune.ui import formats
from perilune.ui.contracts import (
    Cell,
    Chart,
    Choice,
    Column,
    Filter,
    FilterBar,
    Format,
    Grid,
    GridCell,
    GridRow,
    Kpi,
    Row,
    Table,
)

PEOPLE_COUNTS = (Count.PEOPLE, Count.SELLERS, Count.CARRIERS, Count.FTE, Count.RAMPED)
SHOWN_BY_MONTH = (Count.RAMPED, Count.FTE, Count.AWAY, Count.SELLERS, Count.CARRIERS, Count.PEOPLE,
                  Count.CAPACITY, Count.TARGET, Count.STREET)  # fmt: skip


def why_url(plan_id: int, count: Count, unit: str, month: int | None = None) -> str:
    """Return the address of the drawer behind a figure; no month: of the year."""
    address = reverse("planning:capacity_why", args=[plan_id, count.value])
    return f"{address}?unit={unit}" + (f"&month={month}" if month else "")


def written(count: Count, value: float | None, currency: str) -> str:
    """Return a figure in the reader's language."""
    if value is None:
        return formats.number(None)
    if count.is_money:
        return formats.money(round(value), currency, 0)
    return formats.number(value, 0 if count is Count.CARRIERS else 1)


def finding(view: PlanView, found: PlanCapacity) -> str:
    """Return what capacity says of the plan, in a sentence or two."""
    currency = view.head.currency
    if found.reason is not None:
        return gettext("People are counted; what they bring is not known here.")
    capacity, target = (found.year_of(c, COMPANY) for c in (Count.CAPACITY, Count.TARGET))
    facts = {
        "capacity": formats.short_money(capacity, currency),
        "share": formats.percent(capacity / target, 0) if target else "–",
        "ramped": formats.number(found.year_of(Count.RAMPED, COMPANY), 1),
    }
    said = gettext("%(ramped)s ramped FTE bring %(capacity)s if nobody leaves: %(share)s of the"
                   " operating target.") % facts  # fmt: skip
    short = _short_months(found)
    if short:
        text = ngettext("%(n)s month lies below it.", "%(n)s months lie below it.", short)
        said += " " + text % {"n": formats.number(short, 0)}
    return said


def _short_months(found: PlanCapacity) -> int:
    gap = found.figures[Count.CAPACITY][0] - found.figures[Count.TARGET][0]
    return int((gap < 0).sum())


def figures(view: PlanView, found: PlanCapacity) -> list[Kpi]:
    """Return the five ways of counting people, each by its name, and what they bring."""
    plan_id, currency = view.head.id, view.head.currency
    mean = gettext("mean of the year's months")
    kpis = [
        # two figures of ramped FTE stand side by side, of two spans: each says its own
        Kpi(gettext("Ramped FTE, whole year") if count is Count.RAMPED
            else gettext(COUNT_LABELS[count]), found.year_of(count, COMPANY), decimals=1,
            detail=mean if count is Count.PEOPLE else "",
            why_url=why_url(plan_id, count, COMPANY))
        for count in PEOPLE_COUNTS
        if count is not Count.CARRIERS
    ]  # fmt: skip
    if found.expected:
        middle = float(np.mean([one.middle for one in found.expected.values()]))
        kpis.append(
            Kpi(gettext("Ramped FTE after departures, months to come"), middle, decimals=1,
                detail=gettext("middle of the simulation"),
                why_url=why_url(plan_id, Count.RAMPED, COMPANY) + "&expected=1")
        )  # fmt: skip
    if found.reason is None:
        capacity = found.year_of(Count.CAPACITY, COMPANY)
        detail = []
        for count in (Count.TARGET, Count.STREET):
            base = found.year_of(count, COMPANY)
            if base:
                detail.append(
                    gettext("%(what)s: %(share)s")
                    % {"share": formats.percent(capacity / base, 0),
                       "what": gettext(COUNT_LABELS[count]).lower()}
                )  # fmt: skip
        kpis.insert(
            0,
            Kpi(gettext("Capacity"), round(capacity), Format.MONEY, currency, 1,
                detail=" · ".join(detail), why_url=why_url(plan_id, Count.CAPACITY, COMPANY))
        )  # fmt: skip
    return kpis


def money_chart(view: PlanView, found: PlanCapacity) -> Chart:
    """Return capacity by month beside the operating target and the street quotas."""
    names = [month_name(month) for month in found.months]
    bars = _ints(found.figures[Count.CAPACITY][0])
    target, street = (_ints(found.figures[c][0]) for c in (Count.TARGET, Count.STREET))
    line = {"type": "line", "symbol": "none"}
    series: list[dict[str, Any]] = [
        {"type": "bar", "name": gettext("Capacity"), "data": bars,
         "itemStyle": {"color": "token:cat-1"}},
        {**line, "name": gettext("Operating target"), "data": target,
         "itemStyle": {"color": "token:target"}},
        {**line, "name": gettext("Street quotas"), "data": street,
         "lineStyle": {"type": "dashed"}, "itemStyle": {"color": "token:cat-2"}},
    ]  # fmt: skip
    if any(value is not None for value in found.booked):
        series.append(
            {"type": "bar", "name": gettext("Booked"), "data": list(found.booked),
             "itemStyle": {"color": "token:won"}}
        )  # fmt: skip
    currency = view.head.currency
    rows = [
        Row(at, (names[at], bars[at], target[at], street[at], found.booked[at]))
        for at in range(len(names))
    ]
    return Chart(
        "capacity-money",
        gettext("Capacity, target and quotas by month"),
        {
            "legend": {"data": [one["name"] for one in series]},
            "grid": {"top": 40},
            "xAxis": {"type": "category", "data": names},
            "yAxis": {"type": "value"},
            "series": series,
        },
        sentence=gettext("Capacity is a single sum: nobody leaves by chance. The chances page says"
                         " how likely it is."),
        format=Format.MONEY,
        currency=currency,
        table=Table(
            (Column("month", gettext("Month")),
             money("capacity", gettext("Capacity"), currency),
             money("target", gettext("Operating target"), currency),
             money("street", gettext("Street quotas"), currency),
             money("booked", gettext("Booked"), currency)),
            rows, gettext("Capacity, target and quotas by month"), name="capacity-money-table",
        ),
    )  # fmt: skip


def people_chart(found: PlanCapacity) -> Chart:
    """Return every count of people by month in one picture."""
    names = [month_name(month) for month in found.months]
    palette = {Count.PEOPLE: 5, Count.SELLERS: 3, Count.CARRIERS: 4, Count.FTE: 2, Count.RAMPED: 1}
    series: list[dict[str, Any]] = [
        {"type": "line", "symbol": "none", "step": "end" if count in (Count.PEOPLE, Count.SELLERS)
         else False, "name": gettext(COUNT_LABELS[count]),
         "data": [round(float(v), 2) for v in found.figures[count][0]],
         "itemStyle": {"color": f"token:cat-{palette[count]}"}}
        for count in PEOPLE_COUNTS
    ]  # fmt: skip
    middle = [
        round(found.expected[month.name].middle, 2) if month.name in found.expected else None
        for month in found.months
    ]
    if found.expected:
        series.append(
            {"type": "line", "symbol": "none", "name": gettext("Ramped FTE after departures"),
             "data": middle, "lineStyle": {"type": "dashed"},
             "itemStyle": {"color": "token:cat-6"}}
        )  # fmt: skip
    rows = [
        Row(at, (names[at], *(float(found.figures[c][0, at]) for c in PEOPLE_COUNTS), middle[at]))
        for at in range(len(names))
    ]
    labels = [gettext(COUNT_LABELS[count]) for count in PEOPLE_COUNTS]
    return Chart(
        "capacity-people",
        gettext("People by month, each count by its name"),
        {
            "legend": {"data": [one["name"] for one in series]},
            "grid": {"top": 64},
            "xAxis": {"type": "category", "data": names},
            "yAxis": {"type": "value", "scale": True},
            "series": series,
        },
        sentence=gettext("The same people counted five ways; departures by chance lower the dashed"
                         " line."),
        table=Table(
            (Column("month", gettext("Month")),
             *(Column(c.value, label, Format.NUMBER, decimals=1)
               for c, label in zip(PEOPLE_COUNTS, labels, strict=True)),
             Column("expected", gettext("Ramped FTE after departures"), Format.NUMBER,
                    decimals=1)),
            rows, gettext("People by month, each count by its name"), name="capacity-people-table",
        ),
    )  # fmt: skip


def units_table(view: PlanView, found: PlanCapacity) -> Table:
    """Return the year by unit, down to teams."""
    currency, plan_id = view.head.currency, view.head.id
    rows = []
    for unit in found.units:
        cells: list[Cell | float | None] = [
            Cell(found.year_of(count, unit), url=why_url(plan_id, count, unit), in_drawer=True)
            for count in PEOPLE_COUNTS
        ]
        amounts = {
            c: round(found.year_of(c, unit)) for c in (Count.CAPACITY, Count.TARGET, Count.STREET)
        }
        is_known = found.reason is None
        for count, minor in amounts.items():
            shown = minor if is_known or count is not Count.CAPACITY else None
            cells.append(Cell(shown, url=why_url(plan_id, count, unit), in_drawer=True))
            if count is Count.CAPACITY:
                target = amounts[Count.TARGET]
                cells.append(minor / target if is_known and target else None)
        label = unit_label(unit, view.names)
        rows.append(Row(unit, (label, *cells), level=found.level(unit)))
    return Table(
        (
            Column("unit", gettext("Unit"), is_title=True),
            *(Column(count.value, gettext(COUNT_LABELS[count]), Format.NUMBER, decimals=1,
                     hint=gettext(COUNT_DEFINITIONS[count]),
                     is_minor=count not in (Count.FTE, Count.RAMPED))
              for count in PEOPLE_COUNTS),
            money("capacity", gettext("Capacity"), currency),
            percent("share", gettext("Of target")),
            money("target", gettext("Operating target"), currency),
            money("street", gettext("Street quotas"), currency, is_minor=True),
        ),
        rows,
        gettext("Capacity of the year by unit"),
        name="capacity-units",
        is_dense=True,
        note=gettext("Teams are in the rows above them; people are means of the year's months,"
                     " amounts its sums."),
    )  # fmt: skip


def months_grid(view: PlanView, found: PlanCapacity, count: Count) -> Grid:
    """Return one figure by unit and month."""
    currency, plan_id = view.head.currency, view.head.id

    def column(name: str, label: str) -> Column:
        if count.is_money:
            return money(name, label, currency)
        return Column(name, label, Format.NUMBER, decimals=1)

    rows = []
    for at, unit in enumerate(found.units):
        values = found.figures[count][at]
        cells = [GridCell(value_of(count, found.year_of(count, unit)),
                          why_url=why_url(plan_id, count, unit))]  # fmt: skip
        cells += [
            GridCell(value_of(count, float(value)), why_url=why_url(plan_id, count, unit, month))
            for month, value in enumerate(values, 1)
        ]
        above = found.parents[at]
        rows.append(
            GridRow(unit, unit_label(unit, view.names), cells,
                    parent=found.units[above] if above >= 0 else "", level=found.level(unit))
        )  # fmt: skip
    return Grid(
        (
            Column("unit", gettext("Unit")),
            column("year", gettext("Year")),
            *(column(month.name, month_name(month)) for month in found.months),
        ),
        rows,
        gettext("%(what)s by unit and month") % {"what": gettext(COUNT_LABELS[count])},
        name=f"capacity-{plan_id}",
        note=gettext(COUNT_DEFINITIONS[count]),
    )


def count_filter(count: Count) -> FilterBar:
    """Return the chip that chooses what the months show."""
    choices = [
        Choice(one.value, gettext(COUNT_LABELS[one]), one is count) for one in SHOWN_BY_MONTH
    ]
    chip = Filter("show", gettext("Show by month"), "one", count.value, choices,
                  summary=gettext(COUNT_LABELS[count]))  # fmt: skip
    return FilterBar((chip,))


def value_of(count: Count, value: float) -> float | int:
    return round(value) if count.is_money else value


def _ints(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[int]:
    return [round(float(value)) for value in values]
