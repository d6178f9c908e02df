"""The long view as its page shows it: editable years, paths, what drives them, where they start."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext

from perilune.people.queries import person_names
from perilune.planning.contracts import YearView
from perilune.planning.contracts.long_view import ASSUMPTION_LABELS, LongVersionInfo, LongYear
from perilune.planning.queries.long_learning import LEAST_WINDOWS, Learnt
from perilune.planning.queries.long_view import LongView
from perilune.planning.web.plan_columns import money
from perilune.ui import formats
from perilune.ui.contracts import (
    Chart,
    Column,
    Empty,
    Format,
    Grid,
    GridCell,
    GridRow,
    Kpi,
    Row,
    Table,
)

FIELDS = ("growth", "retention", "price", "market_growth", "heads", "productivity")
PATHS = ("low", "base", "high")


def finding(found: LongView) -> str:
    """Return where the base path ends, and between what."""
    currency, last = found.head.currency, found.base[-1]
    facts = {
        "year": last.year,
        "base": formats.short_money(last.total, currency),
        "low": formats.short_money(found.low[-1].total, currency),
        "high": formats.short_money(found.high[-1].total, currency),
        "growth": formats.percent(found.growth, 1),
    }
    return gettext("%(base)s in %(year)s, between %(low)s and %(high)s: %(growth)s a year from this"
                   " year's plan on.") % facts  # fmt: skip


def figures(found: LongView) -> list[Kpi]:
    """Return the first slice, the end of the base path, the naive one, the widest driver."""
    currency, last = found.head.currency, found.base[-1]
    kpis = [
        Kpi(gettext("Plan of %(year)s") % {"year": found.first.year}, round(found.first.total),
            Format.MONEY, currency, 1, detail=found.head.name,
            url=reverse("planning:plan", args=[found.head.id])),
        Kpi(gettext("Base in %(year)s") % {"year": last.year}, round(last.total), Format.MONEY,
            currency, 1, detail=gettext("%(kept)s kept, %(new)s new") % {
                "kept": formats.short_money(last.kept, currency),
                "new": formats.short_money(last.new, currency)}),
    ]  # fmt: skip
    if found.naive:
        kpis.append(
            Kpi(gettext("Growth carried on"), round(found.naive[-1]), Format.MONEY, currency, 1,
                detail=gettext("naive: %(growth)s a year, as in the last twelve months") % {
                    "growth": formats.percent(found.learnt.growth, 1)})
        )  # fmt: skip
    widest = found.swings[0]
    kpis.append(
        Kpi(gettext("What matters most"), round(widest.swing), Format.MONEY, currency, 1,
            detail=gettext("in %(year)s between low and high of: %(what)s") % {
                "year": last.year, "what": gettext(ASSUMPTION_LABELS[widest.driver])})
    )  # fmt: skip
    return kpis


def chart(found: LongView) -> Chart:
    """Return the three paths beside the naive one and the wanted growth."""
    years = [str(year.year) for year in found.base]
    low, high = ([round(year.total) for year in path] for path in (found.low, found.high))
    base = [round(year.total) for year in found.base]
    line = {"type": "line", "symbol": "none"}
    band = {**line, "stack": "band", "lineStyle": {"opacity": 0}}
    series: list[dict[str, Any]] = [
        {**band, "name": gettext("low"), "data": low},
        {**band, "name": gettext("low to high"),
         "data": [top - bottom for top, bottom in zip(high, low, strict=True)],
         "areaStyle": {"color": "token:cat-1", "opacity": 0.2},
         "itemStyle": {"color": "token:cat-1"}},
        {**line, "name": gettext("base"), "data": base, "itemStyle": {"color": "token:cat-1"}},
    ]  # fmt: skip
    if found.naive:
        series.append(
            {**line, "name": gettext("growth carried on"), "data": [round(v) for v in found.naive],
             "lineStyle": {"type": "dashed"}, "itemStyle": {"color": "token:cat-3"}}
        )  # fmt: skip
    if any(value is not None for value in found.wanted[1:]):
        wanted = [None if value is None else round(value) for value in found.wanted]
        series.append(
            {**line, "name": gettext("wanted growth"), "data": wanted,
             "lineStyle": {"type": "dotted"}, "itemStyle": {"color": "token:target"}}
        )  # fmt: skip
    return Chart(
        "long-view",
        gettext("Bookings by year"),
        {
            "legend": {"data": [one["name"] for one in series[1:]]},
            "grid": {"top": 40},
            "xAxis": {"type": "category", "data": years},
            "yAxis": {"type": "value"},
            "series": series,
        },
        sentence=gettext("The first year is this year's plan, the same on every path."),
        format=Format.MONEY,
        currency=found.head.currency,
        height="large",
    )  # fmt: skip


def columns(currency: str) -> tuple[Column, ...]:
    """Return the columns of the paths by year."""
    return (
        Column("year", gettext("Year"), is_title=True),
        money("low", gettext("Low"), currency),
        money("base", gettext("Base"), currency),
        money("high", gettext("High"), currency),
        Column("growth", gettext("Growth"), Format.PERCENT, decimals=1),
        money("kept", gettext("Kept"), currency, is_minor=True),
        money("new", pgettext("business", "New"), currency, is_minor=True),
        Column("heads", gettext("Ramped FTE"), Format.NUMBER, decimals=1, is_minor=True),
        money("per_head", gettext("New per FTE"), currency, is_minor=True),
        Column("needed", gettext("FTE for the wanted growth"), Format.NUMBER, decimals=1),
        Column("share", gettext("Share of the market"), Format.PERCENT, decimals=1, is_minor=True),
    )


def rows(found: LongView) -> list[tuple[Any, ...]]:
    """Return the paths by year, in the order of the columns."""
    triples = zip(found.low, found.base, found.high, found.needed, strict=True)
    return [
        (
            str(base.year), round(low.total), round(base.total), round(high.total), base.growth,
            round(base.kept), round(base.new), base.heads, round(base.per_head), needed,
            base.share if base.market > 0 else None,
        )
        for low, base, high, needed in triples
    ]  # fmt: skip


def table(found: LongView) -> Table:
    """Return the paths by year."""
    return Table(
        columns(found.head.currency),
        [Row(row[0], row) for row in rows(found)],
        gettext("The paths by year"),
        name="long-view",
        is_dense=True,
        note=_capped(found.base),
    )


def _capped(base: tuple[YearView, ...]) -> str:
    years = [str(year.year) for year in base if year.capped > 0]
    if not years:
        return gettext("Kept is last year's total times what is kept and the price change; new is"
                       " ramped FTE times what one brings.")  # fmt: skip
    return gettext("The market ends new business in %(years)s.") % {"years": ", ".join(years)}


# -- what is typed ---------------------------------------------------------------------------------


def _column(name: str) -> Column:
    label = gettext(ASSUMPTION_LABELS[name])
    if name == "heads":
        return Column(name, label, Format.NUMBER, decimals=1)
    return Column(name, label, Format.PERCENT, decimals=1)


def typed(value: float | None, *, share: bool) -> str:
    """Return what an editor starts with: shares in per cent."""
    if value is None:
        return ""
    number = Decimal(str(round(100 * value if share else value, 4)))
    return format(number.normalize(), "f")


def years_grid(found: LongView, *, can: bool) -> Grid:
    """Return the assumptions by year, typed into like a spreadsheet."""
    listed = []
    for year in found.document.years:
        cells = [_cell(year, name, can=can) for name in FIELDS]
        listed.append(GridRow(str(year.year), str(year.year), cells, is_sum=False))
    return Grid(
        (Column("year", gettext("Year")), *(_column(name) for name in FIELDS)),
        listed,
        gettext("Assumptions of the base path by year"),
        name="long-years",
        save_url=reverse("planning:long_save") if can else "",
        save_label=gettext("Keep as a new version"),
        hidden=hidden(found),
        note=gettext("Per cent but for FTE. Wanted growth asks how many FTE it takes; it moves no"
                     " path."),
    )  # fmt: skip


def _cell(year: LongYear, name: str, *, can: bool) -> GridCell:
    value = getattr(year, name)
    return GridCell(value, field=f"year|{year.year}|{name}" if can else "",
                    typed=typed(value, share=name != "heads"))  # fmt: skip


def moves_grid(found: LongView, *, can: bool) -> Grid:
    """Return what low and high add to every year."""
    names = FIELDS[1:]
    listed = []
    for key, label, by in (("low", gettext("Low"), found.document.low),
                           ("high", gettext("High"), found.document.high)):  # fmt: skip
        cells = [
            GridCell(getattr(by, name), field=f"{key}||{name}" if can else "",
                     typed=typed(getattr(by, name), share=True))
            for name in names
        ]  # fmt: skip
        listed.append(GridRow(key, label, cells, is_sum=False))
    by_name = [
        Column(name, gettext(ASSUMPTION_LABELS[name]), Format.PERCENT, decimals=1) for name in names
    ]
    return Grid(
        (Column("path", gettext("Path")), *by_name),
        listed,
        gettext("What low and high add to each year"),
        name="long-moves",
        save_url=reverse("planning:long_save") if can else "",
        save_label=gettext("Keep as a new version"),
        hidden=hidden(found),
        note=gettext("Points added to each year's rate; FTE in per cent of the base."),
    )


def hidden(found: LongView) -> dict[str, str]:
    """Return what is sent along: the plan and the version that was looked at."""
    number = found.version.number if found.version else 0
    return {"plan": str(found.head.id), "after": str(number), "years": str(len(found.base))}


# -- where it comes from ---------------------------------------------------------------------------


def drivers(found: LongView) -> Table:
    """Return each assumption moved alone from low to high."""
    currency, last = found.head.currency, found.base[-1]
    listed = [
        Row(one.driver, (gettext(ASSUMPTION_LABELS[one.driver]), round(one.low), round(one.high),
                         round(one.high - one.low)))
        for one in found.swings
    ]  # fmt: skip
    return Table(
        (
            Column("driver", gettext("Assumption"), is_title=True),
            money("low", gettext("At low"), currency),
            money("high", gettext("At high"), currency),
            money("swing", gettext("Difference"), currency),
        ),
        listed,
        gettext("What drives the difference in %(year)s") % {"year": last.year},
        name="long-drivers",
        is_dense=True,
        note=gettext("One at a time, the others as in the base."),
    )


def starts(known: Learnt) -> Table:
    """Return the values to begin with and where they come from."""
    listed = []
    for one in known.starts:
        value = None if one.name == "heads" else one.value
        listed.append(
            Row(one.name, (gettext(ASSUMPTION_LABELS[one.name]), value, one.windows or None,
                           gettext(one.source)))
        )  # fmt: skip
    return Table(
        (
            Column("name", gettext("Assumption"), is_title=True),
            Column("value", gettext("To begin with"), Format.PERCENT, decimals=1),
            Column("windows", gettext("Past years seen"), Format.NUMBER, decimals=0),
            Column("source", gettext("Source"), Format.LONG_TEXT),
        ),
        listed,
        gettext("Values to begin with"),
        name="long-starts",
        is_dense=True,
    )


def track(known: Learnt) -> str:
    """Return how the method told past years beside naive rules, or that nothing is claimed."""
    tried = known.tried
    if not tried.years:
        return gettext("No past year to try the method on: three years of bookings are needed.")
    text = ngettext(
        "Tried on %(n)s past year: it missed by %(method)s, last year's growth carried on by"
        " %(carried)s, no change at all by %(flat)s.",
        "Tried on %(n)s past years (they overlap): it missed by %(method)s, last year's growth"
        " carried on by %(carried)s, no change at all by %(flat)s.",
        tried.years,
    )
    said = text % {
        "n": formats.number(tried.years, 0),
        "method": formats.percent(tried.method, 0),
        "carried": formats.percent(tried.carried, 0),
        "flat": formats.percent(tried.flat, 0),
    }
    if tried.years < LEAST_WINDOWS:
        return f"{said} " + gettext("Too few for a claim: the paths are assumptions, not a"
                                    " forecast.")  # fmt: skip
    if not tried.is_better:
        return f"{said} " + gettext("No skill: the paths are assumptions, not a forecast.")
    return said


def versions_table(listed: list[LongVersionInfo], current: int | None) -> Table:
    """Return the versions, the latest first."""
    named = person_names()
    address = reverse("planning:long_view")
    return Table(
        (
            Column("number", gettext("Version"), is_title=True),
            Column("at", gettext("Kept on"), Format.INSTANT),
            Column("by", gettext("By")),
            Column("note", gettext("Note")),
        ),
        [
            Row(one.number, (str(one.number), one.at, named.get(one.actor, one.actor), one.note),
                url=f"{address}?version={one.number}", is_selected=one.number == current)
            for one in listed
        ],
        gettext("Versions of the long view"),
        name="long-versions",
        is_dense=True,
        empty=Empty(gettext("No version yet"),
                    gettext("What stands here are values to begin with: change one and keep it."),
                    icon="history"),
    )  # fmt: skip
