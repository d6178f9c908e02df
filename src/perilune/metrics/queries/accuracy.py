"""How submitted and recorded forecasts of a finished period did (rule 16)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from perilune.forecasting import queries as forecasting
from perilune.forecasting.contracts import By as ForecastBy
from perilune.metrics.contracts import By, Window

if TYPE_CHECKING:
    from perilune.metrics.queries.material import Ask, Material

LEAD = timedelta(days=27)
"""A forecast counts that was made within the first four weeks of its period."""
PREFERRED = ("call", "commit", "most_likely")
"""Which of several submitted figures is taken for the forecast of one person."""


WINDOWS = ("now", "previous", "year")


def read(ask: Ask, material: Material, windows: Iterable[str] = WINDOWS) -> None:
    """Put (forecast, won) pairs of the finished windows into the material, by unit."""
    if ask.by in (By.SEGMENT, By.INDUSTRY):
        return
    for name in windows:
        window = ask.window(name)
        if window.is_over:
            _calls(ask, material, name, window)
            _model(ask, material, name, window)


def _calls(ask: Ask, material: Material, name: str, window: Window) -> None:
    rows = forecasting.submissions(window.period, ask.now.as_of, ask.scope)
    latest = _latest(row for row in rows if row["made_on"] <= window.period.start + LEAD)
    for kind, record_id in latest:
        unit = "total" if kind == "total" else str(record_id)
        if kind == ask.by.value:
            won = _won(material, unit, name)
            material.calls.setdefault((unit, name), []).append((latest[kind, record_id], won))


def _latest(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, int], int]:
    """Return the last figure of each submitter; rows come latest first."""
    found: dict[tuple[str, int], tuple[int, int]] = {}
    for row in rows:
        category = row["category"] or PREFERRED[0]
        if category not in PREFERRED:
            continue
        key = ("total", 0)
        if row["rep_id"] is not None:
            key = ("rep", row["rep_id"])
        elif row["team_id"] is not None:
            key = ("team", row["team_id"])
        rank = PREFERRED.index(category)
        if key not in found or rank < found[key][0]:
            found[key] = (rank, row["amount"])
    return {key: amount for key, (_rank, amount) in found.items()}


def _won(material: Material, unit: str, name: str) -> int:
    return round(material.flow.get((unit, name), {}).get("won_amount") or 0)


def _model(ask: Ask, material: Material, name: str, window: Window) -> None:
    if ask.by is not By.TOTAL:
        return
    runs = forecasting.runs(window.period, ask.scope, until=ask.now.as_of, limit=200)
    for run in runs:
        if run.by is ForecastBy.TOTAL and run.as_of.day <= window.period.start + LEAD:
            middle = run.rows[0].get("p50")
            if middle is not None:
                material.models["total", name] = (middle, _won(material, "total", name))
            return
