"""Makes databases forget: deleted rows of a SQLite file keep their bytes until then."""

from __future__ import annotations

from pathlib import Path

from django.db import DatabaseError, connections

from perilune.privacy.engine.tracing import Tracer


def forgetful() -> None:
    """From here on SQLite overwrites what it deletes, in this process's connections."""
    for alias in connections:
        if connections[alias].vendor == "sqlite":
            with connections[alias].cursor() as cursor:
                cursor.execute("PRAGMA secure_delete=ON")


def tidy(tracer: Tracer) -> None:
    """Empty the logs of the home's databases, and rewrite a file in which bytes still name.

    Rewriting holds up who writes for as long as it takes, so it is done only where it must.
    PostgreSQL takes its dead rows away; its own log and copies are the server's.
    """
    for alias in connections:
        connection = connections[alias]
        if connection.in_atomic_block:  # a test's transaction: nothing of it is on disk for good
            continue
        if connection.vendor == "sqlite":
            _sqlite(alias, tracer)
        else:
            with connection.cursor() as cursor:
                cursor.execute("VACUUM")


def _sqlite(alias: str, tracer: Tracer) -> None:
    connection = connections[alias]
    path = Path(str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if not path.exists() or not _still_names(path, tracer):
            return
        try:
            cursor.execute("VACUUM")
        except DatabaseError:  # somebody reads just now: the proof says what remains
            return
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _still_names(path: Path, tracer: Tracer) -> bool:
    for each in (path, path.with_name(f"{path.name}-wal")):
        if each.exists():
            with each.open("rb") as file:
                if tracer.in_chunks(file.read):
                    return True
    return False
