"""Verbs of the forecast: record a run, override, submit, act on risks (`risks`)."""

from perilune.forecasting.service import risks
from perilune.forecasting.service.closing import (
    checks,
    close_approve,
    close_propose,
    close_withdraw,
    period_reopen,
)
from perilune.forecasting.service.departures import (
    departure_as_scenario,
    departure_begin,
    departure_change,
    departure_confirm,
    departure_discard,
    departure_plan_again,
    departure_share,
    departure_take_back,
    departure_tell,
    first_terms,
)
from perilune.forecasting.service.leaving import DEPARTURES_JOB, activate_due
from perilune.forecasting.service.overrides import override, override_withdraw
from perilune.forecasting.service.runs import JOB, JOB_KIND, current_runs, run_record
from perilune.forecasting.service.submissions import (
    DealProblem,
    Due,
    Prepared,
    deadline_set,
    prepare,
    submit,
    withdraw,
)

__all__ = [
    "DEPARTURES_JOB",
    "JOB",
    "JOB_KIND",
    "DealProblem",
    "Due",
    "Prepared",
    "activate_due",
    "checks",
    "close_approve",
    "close_propose",
    "close_withdraw",
    "current_runs",
    "deadline_set",
    "departure_as_scenario",
    "departure_begin",
    "departure_change",
    "departure_confirm",
    "departure_discard",
    "departure_plan_again",
    "departure_share",
    "departure_take_back",
    "departure_tell",
    "first_terms",
    "override",
    "override_withdraw",
    "period_reopen",
    "prepare",
    "risks",
    "run_record",
    "submit",
    "withdraw",
]
