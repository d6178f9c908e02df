"""What has landed becomes an import: files, the same reading and applying, and what came of it."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from perilune.history.contracts import from_us
from perilune.hub.contracts import PROBLEMS, RunState, Severity
from perilune.hub.contracts.sync import By, SourceHistory, SourceObject
from perilune.hub.engine.sync import heirs
from perilune.hub.engine.sync.pasts import Told, from_fields, from_snapshots
from perilune.hub.models import ImportRun
from perilune.hub.models import RowProblem as ProblemRow
from perilune.hub.service import applies, opening, readings
from perilune.hub.service.common import Progress, run_of
from perilune.hub.service.sync import mapping as maps
from perilune.hub.service.sync.ledger import Ledger
from perilune.kernel.errors import Conflict

_WITHHELD = [code for code, (severity, _m) in PROBLEMS.items() if severity is Severity.WITHHELD]


def open_import(
    ledger: Ledger,
    source: str,
    objects: Sequence[SourceObject],
    kept: Mapping[str, Any],
    *,
    title: str,
    as_of: datetime,
    actor: str,
) -> int | None:
    """Write the files that are still missing and open their import; None where nothing is new."""
    given: list[dict[str, Any]] = []
    for item in objects:
        mapping = maps.kept(kept[item.name])
        if mapping is None:
            continue
        histories = maps.histories(item, kept[item.name])
        rows = ledger.landing / maps.file_of(item)
        ledger.opened(rows.name)  # cut off what is not whole
        if rows.exists():
            given.append(maps.for_rows(item, mapping, kept[item.name]))
            if _write_past(ledger, item, histories, set(maps.used(mapping))):
                given.append(maps.for_past(item, f"{item.name}-past.csv"))
        if _write_gone(ledger, item, as_of):
            given.append(maps.for_gone(item, f"{item.name}-gone.csv"))
    if not given:
        return None
    run_id = opening.import_open(
        ledger.landing, source=source, mapping=given, as_of=as_of, actor=actor, is_forced=True
    )
    ImportRun.objects.filter(id=run_id).update(title=title)
    return run_id


def drop_orphans(ledger: Ledger, source: str, known: Sequence[int]) -> None:
    """Forget imports that were opened by a process that was killed before it noted them."""
    left = ImportRun.objects.filter(
        source=source, path=str(ledger.landing), state=RunState.OPENED.value
    )
    left.exclude(id__in=known).delete()


def _write_past(
    ledger: Ledger, item: SourceObject, histories: Sequence[SourceHistory], wanted: set[str]
) -> bool:
    """Write the single changes of the records that landed; false where there are none."""
    if not histories:
        return False
    path = ledger.landing / f"{item.name}-past.csv"
    count = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("Record", "At", "Field", "Old", "New"))
        for past in histories:
            at = {name: i for i, name in enumerate(past.columns)}
            rows = ledger.told(past.name, item.name)
            if past.snapshot:
                places = [at[name] for name in past.snapshot]
                told = from_snapshots(
                    ((p, when, [cells[i] for i in places]) for p, when, cells in rows),
                    past.snapshot,
                    wanted,
                )
            else:
                told = from_fields(
                    (
                        (p, when, dict(zip(past.columns, cells, strict=True)))
                        for p, when, cells in rows
                    ),
                    wanted,
                    past.also,
                )
            count += _lines(writer, told)
    if not count:
        path.unlink()
    return count > 0


def _lines(writer: Any, told: Any) -> int:
    count = 0
    for one in told:
        row: Told = one
        writer.writerow((row.key, row.at, row.field, row.old, row.new))
        count += 1
    return count


def _write_gone(ledger: Ledger, item: SourceObject, as_of: datetime) -> bool:
    rows = ledger.gone_rows(item.name)
    if not rows:
        return False
    path = ledger.landing / f"{item.name}-gone.csv"
    ends = heirs.settled({key: heir for key, _stamp, heir in rows})
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("Key", "At", "Heir"))
        for key, stamp, _heir in rows:
            at = from_us(stamp) if stamp and item.by is By.TIME else as_of
            writer.writerow((key, at.isoformat(), ends[key]))
    return True


def drive(import_id: int, seconds: float) -> Progress:
    """Read and apply on for some seconds. Conflict where the import was cancelled or failed."""
    run = run_of(import_id)
    state = RunState(run.state)
    if state in (RunState.OPENED, RunState.READING):
        return readings.import_read(import_id, seconds=seconds)
    if state in (RunState.READY, RunState.STOPPED, RunState.APPLYING):
        return applies.import_apply(import_id, seconds=seconds, is_forced=True)
    if state is RunState.DONE:
        return Progress(state, run.cursor, run.cursor, "")
    raise Conflict(run.message or STATE_GONE, **run.message_params)


STATE_GONE = "The import of this sync was ended elsewhere."


def alike(import_id: int | None) -> int:
    """Return how many new rows of an import looked like records that exist, or one another."""
    return ProblemRow.objects.filter(run_id=import_id, code__in=("like_record", "like_row")).count()


def settle(
    ledger: Ledger, import_id: int | None, objects: Sequence[SourceObject]
) -> dict[str, Any]:
    """Take what was written for held, note what was kept out and what must be read again.

    Returns the counts of the import by kind.
    """
    run = run_of(import_id) if import_id is not None else None
    problems = ProblemRow.objects.filter(run_id=import_id)
    for item in objects:
        file = maps.file_of(item)
        mine = problems.filter(file=file)
        refused = set(mine.filter(code__in=_WITHHELD, kind=item.kind).values_list("key", flat=True))
        loose = set(
            mine.filter(code="unknown_reference").exclude(field="stage_id")
            .values_list("key", flat=True)
        )  # fmt: skip
        ledger.settle(item.name, refused)
        ledger.got(item.name, loose)
        ledger.want(item.name, sorted(loose), "loose")
    shutil.rmtree(ledger.landing, ignore_errors=True)
    return dict(run.counts) if run is not None else {}
