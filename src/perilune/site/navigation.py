"""The rooms of the left rail, and the order in which each role uses them in its day."""

from __future__ import annotations

from collections.abc import Collection

from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import SearchEntry
from perilune.metrics.contracts import MEASURES
from perilune.people.contracts import Right, Role

ROOMS: dict[str, tuple[str, str, str]] = {
    "home": (_("Home"), "people:home", "inbox"),
    "cockpit": (_("Cockpit"), "metrics:cockpit", "gauge"),
    "pipeline": (_("Pipeline"), "crm:pipeline", "kanban"),
    "forecast": (_("Forecast"), "forecasting:index", "trending-up"),
    "territories": (_("Territories"), "territories:plans", "map"),
    "plan": (_("Plan"), "planning:plans", "calendar-range"),
    "insights": (_("Measures"), "metrics:measures", "target"),
    "records": (_("Records"), "crm:records", "briefcase"),
    "data": (_("Data"), "hub:index", "database"),
    "settings": (_("Settings"), "people:settings", "settings"),
}
"""name: (label, address name, icon)"""

DAY: dict[Role, tuple[str, ...]] = {
    Role.OPS_DIRECTOR: (
        "home", "cockpit", "forecast", "pipeline", "territories", "plan", "insights", "records",
        "data",
        "settings",
    ),
    Role.OPS_MANAGER: (
        "home", "cockpit", "forecast", "pipeline", "territories", "plan", "insights", "records",
        "data",
        "settings",
    ),
    Role.ANALYST: (
        "home", "data", "insights", "cockpit", "pipeline", "forecast", "territories", "plan",
        "records",        "settings",
    ),
    Role.OPS_REP: ("home", "records", "pipeline", "data", "cockpit", "insights", "settings"),
    Role.SALES_LEADER: (
        "cockpit", "forecast", "pipeline", "territories", "plan", "insights", "records",
        "settings",
    ),
    Role.SALES_MANAGER: (
        "cockpit", "pipeline", "forecast", "territories", "plan", "insights", "records",
        "settings",
    ),
    Role.REP: ("cockpit", "pipeline", "records", "forecast", "insights", "settings"),
    Role.VIEWER: ("cockpit", "forecast", "insights", "settings"),
}  # fmt: skip

SETTINGS: dict[str, SearchEntry] = {
    "departures": SearchEntry(_("Departures"), "departures:index", Right.MAKE_SCENARIOS),
    "connections": SearchEntry(_("Connections"), "connections:index", Right.MANAGE_SCHEDULES),
    "hooks": SearchEntry(_("Webhooks"), "hooks:index", Right.MANAGE_SCHEDULES),
    "privacy": SearchEntry(_("Privacy"), "privacy:index", Right.PROTECT_PEOPLE),
    "routing": SearchEntry(_("Routing server"), "routing:index", Right.MANAGE_SETTINGS),
    "schedules": SearchEntry(_("Schedules"), "site:schedules", Right.SEE_COMPANY_ROWS),
    "jobs": SearchEntry(_("Jobs"), "site:jobs", Right.SEE_ROWS),
    "journal": SearchEntry(_("Journal"), "site:journal", Right.SEE_AUDIT),
}
"""Pages of the house that stand among the settings."""

_RIGHTS: dict[str, Right] = {
    "pipeline": Right.SEE_ROWS,
    "territories": Right.DESIGN_TERRITORIES,
    "plan": Right.MAKE_PLANS,
    "records": Right.SEE_ROWS,
    "data": Right.IMPORT_DATA,
}
"""What opens a room; the others are open to everybody."""

