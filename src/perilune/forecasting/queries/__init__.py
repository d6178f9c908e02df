"""Reads of the forecast: the range, recorded runs, submitted forecasts, store tables."""

from perilune.forecasting.queries.behind import behind
from perilune.forecasting.queries.mitigations import closed, helped
from perilune.forecasting.queries.paths import below_path
from perilune.forecasting.queries.ranges import card, default_cut, range_for
from perilune.forecasting.queries.risks import deal_risks, most_at_stake, risks_of, top_risks
from perilune.forecasting.queries.runs import latest_run, recompute, run_info, runs
from perilune.forecasting.queries.submitted import calls, store_tables, submissions
from perilune.forecasting.queries.targets import targets

__all__ = [
    "behind",
    "below_path",
    "calls",
    "card",
    "closed",
    "deal_risks",
    "default_cut",
    "helped",
    "latest_run",
    "most_at_stake",
    "range_for",
    "recompute",
    "risks_of",
    "run_info",
    "runs",
    "store_tables",
    "submissions",
    "targets",
    "top_risks",
]
