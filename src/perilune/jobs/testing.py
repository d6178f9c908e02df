"""Databases are migrated once for all processes of one run of tests, and then copied.

Some ninety migrations take six seconds of processor for each home and each worker; a copy takes
none. Whoever comes first migrates, the others begin from a copy of what it made.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connections

SHARED = "PERILUNE_TEST_SHARED"
"""The folder of what the processes of this run share; children inherit the name."""


def migrate() -> None:
    """Bring the databases of this process's home up to this version."""
    with migrated_once(homes_files()):
        for alias in connections:
            call_command("migrate", database=alias, verbosity=0, interactive=False)


def homes_files(*, of_tests: bool = False) -> dict[str, Path]:
    """Return the SQLite file of each database by alias, or the one that its tests use."""
    told = {
        alias: connections[alias].settings_dict
        for alias in connections
        if connections[alias].vendor == "sqlite"
    }
    return {
        alias: Path(one["TEST"]["NAME"] if of_tests else one["NAME"]) for alias, one in told.items()
    }


@contextmanager
def migrated_once(files: Mapping[str, Path]) -> Iterator[None]:
    """Let files that are not there yet begin as copies of what this block first made in this run.

    The block must migrate them: from a copy nothing is left to do, and it sees that this is so.
    """
    folder = os.environ.get(SHARED)
    if not folder or not files or any(file.exists() for file in files.values()):
        yield
        return
    kept = {Path(folder, f"{alias}.sqlite3"): file for alias, file in files.items()}
    with Path(folder, "migrating").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        is_first = not all(copy.exists() for copy in kept)
        if is_first:
            yield
            for copy, file in kept.items():
                _copy_out(file, copy)
        else:
            for copy, file in kept.items():
                shutil.copyfile(copy, file)
    if not is_first:
        yield


def _copy_out(file: Path, copy: Path) -> None:
    draft = copy.with_suffix(".draft")
    # what stands in the log beside the file is read as well
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(draft)) as target:
        source.backup(target)
    draft.replace(copy)
