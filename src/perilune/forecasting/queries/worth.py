"""What calls and overrides of a finished period were worth, as far as a reader may know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from perilune.forecasting.contracts import (
    Category,
    Measured,
    Pool,
    Reliability,
    Rollup,
    RunInfo,
    UnitKey,
    View,
    Worth,
)
from perilune.forecasting.engine import worth as engine
from perilune.forecasting.queries.hierarchy import organisation
from perilune.forecasting.queries.overrides import overrides, spoken_for
from perilune.forecasting.queries.preparing import contests
from perilune.forecasting.queries.runs import runs
from perilune.forecasting.queries.said import call_history
from perilune.history.contracts import CREATION
from perilune.history.queries import timeline
from perilune.kernel.asof import end_of_day
from perilune.kernel.scope import Scope
from perilune.people.contracts import SMALLEST_GROUP_PERSONAL
from perilune.people.queries import company
from perilune.store import queries as store

WEEKS = (1, 4, 8)
NAIVE = ("quarter_back", "last_window")
"""The naive members of a run, the first that gave a figure."""
NOBODY = 0
"""Stands for an author who is no rep."""


@dataclass(frozen=True)
class Reader:
    """Who reads: their rep, and the reps whose personal measures may be named."""

    rep_id: int | None
    named: frozenset[int]

    def may_name(self, people: frozenset[int]) -> bool:
        """Tell whether a figure of these people may be shown with its name."""
        return people <= self.named


def worth(rolled: Rollup, reader: Reader, scope: Scope) -> Worth:
    """Return what the calls and overrides of a period were worth, of the units of a roll-up."""
    measured = [*_calls(rolled), *_overrides(rolled)]
    named = [one for one in measured if reader.may_name(one.people)]
    pools, withheld = [], []
    for kind in ("rep", "team", "override"):
        others = [one for one in measured if _kind(one) == kind and not reader.may_name(one.people)]
        if not others:
            continue
        pooled = engine.pool(others)
        if pooled.people >= SMALLEST_GROUP_PERSONAL:
            pools.append((kind, pooled))
        else:
            withheld.append(kind)
    return Worth(
        named=tuple(sorted(named, key=lambda one: (one.unit, one.made_on))),
        pools=tuple[tuple[str, Pool], ...](pools),
        withheld=tuple(withheld),
        reliability=tuple(_reliability(rolled, reader, scope)),
        **_contests(rolled, reader, scope),
    )


def _kind(one: Measured) -> str:
    return one.kind if one.kind == "override" else one.unit[0]


# -- calls -----------------------------------------------------------------------------------------


def _calls(rolled: Rollup) -> Iterator[Measured]:
    """Give the calls, of a unit without any the commits, with the run of their day."""
    said = call_history(rolled)
    called = {one.unit for one in said if one.category == "call"}
    machine, actual, people = _Machine(rolled), _actual(rolled), _people(rolled)
    for one in said:
        wanted = "call" if one.unit in called else "commit"
        if one.category != wanted or actual.get(one.unit) is None:
            continue
        model, naive = machine.said(one.unit, one.made_on)
        yield Measured(
            unit=one.unit,
            people=people[one.unit],
            kind="call",
            category=one.category,
            made_on=one.made_on,
            author=one.author,
            said=one.amount,
            actual=actual[one.unit],
            computed=one.suggested,
            model=model,
            naive=naive,
        )


def _actual(rolled: Rollup) -> dict[UnitKey, int]:
    """Return what each unit won: of record where the period is closed."""
    found: dict[UnitKey, int] = {}
    for row in rolled.rows:
        unit = spoken_for(row.node, rolled)
        if unit is not None and row.closed is not None:
            found[unit] = row.closed if unit[0] != "rep" else found.get(unit, 0) + row.closed
    return found


def _people(rolled: Rollup) -> dict[UnitKey, frozenset[int]]:
    """Return whose personal measure the figures of a unit are; the company's own are nobody's."""
    found = organisation(rolled.as_of, min(rolled.period.end, rolled.as_of.day))
    units = [spoken_for(row.node, rolled) for row in rolled.rows]
    return {unit: frozenset(found.people_of(unit)) for unit in units if unit is not None}


class _Machine:
    """What the runs on record of a period said, by day and unit."""

    def __init__(self, rolled: Rollup) -> None:
        self._said: dict[tuple[date, str], Mapping[str, Any]] = {}
        # the runs of the whole company; only figures of units that the reader sees are taken
        for run in runs(rolled.period, Scope.company(), until=rolled.as_of, limit=1_000):
            self._keep(run)

    def _keep(self, run: RunInfo) -> None:
        for row in run.rows:
            self._said.setdefault((run.as_of.day, row["unit"]), row)

    def said(self, unit: UnitKey, day: date) -> tuple[int | None, int | None]:
        """Return the middle of the range and the naive forecast of a unit on a day."""
        name = "total" if unit[0] == "total" else f"{unit[0]}:{unit[1]}"
        row = self._said.get((day, name))
        return (None, None) if row is None else (row["p50"], _naive(row))


def _naive(row: Mapping[str, Any]) -> int | None:
    members = {member["name"]: member["remainder"] for member in row["members"]}
    for name in NAIVE:
        if members.get(name) is not None and row["won_to_date"] is not None:
            return int(row["won_to_date"] + members[name])
    return None


# -- overrides -------------------------------------------------------------------------------------


def _overrides(rolled: Rollup) -> Iterator[Measured]:
    """Give every cumulative figure that was ever put beside a computed one, as often as said."""
    machine, actual = _Machine(rolled), _actual(rolled)
    for (cell, _level), one in overrides(rolled.period, rolled.as_of).items():
        if cell.view is not View.CUMULATIVE or actual.get(cell.unit) is None:
            continue
        for state in _sayings(one.id):
            day = state["made_on"]
            model, naive = machine.said(cell.unit, day)
            yield Measured(
                unit=cell.unit,
                people=frozenset({state.get("author_rep_id") or NOBODY}),
                kind="override",
                category=cell.category.value,
                made_on=day,
                author=state.get("author") or "",
                said=state["amount"],
                actual=actual[cell.unit],
                computed=state.get("computed"),
                model=model,
                naive=naive,
            )


def _sayings(override_id: int) -> list[dict[str, Any]]:
    """Return the values of an override after each change set that touched it."""
    by_set: dict[int, dict[str, Any]] = defaultdict(dict)
    for event in reversed(timeline("adjustment", override_id)):
        values = event.new if event.field == CREATION else {event.field: event.new}
        by_set[event.change_set_id].update(values)
    state: dict[str, Any] = {}
    found = []
    for values in by_set.values():
        state = state | values
        if "amount" in values:
            found.append(state)
    return found


# -- reliability and contests ----------------------------------------------------------------------


def _reliability(rolled: Rollup, reader: Reader, scope: Scope) -> Iterator[Reliability]:
    """Give the reliability of commit at weeks 1, 4, 8: of who may be named, and of the others."""
    period = rolled.period
    for week in WEEKS:
        day = period.start + timedelta(days=7 * week - 1)
        if day >= period.end:
            break
        params = {
            "starts": period.start,
            "ends": period.end,
            "then_at": end_of_day(day, company().zone),
            "then_day": day,
            "categories": [Category.COMMIT.value],
        }
        found = store.run("forecasting.conversion", params, scope=scope, as_of=rolled.as_of)
        rows = [row for row in found.dicts() if row["rep_id"] is not None]
        for row in rows:
            if row["rep_id"] in reader.named:
                yield Reliability(
                    row["rep_id"], 1, week, int(row["open_value"]), int(row["won_value"])
                )
        others = [row for row in rows if row["rep_id"] not in reader.named]
        if len(others) >= SMALLEST_GROUP_PERSONAL:
            sums = (sum(int(row[name]) for row in others) for name in ("open_value", "won_value"))
            yield Reliability(None, len(others), week, *sums)


def _contests(rolled: Rollup, reader: Reader, scope: Scope) -> dict[str, Any]:
    if scope.aggregates_only:
        return {"own_contests": None, "all_contests": None}
    cases = [
        (
            row["rep_id"] or NOBODY,
            row["shown"],
            row["says"],
            row["meaning"] == "won"
            and row["close_date"] is not None
            and row["close_date"] in rolled.period,
        )
        for row in contests(rolled.period, rolled.as_of, scope)
        if row["shown"] is not None
    ]
    own = engine.brier([case for case in cases if case[0] == reader.rep_id])
    others = engine.brier([case for case in cases if case[0] != reader.rep_id])
    is_group = others is not None and others.people >= SMALLEST_GROUP_PERSONAL
    return {"own_contests": own, "all_contests": others if is_group else None}
