"""What a scenario does to a forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perilune.forecasting.contracts.ranges import Note, Status
from perilune.kernel.calendar import Period
from perilune.kernel.ranges import Range


@dataclass(frozen=True)
class Effect:
    """One unit with and without the edits; amounts in minor units, won to date included.

    delta: scenario less base on the same random numbers. unit_id None is everything in scope.
    base, delta and scenario are None where there is no range or no model.
    """

    unit_id: int | None
    label: str
    base: Range | None
    delta: Range | None
    scenario: Range | None


@dataclass(frozen=True)
class Unapplied:
    """An edit that changed nothing here, and why. assumption_id None: all of them."""

    assumption_id: int | None
    why: Note


@dataclass(frozen=True)
class ScenarioResult:
    """The answer of one scenario. teams: those that change, the largest change first.

    notes: what the answer stands on, in words.
    """

    scenario_id: int
    name: str
    period: Period
    scope_label: str
    currency: str
    status: Status
    won_to_date: float | None
    total: Effect
    teams: Sequence[Effect]
    unapplied: Sequence[Unapplied]
    store_version: int
    notes: Sequence[Note] = ()
