"""Build the company in an empty home, through the services alone."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.utils.translation import override

from perilune.demo.contracts import (
    DEFAULT_SEED,
    PASSWORD,
    ROLES,
    SOURCE,
    OnProgress,
    Report,
)
from perilune.demo.engine.company import Told, batches, tell
from perilune.demo.engine.truth import Truth
from perilune.demo.engine.words import COMPANY
from perilune.demo.service.meeting import hold_meetings
from perilune.demo.service.mitigations import act_on_risks
from perilune.demo.service.plans import make_plans
from perilune.demo.service.scenarios import make_scenarios
from perilune.demo.service.segments import make_segments
from perilune.demo.service.territories import make_territories
from perilune.forecasting import service as forecasting
from perilune.forecasting.contracts import By
from perilune.history import service as history
from perilune.history.contracts import Batch, Creation, Update
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain
from perilune.kernel.errors import Conflict
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import DEMO_MAKERS
from perilune.people import service as people
from perilune.people.contracts import Role
from perilune.people.queries import company, company_or_none
from perilune.store import service as store

RECORDED_WEEKS = 26
"""Weeks before today whose forecast runs are recorded."""
_TELLING, _WRITING, _STORE = 0.08, 0.72, 0.9


def demo_build(
    today: date,
    seed: int = DEFAULT_SEED,
    progress: OnProgress | None = None,
    *,
    truth: Truth | None = None,
    language: str = "en",
    recorded_weeks: int = RECORDED_WEEKS,
) -> Report:
    """Build the demo company in this home, with `today` as its as-of.

    Conflict when the home has a company. A build that was cut off leaves no company; the next one
    clears what it wrote and begins again. Nothing is known after the start of `today`.
    """
    if company_or_none() is not None:
        raise Conflict(
            _("There is a company in this home already: the demo needs a home of its own.")
        )
    tell_progress = progress or _silent
    clock = _Clock()
    for left_over in history.unfinished_sets():
        history.bulk_undo(left_over)
    tell_progress(_("Inventing a company"), 0.0)
    told = tell(truth or Truth(), seed, today)
    clock.note("telling")
    records, rows = _write(told, today, language, tell_progress)
    clock.note("writing")
    tell_progress(_("Building the store"), _WRITING)
    store.refresh()
    clock.note("store")
    _record_forecasts(today, recorded_weeks, tell_progress)
    if recorded_weeks:
        hold_meetings(today, language)
        act_on_risks(language)
    clock.note("forecasts")
    make_segments(language)
    clock.note("segments")
    make_scenarios(language)
    clock.note("scenarios")
    make_territories(language)
    clock.note("territories")
    make_plans(language)
    clock.note("plans")
    with override(language):
        for make in DEMO_MAKERS:
            make()
    clock.note("contingency")
    tell_progress(_("Done"), 1.0)
    return Report(today, seed, records, rows, clock.seconds)


def _write(
    told: Told, today: date, language: str, progress: OnProgress
) -> tuple[dict[str, int], int]:
    """Write all batches in one set; the company, its logins and the set appear together."""
    reserved: dict[str, range] = {}

    def ids_for(kind: str, count: int) -> range:
        # The first range of reps is the only one: their place in the story finds their id.
        given = history.reserve_ids(kind, count) if count else range(0)
        reserved.setdefault(kind, given)
        return given

    opened = history.bulk_open(
        source=SOURCE,
        actor=SOURCE,
        purpose="demo",
        title=COMPANY,
        known_at=datetime(today.year, today.month, today.day, tzinfo=UTC),
    )
    records: Counter[str] = Counter()
    rows, expected = 0, max(told.rows, 1)
    for batch in batches(told, ids_for):
        creations = [Creation(*row) for row in batch.creations]
        updates = [Update(*row) for row in batch.updates]
        history.bulk_append(opened, Batch(batch.kind, creations, updates))
        records[batch.kind] += len(batch.creations)
        rows += len(batch.creations) + len(batch.updates)
        share = min(rows / expected, 1.0)
        progress(_("Writing three years of history"), _TELLING + share * (_WRITING - _TELLING))
    with transaction.atomic():
        people.company_init(
            name=COMPANY,
            currency="EUR",
            timezone="Europe/Paris",
            language=language,
            country="FR",
            is_demo=True,
            is_staff_informed=True,
            is_council_consulted=True,
        )
        people.note_import(today)
        history.bulk_complete(opened)
        _add_logins(told, reserved["rep"])
    return dict(records), rows


def _add_logins(told: Told, rep_ids: range) -> None:
    """One login a role; those of the sales force are people of the story."""
    staff, book = told.world.staff, told.story.book
    team = int(staff.seat_team[0])
    week = told.world.weeks.count - 1
    members = [int(r) for r in staff.holder[staff.seat_team == team, week] if r >= 0]
    live = book["owner"][book.open_deals()]
    busiest = max(members, key=lambda rep: int((live == rep).sum()))
    linked = {
        Role.SALES_LEADER: staff.head,
        Role.SALES_MANAGER: staff.manager_at(team, week),
        Role.REP: busiest,
    }
    for username, role in ROLES.items():
        rep = linked.get(role)
        people.user_add(
            username,
            role,
            password=PASSWORD,
            check_password=False,
            email=f"{username}@demo.helianthe.example",
            name=staff.reps[rep].name if rep is not None else username.capitalize(),
            rep_id=rep_ids[rep] if rep is not None else None,
            is_owner=role is Role.OPS_DIRECTOR,
        )


def _record_forecasts(today: date, weeks: int, progress: OnProgress) -> None:
    """Record the quarter's range as it stood on the last Mondays, the earliest first."""
    here = company()
    monday = today - timedelta(days=today.weekday())
    for place, back in enumerate(range(weeks - 1, -1, -1)):
        progress(_("Recording past forecasts"), _STORE + (1 - _STORE) * place / max(weeks, 1))
        day = monday - timedelta(weeks=back)
        as_of = AsOf.end_of(day, here.zone)
        period = here.calendar.find(day, Grain.QUARTER)
        for by in By:
            forecasting.run_record(
                period, by, as_of, Scope.company(), actor=SOURCE, created_at=as_of.at
            )


class _Clock:
    """Seconds spent since the last note, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def note(self, name: str) -> None:
        now = time.monotonic()
        self.seconds[name] = round(now - self._last, 1)
        self._last = now


def _silent(_what: str, _share: float) -> None:
    pass
