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
from perilune.metrics.contracts.measures import GROUPS, MEASURES, measure

__all__ = [
    "BY_LABELS",
    "GROUPS",
    "MEASURES",
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
