"""The bridge of the open pipeline between two instants: every unit of value has one cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from perilune.metrics.contracts import Bridge, BridgeStep


@dataclass(frozen=True)
class Course:
    """Deals that went the same way: what they were, what they are, how many, worth what.

    A meaning of None: not there. Values in minor units, of those due in the period, else zero.
    """

    before: str | None
    was_due: bool
    after: str | None
    is_due: bool
    count: int
    before_value: int
    after_value: int


ORDER = (
    "new",
    "moved_in",
    "reopened",
    "increased",
    "decreased",
    "moved_out",
    "won",
    "lost",
    "gone",
)
"""The causes, in the order in which a bridge shows them."""


def bridge(courses: Iterable[Course], closing: int) -> Bridge:
    """Return how the open value due in a period came to be `closing` (minor units).

    Each course has exactly one cause, so opening + steps = closing to the cent.
    """
    totals: dict[str, list[int]] = {}
    opening = closing
    for course in courses:
        change = course.after_value - course.before_value
        opening -= change
        cause = cause_of(course)
        if cause:
            entry = totals.setdefault(cause, [0, 0])
            entry[0] += change
            entry[1] += course.count
    steps = tuple(BridgeStep(name, *totals[name]) for name in ORDER if name in totals)
    return Bridge(opening, steps, closing)


def cause_of(course: Course) -> str:
    """Return the one cause of a course; empty where nothing due was or is touched."""
    if course.was_due and course.is_due:
        change = course.after_value - course.before_value
        return "" if not change else "increased" if change > 0 else "decreased"
    if course.was_due:
        return _left(course.after)
    if course.is_due:
        return _came(course.before)
    return ""


def _left(after: str | None) -> str:
    if after is None:
        return "gone"
    return after if after in ("won", "lost") else "moved_out"


def _came(before: str | None) -> str:
    if before is None:
        return "new"
    return "moved_in" if before == "open" else "reopened"
