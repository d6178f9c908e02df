"""The index of keys follows the records: a small change at once, a large one by a job."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from django.conf import settings

from perilune.history import queries as history
from perilune.hub.contracts.lookalikes import FIELDS, LOOKED
from perilune.hub.engine.lookalikes.facts import facts
from perilune.hub.engine.lookalikes.keys import hashed, keys
from perilune.hub.service.lookalikes.index import COMMON, VERSION, Index
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS, JobKind, StepResult
from perilune.store import service as store

FOLDER = "lookalikes"
"""Of the home."""
AT_ONCE = 10_000
"""Records of a home whose index is built by the check that asks for it first."""
SMALL = 500
"""Changed records that a check takes in before it answers."""
_BATCH = 50_000
_WRITTEN = 2_000_000


def path() -> Path:
    """Return where the index of this home is."""
    return _folder() / "index.sqlite3"


def _folder() -> Path:
    """Return the folder of the index, beside the store, and make it."""
    folder = store.current().path.parent / FOLDER
    folder.mkdir(exist_ok=True)
    return folder


def secret() -> bytes:
    """Return what makes keys of this home unlike those of any other."""
    return settings.SECRET_KEY.encode()[:64]


def records_of(kind: str) -> int:
    """Return how many records of a kind there are."""
    return int(history.model_of(KINDS.get(kind))._default_manager.count())


def values_of(kind: str, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what a check reads of records as they stand, by id; not of those that are gone."""
    rows = history.model_of(KINDS.get(kind))._default_manager.filter(id__in=ids)
    names = _names(kind)
    return {row["id"]: row for row in rows.values("id", *names)}


def _names(kind: str) -> tuple[str, ...]:
    owner = KINDS.get(kind).owner_field
    return (*FIELDS[kind], *([owner] if owner else []))


# -- building --------------------------------------------------------------------------------------


def build() -> None:
    """Build the index whole, at once, in a folder of its own: two at a time harm nobody."""
    params = {"folder": f"lookalikes.{uuid4().hex}"}
    cursor: Mapping[str, Any] = {}
    while not (done := _build_step(params, cursor)).is_done:
        cursor = done.cursor


