"""What open deals of the accounts of a plan may bring, by territory, by rep and in all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from perilune.insights.contracts import DealReliability
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period


class Claim(StrEnum):
    """Whether a range is told of open deals, and why not."""

    TOLD = "told"
    NO_MODEL = "no_model"  # no model of open deals is on record
    NO_RECORD = "no_record"  # too few past chances are scored
    NO_SKILL = "no_skill"  # past chances did no better than one chance for all
    BEYOND = "beyond"  # the plan begins after the last day that chances reach


@dataclass(frozen=True)
class Expected:
    """What open deals of some accounts may bring in a period. Minor units, company's currency.

    p10, p50, p90: of their own sum, deals won or not by chance alone; mean: the sum of chance x
    value. near: what they bring where the total is near its p10, p50 and p90: of territories these
    sum, and with accounts in no territory they make the total's (rule 18).
    """

    deals: int
    p10: float
    p50: float
    p90: float
    mean: float
    near: tuple[float, float, float]


NOTHING = Expected(0, 0.0, 0.0, 0.0, 0.0, (0.0, 0.0, 0.0))


@dataclass(frozen=True)
class PlanOutlook:
    """What open deals known at the as-of may bring in the days of a plan, by who would hold them.

    until: the last day that chances reach. territories, reps: by number and by id (0: vacant), of
    those one sees; a place without deals is missing. total: of the accounts one sees, None where
    nothing is claimed. record: how such chances did before.
    """

    period: Period
    as_of: AsOf
    until: date
    claim: Claim
    record: DealReliability
    territories: Mapping[int, Expected] = field(default_factory=dict)
    reps: Mapping[int, Expected] = field(default_factory=dict)
    total: Expected | None = None

    def of(self, number: int | None, rep_id: int | None) -> Expected | None:
        """Return what is expected of a territory, of a rep, or in all; None: nothing is claimed."""
        if self.total is None:
            return None
        if number is not None:
            return self.territories.get(number, NOTHING)
        return self.total if rep_id is None else self.of_rep(rep_id)

    def of_rep(self, rep_id: int | None) -> Expected | None:
        """Return what is expected of a rep's territories, or of vacant ones; None as of `of`."""
        return None if self.total is None else self.reps.get(rep_id or 0, NOTHING)
