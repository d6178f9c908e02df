"""The rooms of the left rail, and the order in which each role uses them in its day."""

from __future__ import annotations

from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Role

ROOMS: dict[str, tuple[str, str, str]] = {
    "home": (_("Home"), "people:home", "inbox"),
    "cockpit": (_("Cockpit"), "metrics:cockpit", "gauge"),
    "pipeline": (_("Pipeline"), "crm:pipeline", "kanban"),
    "forecast": (_("Forecast"), "forecasting:index", "trending-up"),
    "plan": (_("Plan"), "planning:scenarios", "calendar-range"),
    "insights": (_("Measures"), "metrics:measures", "target"),
    "records": (_("Records"), "crm:records", "briefcase"),
    "data": (_("Data"), "hub:index", "database"),
    "settings": (_("Settings"), "people:settings", "settings"),
}
"""name: (label, address name, icon)"""

DAY: dict[Role, tuple[str, ...]] = {
    Role.OPS_DIRECTOR: (
        "home", "cockpit", "forecast", "pipeline", "plan", "insights", "records", "data",
        "settings",
    ),
    Role.OPS_MANAGER: (
        "home", "cockpit", "forecast", "pipeline", "plan", "insights", "records", "data",
        "settings",
    ),
    Role.ANALYST: (
        "home", "data", "insights", "cockpit", "pipeline", "forecast", "plan", "records",
        "settings",
    ),
    Role.OPS_REP: ("home", "records", "pipeline", "data", "cockpit", "insights", "settings"),
    Role.SALES_LEADER: (
        "cockpit", "forecast", "pipeline", "plan", "insights", "records", "settings",
    ),
    Role.SALES_MANAGER: (
        "cockpit", "pipeline", "forecast", "plan", "insights", "records", "settings",
    ),
    Role.REP: ("cockpit", "pipeline", "records", "forecast", "insights", "settings"),
    Role.VIEWER: ("cockpit", "forecast", "insights", "settings"),
}  # fmt: skip
