"""Reads of the forecast: the range, recorded runs, submitted forecasts, store tables."""

from perilune.forecasting.queries.behind import behind
from perilune.forecasting.queries.bridge import bridge_deals, bridge_for, week_before, week_bridge
from perilune.forecasting.queries.closing import close_of, learnt, standing, steps
from perilune.forecasting.queries.deadlines import terms_of
from perilune.forecasting.queries.departures import (
    departure,
    departure_log,
    departure_problem,
    departures,
    departures_of,
    leavers,
    may_plan_for,
)
from perilune.forecasting.queries.follows import answers, choices_of_takers, follows, forecasts
from perilune.forecasting.queries.foretelling import foretold
from perilune.forecasting.queries.mitigations import closed, helped
from perilune.forecasting.queries.moved import move_for
from perilune.forecasting.queries.open_deals import deal_record, next_weeks, open_deals
from perilune.forecasting.queries.overrides import (
    levels,
    override_history,
    overrides,
    own_unit,
    spoken_for,
    with_overrides,
)
from perilune.forecasting.queries.parting import reports_of, seat_of
from perilune.forecasting.queries.paths import Below, below_path
from perilune.forecasting.queries.preparing import contests, deals_since
from perilune.forecasting.queries.ranges import card, default_cut, range_for
from perilune.forecasting.queries.risks import (
    deal_risks,
    is_watched,
    most_at_stake,
    risks_of,
    top_risks,
)
from perilune.forecasting.queries.rollup import cell_deals, rollup
from perilune.forecasting.queries.runs import latest_run, recompute, run_info, runs
from perilune.forecasting.queries.said import Said, Timely, call_history, timely
from perilune.forecasting.queries.scenarios import scenario_result, scenario_results
from perilune.forecasting.queries.submitted import calls, latest_calls, store_tables, submissions
from perilune.forecasting.queries.targets import targets
from perilune.forecasting.queries.together import together
from perilune.forecasting.queries.track import track_record
from perilune.forecasting.queries.worth import Reader, worth

__all__ = [
    "Below",
    "Reader",
    "Said",
    "Timely",
    "answers",
    "behind",
    "below_path",
    "bridge_deals",
    "bridge_for",
    "call_history",
    "calls",
    "card",
    "cell_deals",
    "choices_of_takers",
    "close_of",
    "closed",
    "contests",
    "deal_record",
    "deal_risks",
    "deals_since",
    "default_cut",
    "departure",
    "departure_log",
    "departure_problem",
    "departures",
    "departures_of",
    "follows",
    "forecasts",
    "foretold",
    "helped",
    "is_watched",
    "latest_calls",
    "latest_run",
    "learnt",
    "leavers",
    "levels",
    "may_plan_for",
    "most_at_stake",
    "move_for",
    "next_weeks",
    "open_deals",
    "override_history",
    "overrides",
    "own_unit",
    "range_for",
    "recompute",
    "reports_of",
    "risks_of",
    "rollup",
    "run_info",
    "runs",
    "scenario_result",
    "scenario_results",
    "seat_of",
    "spoken_for",
    "standing",
    "steps",
    "store_tables",
    "submissions",
    "targets",
    "terms_of",
    "timely",
    "together",
    "top_risks",
    "track_record",
    "week_before",
    "week_bridge",
    "with_overrides",
    "worth",
]
