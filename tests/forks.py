"""Processes that are killed: a script imports the product once and forks for each thing it is told.

To import the product takes seconds of processor, and says nothing about the moment of a kill.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

_PATH = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
_ENDED = "ended"


def each_in_a_fork(do: Callable[[str], None]) -> None:
    """Do what each line of the standard input says in a fork, and tell of its beginning and end.

    The script's side: it may have opened no database and started no thread.
    """
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _done(do, line.strip())
        _pid, status = os.waitpid(pid, 0)
        # on a line of its own, whatever was cut off in the middle of one
        tell(f"\n{_ENDED} {os.waitstatus_to_exitcode(status)}")


def _done(do: Callable[[str], None], what: str) -> None:
    tell(str(os.getpid()))
    code = 0
    try:
        do(what)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    os._exit(code)


def tell(line: str) -> None:
    """Write a line that whoever waits for it reads at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Forked:
    """Something that is being done in a process of its own."""

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines
        self._code: int | None = None
        self._pid = int(lines.readline())

    def said(self) -> Iterator[str]:
        """Give the lines that it writes, as it writes them, until it has ended."""
        while self._code is None:
            line = self._lines.readline()
            assert line, "the script itself has ended"
            if line.startswith(_ENDED):
                self._code = int(line.split()[1])
            elif line != "\n":
                yield line.rstrip("\n")

    def kill(self) -> None:
        """Kill -9; nothing where it has ended already."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> int:
        """Return how it ended, as `subprocess` says it."""
        for _line in self.said():
            pass
        assert self._code is not None
        return self._code


class Forks:
    """A script that stands on a home and forks there: the test's side. One thing at a time."""

    def __init__(self, script: Path, home: Path, **environment: str) -> None:
        told = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        self._script = subprocess.Popen(
            [sys.executable, str(script)],
            env=told | environment | {"PERILUNE_HOME": str(home), "PYTHONPATH": _PATH},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def begin(self, what: str) -> Forked:
        """Begin something and return while it is done."""
        assert self._script.stdin is not None and self._script.stdout is not None
        self._script.stdin.write(what + "\n")
        self._script.stdin.flush()
        return Forked(self._script.stdout)

    def do(self, what: str) -> list[str]:
        """Do something to its end and return the lines that it wrote."""
        begun = self.begin(what)
        lines = list(begun.said())
        assert begun.wait() == 0, f"{what} failed: {lines}"
        return lines

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_error: object) -> None:
        self._script.communicate()
