"""Filters of formats and of the frame, loaded with the component tags: {% load perilune %}."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.defaultfilters import date as django_date
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from perilune.ui import addresses, formats
from perilune.ui.contracts import Format

register = template.Library()

# -- formats -----------------------------------------------------------------------------------


@register.filter
def money(minor: float | None, currency: str) -> str:
    """{{ amount|money:currency }}: minor units in the reader's format."""
    return formats.money(minor, currency)


@register.filter
def short_money(minor: float | None, currency: str) -> str:
    """{{ amount|short_money:currency }}: €2.6M, 2,6 M€."""
    return formats.short_money(minor, currency)


@register.filter
def number(value: float | Decimal | None, decimals: int | None = None) -> str:
    """{{ n|number }} or {{ n|number:1 }}."""
    return formats.number(value, decimals)


@register.filter
def percent(ratio: float | None, decimals: int = 1) -> str:
    """{{ 0.614|percent }}: 61.4%."""
    return formats.percent(ratio, decimals)


@register.filter(name="date")
def date_filter(value: date | str | None, pattern: str = "") -> str:
    """{{ day|date }}: Dec 31, 2026 or 31/12/2026; with a pattern it is Django's own."""
    return django_date(value, pattern) if pattern else formats.day(value)


@register.filter
def long_date(value: date | str | None) -> str:
    """{{ day|long_date }}: 31 décembre 2026."""
    return formats.long_day(value)


@register.filter
def instant(value: datetime | str | None) -> str:
    """{{ at|instant }}: day and minute in the active time zone."""
    return formats.instant(value)


@register.filter
def days(value: float | None) -> str:
    """{{ 12|days }}: 12 days."""
    return formats.days(value)


@register.filter
def duration(seconds: float | None) -> str:
    """{{ seconds|duration }}: 3 min."""
    return formats.duration(seconds)


@register.filter
def iso(value: date | None) -> str:
    """{{ day|iso }}: 2026-12-31, for inputs and addresses."""
    return value.isoformat() if value else ""


@register.filter
def scope_label(scope: Any) -> str:
    """{{ scope|scope_label }}: Company, Team North, My people, My deals."""
    kind, _, name = str(getattr(scope, "label", scope)).partition(":")
    if kind == "team" and name:
        return gettext("Team %(name)s") % {"name": name}
    words = {
        "company": gettext("Company"),
        "mine": gettext("My deals"),
        "people": gettext("My people"),
    }
    return words.get(kind, name or kind)


@register.filter
def initials(person: Any) -> str:
    """Return up to two letters for a person's mark."""
    text = getattr(person, "get_full_name", lambda: "")() or str(person)
    parts = text.split("@")[0].replace(".", " ").replace("-", " ").split()
    return "".join(part[0] for part in parts[:2]).upper()


@register.filter
def hidden_query(request: HttpRequest | None, leave_out: str = "") -> SafeString:
    """Keep the parameters of the address in a form, but for those named."""
    return addresses.hidden_inputs(request, leave_out.split())


@register.filter
def query_with(request: HttpRequest | None, change: str) -> str:
    """{{ request|query_with:"page=2" }}: the address of this page with one parameter set."""
    name, _, value = change.partition("=")
    return addresses.with_query(request, **{name: value})


@register.filter
def write(value: Any, format_name: str) -> str:
    """{{ value|write:"percent" }}: any value by the name of its format."""
    return formats.write(value, Format(format_name))
