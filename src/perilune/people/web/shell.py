"""What the settings pages share: their tabs, their forms, their notices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.wiring import SETTINGS_PAGES
from perilune.people.contracts import Right
from perilune.people.web.forms import PlainForm
from perilune.people.web.gate import PageRequest
from perilune.ui.contracts import Action, PageHeader, Tab

_TABS: tuple[tuple[str, str, Right | None], ...] = (
    ("company", "people:company", Right.MANAGE_SETTINGS),
    ("users", "people:users", Right.MANAGE_PEOPLE),
    ("reps", "people:reps", Right.MANAGE_PEOPLE),
    ("teams", "people:teams", Right.MANAGE_PEOPLE),
    ("quotas", "people:quotas", Right.MANAGE_QUOTAS),
    ("rates", "people:rates", Right.MANAGE_SETTINGS),
)


def tab_title(name: str) -> str:
    """Return the reader's word for a settings page."""
    if name in SETTINGS_PAGES:
        return gettext(SETTINGS_PAGES.get(name).label)
    return {
        "company": gettext("Company"),
        "users": gettext("Users"),
        "reps": gettext("Reps"),
        "teams": gettext("Teams"),
        "quotas": gettext("Quotas"),
        "rates": gettext("Exchange rates"),
        "me": gettext("My settings"),
    }[name]


def header(
    request: PageRequest,
    current: str,
    *,
    title: str = "",
    finding: str = "",
    actions: Sequence[Action] = (),
) -> PageHeader:
    """Return the header of a settings page, with the tabs that this person may open."""
    tabs = [
        Tab(tab_title(name), reverse(route), is_current=name == current)
        for name, route, right in (*_TABS, *_of_higher_rooms(), ("me", "people:me", None))
        if not right or right in request.rights
    ]
    return PageHeader(title or tab_title(current), finding=finding, actions=actions, tabs=tabs)


def _of_higher_rooms() -> list[tuple[str, str, str]]:
    found = []
    for name in SETTINGS_PAGES.names():
        entry = SETTINGS_PAGES.get(name)
        found.append((name, entry.route, entry.right))
    return found


def show(request: PageRequest, template: str, facts: dict[str, Any]) -> HttpResponse:
    """Render a page; 422 when a form on it is wrong, so that scripts and tests can tell."""
    forms = [value for value in facts.values() if isinstance(value, PlainForm)]
    is_wrong = any(form.is_bound and not form.is_valid() for form in forms)
    return render(request, f"people/{template}", facts, status=422 if is_wrong else 200)


def applied(
    request: PageRequest, form: PlainForm, verb: Callable[[dict[str, Any]], object], done: str
) -> bool:
    """Run a verb with a form's values; its errors stand at the fields. True when it was done."""
    if not form.is_valid():
        return False
    try:
        verb(form.cleaned_data)
    except (Invalid, Conflict, NotFound) as error:
        form.take(error)
        return False
    messages.success(request, done)
    return True


def back(route: str, *args: Any) -> HttpResponse:
    """Send the browser to a page after a verb."""
    return redirect(reverse(route, args=args))
