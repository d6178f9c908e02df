"""Schedules: what runs by itself, when it last did, and whether it is late (rule 37)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from perilune.hub.queries.said import watch_said
from perilune.jobs import queries, service
from perilune.jobs.contracts import Cadence, ScheduleStatus, State
from perilune.kernel.wiring import JOB_KINDS, Panel
from perilune.people.contracts import Right
from perilune.people.web import shell
from perilune.people.web.gate import PageRequest, page
from perilune.site.web.jobs import state_shown
from perilune.store import queries as store
from perilune.ui.contracts import (
    Action,
    Column,
    Empty,
    Format,
    Link,
    Row,
    Status,
    Table,
    Tone,
)
from perilune.ui.toasts import notify

WATCH = "import.watch"
_BEHIND = timedelta(minutes=15)
"""So far behind the records, the store is late: its refresh runs that often."""


def when(schedule: ScheduleStatus) -> str:
    """Return how often a schedule runs, in words."""
    if schedule.cadence is Cadence.MINUTES:
        return ngettext("every %(n)s minute", "every %(n)s minutes", schedule.every) % {
            "n": schedule.every
        }
    if schedule.cadence is Cadence.HOURLY:
        return ngettext("every %(n)s hour", "every %(n)s hours", schedule.every) % {
            "n": schedule.every
        }
    at = f"{schedule.at_hour:02d}:00"
    if schedule.cadence is Cadence.DAILY:
        return _("every day at %(at)s") % {"at": at}
    days = (
        pgettext("every week", "Monday"),
        pgettext("every week", "Tuesday"),
        pgettext("every week", "Wednesday"),
        pgettext("every week", "Thursday"),
        pgettext("every week", "Friday"),
        pgettext("every week", "Saturday"),
        pgettext("every week", "Sunday"),
    )
    return _("every week: %(day)s at %(at)s") % {"day": days[schedule.weekday], "at": at}


def state_of(schedule: ScheduleStatus) -> Status:
    """Return how a schedule stands: off, late, never run, or how its last run ended."""
    if not schedule.is_enabled:
        return Status(pgettext("schedule", "Off"), Tone.NEUTRAL)
    if schedule.is_late:
        return Status(_("Late"), Tone.WATCH)
    if schedule.last_run_at is None:
        return Status(_("Not run yet"), Tone.NEUTRAL)
    return state_shown(State(schedule.last_state)) if schedule.last_state else Status(_("Ran"))


def label_of(schedule: ScheduleStatus) -> str:
    """Return what a schedule is called."""
    if schedule.kind == WATCH:
        return f"{_(JOB_KINDS.get(WATCH).label)} · {schedule.label}"
    return _(schedule.label or schedule.name)


@page(Right.SEE_COMPANY_ROWS)
def index(request: PageRequest) -> HttpResponse:
    """Every schedule, its last and next run; run now, switch on and off."""
    listed = queries.schedules()
    may_change = Right.MANAGE_SCHEDULES in request.rights
    how = {item.id: watch_said(item.params) for item in listed if item.kind == WATCH}
    table = Table(
        columns=(
            Column("label", _("Schedule"), is_title=True),
            *([Column("how", _("Settings"), Format.LONG_TEXT)] if how else []),
            Column("when", _("Runs")),
            Column("state", _("State")),
            Column("last", _("Last run"), Format.INSTANT),
            Column("next", _("Next run"), Format.INSTANT),
        ),
        rows=[
            Row(
                item.id,
                (
                    label_of(item),
                    *([how.get(item.id, "")] if how else []),
                    when(item),
                    state_of(item),
                    item.last_run_at,
                    item.next_run_at if item.is_enabled else None,
                ),
            )
            for item in listed
        ],
        caption=_("Schedules"),
        empty=Empty(_("No schedule yet"), _("They are set when the server first starts.")),
    )
    verbs = [(label_of(item), _verbs(item)) for item in listed] if may_change else []
    header = shell.header(request, "schedules", finding=finding_of(listed))
    return render(
        request, "site/schedules.html", {"header": header, "table": table, "verbs": verbs}
    )


def finding_of(listed: Sequence[ScheduleStatus]) -> str:
    """Say in a line how the schedules stand: a run that never was did not run when it should."""
    running = [item for item in listed if item.is_enabled]
    late = sum(item.is_late for item in running)
    failed = sum(item.last_state == State.FAILED for item in running)
    never = sum(item.last_run_at is None for item in running)
    parts = []
    if late:
        text = ngettext("%(n)s schedule is late.", "%(n)s schedules are late.", late)
        parts.append(text % {"n": late})
    if failed:
        text = ngettext("%(n)s failed the last time.", "%(n)s failed the last time.", failed)
        parts.append(text % {"n": failed})
    if never:
        text = ngettext("%(n)s schedule has never run.", "%(n)s schedules have never run.", never)
        parts.append(text % {"n": never})
    if running and not parts:
        return _("Everything ran when it should.")
    return " ".join(parts)


def panels() -> list[Panel]:
    """Return the panels that `site.wiring` registers."""
    return [Panel("site.schedules", "home.analyst", 30, _panel)]


def _panel(request: PageRequest, context: Mapping[str, Any]) -> str:
    fresh = store.freshness()
    behind = fresh.behind_seconds > _BEHIND.total_seconds()
    state = Status(_("Late"), Tone.WATCH) if behind else Status(_("Up to date"), Tone.GOOD)
    rows = [Row("store", (_("Analytical store"), fresh.built_at, state))]
    rows += [
        Row(item.name, (label_of(item), item.last_run_at, state_of(item)))
        for item in queries.schedules()
    ]
    columns = (
        Column("what", _("Schedule"), is_title=True),
        Column("last", _("Last run"), Format.INSTANT),
        Column("state", _("State")),
    )
    facts = {
        "title": _("Schedules and age of data"),
        "table": Table(columns, rows, _("Schedules"), is_dense=True, name="schedules"),
        "link": Link(_("Schedules"), reverse("site:schedules")),
        "width": 6,
    }
    return render_to_string("site/panel.html", facts)


def _verbs(schedule: ScheduleStatus) -> list[Action]:
    switch = _("Switch off") if schedule.is_enabled else _("Switch on")
    return [
        Action(_("Run now"), reverse("site:schedule_run", args=[schedule.id]), method="post"),
        Action(switch, reverse("site:schedule_switch", args=[schedule.id]), method="post"),
    ]


@require_POST
@page(Right.MANAGE_SCHEDULES)
def run(request: PageRequest, schedule_id: int) -> HttpResponse:
    """Start a schedule's job now and show its progress."""
    return redirect("site:job", service.schedule_run(schedule_id, actor=request.actor))


@require_POST
@page(Right.MANAGE_SCHEDULES)
def switch(request: PageRequest, schedule_id: int) -> HttpResponse:
    """Switch a schedule on or off."""
    on = next((item.is_enabled for item in queries.schedules() if item.id == schedule_id), False)
    service.schedule_enable(schedule_id, not on)
    undo = reverse("site:schedule_switch", args=[schedule_id])
    notify(request, _("Switched off.") if on else _("Switched on."), undo)
    return redirect("site:schedules")
