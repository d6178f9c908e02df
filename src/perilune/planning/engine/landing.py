"""The steps between three answers to where a year lands; each walk sums exactly."""

from __future__ import annotations

from dataclasses import dataclass

from perilune.planning.contracts.landings import Part, Step

SAME = 100
"""Minor units up to which two sums of what is won are one."""


@dataclass(frozen=True)
class People:
    """What the people model says, minor units.

    expected: booked and the plain sum of who is planned to be there. middle: of simulated years.
    share: of a year's bookings that its months leave for the days to come.
    """

    expected: float
    middle: float
    share: float


@dataclass(frozen=True)
class Deals:
    """What the forecast says, minor units: won + open_deals + new is its mean.

    open_deals: None where they are not told apart from what is new.
    """

    won: float
    open_deals: float | None
    new: float
    middle: float


def to_chances(booked: int, pace: int, people: People) -> tuple[Step, ...]:
    """Return the steps from a year at this pace to the middle of the simulated years.

    The pace's year is worth `pace`; with the months of the people model its rest would be
    pace x share. What people are planned to bring takes its place, then chance.
    """
    rest = pace * people.share
    return _exact(
        pace,
        [
            (Part.SEASON, booked + rest),
            (Part.PEOPLE, people.expected),
            (Part.CHANCE, people.middle),
        ],
    )


def to_forecast(booked: int, people: People, deals: Deals) -> tuple[Step, ...]:
    """Return the steps from the middle of the simulated years to that of the forecast."""
    # shares of deals are rounded row by row: cents are no other way of counting
    won = booked if abs(deals.won - booked) < SAME else deals.won
    after: list[tuple[Part, float]] = [(Part.PEOPLE_OFF, float(booked)), (Part.WON, won)]
    if deals.open_deals is None:
        after.append((Part.TO_COME, deals.won + deals.new))
    else:
        after += [
            (Part.OPEN_DEALS, deals.won + deals.open_deals),
            (Part.NEW_BUSINESS, deals.won + deals.open_deals + deals.new),
        ]
    return _exact(round(people.middle), [*after, (Part.MIDDLE, deals.middle)])


def _exact(start: int, after: list[tuple[Part, float]]) -> tuple[Step, ...]:
    """Return steps between whole levels, so that they sum to the last one whatever was rounded."""
    steps, level = [], start
    for part, value in after:
        steps.append(Step(part, round(value) - level))
        level = round(value)
    # what is won is one figure for all as long as they count alike: then there is no step
    return tuple(step for step in steps if step.minor or step.part is not Part.WON)
