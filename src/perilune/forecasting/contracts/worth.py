"""What calls and overrides were worth once a period is over; amounts in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from perilune.forecasting.contracts.rollup import UnitKey


@dataclass(frozen=True)
class Measured:
    """A figure that somebody put up, beside what the machine said on the same day, and what came.

    people: the reps whose personal measure this is; empty for the company's own call. kind: «call»
    or «override». computed: what an override stood beside. model, naive: middle of the range and
    the naive forecast of the run on record of the same day; None without such a run.
    """

    unit: UnitKey
    people: frozenset[int]
    kind: str
    category: str
    made_on: date
    author: str
    said: int
    actual: int
    computed: int | None = None
    model: int | None = None
    naive: int | None = None

    @property
    def error(self) -> int:
        """How far it was from what came."""
        return abs(self.said - self.actual)

    def added(self, other: int | None) -> int | None:
        """Return by how much it was closer than another figure; below zero it was farther."""
        return None if other is None else abs(other - self.actual) - self.error


@dataclass(frozen=True)
class Pool:
    """Figures of many pooled: WAPE is the sum of |F - A| over the sum of A (rule 16).

    people: how many distinct people. compared: figures with a model run of their day; errors are
    all of those, of every figure where there is none. Ratios are None where nothing was won.
    """

    people: int
    figures: int
    compared: int
    wape: float | None
    bias: float | None
    wape_model: float | None
    wape_naive: float | None
    closer: float | None


@dataclass(frozen=True)
class Reliability:
    """Of what somebody had in commit at the end of a week, what was won in the period.

    rep_id: None for a group of `people`.
    """

    rep_id: int | None
    people: int
    week: int
    committed: int
    won: int

    @property
    def ratio(self) -> float | None:
        """Won over committed."""
        return self.won / self.committed if self.committed else None


@dataclass(frozen=True)
class Brier:
    """Contested probabilities against what came: mean squared error of what was shown and said."""

    people: int
    count: int
    shown: float
    said: float


@dataclass(frozen=True)
class Worth:
    """What a reader may know of a finished period.

    named: figures that may be named; pools: by kind (`rep`, `team`, `override`), those of groups;
    withheld: kinds about too few people to be shown.
    """

    named: tuple[Measured, ...]
    pools: tuple[tuple[str, Pool], ...]
    withheld: tuple[str, ...]
    reliability: tuple[Reliability, ...]
    own_contests: Brier | None
    all_contests: Brier | None
