"""The one list of who speaks to whom: fills the kernel's registries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from perilune.kernel.personal import PERSONAL_FILES, PERSONAL_LOGS, PERSONAL_TABLES
from perilune.kernel.wiring import (
    COUNTERS,
    CREDITS,
    DEMO_MAKERS,
    FORETELLERS,
    HIDDEN,
    JOB_KINDS,
    KINDS,
    LEAVERS,
    NEWS,
    ON_COMMITTED,
    PANELS,
    SEARCH,
    SETTINGS_PAGES,
    SQL_FOLDERS,
    STORE_TABLES,
    WHY_DOORS,
    YEAR_PLANS,
    Registry,
)

PACKAGE = Path(__file__).resolve().parent.parent


def connect() -> None:
    """Fill every registry, at once or when it is first asked; safe to call again.

    Whoever only asks a figure on the command line waits for no connector and no page.
    """
    _kinds()
    _store()
    for registry, fill in _LATER.items():
        registry.later(fill)


def complete() -> None:
    """Fill what waits to be asked."""
    for registry in _LATER:
        registry.names()


def _kinds() -> None:
    from perilune.crm.contracts import KINDS as CRM
    from perilune.forecasting.contracts import KINDS as FORECASTING
    from perilune.people.contracts import KINDS as PEOPLE
    from perilune.planning.contracts import KINDS as PLANNING
    from perilune.territories.contracts import KINDS as TERRITORIES

    for kind in (*PEOPLE, *CRM, *TERRITORIES, *PLANNING, *FORECASTING):
        KINDS.add(kind.name, kind)


def _store() -> None:
    from django.conf import settings

    from perilune.crm.queries import store_tables as crm
    from perilune.forecasting.queries import store_tables as forecasting
    from perilune.people.queries import store_tables as people
    from perilune.store import service as store
    from perilune.territories.queries import store_tables as territories

    for capability in (
        "people", "crm", "insights", "territories", "planning", "forecasting", "metrics", "hub",
    ):  # fmt: skip
        SQL_FOLDERS.add(capability, PACKAGE / capability / "sql")
    STORE_TABLES.clear()
    for table in (*people(), *crm(), *territories(), *forecasting()):
        STORE_TABLES.add(table.name, table)
    store.configure(settings.PERILUNE_HOME, always=always)


def always() -> dict[str, str]:
    """Return the parameters that every named query may use."""
    from perilune.people.queries import company_or_none

    company = company_or_none()
    return {"currency": company.currency if company else "EUR"}


def _listeners() -> None:
    from perilune.hub.service import lookalikes
    from perilune.hub.service.hooks.running import after_commit as hooks_after_commit
    from perilune.site import refreshing

    ON_COMMITTED.add("store", refreshing.after_commit)
    ON_COMMITTED.add("lookalikes", lookalikes.after_commit)
    ON_COMMITTED.add("hooks", hooks_after_commit)


def _jobs() -> None:
    from perilune.forecasting.service import DEPARTURES_JOB as DEPARTURES
    from perilune.forecasting.service import JOB_KIND as FORECAST
    from perilune.hub.service.jobs import JOBS as IMPORTS
    from perilune.insights.service import JOB_KIND as INSIGHTS
    from perilune.planning.service import HIRING_JOB as HIRING
    from perilune.planning.service import PLAN_JOB as PLAN
    from perilune.planning.service import WORKBOOK_JOB as WORKBOOKS
    from perilune.privacy.service import JOBS as PRIVACY
    from perilune.site.alerts import JOB as ALERTS
    from perilune.site.pack_mail import JOB as PACK
    from perilune.site.refreshing import JOBS as STORE
    from perilune.territories.service import JOBS as TERRITORIES

    for kind in (
        *STORE, INSIGHTS, FORECAST, *IMPORTS, *TERRITORIES, PLAN, HIRING, DEPARTURES, ALERTS, PACK,
        *PRIVACY, WORKBOOKS,
    ):  # fmt: skip
        JOB_KINDS.add(kind.name, kind)


def _foretellers() -> None:
    from perilune.forecasting.queries import foretold

    FORETELLERS.add("range", foretold)


def _panels() -> None:
    from perilune.forecasting.web.panels import panels as forecasting
    from perilune.hub.web.panels import panels as hub
    from perilune.metrics.web.panels import panels as metrics
    from perilune.people.web.panels import OWN as PEOPLE
    from perilune.planning.web.panels import panels as planning
    from perilune.privacy.web.panels import panels as privacy
    from perilune.site.web.approvals import panels as approvals
    from perilune.site.web.contingencies import panels as contingencies
    from perilune.site.web.plan_kpis import panels as kpis
    from perilune.site.web.schedules import panels as schedules

    for panel in (
        *PEOPLE, *planning(), *forecasting(), *metrics(), *hub(), *privacy(), *schedules(),
        *contingencies(), *approvals(), *kpis(),
    ):  # fmt: skip
        PANELS.add(panel.name, panel)


def _credits() -> None:
    from perilune.metrics.queries import credit

    found = credit()
    CREDITS.add(found.kind, found)


def _plans() -> None:
    """Let higher rooms answer what pages of territory plans ask."""
    from perilune.planning.queries import year_plan

    YEAR_PLANS.add("planning", year_plan)


def _leavers() -> None:
    from perilune.forecasting.queries import leavers as departing
    from perilune.planning.queries import leavers as planned

    LEAVERS.add("planning", planned)
    LEAVERS.add("forecasting", departing)


def _why() -> None:
    from perilune.hub.web.panels import RECONCILE

    WHY_DOORS.add(RECONCILE.name, RECONCILE)


def _news() -> None:
    from perilune.site.alerts import NEWS_FEED

    NEWS.add(NEWS_FEED.name, NEWS_FEED)


def _counters() -> None:
    from perilune.hub.web.measured_shown import counters

    for counter in counters():
        COUNTERS.add(counter.measure, counter)


def _hidden() -> None:
    from perilune.hub.queries.quality.hiding import hidden_fields

    HIDDEN.add("quality", hidden_fields)


def _demo() -> None:
    from perilune.site.contingency_demo import make_contingency

    DEMO_MAKERS.add("contingency", make_contingency)


def _personal() -> None:
    from perilune.site.personal import register

    register()


def _settings() -> None:
    from perilune.site.navigation import SETTINGS

    for name, entry in SETTINGS.items():
        SETTINGS_PAGES.add(name, entry)


def _search() -> None:
    from perilune.site.navigation import entries

    for entry in entries():
        SEARCH.add(f"{entry.route} {' '.join(entry.args)} {entry.label}", entry)


_LATER: Mapping[Registry[Any], Callable[[], None]] = {
    ON_COMMITTED: _listeners,
    JOB_KINDS: _jobs,
    PANELS: _panels,
    FORETELLERS: _foretellers,
    CREDITS: _credits,
    YEAR_PLANS: _plans,
    LEAVERS: _leavers,
    WHY_DOORS: _why,
    NEWS: _news,
    COUNTERS: _counters,
    HIDDEN: _hidden,
    DEMO_MAKERS: _demo,
    PERSONAL_TABLES: _personal,
    PERSONAL_FILES: _personal,
    PERSONAL_LOGS: _personal,
    SETTINGS_PAGES: _settings,
    SEARCH: _search,
}
"""Registries whose things take long to load, and what fills each."""
