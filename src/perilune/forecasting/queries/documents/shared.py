"""What all documents share: money as text, ratios, notes in English."""

from __future__ import annotations

from perilune.forecasting.contracts import Note
from perilune.kernel.money import Money, minor_exponent

SCHEMA = 1
"""Version of the shape of the documents."""


def money_text(minor: float | None, currency: str) -> str | None:
    """Return minor units as text in the major unit, with all its decimals."""
    if minor is None:
        return None
    return f"{Money.from_minor(round(minor), currency).amount:.{minor_exponent(currency)}f}"


def ratio(value: float | None) -> float | None:
    """Return a ratio with four decimals."""
    return None if value is None else round(value, 4)


def english(note: Note) -> str:
    """Return a note in English."""
    return note.message % note.params if note.params else note.message
