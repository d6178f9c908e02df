"""Reads of metrics: figures of all measures, what stands behind one, the cockpit's lists."""

from perilune.metrics.queries.crediting import credit, has_list
from perilune.metrics.queries.drill import drill_down
from perilune.metrics.queries.figures import (
    UNKNOWN,
    accuracy_of,
    measure_rows,
    measure_with_history,
    quotas_of,
    window_of,
)
from perilune.metrics.queries.lists import (
    activity_load,
    data_health,
    open_by_stage,
    to_repair,
    todays_tasks,
    won_by_month,
)

__all__ = [
    "UNKNOWN",
    "accuracy_of",
    "activity_load",
    "credit",
    "data_health",
    "drill_down",
    "has_list",
    "measure_rows",
    "measure_with_history",
    "open_by_stage",
    "quotas_of",
    "to_repair",
    "todays_tasks",
    "window_of",
    "won_by_month",
]
