"""The schedules that every home begins with; people change them on the page."""

from __future__ import annotations

from dataclasses import replace

from perilune.jobs import queries, service
from perilune.jobs.contracts import Cadence, When
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import company

STANDING: tuple[tuple[str, str, str, When], ...] = (
    ("refresh", _("Refresh of the store"), "store.refresh", When(Cadence.MINUTES, every=15)),
    ("compact", _("Compaction of the store"), "store.compact", When(Cadence.DAILY, at_hour=3)),
    ("learn", _("Learning from open deals"), "insights.learn", When(Cadence.DAILY, at_hour=4)),
    ("forecast", _("Weekly forecast on record"), "forecast.run", When(Cadence.WEEKLY, at_hour=5)),
    (
        "territories", _("Territory plans in force"), "territories.activate",
        When(Cadence.DAILY, at_hour=0),
    ),
    (
        "departures", _("Departures and absences on their day"), "departures.activate",
        When(Cadence.DAILY, at_hour=0),
    ),
    ("plans", _("Annual plans in force"), "planning.activate", When(Cadence.DAILY, at_hour=0)),
    ("retention", _("Retention rules"), "privacy.retention", When(Cadence.DAILY, at_hour=2)),
    ("hooks", _("Webhooks"), "hooks.run", When(Cadence.MINUTES, every=5)),
    ("alerts", _("Daily alerts"), "alerts.daily", When(Cadence.DAILY, at_hour=7)),
    ("pack", _("Monday pack"), "pack.send", When(Cadence.WEEKLY, at_hour=7)),
)  # fmt: skip
"""(name, label, job, when); hours are those of the company's zone."""


def ensure_schedules() -> None:
    """Add the standing schedules that are not there yet; what people changed stays."""
    known = {schedule.name for schedule in queries.schedules()}
    zone = company().zone.key
    for name, label, kind, when in STANDING:
        if name not in known:
            here = replace(when, zone=zone)
            service.schedule_set(name, label=label, kind=kind, params={}, when=here)
