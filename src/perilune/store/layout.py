"""Where the store's files are, and the manifest that names those of the current version.

<home>/store/
├── manifest.json            the current version, replaced atomically
├── versions/<version>.json  the same for versions that may still be read
├── tables/<table>/          immutable Parquet: base-*, overlay-* and its keys-*
├── pins/<version>-<holder>  versions that are kept
├── shelves/<name>/          answers by key, see `shelves`; safe to delete
├── work/                    of the writer; emptied when it starts
└── lock                     held by the one writer
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from perilune.kernel.errors import NotFound, Unavailable
from perilune.kernel.wiring import Columns

FORMAT = 1
"""Raised when the files can no longer be read by older code or the other way round: rebuild."""

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


@dataclass(frozen=True)
class TableFiles:
    """One table in one version: rows are those of the base without the keys, and the overlay's.

    Paths are relative to the store. `changed` is the version that the files came with.
    """

    name: str
    columns: Columns
    versioned: bool
    cursor: int
    changed: int
    base: tuple[str, ...] = ()
    overlay: str = ""
    keys: str = ""
    base_rows: int = 0
    overlay_rows: int = 0
    overlay_keys: int = 0

    @property
    def key(self) -> str:
        """The column that an overlay replaces by."""
        return self.columns[0][0]

    @property
    def physical(self) -> str:
        """The name of these very rows: it changes when they do, and no named SQL can say it."""
        return f"{self.name}_{self.changed}"

    @property
    def over(self) -> TableFiles:
        """The overlay alone: all rows of the keys that were touched since the base was written."""
        base, rows = (self.overlay,), self.overlay_rows
        alone = replace(self, base=base, overlay="", keys="", base_rows=rows)
        return replace(alone, name=f"{self.name}_over", overlay_rows=0, overlay_keys=0)

    @property
    def files(self) -> tuple[str, ...]:
        """Every file of the table."""
        return tuple(path for path in (*self.base, self.overlay, self.keys) if path)


@dataclass(frozen=True)
class Manifest:
    """A version of the store: its tables' files. Immutable; a new version is a new manifest."""

    version: int = 0
    built_at: float = 0.0
    tables: Mapping[str, TableFiles] = field(default_factory=dict)
    identity: str = ""
    """Tells a store from another that was once at the same place."""

    def to_json(self) -> str:
        """Return the manifest's file content."""
        tables = {name: vars(table) for name, table in self.tables.items()}
        content = {"format": FORMAT, "identity": self.identity, "version": self.version}
        return json.dumps(content | {"built_at": self.built_at, "tables": tables})

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read a manifest; one of another format counts as empty, but its number goes on."""
        content = json.loads(text)
        if content["format"] != FORMAT:
            return cls(version=content["version"], identity=content["identity"])
        tables = {name: _table(item) for name, item in content["tables"].items()}
        return cls(content["version"], content["built_at"], tables, content["identity"])

    def files(self) -> set[str]:
        """Return the paths of every file of this version."""
        return {path for table in self.tables.values() for path in table.files}


def _table(item: dict[str, Any]) -> TableFiles:
    columns = tuple((name, type_) for name, type_ in item["columns"])
    return TableFiles(**(item | {"columns": columns, "base": tuple(item["base"])}))


@dataclass(frozen=True)
class Store:
    """A store's place and how much of the machine its readers and its writer may take."""

    path: Path
    memory_limit: str = "1GB"
    threads: int = 2
    lock_timeout: float = 30.0
    grace: float = 120.0
    """Seconds that a version stays readable after the next one came."""

    def manifest(self, version: int | None = None) -> Manifest:
        """Return the current version, or one that is still kept; NotFound if it is gone."""
        path = self._manifest_path(version)
        try:
            return Manifest.from_json(path.read_text())
        except FileNotFoundError:
            if version:
                raise NotFound(
                    "Version %(version)s of the store is no longer kept.", version=version
                ) from None
            return Manifest()

    def _manifest_path(self, version: int | None) -> Path:
        if version is None:
            return self.path / "manifest.json"
        return self.path / "versions" / f"{version}.json"

    def changed_at(self) -> int:
        """Return a number that changes with the manifest; 0 when there is none."""
        try:
            found = (self.path / "manifest.json").stat()
        except FileNotFoundError:
            return 0
        return found.st_mtime_ns ^ found.st_ino

    def checked_at(self) -> float:
        """Return when a refresh last looked, in seconds since 1970; 0 when none has."""
        try:
            return (self.path / "checked").stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def table_folder(self, name: str) -> Path:
        """Return the folder of a table's files, made if missing."""
        if not _NAME.match(name):
            raise ValueError(name)
        folder = self.path / "tables" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def work_folder(self) -> Path:
        """Return the writer's folder, made if missing."""
        folder = self.path / "work"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    # -- the writer ----------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock, across threads and processes; Unavailable when it stays busy."""
        self.path.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + self.lock_timeout
        with (self.path / "lock").open("a") as file:
            while not _locked(file.fileno()):
                if time.monotonic() > deadline:
                    raise Unavailable("The store is being rebuilt; try again in a minute.")
                time.sleep(0.02)
            yield  # closing the file lets the lock go, as does the end of the process

    def publish(self, manifest: Manifest) -> None:
        """Make a version the current one; its files must be on disk. The writer's lock is held."""
        for path in manifest.files() - self.manifest().files():
            _sync(self.path / path)
        for folder in {(self.path / path).parent for path in manifest.files()}:
            _sync(folder)
        text = manifest.to_json()
        (self.path / "versions").mkdir(exist_ok=True)
        _write(self.path / "versions" / f"{manifest.version}.json", text)
        _write(self.path / "manifest.json", text)
        self.mark_checked()

    def mark_checked(self) -> None:
        """Note that a refresh has looked just now."""
        (self.path / "checked").touch()

    # -- what is kept --------------------------------------------------------------------------

    def pin(self, version: int, holder: str) -> None:
        """Keep a version until its holder lets go; NotFound if it is gone already."""
        with self.writing():
            self.manifest(version)
            folder = self.path / "pins"
            folder.mkdir(exist_ok=True)
            (folder / f"{version}-{_holder(holder)}").touch()

    def unpin(self, version: int, holder: str) -> None:
        """Let go of a version; it goes at the next pruning unless someone else holds it."""
        (self.path / "pins" / f"{version}-{_holder(holder)}").unlink(missing_ok=True)

    def pinned(self) -> set[int]:
        """Return the versions that somebody holds."""
        return {int(path.name.split("-")[0]) for path in self.path.glob("pins/*-*")}

    def prune(self, now: float) -> int:
        """Delete files that no kept version names; return how many. The writer's lock is held."""
        records = {int(path.stem): path for path in self.path.glob("versions/*.json")}
        kept = self._kept(records, now)
        named: set[str] = self.manifest().files()
        for version in kept:
            named |= Manifest.from_json(records[version].read_text()).files()
        # the record goes first: a version that can be opened has all its files
        for version in records.keys() - kept:
            records[version].unlink()
        gone = [
            p for p in self.path.glob("tables/*/*") if str(p.relative_to(self.path)) not in named
        ]
        for path in gone:
            path.unlink()
        return len(gone)

    def _kept(self, records: Mapping[int, Path], now: float) -> set[int]:
        current = self.manifest().version
        kept = (self.pinned() | {current}) & records.keys()
        following = dict(zip(sorted(records), sorted(records)[1:], strict=False))
        for version, successor in following.items():
            if now - records[successor].stat().st_mtime < self.grace:
                kept.add(version)
        return kept


def with_table(manifest: Manifest, table: TableFiles, name: str = "") -> Manifest:
    """Return the manifest with one table put in or replaced, by its own name unless one is said."""
    return replace(manifest, tables={**manifest.tables, name or table.name: table})


def _holder(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]", "_", name)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, text: str) -> None:
    """Replace a file so that a reader, or a crash, finds the old one or the new one, whole."""
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    _sync(path.parent)
