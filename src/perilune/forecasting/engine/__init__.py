"""The forecast range as a Python library: arrays in, frozen results out; no database, no clock."""

from perilune.forecasting.engine.history import FOREVER, History, Wins, history_of
from perilune.forecasting.engine.members import COMBINATION, COMBINED, MEMBERS, NAIVE, SIMULATION
from perilune.forecasting.engine.panel import Simulated, Unit
from perilune.forecasting.engine.rows import NO_HISTORY
from perilune.forecasting.engine.sampling import Lots, Seats
from perilune.forecasting.engine.simulation import PATHS, Draw, simulate
from perilune.forecasting.engine.tree import Answer, Question, forecast
from perilune.forecasting.engine.windows import Calendar, Target, knowledge_days, origins

__all__ = [
    "COMBINATION",
    "COMBINED",
    "FOREVER",
    "MEMBERS",
    "NAIVE",
    "NO_HISTORY",
    "PATHS",
    "SIMULATION",
    "Answer",
    "Calendar",
    "Draw",
    "History",
    "Lots",
    "Question",
    "Seats",
    "Simulated",
    "Target",
    "Unit",
    "Wins",
    "forecast",
    "history_of",
    "knowledge_days",
    "origins",
    "simulate",
]
