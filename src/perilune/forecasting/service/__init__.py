"""Verbs of the forecast: record a run, submit a forecast, act on risks (`risks`)."""

from perilune.forecasting.service import risks
from perilune.forecasting.service.runs import JOB, JOB_KIND, current_runs, run_record
from perilune.forecasting.service.submissions import submit, withdraw

__all__ = ["JOB", "JOB_KIND", "current_runs", "risks", "run_record", "submit", "withdraw"]
