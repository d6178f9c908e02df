"""Where the year lands: three answers to one question, and what leads from each to the next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from perilune.kernel.errors import PeriluneError
from perilune.kernel.ranges import Range


class Part(StrEnum):
    """A step between two answers, in their order.

    From the pace to the plan's chances: other months, other people, chance instead of a sum. From
    the chances to the forecast: people out, deals in, the middle instead of the mean.
    """

    SEASON = "season"
    PEOPLE = "people"
    CHANCE = "chance"
    PEOPLE_OFF = "people_off"
    WON = "won"
    OPEN_DEALS = "open_deals"
    NEW_BUSINESS = "new_business"
    TO_COME = "to_come"
    MIDDLE = "middle"


@dataclass(frozen=True)
class Step:
    """One step: how much it adds, minor units."""

    part: Part
    minor: int


@dataclass(frozen=True)
class Landing:
    """The three answers of one year as known at an instant, minor units.

    booked: won to date, which all three count. pace: booked divided by the share of the year that
    is due. chances: the simulated years of the people model. forecast: of open deals and new
    business. to_chances: steps that lead from `pace` to chances.p50, to_forecast: from there to
    forecast.p50; each sums exactly, and is empty where one of its ends is missing.
    no_chances, no_forecast: why, None where they are there.
    """

    booked: int
    pace: int | None
    chances: Range | None
    forecast: Range | None
    to_chances: tuple[Step, ...] = ()
    to_forecast: tuple[Step, ...] = ()
    no_chances: PeriluneError | None = None
    no_forecast: PeriluneError | None = None
