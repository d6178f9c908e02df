"""What the gallery is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

WHY = "/ui/gallery/explain/"
EDIT = "/ui/gallery/field/"
LONG = "Prises de commandes annuelles récurrentes des comptes stratégiques"
AT = datetime(2026, 9, 30, 16, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Sample:
    """One state of a component."""

    state: str
    value: Any


@dataclass(frozen=True)
class Group:
    """A component, when to use it and when not."""

    name: str
    when: str
    when_not: str
    samples: Sequence[Sample]
