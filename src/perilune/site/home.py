"""A home is the directory of one company: records, queue, store, uploads, secret."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from perilune.kernel.errors import Invalid

DEFAULT_HOME = "var/company"
DEMO_HOME = "var/demo"


@dataclass(frozen=True)
class Home:
    """Where one company lives."""

    path: Path

    @classmethod
    def from_environment(cls) -> Home:
        """Return the home that PERILUNE_HOME names, else the default below this directory."""
        return cls(Path(os.environ.get("PERILUNE_HOME", DEFAULT_HOME)).resolve())

    @property
    def records(self) -> Path:
        """The SQLite file of the records."""
        return self.path / "records.sqlite3"

    @property
    def queue(self) -> Path:
        """The SQLite file of jobs, progress and sessions: it never holds up the records."""
        return self.path / "queue.sqlite3"

    @property
    def store(self) -> Path:
        """The folder of the analytical store."""
        return self.path / "store"

    @property
    def static(self) -> Path:
        """The folder of files that a company adds to those of the package."""
        return self.path / "static"

    def exists(self) -> bool:
        """Tell whether a company was initialised here."""
        return (self.path / "secret").exists()

    def prepare(self) -> None:
        """Make the folder and its secret, readable by its owner only."""
        self.path.mkdir(parents=True, exist_ok=True)
        secret = self.path / "secret"
        if not secret.exists():
            handle = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48))

    def secret(self) -> str:
        """Return the signing key; a throw-away one before the home is prepared."""
        file = self.path / "secret"
        return file.read_text() if file.exists() else secrets.token_urlsafe(48)


def database_settings(home: Home, url: str) -> dict[str, dict[str, object]]:
    """Return Django's DATABASES: SQLite files in the home, or the PostgreSQL that the URL names."""
    if url:
        return {"default": _postgresql(url)}
    return {"default": _sqlite(home.records), "queue": _sqlite(home.queue)}


def _sqlite(path: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                # Pages of 8 KiB, set before the first write, and a log of 32 MiB between two
                # checkpoints: an import commits a fifth quicker and waits less for the disk.
                "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                " PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-65536;"
                " PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;"
            ),
        },
        # Tests use files too: threads and second processes must see the same database.
        "TEST": {"NAME": str(path.with_name(f"test-{path.name}"))},
    }


def _postgresql(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise Invalid("DATABASE_URL must begin with postgresql://.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        # each thread keeps its connection. A pool would be shared by the processes that the queue
        # forks from one another: two of them would then read each other's answers.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
