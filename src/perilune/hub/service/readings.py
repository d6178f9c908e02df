"""Reads a run, some seconds at a time, until it is ready to be shown and applied."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime

from django.db import transaction

from perilune.history import queries as history
from perilune.history.contracts import from_us, to_us
from perilune.hub.contracts import (
    ADDED,
    Notice,
    RunState,
    Shape,
    from_json,
)
from perilune.hub.engine.sources import Table, check_unchanged
from perilune.hub.models import ImportRun
from perilune.hub.models import Repair as SavedRepair
from perilune.hub.models import RowProblem as ProblemRow
from perilune.hub.service.common import (
    LIVE,
    STEP_SECONDS,
    Progress,
    clear_errors,
    fail,
    folder_of,
    run_of,
    said_until,
)
from perilune.hub.service.guards import guard, note_missing
from perilune.hub.service.lookalikes import arriving
from perilune.hub.service.reading import Reader
from perilune.hub.service.settings import Settings
from perilune.hub.service.staging import Staging
from perilune.kernel.calendar import FiscalCalendar
from perilune.kernel.errors import Conflict, Invalid, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.people import queries as people


def import_read(run_id: int, *, seconds: float = STEP_SECONDS) -> Progress:
    """Read on for some seconds; READY (or STOPPED, with the reason) once all is staged."""
    run = run_of(run_id)
    state = RunState(run.state)
    if state in (RunState.READY, RunState.STOPPED):
        return Progress(state, run.total_rows, run.total_rows, "")
    if state not in (RunState.OPENED, RunState.READING):
        raise Conflict(_("This import is under way or over; it cannot be read again."))
    if run.guess.get("is_asked"):
        raise Conflict(_("Say first whether these files are of a source that is known here."))
    if all(item["shape"] == Shape.SKIP.value for item in run.mappings):
        raise Invalid(
            _("No file of this import holds records that are known; map their columns first.")
        )
    try:
        with clear_errors():
            reader = LIVE.get(run_id) or _reader(run)
            is_done = reader.advance(time.monotonic() + seconds)
            if not is_done:
                run.total_rows = reader.settings.total_rows
                run.save(update_fields=["total_rows"])
                return Progress(
                    RunState.READING, reader.done_rows, run.total_rows, _("Reading rows")
                )
            return _read_through(run, reader)
    except Exception as error:
        with suppress(Exception):
            fail(run, error)
        raise


def _reader(run: ImportRun) -> Reader:
    tables = [Table.from_json(table) for table in run.tables]
    for table in tables:
        check_unchanged(table)
    is_resumed = RunState(run.state) is RunState.READING and folder_of(run.id).exists()
    staging = Staging(folder_of(run.id), fresh=not is_resumed)
    reader = Reader(staging, _settings(run), tables, [from_json(item) for item in run.mappings])
    if is_resumed and not reader.resume():
        staging.close()
        staging = Staging(folder_of(run.id), fresh=True)
        reader = Reader(staging, _settings(run), tables, [from_json(i) for i in run.mappings])
    run.state, run.pid = RunState.READING.value, os.getpid()
    run.save(update_fields=["state", "pid"])
    LIVE[run.id] = reader
    return reader


def _settings(run: ImportRun) -> Settings:
    company = people.company()
    repairs: dict[tuple[str, str], dict[str, str]] = {}
    for row in SavedRepair.objects.filter(source=run.source):
        repairs.setdefault((row.kind, row.field), {})[row.value] = row.meant
    said = said_until(run)
    return Settings(
        source=run.source,
        title=run.title.split(".")[0],
        zone=company.zone,
        currency=company.currency,
        now=datetime.now(UTC),
        known_kinds=frozenset(history.kinds_sent(run.source)),
        as_of=from_us(run.asked_us) if run.asked_us else None,
        last_as_of=from_us(said) if said else None,
        period_of=_periods(company.calendar),
        repairs=repairs,
        unconfirmed=_unconfirmed(run.source),
    )


def _unconfirmed(source: str) -> dict[str, dict[str, str]]:
    """Return the names that earlier imports of a source added and nobody kept or repaired."""
    result: dict[str, dict[str, str]] = {}
    for kind, code in ADDED.items():
        rows = ProblemRow.objects.filter(run__source=source, state="open", code=code)
        result[kind] = dict(rows.values_list("value", "suggestion").distinct())
    return result


def _periods(calendar: FiscalCalendar) -> Callable[[str], tuple[str, str] | None]:
    def read(text: str) -> tuple[str, str] | None:
        clean = text.strip().upper().replace(" ", "-").replace("T", "Q")
        swapped = re.fullmatch(r"(Q\d|H\d)-?(\d{4})", clean)
        joined = re.fullmatch(r"(\d{4})(Q\d|H\d)", clean)
        for part in (
            swapped and f"{swapped[2]}-{swapped[1]}",
            joined and f"{joined[1]}-{joined[2]}",
            clean,
        ):
            if not part:
                continue
            try:
                period = calendar.parse(part)
            except PeriluneError:
                continue
            return period.start.isoformat(), period.end.isoformat()
        return None

    return read


def _said_alike(found: int, not_looked: int) -> list[Notice]:
    """State how many new rows look like others, and that some were not looked at."""
    said = []
    if found:
        text = _(
            "New rows that look like records that exist, or like one another: %(count)s. Those that"
            " are stored are proposed under Duplicates."
        )
        said.append(Notice(text, {"count": found}))
    if not_looked:
        text = _(
            "New rows that were not compared with the records that exist: %(count)s. Search for"
            " duplicates after the import."
        )
        said.append(Notice(text, {"count": not_looked}))
    return said


def _read_through(run: ImportRun, reader: Reader) -> Progress:
    """Close the reading: keep counts and problems, ask what rule 32 asks."""
    staging = reader.staging
    alike, not_looked = arriving.look(staging)
    rows = [
        ProblemRow(run_id=run.id, file=file, **problem._asdict())
        for file, problem in staging.problems()
    ]
    rows += [
        ProblemRow(run_id=run.id, file=one.file, other_id=one.other, **one.problem._asdict())
        for one in alike
    ]
    for start in range(0, len(rows), 2_000):
        ProblemRow.objects.bulk_create(rows[start : start + 2_000])
    LIVE.pop(run.id, None)
    run.total_rows = reader.settings.total_rows
    run.as_of_us = to_us(reader.settings.as_of or reader.settings.now)
    run.counts = {
        kind: asdict(counts)
        for kind, counts in reader.counts.items()
        if counts.rows or counts.withheld
    }
    skipped = [
        Notice(item["reason"], {}, item["file"])
        for item in run.mappings
        if item["shape"] == Shape.SKIP.value
    ]
    looked = [n for n in run.notices if not n.get("is_read")]
    likes = _said_alike(len(alike), not_looked)
    run.notices = looked + [
        asdict(n) | {"is_read": True} for n in (*skipped, *reader.notices, *likes)
    ]
    run.makes = reader.resolver.creates
    run.state = RunState.READY.value
    with transaction.atomic():
        note_missing(run, reader)
        reason = None if run.is_forced else guard(run)
        if reason is not None:
            run.state, run.message, run.message_params = (
                RunState.STOPPED.value,
                reason.message,
                dict(reason.params),
            )
        run.save()
    staging.close()
    return Progress(RunState(run.state), run.total_rows, run.total_rows, run.message)
