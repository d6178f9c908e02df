"""Targets and quotas from a plain sheet: columns by their names, every wrong cell named.

Long (a row an amount: unit or rep, period, amount, currency) or wide (a column a period).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import translation

from perilune.kernel.calendar import FiscalCalendar
from perilune.kernel.errors import Invalid, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import minor_exponent
from perilune.kernel.rates import Rates, RateSet
from perilune.planning.contracts import Amounts, Content, Level, Place
from perilune.planning.engine.summing import spread_over
from perilune.planning.queries.sheet_values import (
    amount_in,
    cell_name,
    folded,
    is_blank,
    months_in,
)
from perilune.planning.queries.words import level_label, unit_label

LANGUAGES = ("en", "fr")
HEAD_WITHIN = 20
"""Rows in which the row of titles is looked for."""
TITLES: Mapping[str, tuple[str, ...]] = {
    "key": ("key", "cle"),
    "level": ("level", "niveau"),
    "unit": ("unit", "unite", "team", "equipe", "region", "unit/rep", "unite/commercial"),
    "rep": ("rep", "commercial", "commerciale", "vendeur", "seller", "owner", "salesperson",
            "sales rep", "titulaire"),
    "month": ("month", "period", "mois", "periode"),
    "amount": ("amount", "montant", "target", "quota", "objectif"),
    "currency": ("currency", "devise", "monnaie"),
}  # fmt: skip
"""The titles of columns as `folded`, in both languages."""


@dataclass(frozen=True)
class Reading:
    """What a sheet is read against: the part of a plan that somebody sees, its year, the rates."""

    content: Content
    names: Mapping[str, str]
    year: int
    currency: str
    calendar: FiscalCalendar
    rates: Rates


@dataclass(frozen=True)
class _Columns:
    row: int
    by_name: Mapping[str, int]
    periods: Mapping[int, Sequence[int]]


class _Wrong(Exception):
    def __init__(self, at: int, column: int, message: str, **params: Any) -> None:
        super().__init__(message)
        self.problem = Problem(message, params, field=cell_name(at, column), line=at + 1)


def plain_cells(rows: Sequence[Sequence[Any]], given: Reading) -> tuple[Amounts, list[Problem]]:
    """Return the amounts of a sheet and what is wrong with it; a problem's field is the cell.

    An amount of a longer period is shared over its months as they stand in the plan, else by its
    season, to the cent. Invalid where no row of titles is found.
    """
    reader = _Reader(_columns(rows, given), given)
    for at in range(reader.columns.row + 1, len(rows)):
        if not all(is_blank(cell) for cell in rows[at]):
            reader.read(at, rows[at])
    return reader.found, reader.wrong


def _columns(rows: Sequence[Sequence[Any]], given: Reading) -> _Columns:
    for at, row in enumerate(rows[:HEAD_WITHIN]):
        named, periods = _titles(row, given)
        owner = {"unit", "rep", "key"} & set(named)
        if owner and {"amount", "month"} <= set(named):
            return _Columns(at, named, {})
        if owner and periods:
            return _Columns(at, named, periods)
    raise Invalid(
        _(
            "No row of titles was found: a sheet has a column for the unit or the rep, the month,"
            " the amount and, where it is another, the currency."
        )
    )


def _titles(row: Sequence[Any], given: Reading) -> tuple[dict[str, int], dict[int, Sequence[int]]]:
    """Return the columns that a row names: what they hold, and those of a month of the year."""
    titled = {title: name for name, titles in TITLES.items() for title in titles}
    named: dict[str, int] = {}
    periods: dict[int, Sequence[int]] = {}
    for column, cell in enumerate(row):
        bare = cell.partition(" (")[0] if isinstance(cell, str) else cell
        if is_blank(bare) or isinstance(bare, bool | int | float):
            continue
        if folded(bare) in titled:
            named.setdefault(titled[folded(bare)], column)
            continue
        with suppress(Invalid):
            months = months_in(bare, given.calendar, given.year)
            if len(months) == 1:
                periods[column] = months
    return named, periods


def in_plan_currency(minor: int | None, own: str, month: int, given: Reading) -> int | None:
    """Return an amount in the plan's currency, at the budget rate of a month (rule 5)."""
    if own == given.currency or minor is None:
        return minor
    day = given.calendar.months(given.year)[month - 1].start
    rate = given.rates.find(RateSet.BUDGET, own, day)
    if rate is None:
        text = _("There is no budget rate for %(currency)s on %(day)s.")
        raise Invalid(text, currency=own[:12], day=day.isoformat())
    scale = Decimal(10) ** (minor_exponent(given.currency) - minor_exponent(own))
    return int((Decimal(minor) * rate * scale).to_integral_value(ROUND_HALF_UP))


