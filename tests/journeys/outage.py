"""A home served by real processes, which lose their power, and those who use it meanwhile."""

from __future__ import annotations

import http.client
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

from tests.forks import Forks

Heads = Mapping[str, str]
OUTAGE = (OSError, http.client.HTTPException)
"""What a request meets while the power is off."""
ERROR = 500
PATIENCE = 60.0


@contextmanager
def database_like(url: str) -> Iterator[str]:
    """Give the address of a new database beside that of `url`; without one, SQLite is used."""
    if not url:
        yield ""
        return
    import psycopg

    name, parts = f"outage_{secrets.token_hex(4)}", urlsplit(url)
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield urlunsplit(parts._replace(path=f"/{name}"))
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@dataclass
class Power:
    """A home and the server on it, with its worker, that can be cut off at any moment."""

    home: Path
    database: str
    step_seconds: int = 4
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def environment(self) -> dict[str, str]:
        """What the processes of this home are told."""
        told = os.environ | {
            "PERILUNE_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": "perilune.site.settings",
            # a step that was cut off is handed out again after this and a half
            "PERILUNE_STEP_SECONDS": str(self.step_seconds),
        }
        told.pop("DATABASE_URL", None)
        return told | ({"DATABASE_URL": self.database} if self.database else {})

    def asked(self, script: Path) -> Forks:
        """Return a script that stands on this home and answers again and again."""
        return Forks(script, self.home, **self.environment())

    def run(self, *words: str, told: str = "") -> str:
        """Run a command of the product on this home and return what it printed."""
        command = "from perilune.site.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", command, *words], env=self.environment(), input=told, text=True,
            capture_output=True, check=False, timeout=PATIENCE * 2,
        )  # fmt: skip
        assert done.returncode == 0, f"{words}: {done.stdout} {done.stderr}"
        return done.stdout

    def on(self) -> None:
        """Start the server and return when it answers."""
        command = "from perilune.site.cli import main; main()"
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", command, "serve", "--port", str(self.port)],
                env=self.environment(), stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while True:
            assert self._process.poll() is None, (self.home / "server.log").read_text()
            with suppress(*OUTAGE):
                Web(self.port).get("/accounts/login/")
                return
            assert time.monotonic() < deadline, (self.home / "server.log").read_text()
            time.sleep(0.1)

    def off(self) -> None:
        """Kill -9 the server, its pages and its worker, all at once."""
        process = self._process
        if process is None:
            return
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()  # first, so that it ends nothing in good order
        for child in children:
            with suppress(ProcessLookupError):
                os.killpg(int(child), signal.SIGKILL)
        process.wait()
        self._process = None


@dataclass
class Web:
    """Somebody who uses the pages; an answer of 500 or more is kept, an outage is raised."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    answered: int = 0

    def get(self, path: str) -> str:
        """Open a page and return its text."""
        return self._ask("GET", path)[1]

    def post(self, path: str, values: Mapping[str, str]) -> str:
        """Send a form and return where it leads to."""
        posted = {**values, "csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}
        heads = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urlencode(posted).encode(), heads)[0]

    def upload(self, path: str, name: str, text: str) -> str:
        """Send a file and return where it leads to; AssertionError where it was not taken."""
        line = secrets.token_hex(8)
        body = (
            f"--{line}\r\nContent-Disposition: form-data; name=csrfmiddlewaretoken\r\n\r\n"
            f"{self.cookies['csrftoken']}\r\n--{line}\r\nContent-Disposition: form-data; "
            f'name=files; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
            f"{text}\r\n--{line}--\r\n"
        )
        heads = {"Content-Type": f"multipart/form-data; boundary={line}"}
        where, said = self._ask("POST", path, body.encode(), heads)
        words = " ".join(re.sub("<[^>]+>", " ", said).split())
        assert where, f"the file was not taken: {words[-1500:]}"
        return where

    def sign_in(self, user: str, password: str) -> None:
        """Sign in by the form."""
        self.get("/accounts/login/")
        self.post("/accounts/login/", {"login": user, "password": password})
        assert "sessionid" in self.cookies, "nobody was signed in"

    def _ask(
        self, method: str, path: str, body: bytes | None = None, heads: Heads | None = None
    ) -> tuple[str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, body, {**(heads or {}), "Cookie": cookie})
            answer = connection.getresponse()
            text = answer.read().decode()
        for value in answer.headers.get_all("Set-Cookie", []):
            self.cookies.update({name: one.value for name, one in SimpleCookie(value).items()})
        self.answered += 1
        if answer.status >= ERROR:
            self.faults.append(f"{answer.status} {method} {path}")
        return answer.headers.get("Location", ""), text


class Person(threading.Thread):
    """Does one thing again and again, and tries again after an outage, until it shall stop."""

    def __init__(self, web: Web, turn: Callable[[Web], None]) -> None:
        super().__init__(daemon=True)
        self.web, self._turn = Web(web.port, dict(web.cookies)), turn
        self._shall_stop = threading.Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        """Take turns."""
        try:
            while not self._shall_stop.is_set():
                try:
                    self._turn(self.web)
                except OUTAGE:
                    time.sleep(0.1)
        except BaseException as error:
            self.error = error

    def stop(self) -> None:
        """End after the turn under way, and raise what went wrong."""
        self._shall_stop.set()
        self.join(PATIENCE)
        if self.error is not None:
            raise self.error


@dataclass
class Importer:
    """Imports one file after the other through the pages."""

    files: list[tuple[str, str]]
    done: int = 0
    phase: str = "upload"
    _run: str = ""

    def turn(self, web: Web) -> None:
        """Go one step on with the file under way."""
        if self.done == len(self.files):
            time.sleep(0.1)
            return
        if not self._run:
            self._run = web.upload("/data/upload/", *self.files[self.done])
            return
        page = web.get(self._run)
        if self.phase == "upload":
            web.post(self._run + "mapping/", {"read": "1", "source": "crm"})
            self.phase = "read"
        elif self.phase == "read" and self._run + "apply/" in page:
            web.post(self._run + "apply/", {})
            self.phase = "apply"
        elif self._run + "undo/" in page:  # a cut may take the answer to «apply», not the deed
            self.done, self.phase, self._run = self.done + 1, "upload", ""
        else:
            time.sleep(0.1)


@dataclass
class Editor:
    """Edits records through the pages, each again and again, and remembers what was confirmed."""

    records: list[str]
    kept: dict[str, str] = field(default_factory=dict)
    maybe: dict[str, set[str]] = field(default_factory=dict)
    confirmed: int = 0
    _sent: int = 0

    def turn(self, web: Web) -> None:
        """Give one record its next value: sent, or confirmed by the page."""
        record = self.records[self.confirmed % len(self.records)]
        self._sent += 1
        value = f"step {self._sent}"
        self.maybe.setdefault(record, set()).add(value)
        if web.post(f"/records/opportunity/{record}/field/next_step/", {"next_step": value}):
            self.kept[record], self.maybe[record] = value, set()
            self.confirmed += 1


def numbers_in(page: str, pattern: str) -> list[str]:
    """Return what the group of a pattern finds in a page, each once, in order."""
    return list(dict.fromkeys(re.findall(pattern, page)))
