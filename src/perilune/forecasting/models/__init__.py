"""The records of `forecasting`."""

from perilune.forecasting.models.closing import PeriodStep
from perilune.forecasting.models.departures import PlannedDeparture
from perilune.forecasting.models.mitigations import Mitigation
from perilune.forecasting.models.overrides import Adjustment
from perilune.forecasting.models.runs import ForecastRun
from perilune.forecasting.models.submissions import Contest, Deadline, Submission

__all__ = [
    "Adjustment",
    "Contest",
    "Deadline",
    "ForecastRun",
    "Mitigation",
    "PeriodStep",
    "PlannedDeparture",
    "Submission",
]