def called(content: Content, names: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the units of a plan by what they may be called: name, «Name #7», key."""
    found: dict[str, list[str]] = {}
    for unit, row in content.units.items():
        each = {unit}
        for language in LANGUAGES:
            with translation.override(language):
                each.add(unit_label(unit, names))
        if row.number > 0:
            each.add(f"{names.get(unit, '')} #{row.number}")
        for name in {folded(one) for one in each}:
            found.setdefault(name, []).append(unit)
    return found


def _levels() -> dict[str, Level]:
    found = {folded(each.value): each for each in Level}
    for language in LANGUAGES:
        with translation.override(language):
            found |= {folded(level_label(each)): each for each in Level}
    return found


class _Reader:
    """Reads the rows of a sheet into places, and keeps what is wrong."""

    def __init__(self, columns: _Columns, given: Reading) -> None:
        self.columns, self.given = columns, given
        self.found: dict[Place, int | None] = {}
        self.wrong: list[Problem] = []
        self._levels = _levels()
        self._called = called(given.content, given.names)
        self._seen: dict[Place, str] = {}

    def read(self, at: int, row: Sequence[Any]) -> None:
        """Read a row; a wrong owner or period spoils all of it, a wrong amount itself alone."""
        try:
            level, unit = self._owner(at, row)
            for column, months in self._periods(at, row):
                self._take(at, column, row, [Place(level, unit, month) for month in months])
        except _Wrong as error:
            self.wrong.append(error.problem)

    def _cell(self, row: Sequence[Any], name: str) -> Any:
        column = self.columns.by_name.get(name)
        return None if column is None or column >= len(row) else row[column]

    def _owner(self, at: int, row: Sequence[Any]) -> tuple[Level, str]:
        """Return the level and the unit of a row; a rep goes before the unit that they are of."""
        level, _sep, key = str(self._cell(row, "key") or "").partition("|")
        if key in self.given.content.units and level in {each.value for each in Level}:
            return Level(level), key
        for name in ("rep", "unit"):
            cell = self._cell(row, name)
            if not is_blank(cell):
                unit = self._unit(at, name, cell)
                return self._level(at, row, unit), unit
        column = self.columns.by_name.get("rep", self.columns.by_name.get("unit", 0))
        raise _Wrong(at, column, _("This quota has no owner: name a unit or a rep."))

    def _unit(self, at: int, name: str, cell: Any) -> str:
        units, column = self.given.content.units, self.columns.by_name[name]
        known = self._called.get(folded(cell), [])
        if name == "rep":
            known = [unit for unit in known if units[unit].level is Level.STREET]
        elif len(known) > 1:
            known = [unit for unit in known if units[unit].kind != "rep"] or known
        facts = {"name": str(cell)[:60]}
        if not known and name == "rep":
            raise _Wrong(at, column, _("The plan has no rep “%(name)s”."), **facts)
        if not known:
            raise _Wrong(at, column, _("The plan has no unit or rep “%(name)s”."), **facts)
        if len(known) > 1:
            text = _("Several are called “%(name)s”: write the number too, “%(name)s #%(number)s”.")
            raise _Wrong(at, column, text, **facts, number=units[known[0]].number)
        return known[0]

    def _level(self, at: int, row: Sequence[Any], unit: str) -> Level:
        cell = self._cell(row, "level")
        if is_blank(cell):
            return self.given.content.units[unit].level
        level, column = self._levels.get(folded(cell)), self.columns.by_name["level"]
        if level is None:
            text = _("“%(name)s” is no level: board, operating or street.")
            raise _Wrong(at, column, text, name=str(cell)[:60])
        if self.given.content.units[unit].level is Level.STREET is not level:
            raise _Wrong(at, column, _("A rep carries a street quota, no other."))
        return level

    def _periods(self, at: int, row: Sequence[Any]) -> Iterable[tuple[int, Sequence[int]]]:
        """Return the column of each amount of a row, with the months that it is of."""
        if self.columns.periods:
            return self.columns.periods.items()
        column, cell = self.columns.by_name["month"], self._cell(row, "month")
        if is_blank(cell):
            raise _Wrong(at, column, _("The month is missing."))
        try:
            months = months_in(cell, self.given.calendar, self.given.year)
        except Invalid as error:
            raise _Wrong(at, column, error.message, **error.params) from None
        return [(self.columns.by_name["amount"], months)]

    def _take(self, at: int, column: int, row: Sequence[Any], places: Sequence[Place]) -> None:
        """Read an amount into its places, or say what is wrong with it."""
        overlaps = [self._seen[place] for place in places if place in self._seen]
        self._seen |= {place: cell_name(at, column) for place in places}
        try:
            if overlaps:
                text = _("This period overlaps that of %(other)s, of the same unit.")
                raise _Wrong(at, column, text, other=overlaps[0])
            minor = self._minor(at, column, row, places[0].month)
            if self._is_sum(places[0]):
                self._require_sum(at, column, places, minor)
                return
        except _Wrong as error:
            self.wrong.append(error.problem)
            return
        for place, part in zip(places, self._shared(places, minor), strict=True):
            # an empty cell of a wide sheet takes an amount out; a row without one says nothing
            if part is not None or self.columns.periods:
                self.found[place] = part

    def _minor(self, at: int, column: int, row: Sequence[Any], month: int) -> int | None:
        """Return an amount in the plan's currency, at its budget rate (rule 5)."""
        given, typed = self.given, self._cell(row, "currency")
        own = given.currency if is_blank(typed) else str(typed).strip().upper()
        try:
            minor = amount_in(row[column] if column < len(row) else None, own)
        except Invalid as error:
            raise _Wrong(at, column, error.message, **error.params) from None
        try:
            return in_plan_currency(minor, own, month, given)
        except Invalid as error:
            where = self.columns.by_name["currency"]
            raise _Wrong(at, where, error.message, **error.params) from None

    def _is_sum(self, place: Place) -> bool:
        row = self.given.content.units[place.unit]
        return place.level is Level.STREET is not row.level

    def _require_sum(
        self, at: int, column: int, places: Sequence[Place], minor: int | None
    ) -> None:
        """Refuse another street figure of a team or the company: it is the sum of its reps."""
        standing = sum(self.given.content.amount(*place) or 0 for place in places)
        if minor not in (None, standing):
            text = _("The street figure of a unit is the sum of its reps' quotas: change those.")
            raise _Wrong(at, column, text)

    def _shared(self, places: Sequence[Place], minor: int | None) -> list[int | None]:
        if minor is None or len(places) == 1:
            return [minor] * len(places)
        return list(spread_over(self.given.content, places, minor))
