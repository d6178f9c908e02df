"""Answers as JSON: what the command line prints and the API gives is one document."""

from perilune.forecasting.queries.documents.backtests import backtest_document
from perilune.forecasting.queries.documents.bridge import bridge_deal_document, bridge_document
from perilune.forecasting.queries.documents.departures import departure_document
from perilune.forecasting.queries.documents.moved import move_document
from perilune.forecasting.queries.documents.ranges import as_document, deals_document, run_document
from perilune.forecasting.queries.documents.risks import risks_document
from perilune.forecasting.queries.documents.scenarios import scenario_document, together_document
from perilune.forecasting.queries.documents.shared import money_text

__all__ = [
    "as_document",
    "backtest_document",
    "bridge_deal_document",
    "bridge_document",
    "deals_document",
    "departure_document",
    "money_text",
    "move_document",
    "risks_document",
    "run_document",
    "scenario_document",
    "together_document",
]
