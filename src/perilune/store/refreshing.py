"""Brings the store up to the records: an overlay for what was touched, a base where needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from uuid import uuid4

from perilune.kernel.memo import remembering
from perilune.kernel.wiring import STORE_TABLES, StoreTable
from perilune.store import shelves
from perilune.store.building import Builder, is_due
from perilune.store.contracts import Progress
from perilune.store.layout import Manifest, Store, TableFiles, with_table

SMALL_ROWS = 500_000
"""Tables up to this size are compacted within a refresh; larger ones wait for the job."""
PATIENCE = 2
"""But not beyond this many times the size at which it is due."""
PRUNE_EVERY = 30.0

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class _Step:
    """What a run of the writer shares between its tables."""

    builder: Builder
    report: Callable[[int], None]


def refresh(store: Store, on_progress: OnProgress | None = None, *, anew: bool = False) -> int:
    """Bring every declared table up to date, or build all anew; return the version.

    A crash leaves the version of before; Unavailable when another writer stays.
    """
    # what all tables ask, the latest change and the company's own fields, is looked up once
    with store.writing(), remembering():
        before = store.manifest()
        builder = Builder(store, before.version + 1)
        start = replace(before, tables={}) if anew else before
        if anew:
            shelves.empty_all(store.path)
        try:
            after = start
            for step, table in _steps(builder, list(STORE_TABLES), on_progress):
                after = with_table(after, _brought_up(table, after.tables.get(table.name), step))
            return _finish(store, before, after)
        finally:
            builder.close()


def compact(store: Store, on_progress: OnProgress | None = None, *, every: bool = False) -> int:
    """Fold overlays that are due (or every one) into their bases; return the version."""
    with store.writing():
        before = store.manifest()
        builder = Builder(store, before.version + 1)
        try:
            after = before
            for number, files in enumerate(before.tables.values(), 1):
                if files.keys and (every or is_due(files)):
                    after = with_table(after, builder.compacted(files))
                if on_progress:
                    on_progress(Progress(files.name, files.base_rows, number, len(before.tables)))
            return _finish(store, before, after)
        finally:
            builder.close()


def waiting(store: Store) -> tuple[str, ...]:
    """Return the names of declared tables that the records are ahead of."""
    manifest = store.manifest()
    return tuple(t.name for t in STORE_TABLES if _is_behind(t, manifest.tables.get(t.name)))


def _is_behind(table: StoreTable, files: TableFiles | None) -> bool:
    if files is None or files.columns != table.shape():
        return True
    keys, _ = table.touched(files.cursor)
    return keys is None or len(keys) > 0


def _steps(
    builder: Builder, tables: list[StoreTable], on_progress: OnProgress | None
) -> Iterable[tuple[_Step, StoreTable]]:
    for done, table in enumerate(tables):

        def report(rows: int, name: str = table.name, done: int = done) -> None:
            if on_progress:
                on_progress(Progress(name, rows, done, len(tables)))

        yield _Step(builder, report), table
        report(0, done=done + 1)


def _brought_up(table: StoreTable, files: TableFiles | None, step: _Step) -> TableFiles:
    columns = table.shape()
    is_new = files is None or files.columns != columns or files.versioned != table.versioned
    # the cursor is taken before the rows: what changes meanwhile is taken again next time
    keys, cursor = table.touched(0 if files is None or is_new else files.cursor)
    if files is None or is_new or keys is None:
        return step.builder.base(table, columns, cursor, step.report)
    if len(keys) == 0:
        return replace(files, cursor=cursor)
    files = step.builder.overlay(table, files, keys, cursor, step.report)
    if is_due(files) and (files.base_rows <= SMALL_ROWS or _is_overdue(files)):
        files = step.builder.compacted(files)
    return files


def _is_overdue(files: TableFiles) -> bool:
    shrunk = replace(
        files,
        overlay_rows=files.overlay_rows // PATIENCE,
        overlay_keys=files.overlay_keys // PATIENCE,
    )
    return is_due(shrunk)


def _finish(store: Store, before: Manifest, after: Manifest) -> int:
    now = time.time()
    if after.files() != before.files() or after.tables.keys() != before.tables.keys():
        identity = before.identity or uuid4().hex
        after = replace(after, version=before.version + 1, built_at=now, identity=identity)
        store.publish(after)
    elif after != before:
        store.publish(after)  # only cursors moved on: the same version
    else:
        store.mark_checked()
    _prune_now_and_then(store, now)
    return after.version


def _prune_now_and_then(store: Store, now: float) -> None:
    mark = store.path / "pruned"
    if not mark.exists() or now - mark.stat().st_mtime > PRUNE_EVERY:
        store.prune(now)
        mark.touch()
