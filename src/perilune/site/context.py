"""What every page's frame shows: navigation in the order of the role's day, freshness, company."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from perilune.crm.queries import first_day_known
from perilune.kernel.errors import PeriluneError
from perilune.kernel.memo import remember
from perilune.people.contracts import Role
from perilune.people.queries import rights_of
from perilune.site.alerts import notices_count
from perilune.site.navigation import ROOMS, SETTINGS, day_of
from perilune.store import queries as store
from perilune.ui.contracts import Link, NavItem

_OF_DATA = frozenset({"metrics", "crm", "forecasting"})
_PAGES_OF_DATA = frozenset({"people:home", "site:pack"})
"""Pages that speak of what was known at the as-of: before the data begin there is nothing."""


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the variables of the base layout; the gate has set company, as-of and scope."""
    # a page draws several templates: each would ask for the frame anew
    return remember(("frame", id(request)), lambda: _frame(request))


def _frame(request: HttpRequest) -> dict[str, Any]:
    context: dict[str, Any] = {
        name: getattr(request, name, None)
        for name in ("company", "as_of", "scope", "rights", "asked_future")
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        context["data_begin"] = _data_begin(request)
        context["navigation"] = _navigation(request)
        context["freshness"] = _freshness()
        context["person_links"] = _person_links(request)
        context["search_url"] = reverse("crm:search")
        context["notices_count"] = notices_count(user)
    return context


def _navigation(request: HttpRequest) -> list[NavItem]:
    role = Role(getattr(request.user, "role", Role.VIEWER.value))
    items = []
    for name in day_of(role, rights_of(request.user)):
        label, route, icon = ROOMS[name]
        try:
            url = reverse(route)
        except NoReverseMatch:
            continue  # a room of a later capability
        is_current = request.path.startswith(url) if url != "/" else request.path == "/"
        is_current |= name == "settings" and request.path.startswith(_among_settings())
        items.append(NavItem(name, gettext(label), url, icon, is_current))
    return items


def _data_begin(request: HttpRequest) -> date | None:
    """Return the first day of data where the page asks for an earlier one and speaks of data."""
    company, as_of = getattr(request, "company", None), getattr(request, "as_of", None)
    match = request.resolver_match
    if company is None or as_of is None or match is None or as_of.day >= company.today.day:
        return None
    if match.view_name == "crm:record":
        return None  # it says itself since when it is known
    if match.namespace not in _OF_DATA and match.view_name not in _PAGES_OF_DATA:
        return None
    try:
        begin = first_day_known(company.today, company.zone)
    except PeriluneError:
        return None
    return begin if begin is not None and as_of.day < begin else None


def _among_settings() -> tuple[str, ...]:
    return tuple(reverse(entry.route) for entry in SETTINGS.values())


def _person_links(request: HttpRequest) -> list[Link]:
    rights: frozenset[str] = getattr(request, "rights", frozenset())
    entries = [entry for entry in SETTINGS.values() if entry.right in rights]
    return [Link(gettext(entry.label), reverse(entry.route)) for entry in entries]


def _freshness() -> Any:
    try:
        return store.freshness()
    except PeriluneError:
        return None