_PAGES: tuple[SearchEntry, ...] = (
    SearchEntry(_("Track record"), "forecasting:track"),
    SearchEntry(_("Contingencies"), "site:contingencies", Right.MAKE_SCENARIOS),
    SearchEntry(_("Notices"), "site:notices", Right.SEE_ROWS),
    SearchEntry(_("Scenarios"), "planning:scenarios", Right.MAKE_SCENARIOS),
    SearchEntry(_("Long view"), "planning:long_view", Right.MAKE_PLANS),
    SearchEntry(_("Segments"), "planning:segments", Right.MAKE_PLANS),
    SearchEntry(_("Account potential"), "planning:potential", Right.MAKE_PLANS),
    SearchEntry(_("Records behind the plans"), "planning:flaws", Right.MAKE_PLANS),
    SearchEntry(_("Pack of the week"), "site:pack"),
    SearchEntry(_("What changed in a week"), "metrics:changes"),
    SearchEntry(_("Company"), "people:company", Right.MANAGE_SETTINGS),
    SearchEntry(_("Users"), "people:users", Right.MANAGE_PEOPLE),
    SearchEntry(_("Reps"), "people:reps", Right.MANAGE_PEOPLE),
    SearchEntry(_("Teams"), "people:teams", Right.MANAGE_PEOPLE),
    SearchEntry(_("Quotas"), "people:quotas", Right.MANAGE_QUOTAS),
    SearchEntry(_("Exchange rates"), "people:rates", Right.MANAGE_SETTINGS),
    SearchEntry(_("My settings"), "people:me"),
)
_VERBS: tuple[SearchEntry, ...] = (
    SearchEntry(_("Import a file"), "hub:index", Right.IMPORT_DATA, icon="upload"),
    SearchEntry(_("Duplicates"), "hub:duplicates", Right.IMPORT_DATA, icon="copy"),
    SearchEntry(_("Repairs"), "hub:repairs", Right.IMPORT_DATA, icon="list-checks"),
    SearchEntry(_("Data quality"), "hub:quality", Right.SEE_ROWS, icon="check"),
    SearchEntry(_("Records to mend"), "hub:quality_mend", Right.SEE_ROWS, icon="pencil"),
    SearchEntry(_("Enrichment"), "hub:providers", Right.IMPORT_DATA, icon="list-checks"),
    SearchEntry(_("Typing avoided"), "hub:typing", Right.IMPORT_DATA, icon="target"),
    SearchEntry(_("Leads without an owner"), "hub:routing", Right.IMPORT_DATA, icon="user"),
    SearchEntry(
        _("New territory plan"), "territories:plans", Right.DESIGN_TERRITORIES, icon="plus"
    ),
    SearchEntry(_("New annual plan"), "planning:plans", Right.MAKE_PLANS, icon="plus"),
    SearchEntry(_("New scenario"), "planning:scenarios", Right.MAKE_SCENARIOS, icon="plus"),
    SearchEntry(_("Hire a rep"), "people:rep_new", Right.MANAGE_PEOPLE, icon="plus"),
    SearchEntry(_("Set a quota"), "people:quotas", Right.MANAGE_QUOTAS, icon="plus"),
    SearchEntry(_("Run a schedule now"), "site:schedules", Right.MANAGE_SCHEDULES, icon="clock"),
    SearchEntry(_("Undo a change"), "site:journal", Right.SEE_AUDIT, icon="undo-2"),
    SearchEntry(_("Change password"), "account_change_password", icon="key-round"),
)


def day_of(role: Role, rights: Collection[Right]) -> tuple[str, ...]:
    """Return the rooms of somebody's rail: those of the role's day, and every other that is theirs.

    The owner of a home may do everything, whatever their role: the rooms that only a right opens
    stand before the settings, so that whoever starts a home finds the way to import.
    """
    day = DAY[role]
    more = [name for name, right in _RIGHTS.items() if right in rights and name not in day]
    return (*day[:-1], *more, day[-1])


def entries() -> list[SearchEntry]:
    """Return the pages, measures and verbs that the search finds beside records."""
    rooms = [
        SearchEntry(label, route, _RIGHTS.get(name, ""), icon=icon)
        for name, (label, route, icon) in ROOMS.items()
        if name not in ("pipeline", "records")  # the search of crm knows its own pages
    ]
    measures = [
        SearchEntry(item.label, "metrics:explain", args=(item.name,), icon="target")
        for item in MEASURES.values()
    ]
    return [*rooms, *SETTINGS.values(), *_PAGES, *measures, *_VERBS]
