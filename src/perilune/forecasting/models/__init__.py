"""The records of `forecasting`."""

from perilune.forecasting.models.mitigations import Mitigation
from perilune.forecasting.models.runs import ForecastRun
from perilune.forecasting.models.submissions import Submission

__all__ = ["ForecastRun", "Mitigation", "Submission"]
