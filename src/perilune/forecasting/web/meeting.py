"""What the pages of the forecast meeting share: their tabs, the words of rows, typed figures."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from perilune.forecasting.contracts import (
    CATEGORY_LABELS,
    Author,
    Category,
    NodeKind,
    RollupRow,
    UnitKey,
    View,
)
from perilune.kernel.calendar import Period
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import person
from perilune.people.web.gate import PageRequest
from perilune.ui.contracts import Column, Format, Tab
from perilune.ui.filters import scope_label


def tabs(request: PageRequest, period: Period, current: str) -> list[Tab]:
    """Return the ways between the pages of a period's meeting."""
    pages = [
        ("period", gettext("Range"), True),
        ("deals", gettext("Deals"), True),
        ("rollup", gettext("Roll-up"), True),
        ("submit", gettext("Submit"), Right.SUBMIT_FORECAST in request.rights),
        ("calls", gettext("Calls"), True),
        ("value", gettext("Value added"), True),
        ("close", gettext("Period close"), True),
    ]
    return [
        Tab(label, reverse(f"forecasting:{name}", args=[period.name]), name == current)
        for name, label, is_open in pages
        if is_open
    ]


def author_of(request: PageRequest) -> Author:
    """Return who is speaking."""
    return Author(request.actor, str(request.user), person(request.user))


def label_of(row: RollupRow, scope: str) -> str:
    """Return the reader's name of a row."""
    kind = row.node.kind
    if kind is NodeKind.TOTAL:
        return str(scope_label(scope))
    if kind is NodeKind.UNASSIGNED:
        return gettext("Unassigned")
    if kind is NodeKind.OTHERS:
        return gettext("Credited to other teams")
    return row.label or gettext("Without an owner")


def category_label(category: Category) -> str:
    """Return the reader's name of a category."""
    if category is Category.CLOSED:  # the same word says other things elsewhere
        return pgettext("forecast category", "Closed")
    return gettext(CATEGORY_LABELS[category])


def view_asked(request: PageRequest) -> View:
    """Return the view that the address names; the cumulative one by default."""
    return View.SINGLE if request.GET.get("view") == View.SINGLE else View.CUMULATIVE


def category_asked(text: str) -> Category:
    """Return a category by its name; NotFound for none."""
    try:
        return Category(text)
    except ValueError:
        raise NotFound(_("The roll-up has no such column.")) from None


def unit_of(text: str) -> UnitKey:
    """Read `total:0`, `team:3` or `rep:5`; NotFound for anything else."""
    kind, _sep, number = text.partition(":")
    if kind not in ("total", "team", "rep") or not number.isdigit():
        raise NotFound(_("The roll-up has no such row."))
    return (kind, int(number))


def money_in(currency: str) -> Callable[..., Column]:
    """Return the maker of columns of whole amounts: name, label, hint."""

    def column(name: str, label: str, hint: str = "") -> Column:
        return Column(name, label, Format.MONEY, currency=currency, decimals=0, hint=hint)

    return column
