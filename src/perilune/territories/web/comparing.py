"""The tables of two plans side by side: as wholes, and each rep in both, one below the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext

from perilune.territories.contracts import (
    Attribute,
    Compared,
    DraftView,
    PlanOutlook,
    Sheet,
    SheetRow,
)
from perilune.territories.web import expecting, sheet_shown, shown
from perilune.ui import formats
from perilune.ui.contracts import Column, Format, Link, Row, Table

BUILT_IN = frozenset({"accounts", "pipeline", "bookings"})
"""Attributes that have a column of their own whether or not a plan balances them."""


@dataclass(frozen=True)
class Pair:
    """Two plans with what is compared; the outlooks are over the same days."""

    one: DraftView
    other: DraftView
    found: Compared
    outlook: PlanOutlook
    other_outlook: PlanOutlook

    def sides(self) -> tuple[tuple[DraftView, Sheet, PlanOutlook], ...]:
        """Return both plans, each with its sheet and outlook."""
        return (
            (self.one, self.found.one, self.outlook),
            (self.other, self.found.other, self.other_outlook),
        )


@dataclass(frozen=True)
class _Measure:
    """A figure of both plans as wholes."""

    key: str
    label: str
    format: Format
    values: tuple[Any, Any]
    decimals: int = 0

    def written(self, currency: str) -> tuple[str | None, ...]:
        """Return both as the reader writes them."""
        return tuple(None if one is None else self._written(one, currency) for one in self.values)

    def _written(self, value: Any, currency: str) -> str:
        if self.format is Format.MONEY:
            return formats.money(value, currency, self.decimals)
        if self.format is Format.PERCENT:
            return formats.percent(value, self.decimals)
        if self.format is Format.TEXT:
            return str(value)
        return formats.number(value, self.decimals)


def summary(pair: Pair) -> Table:
    """Return what the two plans are like as wholes."""
    currency = pair.found.one.currency
    return Table(
        _heads(pair),
        [Row(one.key, (one.label, *one.written(currency))) for one in _wholes(pair)],
        gettext("The two plans"),
        name="summary",
        is_dense=True,
    )


def plain_summary(pair: Pair) -> tuple[Sequence[Column], list[tuple[Any, ...]]]:
    """Return `summary` for a file: its columns, and rows of plain numbers."""
    currency = pair.found.one.currency

    def bare(one: _Measure) -> tuple[Any, ...]:
        if one.format is not Format.MONEY:
            return one.values
        return tuple(None if v is None else formats.major(round(v), currency) for v in one.values)

    rows = [
        (f"{one.label} ({currency})" if one.format is Format.MONEY else one.label, *bare(one))
        for one in _wholes(pair)
    ]
    return _heads(pair), rows


def _heads(pair: Pair) -> tuple[Column, ...]:
    return (
        Column("what", gettext("Measure"), Format.LONG_TEXT, is_title=True),
        # words stand where numbers do: each row has a unit of its own
        Column("one", pair.one.head.name, Format.NUMBER),
        Column("other", pair.other.head.name, Format.NUMBER),
    )


def _wholes(pair: Pair) -> Iterator[_Measure]:
    one, other = pair.found.one, pair.found.other

    def both(key: str, label: str, take: Callable[[Sheet], Any], format_: Format = Format.NUMBER,
             decimals: int = 0) -> _Measure:  # fmt: skip
        return _Measure(key, label, format_, (take(one), take(other)), decimals)

    yield both("territories", gettext("Territories"), lambda s: len(s.territories))
    yield both("accounts", gettext("Accounts"), lambda s: s.total.accounts)
    yield both("unassigned", gettext("Accounts in no territory"), lambda s: s.unassigned)
    yield both("moved", gettext("Accounts that change hands"), lambda s: s.moved)
    yield both("cost", gettext("Share of what moving them breaks"), lambda s: s.moved_cost,
               Format.PERCENT, 1)  # fmt: skip
    yield both(
        "beyond",
        gettext("Territories beyond their tolerance"),
        lambda s: sum(not row.is_within for row in s.territories),
    )
    for attribute in _attributes(pair):
        label = gettext("Furthest from the target: %(what)s") % {"what": shown.title_of(attribute)}
        yield both(f"off_{attribute.key}", label, partial(_worst, attribute.key), Format.PERCENT, 1)
    yield both("pipeline", gettext("Open pipeline"), lambda s: s.total.pipeline, Format.MONEY)
    yield both("bookings", gettext("Bookings of 12 months"), lambda s: s.total.bookings,
               Format.MONEY)  # fmt: skip
    if one.potential or other.potential:
        money = all(shown.is_money(s.potential) for s in (one, other) if s.potential)
        yield both("potential", _potential(pair), lambda s: s.total.potential,
                   Format.MONEY if money else Format.NUMBER)  # fmt: skip
        if money:
            yield both("room", gettext("Headroom"), lambda s: s.total.room, Format.MONEY)
    yield both("quota", gettext("Quota"), lambda s: s.total.quota, Format.MONEY)
    yield both("of", gettext("Quota of"), _source, Format.TEXT)
    for at, label in enumerate((gettext("Open deals, p10"), gettext("Open deals, p50"),
                                gettext("Open deals, p90"))):  # fmt: skip
        totals = [each.total for each in (pair.outlook, pair.other_outlook)]
        if any(totals):
            values = [(t.p10, t.p50, t.p90)[at] if t else None for t in totals]
            yield _Measure(f"open{at}", label, Format.MONEY, (values[0], values[1]))
    yield both("road", gettext("One round of visits, km"), lambda s: s.total.road)


def _worst(key: str, sheet: Sheet) -> float | None:
    """Return how far the furthest territory that one sees is off in an attribute."""
    if key not in sheet.attributes:
        return None
    at = sheet.attributes.index(key)
    if not sheet.is_partial:
        return sheet.worst[at]
    return max((abs(row.deviation[at] or 0.0) for row in sheet.territories), default=None)


def _source(sheet: Sheet) -> str | None:
    """Return the annual plan of the quotas, and where it stands."""
    source = sheet.quota_of
    if source is None:
        return None
    state = gettext("in force") if source.is_in_force else gettext(source.state)
    return gettext("%(plan)s (%(state)s)") % {"plan": source.plan or source.year, "state": state}


def _attributes(pair: Pair) -> list[Attribute]:
    """Return what either plan balances, each once."""
    found = {one.key: one for view in (pair.other, pair.one) for one in view.attributes}
    order = [one.key for view in (pair.one, pair.other) for one in view.attributes]
    return [found[key] for key in dict.fromkeys(order)]


def _potential(pair: Pair) -> str:
    """Return the head of potential: with its field, where both plans name the same or one does."""
    named = {s.potential.key: s.potential for s in (pair.found.one, pair.found.other)
             if s.potential}  # fmt: skip
    if len(named) > 1:
        return gettext("Potential")
    (field,) = named.values()
    return gettext("Potential: %(field)s") % {"field": shown.title_of(field)}


def reps(pair: Pair, export_urls: Sequence[Link] = ()) -> Table:
    """Return each rep in both plans, the second below the first."""
    columns, rows = by_rep(pair)
    return Table(
        columns,
        rows,
        gettext("Reps in both plans"),
        name="reps",
        is_dense=True,
        export_urls=export_urls,
    )


def by_rep(pair: Pair) -> tuple[list[Column], list[Row]]:
    """Return the columns of `reps` and its rows: two of each rep, one by plan."""
    columns = _columns(pair)
    attributes = [one for one in _attributes(pair) if one.key not in BUILT_IN]
    potential = [column.name for column in columns if column.name in ("potential", "room")]
    rows = []
    for rep in pair.found.reps:
        for at, (row, (view, sheet, outlook)) in enumerate(
            zip((rep.one, rep.other), pair.sides(), strict=True)
        ):
            name = rep.rep or gettext("vacant")
            values: list[Any] = [None] * (len(columns) - 2)
            if row is not None:
                values = [
                    row.accounts,
                    *(_load(sheet, row, one.key) for one in attributes),
                    row.pipeline,
                    row.bookings,
                    *(getattr(row, key) for key in potential),
                    row.quota,
                    *expecting.near_cells(outlook, outlook.of_rep(rep.rep_id or None)),
                    row.road,
                    row.moved_in,
                    row.moved_out,
                ]
            rows.append(Row(f"{rep.rep_id}-{at}", (name, view.head.name, *values)))
    return columns, rows


def _load(sheet: Sheet, row: SheetRow, key: str) -> float | None:
    return row.values[sheet.attributes.index(key)] if key in sheet.attributes else None


def _columns(pair: Pair) -> list[Column]:
    currency = pair.found.one.currency

    def money(key: str, label: str, *, is_minor: bool = True) -> Column:
        return Column(key, label, Format.MONEY, currency=currency, decimals=0, is_minor=is_minor)

    def plain(key: str, label: str, unit: str = "", *, is_minor: bool = True) -> Column:
        return Column(key, label, Format.NUMBER, unit=unit, decimals=0, is_minor=is_minor)

    return [
        Column("rep", gettext("Rep"), is_title=True),
        Column("plan", gettext("Plan")),
        plain("accounts", gettext("Accounts"), is_minor=False),
        *(
            money(one.key, shown.title_of(one))
            if shown.is_money(one)
            else plain(one.key, shown.title_of(one), one.unit)
            for one in _attributes(pair)
            if one.key not in BUILT_IN
        ),
        money("pipeline", gettext("Open pipeline"), is_minor=False),
        money("bookings", gettext("Bookings of 12 months")),
        *_potential_columns(pair, money, plain),
        money("quota", gettext("Quota")),
        *expecting.columns(pair.outlook, currency),
        plain("road", gettext("Round"), "km"),
        plain("in", gettext("In")),
        plain("out", gettext("Out")),
    ]


def _potential_columns(
    pair: Pair, money: Callable[[str, str], Column], plain: Callable[[str, str], Column]
) -> list[Column]:
    fields = [s.potential for s in (pair.found.one, pair.found.other) if s.potential]
    if not fields:
        return []
    if not all(map(shown.is_money, fields)):
        return [plain("potential", _potential(pair))]
    return [money("potential", _potential(pair)), money("room", gettext("Headroom"))]


def stands_on(pair: Pair) -> list[str]:
    """Return whose quotas these are, what open deals bring when, what is not known: sentences."""
    said = []
    for tell in (sheet_shown.quota_said, sheet_shown.unknown_potential):
        texts = [tell(sheet) for _view, sheet, _outlook in pair.sides()]
        if texts[0] == texts[1]:
            said += texts[:1]
        else:
            said += [
                gettext("%(plan)s: %(said)s") % {"plan": view.head.name, "said": text}
                for (view, _sheet, _outlook), text in zip(pair.sides(), texts, strict=True)
                if text
            ]
    return [one for one in (*said, expecting.told(pair.outlook)) if one]
