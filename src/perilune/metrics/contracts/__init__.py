"""What crosses the border of metrics: measures as data, rows of figures."""

from perilune.metrics.contracts.figures import (
    BY_LABELS,
    Behind,
    By,
    Compared,
    Drill,
    Figure,
    Interval,
    Measure,
    MeasureHistory,
    MeasureRow,
    Note,
    Unit,
    Window,
)
from perilune.metrics.contracts.measures import GROUPS, MEASURES, NO_DEAL_REASONS, measure

__all__ = [
    "BY_LABELS",
    "GROUPS",
    "MEASURES",
    "NO_DEAL_REASONS",
    "Behind",
    "By",
    "Compared",
    "Drill",
    "Figure",
    "Interval",
    "Measure",
    "MeasureHistory",
    "MeasureRow",
    "Note",
    "Unit",
    "Window",
    "measure",
]
