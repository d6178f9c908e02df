"""Verbs of the forecast: record a run, submit a forecast."""

from perilune.forecasting.service.overrides import override, override_withdraw
from perilune.forecasting.service.runs import JOB, JOB_KIND, current_runs, run_record
from perilune.forecasting.service.submissions import submit, withdraw

__all__ = [
    "JOB",
    "JOB_KIND",
    "current_runs",
    "override",
    "override_withdraw",
    "run_record",
    "submit",
    "withdraw",
]
