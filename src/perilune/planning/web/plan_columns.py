"""Columns of amounts on the pages of annual plans, months by name, links to files."""

from __future__ import annotations

from django.urls import reverse

from perilune.kernel.calendar import Period
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest
from perilune.ui import formats
from perilune.ui.contracts import Column, Format, Link


def excel(request: PageRequest, plan_id: int, what: str, asked: str = "") -> list[Link]:
    """Return the link to one table of a plan as a workbook, for whoever may export.

    asked: the query of the address, where the table depends on it.
    """
    if Right.EXPORT_DATA not in request.rights:
        return []
    address = reverse("planning:plan_table", args=[plan_id, what])
    return [Link("Excel", f"{address}?{asked}" if asked else address)]


def month_name(month: Period) -> str:
    """Return a fiscal month as people call it; one that is no calendar month keeps its number."""
    is_calendar = month.name == f"{month.start:%Y-%m}"
    return formats.month(month.start) if is_calendar else month.name


def money(
    name: str, label: str, currency: str, decimals: int = 0, *, is_minor: bool = False
) -> Column:
    """Return a column of amounts in a currency."""
    return Column(
        name, label, Format.MONEY, currency=currency, decimals=decimals, is_minor=is_minor
    )


def percent(name: str, label: str, *, is_minor: bool = False) -> Column:
    """Return a column of whole percents."""
    return Column(name, label, Format.PERCENT, decimals=0, is_minor=is_minor)


def rep_url(request: PageRequest, unit: str) -> str:
    """Return the page of a plan's rep; empty for other units, hires and who may not open it."""
    kind, _sep, number = unit.partition(":")
    if kind != "rep" or not number.isdecimal() or Right.MANAGE_PEOPLE not in request.rights:
        return ""
    return reverse("people:rep", args=[int(number)])
