"""The door to a company's database: an address without its password, read only, on a leash."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from django.conf import settings
from sqlalchemy import exc
from sqlalchemy.pool import NullPool

from perilune.kernel.errors import Invalid, PeriluneError, Refused, Unavailable
from perilune.kernel.messages import gettext_noop as _

EXAMPLE = "postgresql://reader@db.example/crm"
SECONDS = 300
"""How long a statement may take."""

_OURS = "hub_syncrun"
_LOCKED_OUT = (
    "password", "authentication", "access denied", "permission denied", "no pg_hba", "login failed",
    "ora-01017", 'role "',
)  # fmt: skip


def checked_url(text: str) -> tuple[str, str]:
    """Return (address without its password, password); Invalid where it is no address of one."""
    try:
        url = sa.make_url(text.strip())
        dialect = url.get_dialect()
    except exc.NoSuchModuleError as error:
        raise Invalid(
            _("There is no kind of database %(name)s here."), name=text.split(":", 1)[0][:40]
        ) from error
    except (exc.ArgumentError, ValueError) as error:
        raise Invalid(
            _("«%(text)s» is not an address such as %(example)s."),
            text=text.strip().rpartition("@")[2][:80], example=EXAMPLE,
        ) from error  # fmt: skip
    if any("pass" in name.lower() or "secret" in name.lower() for name in url.query):
        raise Invalid(_("Give the password in its own field, not behind the address."))
    if dialect.name == "sqlite":
        _file_of(url)
    return url.set(password=None).render_as_string(), str(url.password or "")


def _file_of(url: sa.URL) -> Path:
    """Return the file of an SQLite address; Invalid without one, Refused where it is ours."""
    name = url.database or ""
    path = Path(name)
    if not path.is_absolute() or not path.is_file():
        raise Invalid(_("There is no file %(path)s on this machine."), path=name or "?")
    home = Path(settings.PERILUNE_HOME).resolve()
    if path.resolve().is_relative_to(home):
        raise _ours()
    return path


def _ours() -> Refused:
    return Refused(_("This is a database of Perilune itself: its records are here already."))


class Database:
    """A database that is only read; nothing is open before it is asked."""

    def __init__(self, address: str, keys: Mapping[str, Any]) -> None:
        url = sa.make_url(address)
        if keys.get("password"):
            url = url.set(password=str(keys["password"]))
        self.dialect = url.get_dialect().name
        self._until = 0.0
        options: dict[str, Any] = {"poolclass": NullPool}
        if self.dialect == "sqlite":
            options["creator"] = self._sqlite_of(_file_of(url))
        elif self.dialect == "postgresql":
            options["connect_args"] = {"connect_timeout": 15, "application_name": "perilune"}
        try:
            self._engine = sa.create_engine(url, **options)
        except ImportError as error:
            raise Invalid(
                _("The driver %(name)s of this database is not installed."),
                name=str(error.name or url.drivername),
            ) from error
        except exc.ArgumentError as error:
            raise Invalid(_("The database's address is not complete.")) from error

    def _sqlite_of(self, path: Path) -> Callable[[], sqlite3.Connection]:
        def opened() -> sqlite3.Connection:
            found = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=15)
            found.execute("PRAGMA query_only = ON")
            found.set_progress_handler(lambda: time.monotonic() > self._until, 100_000)
            return found

        return opened

    def opened(self) -> sa.Connection:
        """Open a transaction that only reads, sees one state and ends a statement that lasts.

        Refused where nobody is let in, Unavailable where nobody answers.
        """
        try:
            found = sa.Connection(self._engine)
        except exc.DBAPIError as error:
            raise told(error) from error
        try:
            self._leash(found)
            if sa.inspect(found).has_table(_OURS):
                raise _ours()
        except exc.DBAPIError as error:
            found.close()
            raise told(error) from error
        except PeriluneError:
            found.close()
            raise
        return found

    def _leash(self, found: sa.Connection) -> None:
        self.wait()
        if self.dialect == "postgresql":
            found.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            found.exec_driver_sql("SET TIME ZONE 'UTC'")
            found.exec_driver_sql(f"SET statement_timeout = '{SECONDS}s'")
        elif self.dialect in ("mysql", "mariadb"):
            found.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
            found.exec_driver_sql("SET time_zone = '+00:00'")
            found.rollback()

    def wait(self) -> None:
        """Give what is asked next its full time."""
        self._until = time.monotonic() + SECONDS


def told(error: exc.DBAPIError) -> PeriluneError:
    """Return what a database said as an error of ours, in its own words, without a secret."""
    why = next((line for line in str(error.orig).splitlines() if line.strip()), "?")
    why = why.rpartition("FATAL: ")[2].strip()[:200]
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state[:2] == "28" or state == "42501" or any(word in why.lower() for word in _LOCKED_OUT):
        return Refused(_("The database does not let us in: %(why)s."), why=why)
    if state == "57014" or why == "interrupted":
        return Unavailable(
            _("A question took longer than %(seconds)s seconds; it was given up."), seconds=SECONDS
        )
    if error.connection_invalidated or (isinstance(error, exc.OperationalError) and not state):
        return Unavailable(_("The database does not answer: %(why)s."), why=why)
    return Unavailable(_("The database refused a question: %(why)s."), why=why)


def is_lost(error: exc.DBAPIError) -> bool:
    """Tell whether the connection broke, so that the same can be asked again."""
    return error.connection_invalidated or "locked" in str(error.orig).lower()
