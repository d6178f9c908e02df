"""Files of imports and syncs: what names an erased person goes, with the file it stands in.

An applied import needs its file no more. One that is not applied yet is cancelled: it would bring
the person back; whoever started it reads the file again, and the list of those kept out holds.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from perilune.hub.contracts import RunState
from perilune.hub.contracts.sync import SyncState
from perilune.hub.models import ImportRun, SyncRun
from perilune.hub.service.common import LIVE, is_alive, undo
from perilune.hub.service.ending import import_cancel
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.personal import Cleaned, PersonalFiles, Scrub

_WAITS_IMPORT = _("An import is being applied; the erasure goes on after it.")
_WAITS_SYNC = _("A sync is under way; the erasure goes on after it.")
_CHUNK = 1 << 22
_OVERLAP = 1 << 10


def clean_uploads(home: Path, scrub: Scrub, is_dry: bool) -> Cleaned:
    """Delete uploaded files that name a person or wrote their rows; is_dry only counts them."""
    folder = home / "uploads"
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []
    sources = [
        Path(path)
        for path in ImportRun.objects.filter(change_set_id__in=scrub.sets).values_list(
            "path", flat=True
        )
    ]
    named = [
        path
        for path in files
        if any(path == source or source in path.parents for source in sources)
        or names(path, scrub, folder)
    ]
    if not is_dry:
        for path in named:
            path.unlink(missing_ok=True)
        _drop_empty(folder)
    return Cleaned(len(files), len(named))


def drop_older(home: Path, before: datetime, is_dry: bool) -> Cleaned:
    """Delete uploaded files that lie there since before an instant and wait for no import."""
    folder = home / "uploads"
    over = {RunState.DONE, RunState.ROLLED_BACK, RunState.CANCELLED, RunState.FAILED}
    runs = ImportRun.objects.exclude(state__in=[state.value for state in over])
    waiting = [Path(path) for path in runs.values_list("path", flat=True)]
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []
    old = [
        path
        for path in files
        if path.stat().st_mtime < before.timestamp()
        and not any(path == other or other in path.parents for other in waiting)
    ]
    if not is_dry:
        for path in old:
            path.unlink(missing_ok=True)
        _drop_empty(folder)
    return Cleaned(len(files), len(old))


def clean_imports(home: Path, scrub: Scrub, is_dry: bool) -> Cleaned:
    """Cancel imports that are not applied and whose staged rows name a person."""
    folder = home / "imports"
    found = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.exists() else []
    named = 0
    for path in found:
        if not any(names(file, scrub, folder) for file in path.rglob("*") if file.is_file()):
            continue
        named += 1
        if is_dry:
            continue
        run = ImportRun.objects.filter(id=int(path.name)).first() if path.name.isdigit() else None
        if run is not None and RunState(run.state) is RunState.APPLYING:
            if is_alive(run):
                return Cleaned(len(found), named, _WAITS_IMPORT)
            undo(run)
        if run is None or RunState(run.state) in (RunState.DONE, RunState.ROLLED_BACK):
            LIVE.pop(int(path.name), None)
            shutil.rmtree(path, ignore_errors=True)
        else:
            import_cancel(run.id)
    return Cleaned(len(found), named)


def clean_connections(home: Path, scrub: Scrub, is_dry: bool) -> Cleaned:
    """Empty what connections have received and not yet written, where it names a person.

    A ledger keeps keys and times of the rows of a source, no values; keys that name are forgotten.
    """
    folder = home / "connections"
    found = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.exists() else []
    named = 0
    for path in found:
        files = [file for file in path.rglob("*") if file.is_file()]
        if not any(names(file, scrub, folder) for file in files):
            continue
        named += 1
        if is_dry:
            continue
        running = SyncRun.objects.filter(state=SyncState.RUNNING.value)
        if path.name.isdigit() and running.filter(connection_id=int(path.name)).exists():
            return Cleaned(len(found), named, _WAITS_SYNC)
        shutil.rmtree(path / "landing", ignore_errors=True)
        if (path / "ledger.sqlite3").exists():
            _forget(path / "ledger.sqlite3", scrub)
    return Cleaned(len(found), named)


def _forget(path: Path, scrub: Scrub) -> None:
    """Take the person out of a ledger: what landed goes, keys that name are forgotten."""
    database = sqlite3.connect(path, isolation_level=None, timeout=30)
    try:
        database.execute("PRAGMA secure_delete=ON")
        for table in ("landed", "told", "file", "listed"):
            database.execute(f"DELETE FROM {table}")
        for table in ("held", "again"):
            keys = database.execute(f"SELECT object, key FROM {table}").fetchall()
            gone = [(name, key) for name, key in keys if scrub.text(key) != key]
            database.executemany(f"DELETE FROM {table} WHERE object = ? AND key = ?", gone)
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        database.close()


def names(path: Path, scrub: Scrub, root: Path) -> bool:
    """Tell whether a file, or its name, names the person: text, Excel, or bytes with texts in."""
    name = str(path.relative_to(root))
    if scrub.text(name) != name:
        return True
    return any(scrub.text(text) != text for text in _texts(path))


def _texts(path: Path) -> Iterator[str]:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for member in archive.namelist():
                    with archive.open(member) as file:
                        for text in _decoded(iter(lambda: file.read(_CHUNK), b"")):
                            # cells of a sheet stand between marks
                            yield re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))
            return
        with path.open("rb") as file:
            yield from _decoded(iter(lambda: file.read(_CHUNK), b""))
    except (OSError, zipfile.BadZipFile):  # gone meanwhile, or cut short: its bytes are proved
        return


def _decoded(chunks: Iterator[bytes]) -> Iterator[str]:
    """Give each chunk in the encodings that files come in, each with the end of the one before."""
    tail = b""
    for chunk in chunks:
        data = tail + chunk
        yield data.decode("utf-8", "replace")
        yield data.decode("cp1252", "replace")
        if b"\0" in data:
            yield data.decode("utf-16-le", "replace")
            yield data.decode("utf-16-be", "replace")
        tail = chunk[-_OVERLAP:]


def _drop_empty(folder: Path) -> None:
    if folder.exists():
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()


FILES = (
    PersonalFiles("uploads", _("Uploaded files"), clean_uploads, drop_older),
    PersonalFiles("imports", _("Imports that wait"), clean_imports),
    PersonalFiles("connections", _("Received by connections"), clean_connections),
)
