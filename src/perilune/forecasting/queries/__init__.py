"""Reads of the forecast: the range, recorded runs, submitted forecasts, store tables."""

from perilune.forecasting.queries.behind import behind
from perilune.forecasting.queries.deadlines import terms_of
from perilune.forecasting.queries.overrides import (
    levels,
    override_history,
    overrides,
    spoken_for,
    with_overrides,
)
from perilune.forecasting.queries.ranges import card, default_cut, range_for
from perilune.forecasting.queries.rollup import cell_deals, rollup
from perilune.forecasting.queries.runs import latest_run, recompute, run_info, runs
from perilune.forecasting.queries.submitted import calls, store_tables, submissions
from perilune.forecasting.queries.targets import targets

__all__ = [
    "behind",
    "calls",
    "card",
    "cell_deals",
    "default_cut",
    "latest_run",
    "levels",
    "override_history",
    "overrides",
    "range_for",
    "recompute",
    "rollup",
    "run_info",
    "runs",
    "spoken_for",
    "store_tables",
    "submissions",
    "targets",
    "terms_of",
    "with_overrides",
]
