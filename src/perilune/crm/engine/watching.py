"""What wants an eye on an open deal: overdue, silent, without a next step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

SILENT_DAYS = 30
"""Days without an activity after which an open deal is silent."""


class Watch(StrEnum):
    """One reason to look at a deal."""

    OVERDUE = "overdue"
    SILENT = "silent"
    NO_NEXT_STEP = "no_next_step"
    NO_CLOSE_DATE = "no_close_date"


@dataclass(frozen=True)
class Watched:
    """What the warnings look at. last_touch: the latest activity or change of stage, if known."""

    meaning: str
    close_date: date | None
    next_step: str | None
    last_touch: date | None


def warnings_of(deal: Watched, today: date, *, are_activities_kept: bool) -> list[Watch]:
    """Return the warnings of a deal, gravest first; none for a closed one.

    are_activities_kept: whether this company keeps activities at all; where it does not, nobody
    is silent.
    """
    if deal.meaning != "open":
        return []
    found = []
    if deal.close_date is None:
        found.append(Watch.NO_CLOSE_DATE)
    elif deal.close_date < today:
        found.append(Watch.OVERDUE)
    quiet = deal.last_touch is not None and (today - deal.last_touch).days > SILENT_DAYS
    if are_activities_kept and quiet:
        found.append(Watch.SILENT)
    if not deal.next_step:
        found.append(Watch.NO_NEXT_STEP)
    return found