def _build_step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Read a batch of records into runs of sorted keys, then write the keys in their order."""
    folder = path().parent / str(params.get("folder", "lookalikes.new"))
    if not cursor:
        if "folder" not in params and path().exists() and follow():
            return StepResult({}, is_done=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with Index(folder / "index.sqlite3") as index:
            index.begin_new()
        return StepResult(
            {"kind": 0, "after": 0, "runs": 0, "seen": history.last_event(), "records": {}},
            is_done=False, total=sum(map(records_of, LOOKED)),
        )  # fmt: skip
    if not folder.is_dir():  # another build has put its own in place
        return StepResult({}, is_done=True)
    if cursor["kind"] < len(LOOKED):
        return _read_batch(folder, cursor)
    if "written" not in cursor:
        return _sort(folder, cursor)
    return _write_batch(folder, cursor)


def _read_batch(folder: Path, cursor: Mapping[str, Any]) -> StepResult:
    kind = LOOKED[cursor["kind"]]
    model = history.model_of(KINDS.get(kind))._default_manager
    rows = list(
        model.filter(id__gt=cursor["after"]).order_by("id").values("id", *FIELDS[kind])[:_BATCH]
    )
    names, found, ids = [], [], []
    for row in rows:
        one = facts(kind, row)
        names.append((kind, row["id"], one.name))
        for key in keys(one):
            found.append(hashed(kind, key, secret()))
            ids.append(row["id"])
    np.save(folder / f"{cursor['runs']}.npy", np.array([found, ids], np.int64).reshape(2, -1))
    with Index(folder / "index.sqlite3") as index:
        index.db.execute("BEGIN")
        index.name(names)
        index.db.execute("COMMIT")
    counted = {**cursor["records"], kind: cursor["records"].get(kind, 0) + len(rows)}
    is_last = len(rows) < _BATCH
    return StepResult(
        {
            **cursor, "runs": cursor["runs"] + 1, "records": counted,
            "kind": cursor["kind"] + is_last, "after": 0 if is_last else rows[-1]["id"],
        },
        is_done=False, done=sum(counted.values()), total=sum(map(records_of, LOOKED)),
        message=_("Reading records"),
    )  # fmt: skip


def _sort(folder: Path, cursor: Mapping[str, Any]) -> StepResult:
    both = np.concatenate([np.load(folder / f"{run}.npy") for run in range(cursor["runs"])], axis=1)
    rows = np.ascontiguousarray(both[:, np.lexsort(both[::-1])].T)
    np.save(folder / "sorted.npy", rows)
    firsts = np.flatnonzero(np.diff(rows[:, 0], prepend=rows[:1, 0] - 1))
    counts = np.diff(firsts, append=len(rows))
    common = counts >= COMMON
    with Index(folder / "index.sqlite3") as index:
        index.count(np.stack([rows[firsts[common], 0], counts[common]], axis=1).tolist())
    return StepResult({**cursor, "written": 0}, is_done=False, message=_("Writing keys"))


def _write_batch(folder: Path, cursor: Mapping[str, Any]) -> StepResult:
    rows = np.load(folder / "sorted.npy", mmap_mode="r")
    upto = min(len(rows), cursor["written"] + _WRITTEN)
    with Index(folder / "index.sqlite3") as index:
        index.db.execute("BEGIN")
        index.add(rows[cursor["written"] : upto].tolist())
        index.db.execute("COMMIT")
        if upto == len(rows):
            counted = {f"records {kind}": count for kind, count in cursor["records"].items()}
            index.end_new(
                {"version": VERSION, "cursor": cursor["seen"], "added": 0, "keys": upto, **counted}
            )
    if upto < len(rows):
        return StepResult(
            {**cursor, "written": upto}, is_done=False, done=upto, total=len(rows),
            message=_("Writing keys"),
        )  # fmt: skip
    for beside in ("-wal", "-shm"):
        Path(f"{path()}{beside}").unlink(missing_ok=True)
    os.replace(folder / "index.sqlite3", path())
    shutil.rmtree(folder, ignore_errors=True)
    follow()
    return StepResult({}, is_done=True, result={"keys": len(rows)})


# -- following -------------------------------------------------------------------------------------


@contextmanager
def opened(most: int = SMALL) -> Iterator[tuple[Index | None, bool]]:
    """Give the index and whether it knows every record; None while there is none.

    Builds it in a small home, takes in up to so many changed records, leaves the rest to a job.
    """
    if path().exists():
        with Index(path()) as index:
            is_whole = _followed(index, most)
            if is_whole or sum(map(records_of, LOOKED)) > AT_ONCE:
                if not is_whole:
                    start()
                yield index, is_whole
                return
    elif sum(map(records_of, LOOKED)) > AT_ONCE:
        start()
        yield None, False
        return
    build()
    with Index(path()) as index:
        yield index, True


def follow() -> bool:
    """Take in what changed since; return whether nothing is left."""
    with Index(path()) as index:
        return _followed(index)


def _followed(index: Index, most: int | None = None) -> bool:
    """Take in what changed, unless that is more records than `most`; tell if nothing is left."""
    noted = index.facts()
    number = history.last_event()
    changed = _changed(noted, number)
    if changed is None or (most is not None and sum(map(len, changed.values())) > most):
        return False
    if not changed:
        return True
    try:
        index.db.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:  # another process is at it
        return False
    for kind, ids in changed.items():
        _take_in(index, kind, ids, noted)
    noted["added"] += sum(map(len, changed.values()))
    index.note({**noted, "cursor": number})
    index.db.execute("COMMIT")
    return True


def _changed(noted: Mapping[str, int], number: int) -> dict[str, list[int]] | None:
    """Return the records that changed since, by kind; None where the index is to be built anew."""
    if noted.get("version") != VERSION or noted["cursor"] > number:
        return None  # of another make, or of records that were put back
    if noted["cursor"] == number:
        return {}
    changed: dict[str, list[int]] = {}
    for kind in LOOKED:
        ids, _number = history.touched(kind, noted["cursor"])
        if ids is None:
            return None
        changed[kind] = ids
    held = sum(noted.get(f"records {kind}", 0) for kind in LOOKED)
    stale = noted["added"] + sum(map(len, changed.values()))
    return None if stale > AT_ONCE + held // 4 else changed  # else too many keys of what was


def _take_in(index: Index, kind: str, ids: Sequence[int], noted: dict[str, int]) -> None:
    standing: dict[int, dict[str, Any]] = {}
    for at in range(0, len(ids), SMALL):
        standing |= values_of(kind, ids[at : at + SMALL])
    index.forget(kind, (one for one in ids if one not in standing))
    for record, row in standing.items():
        one = facts(kind, row)
        index.name([(kind, record, one.name)])
        index.add((hashed(kind, key, secret()), record) for key in keys(one))
    noted[f"records {kind}"] = records_of(kind)


def start() -> None:
    """Let a job build the index, unless one is at it."""
    from perilune.jobs import queries
    from perilune.jobs import service as jobs

    if all(job.finished_at is not None for job in queries.recent_jobs(1, BUILD.name)):
        jobs.start(BUILD.name, {}, actor="store")


def after_commit(change_set_id: int) -> None:
    """Have the index ready after a large change; small ones are taken in by who asks next."""
    if history.is_large(change_set_id) and sum(map(records_of, LOOKED)) > AT_ONCE:
        start()


BUILD = JobKind("hub.lookalikes", _("Keys to recognise records by"), _build_step)
