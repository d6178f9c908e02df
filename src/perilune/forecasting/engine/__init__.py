"""The forecast range as a Python library: numpy alone, no database, no clock, no chance."""

from perilune.forecasting.engine.history import FOREVER, History, Wins, history_of
from perilune.forecasting.engine.members import COMBINATION, MEMBERS, NAIVE, Ask, ask_all
from perilune.forecasting.engine.outlook import Unit, forecast
from perilune.forecasting.engine.spread import quantile, quantiles
from perilune.forecasting.engine.windows import Calendar, Target, knowledge_days, origins

__all__ = [
    "COMBINATION",
    "FOREVER",
    "MEMBERS",
    "NAIVE",
    "Ask",
    "Calendar",
    "History",
    "Target",
    "Unit",
    "Wins",
    "ask_all",
    "forecast",
    "history_of",
    "knowledge_days",
    "origins",
    "quantile",
    "quantiles",
]
