"""The one list of who speaks to whom: fills the kernel's registries."""

from __future__ import annotations

from pathlib import Path

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
)

PACKAGE = Path(__file__).resolve().parent.parent


def connect() -> None:
    """Fill every registry; safe to call again."""
    _kinds()
    _store()
    _jobs()
    _panels()
    _foretellers()
    _credits()
    _answers()
    _personal()
    _doors()


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
    from perilune.hub.service import lookalikes
    from perilune.hub.service.hooks.running import after_commit as hooks_after_commit
    from perilune.people.queries import store_tables as people
    from perilune.site import refreshing
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
    ON_COMMITTED.add("store", refreshing.after_commit)
    ON_COMMITTED.add("lookalikes", lookalikes.after_commit)
    ON_COMMITTED.add("hooks", hooks_after_commit)


def always() -> dict[str, str]:
    """Return the parameters that every named query may use."""
    from perilune.people.queries import company_or_none

    company = company_or_none()
    return {"currency": company.currency if company else "EUR"}


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


def _answers() -> None:
    """Let higher rooms answer what pages of territory plans ask."""
    from perilune.forecasting.queries import leavers as departing
    from perilune.hub.queries.quality.hiding import hidden_fields
    from perilune.hub.web.measured_shown import counters
    from perilune.hub.web.panels import RECONCILE
    from perilune.planning.queries import leavers as planned
    from perilune.planning.queries import year_plan
    from perilune.site.alerts import NEWS_FEED
    from perilune.site.contingency_demo import make_contingency

    DEMO_MAKERS.add("contingency", make_contingency)
    NEWS.add(NEWS_FEED.name, NEWS_FEED)
    HIDDEN.add("quality", hidden_fields)
    for counter in counters():
        COUNTERS.add(counter.measure, counter)
    WHY_DOORS.add(RECONCILE.name, RECONCILE)
    YEAR_PLANS.add("planning", year_plan)
    LEAVERS.add("planning", planned)
    LEAVERS.add("forecasting", departing)


def _personal() -> None:
    from perilune.site.personal import register

    register()


def _doors() -> None:
    from perilune.site.navigation import SETTINGS, entries

    for name, entry in SETTINGS.items():
        SETTINGS_PAGES.add(name, entry)
    for entry in entries():
        SEARCH.add(f"{entry.route} {' '.join(entry.args)} {entry.label}", entry)
