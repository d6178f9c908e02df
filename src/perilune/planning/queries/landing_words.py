"""What the three answers to where the year lands count, and what each step between them is."""

from __future__ import annotations

from collections.abc import Mapping

from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts.landings import Part

ANSWER_LABELS: Mapping[str, str] = {
    "pace": _("Year at this pace"),
    "chances": _("Middle of the simulated years"),
    "forecast": _("Forecast of the year (p50)"),
}
ANSWER_DEFINITIONS: Mapping[str, str] = {
    "pace": _("Won to date, divided by the share of the year that the season expects by now."),
    "chances": _(
        "Won to date, and what the plan's people bring on the days to come. Knows no deals."
    ),
    "forecast": _(
        "Won to date, open deals by their chances, and business that is not created yet. "
        "Knows no plan."
    ),
}
PART_LABELS: Mapping[Part, str] = {
    Part.SEASON: _("Months of the rest of the year"),
    Part.PEOPLE: _("People who are planned to be there"),
    Part.CHANCE: _("Departures, ramp and doubt"),
    Part.PEOPLE_OFF: _("Less: what people bring"),
    Part.WON: _("Won to date, counted otherwise"),
    Part.OPEN_DEALS: _("Open deals"),
    Part.NEW_BUSINESS: _("Business not created yet"),
    Part.TO_COME: _("Still to come"),
    Part.MIDDLE: _("The middle instead of the mean"),
}
PART_DEFINITIONS: Mapping[Part, str] = {
    Part.SEASON: _(
        "The same pace over the months that the people model expects, instead of the season's."
    ),
    Part.PEOPLE: _("Ramped FTE at last twelve months' bookings per FTE, not at this year's pace."),
    Part.CHANCE: _("The middle of the simulated years, instead of the plain sum of the plan."),
    Part.PEOPLE_OFF: _("The people model ends here; won to date is left."),
    Part.WON: _("What the forecast counts as won, beside the plan's bookings."),
    Part.OPEN_DEALS: _("What open deals are expected to bring this year, by their chances."),
    Part.NEW_BUSINESS: _("Deals that will be created and won within the year."),
    Part.TO_COME: _("Open deals and new business, which are not told apart here."),
    Part.MIDDLE: _("Half of the outcomes lie below the middle; a few large wins lift the mean."),
}
