"""How units and levels of a plan are called, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext

from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import QUOTA_LEVELS
from perilune.planning.contracts import COMPANY, Driver, Hire, Level
from perilune.ui import formats


def unit_label(unit: str, names: Mapping[str, str]) -> str:
    """Return how a unit is called; a planned hire by its number, as it is nobody yet."""
    if unit == COMPANY:
        return gettext("Company")
    if unit == "segments":
        return gettext("Segments")
    if unit.startswith("rep:-"):
        return gettext("Planned hire %(number)s") % {"number": unit.removeprefix("rep:-")}
    return names.get(unit, unit)


def hire_label(edit: Hire) -> str:
    """Return how the row of a planned hire is called: how many, what, from when."""
    facts = {
        "n": formats.number(edit.heads, 0),
        "day": formats.day(edit.starts),
        "segment": edit.segment,
    }
    if edit.segment:
        # translators: as the one without a segment
        return gettext("%(n)s × seller, %(segment)s, from %(day)s") % facts
    # translators: the row of a planned hire; × as in 3 × seller
    return gettext("%(n)s × seller, from %(day)s") % facts


def level_label(level: Level) -> str:
    """Return how a level is called (rule 29)."""
    return gettext(dict(QUOTA_LEVELS)[level.value])


DRIVER_LABELS: dict[Driver, str] = {
    Driver.ATTRITION: _("Departures"),
    Driver.HIRING: _("Late hires"),
    Driver.RAMP: _("Length of the ramp"),
    Driver.PRODUCTIVITY: _("Bookings per FTE"),
    Driver.SKILL: _("Differences between reps"),
    Driver.LUCK: _("Luck of a year"),
    Driver.BACKFILL: _("Seats filled again"),
}
"""English msgids of what may come otherwise than planned."""

LEVER_LABELS: dict[str, str] = {
    "reps": _("More reps"),
    "win_rate": _("A higher win rate"),
    "deal_size": _("Bigger deals"),
    "cycle": _("A shorter cycle"),
}
