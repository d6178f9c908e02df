"""Typing avoided: which fields a machine filled, by month, team and cause, and what that saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from perilune.history import queries as history
from perilune.history.contracts import from_us
from perilune.history.queries import Written
from perilune.hub.contracts.typing import (
    COUNTED,
    NEVER,
    Cause,
    Seconds,
    TypingLine,
    TypingReport,
)
from perilune.hub.engine.typing import gaps, seconds_by_type
from perilune.hub.models import RepairState
from perilune.kernel.asof import AsOf, end_of_day
from perilune.kernel.kinds import FieldType
from perilune.kernel.memo import remember
from perilune.kernel.wiring import KINDS
from perilune.people.queries import assignments_as_of, company, teams_as_of

_LOCAL = "local"
_CAUSES = {
    ("import", False): Cause.IMPORT, ("repair", True): Cause.REPAIR,
    ("enrichment", False): Cause.ENRICHMENT, ("implied", True): Cause.IMPLIED,
}  # fmt: skip
"""(purpose, whether it was written here): what filled the fields of a set."""
Sets = list[tuple[int, str, str, str, int]]


class Spared(NamedTuple):
    """One field of a record that nobody had to type. owner: who holds the record today."""

    day: date
    cause: Cause
    kind: str
    field: str
    owner: int | None
    seconds: float


def typing_avoided(as_of: AsOf) -> TypingReport:
    """Return the fields that a machine filled in the twelve months up to an as-of."""
    return remember(f"typing avoided {as_of.at.isoformat()}", lambda: _report(as_of))


def spared(first: date, last: date, as_of: AsOf) -> list[Spared]:
    """Return the fields that a machine filled between two days, as known at an as-of."""
    since = first.replace(day=1)
    key = f"typing spared {since.isoformat()} {as_of.at.isoformat()}"
    found = remember(key, lambda: _spared(since, as_of))
    return [one for one in found if first <= one.day <= last]


def spared_sql(first: date, last: date) -> str:
    """Return how the history is asked for what machines wrote between two days."""
    zone = company().zone
    since = datetime(first.year, first.month, 1, tzinfo=zone)
    purposes = sorted({purpose for purpose, _is_local in _CAUSES})
    return history.written_sql(since, end_of_day(last, zone), purposes, COUNTED)


def is_known(as_of: AsOf) -> bool:
    """Tell whether anything was written here by then: before, what was typed is unknown."""
    first = remember("first recorded", history.first_recorded)
    return first is not None and first <= as_of.at


def told_seconds() -> dict[str, float]:
    """Return the seconds that the company has set, by type of field."""
    found = RepairState.objects.filter(id=1).values_list("seconds", flat=True).first()
    return dict(found or {})


def _report(as_of: AsOf) -> TypingReport:
    first = _first(as_of)
    teams = _teams_of_reps(as_of)
    counts: defaultdict[tuple[date, str, Cause, str, str], int] = defaultdict(int)
    seconds: defaultdict[tuple[date, str, Cause, str, str], float] = defaultdict(float)
    for one in spared(first, as_of.day, as_of):
        team = "" if one.owner is None else teams.get(one.owner, "")
        key = (one.day.replace(day=1), team, one.cause, one.kind, one.field)
        counts[key] += 1
        seconds[key] += one.seconds
    lines = [TypingLine(*key, count, seconds[key]) for key, count in sorted(counts.items())]
    until = as_of.at.astimezone(company().zone).date()
    return TypingReport(tuple(lines), _by_type(as_of), first, until)


def _first(as_of: AsOf) -> date:
    """Return the first day of the month of a year ago."""
    return _day(as_of.at - timedelta(days=365)).replace(day=1)


def _day(at: datetime) -> date:
    return at.astimezone(company().zone).date()


def _sets(since: date, as_of: AsOf) -> Sets:
    begin = datetime(since.year, since.month, 1, tzinfo=company().zone)
    return history.sets_recorded(begin, as_of.at)


def _types() -> dict[str, dict[str, FieldType]]:
    return {kind: {one.name: one.type for one in history.all_fields(kind)} for kind in COUNTED}


def _by_type(as_of: AsOf) -> dict[FieldType, Seconds]:
    """Return the seconds of each type of field, from what people typed in the last year."""

    def asked() -> dict[FieldType, Seconds]:
        sets = _sets(_first(as_of), as_of)
        return seconds_by_type(told_seconds(), gaps(_edits(sets, _types())))

    return remember(f"typing seconds {as_of.at.isoformat()}", asked)


def _spared(since: date, as_of: AsOf) -> list[Spared]:
    types, by_type, owners = _types(), _by_type(as_of), _Owners()
    return [
        Spared(
            day, cause, kind, field, owners.of(kind, record_id),
            by_type[types[kind][field]].seconds,
        )
        for day, cause, kind, record_id, field in _filled(_sets(since, as_of), types)
    ]  # fmt: skip


def _filled(
    sets: Sets, types: dict[str, dict[str, FieldType]]
) -> Iterator[tuple[date, Cause, str, int, str]]:
    """Give each field of a record once a month: by its last value, if a machine wrote it."""
    causes = {
        set_id: (cause, _day(from_us(us)))
        for set_id, source, purpose, _actor, us in sets
        if (cause := _CAUSES.get((purpose, source == _LOCAL))) is not None
    }
    last: dict[tuple[date, str, int, str], tuple[date, Cause]] = {}
    for row in _rows(causes):
        cause, day = causes[row.set_id]
        for field, value in row.values.items():
            if field not in types[row.kind] or field in NEVER:
                continue
            key = (day.replace(day=1), row.kind, row.record_id, field)
            if value is None:
                last.pop(key, None)
            else:
                last[key] = (day, cause)
    for (_month, kind, record_id, field), (day, cause) in last.items():
        yield day, cause, kind, record_id, field


def _rows(causes: Mapping[int, tuple[Cause, date]]) -> Iterator[Written]:
    """Give what sets wrote in order, the first load of each source left out, unread."""
    firsts: defaultdict[int, set[str]] = defaultdict(set)
    for set_id, kind in history.first_loads(COUNTED) if causes else ():
        if set_id in causes and causes[set_id][0] is Cause.IMPORT:
            firsts[set_id].add(kind)
    for is_first, some in groupby(sorted(causes), key=lambda one: one in firsts):
        if not is_first:
            yield from history.written_in(list(some), COUNTED)
            continue
        for set_id in some:
            kinds = [kind for kind in COUNTED if kind not in firsts[set_id]]
            yield from history.written_in([set_id], kinds)


def _edits(
    sets: Sets, types: dict[str, dict[str, FieldType]]
) -> Iterator[tuple[str, int, FieldType]]:
    """Give the edits of one field that people made here, in the order of writing."""
    mine = {
        set_id: (actor, us)
        for set_id, source, purpose, actor, us in sets
        if source == _LOCAL and purpose == "edit"
    }
    rows: defaultdict[int, list[Any]] = defaultdict(list)
    for row in history.written_in(sorted(mine), COUNTED):
        rows[row.set_id].append(row)
    for set_id in sorted(rows):
        written = rows[set_id]
        if len(written) == 1 and len(written[0].values) == 1:
            (field,) = written[0].values
            if field in types[written[0].kind]:
                yield (*mine[set_id], types[written[0].kind][field])


def _teams_of_reps(as_of: AsOf) -> dict[int, str]:
    """Return the name of the team that each rep is in on the day."""
    named = {number: str(state["name"] or "") for number, state in teams_as_of(as_of).items()}
    day, found = as_of.day, dict[int, str]()
    for one in assignments_as_of(as_of):
        is_there = (one.since is None or one.since <= day) and (
            one.until is None or day <= one.until
        )
        if is_there and one.team_id is not None:
            found.setdefault(one.rep_id, named.get(one.team_id, ""))
    return found


class _Owners:
    """Who holds a record today."""

    def __init__(self) -> None:
        self.owners: dict[str, dict[int, int | None]] = {}

    def of(self, kind: str, record_id: int) -> int | None:
        """Return the rep, None for nobody."""
        if kind not in self.owners:
            model: Any = history.model_of(KINDS.get(kind))
            self.owners[kind] = dict(model._default_manager.values_list("id", "owner_id"))
        return self.owners[kind].get(record_id)
