"""What is wrong with a connection, and how writing to it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Trouble:
    """Something wrong with a connection: what (msgid), what to do about it, since when.

    code names it for machines; is_urgent: nothing is read or written, or rows differ, until
    somebody acts. batch: of write-back, where it is about one.
    """

    code: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    todo: str = ""
    at: datetime | None = None
    is_urgent: bool = True
    batch: int = 0


@dataclass(frozen=True)
class WritingHealth:
    """How the outbox of a connection stands.

    waiting: values of confirmed batches that are not written yet; asked: conflicts that nobody
    decided; refused: values refused within a month and not written since; unconfirmed: batches.
    """

    written_at: datetime | None
    waiting: int
    waiting_since: datetime | None
    asked: int
    asked_since: datetime | None
    refused: int
    unconfirmed: int
