"""Reads of the forecast: the range, recorded runs, submitted forecasts, store tables."""

from perilune.forecasting.queries.behind import behind
from perilune.forecasting.queries.bridge import bridge_deals, bridge_for, week_before, week_bridge
from perilune.forecasting.queries.ranges import card, default_cut, range_for
from perilune.forecasting.queries.runs import latest_run, recompute, run_info, runs
from perilune.forecasting.queries.submitted import calls, store_tables, submissions
from perilune.forecasting.queries.targets import targets

__all__ = [
    "behind",
    "bridge_deals",
    "bridge_for",
    "calls",
    "card",
    "default_cut",
    "latest_run",
    "range_for",
    "recompute",
    "run_info",
    "runs",
    "store_tables",
    "submissions",
    "targets",
    "week_before",
    "week_bridge",
]
