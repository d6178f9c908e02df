"""What crosses the border of metrics: measures as data, rows of figures, the bridge."""

from perilune.metrics.contracts.figures import (
    BY_LABELS,
    STEP_LABELS,
    Bridge,
    BridgeStep,
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
    "STEP_LABELS",
    "Bridge",
    "BridgeStep",
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
