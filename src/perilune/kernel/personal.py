"""Where what identifies people lies: each room declares its tables and its folders here.

An erasure, an export and their proof walk these registries. A house test holds them against the
tables and the folders that there are: what is not declared fails the build.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from perilune.kernel.wiring import Registry


class Scrub(Protocol):
    """Replaces what identifies one person, wherever it stands in plain words.

    sets: the change sets that ever wrote a row of theirs; what those were made from names them,
    however it is written there.
    """

    sets: frozenset[int]

    def text(self, text: str) -> str:
        """Return a text without it."""

    def document(self, value: Any) -> Any:
        """Return plain data (as JSON gives it) without it; what needs no change is the same."""


@dataclass(frozen=True)
class Codec:
    """How a packed column is opened into plain data, and closed again."""

    opened: Callable[[Any], Any]
    closed: Callable[[Any], Any]


@dataclass(frozen=True)
class PersonalTable:
    """What a table may hold of people, column by column. model: a Django label.

    holds: text and JSON in which they may be named. names: user names as whole values. packed:
    columns that are opened first. free: text, JSON and binary columns in which nobody is ever named
    (codes, digests, numbers). is_own: the room's own verbs reach it: the history, users.
    is_dropped: a row that names the person goes as a whole, for it is made again by itself.
    """

    model: str
    holds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    packed: Mapping[str, Codec] = field(default_factory=dict)
    free: tuple[str, ...] = ()
    is_own: bool = False
    is_dropped: bool = False


@dataclass(frozen=True)
class Cleaned:
    """What a walk over files found: how many it looked at, which name the person, what waits.

    waits: an English msgid, why a folder cannot be cleaned just now; empty when it was.
    """

    files: int = 0
    named: int = 0
    waits: str = ""


@dataclass(frozen=True)
class PersonalFiles:
    """A folder of the home (its first part), and the verb that takes a person out of its files.

    clean: takes (home, scrub, is it only to count) and returns what it found. label: an English
    msgid. holds_nobody: why no file in it can name anyone: nothing to clean then. drop_older:
    takes (home, instant, is it only to count) and deletes files that nobody needs since before it.
    """

    folder: str
    label: str
    clean: Callable[[Path, Scrub, bool], Cleaned] | None = None
    drop_older: Callable[[Path, datetime, bool], Cleaned] | None = None
    holds_nobody: str = ""


@dataclass(frozen=True)
class PersonalLog:
    """What a room logs and nobody needs for good. label: an English msgid.

    drop_older: takes (instant, is it only to count), deletes what was logged before, and returns
    how many entries. days: how long it is kept where nobody said otherwise.
    """

    name: str
    label: str
    drop_older: Callable[[datetime, bool], int]
    days: int


PERSONAL_TABLES: Registry[PersonalTable] = Registry("table of personal data")
PERSONAL_FILES: Registry[PersonalFiles] = Registry("folder of personal data")
PERSONAL_LOGS: Registry[PersonalLog] = Registry("log")
