"""The tree of errors that cross a room's border.

    PeriluneError
    ├── NotFound        the thing asked for is not there (or not yet, at that as-of)
    ├── Refused         the gate says no
    ├── Invalid         the input cannot be taken; `problems` says where and why
    ├── Conflict        somebody else changed it first
    │   └── Past        a page of the past was asked to change something
    └── Unavailable     try again later (store busy, disk full, service away)

Messages are English msgids with named placeholders; pages and the command line translate them
with `gettext(error.message) % error.params`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from perilune.kernel.messages import gettext_noop as _


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one input: where it is, what it is, what to do."""

    message: str
    params: dict[str, Any]
    field: str = ""
    line: int | None = None


class PeriluneError(Exception):
    """Root of the tree; carries a translatable message and its placeholders."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message % params if params else message)
        self.message = message
        self.params = params


class NotFound(PeriluneError):
    """The thing asked for does not exist, or did not at that as-of."""


class Refused(PeriluneError):
    """The access gate says no."""


class Invalid(PeriluneError):
    """The input cannot be taken."""

    def __init__(self, message: str, problems: tuple[Problem, ...] = (), **params: Any) -> None:
        super().__init__(message, **params)
        self.problems = problems


class Conflict(PeriluneError):
    """Somebody else changed it first; nothing was written."""


class Past(Conflict):
    """A page that shows the past was asked for a change; nothing was written."""

    def __init__(self) -> None:
        super().__init__(_("This page shows the past. Go back to today to change something."))


class Unavailable(PeriluneError):
    """It cannot be done now; nothing was lost."""
