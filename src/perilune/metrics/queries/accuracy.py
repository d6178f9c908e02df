"""How submitted and recorded forecasts of a finished period did (rule 16)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from perilune.forecasting import queries as forecasting
from perilune.kernel.scope import Scope
from perilune.metrics.contracts import By, Window
from perilune.metrics.queries.sight import subjects, whole

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
    rows = forecasting.submissions(window.period, ask.now.as_of, whole(ask.scope))
    latest = _latest(row for row in rows if row["made_on"] <= window.period.start + LEAD)
    for unit in _units(ask, latest):
        whose = subjects(ask.scope, ask.by, unit)
        one = ("total", 0) if whose == [] else whose[0] if whose and len(whose) == 1 else None
        if one in latest:
            pair = (latest[one], _won(material, unit, name))
            material.calls.setdefault((unit, name), []).append(pair)


def _units(ask: Ask, latest: Iterable[tuple[str, int]]) -> list[str]:
    if ask.by is By.TOTAL:
        return ["total"]
    kind = "rep" if ask.by is By.REP else "team"
    return [str(record_id) for whose, record_id in latest if whose == kind]


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
    """Take the middle of the last company-wide run that speaks of each unit."""
    runs = forecasting.runs(window.period, Scope.company(), until=ask.now.as_of, limit=200)
    early = [run for run in runs if run.as_of.day <= window.period.start + LEAD]
    latest: dict[str, Any] = {}
    for run in early:
        for row in run.rows:
            if row["unit"].startswith(run.by.value):
                latest.setdefault(row["unit"], row.get("p50"))
    for unit in ["total"] if ask.by is By.TOTAL else _said_of(ask, material, latest):
        middle = latest.get(_named(ask, material, unit))
        if middle is not None:
            material.models[unit, name] = (middle, _won(material, unit, name))


def _said_of(ask: Ask, material: Material, latest: Iterable[str]) -> list[str]:
    known = {each.partition(":")[2] for each in latest if ":" in each}
    return [unit for unit in known if _named(ask, material, unit) in latest]


def _named(ask: Ask, material: Material, unit: str) -> str:
    """Return how a run names the unit: a team without one above is a region, whole as it is."""
    whose = subjects(ask.scope, ask.by, unit)
    if whose == []:
        return "total"
    if whose is None or len(whose) != 1:
        return ""
    kind, record_id = whose[0]
    if kind == "team" and material.parents.get(record_id) is None:
        kind = "region"
    elif kind == "team" and record_id in material.parents.values():
        return ""  # runs tell of a team in the middle without those below it
    return f"{kind}:{record_id}"
