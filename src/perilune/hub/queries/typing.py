"""Typing avoided: which fields a machine filled, by month, team and cause, and what that saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from perilune.history import queries as history
from perilune.history.contracts import from_us
from perilune.hub.contracts.typing import (
    COUNTED,
    NEVER,
    Cause,
    TypingLine,
    TypingReport,
)
from perilune.hub.engine.typing import gaps, seconds_by_type
from perilune.hub.models import RepairState
from perilune.kernel.asof import AsOf
from perilune.kernel.kinds import FieldType
from perilune.kernel.memo import remember
from perilune.kernel.wiring import KINDS
from perilune.people.queries import assignments_as_of, company, teams_as_of

MONTHS = 12
_LOCAL = "local"
_CAUSES = {
    ("import", False): Cause.IMPORT, ("repair", True): Cause.REPAIR,
    ("enrichment", False): Cause.ENRICHMENT, ("implied", True): Cause.IMPLIED,
}  # fmt: skip
"""(purpose, whether it was written here): what filled the fields of a set."""
Sets = list[tuple[int, str, str, str, int]]


def typing_avoided(as_of: AsOf) -> TypingReport:
    """Return the fields that a machine filled in the twelve months up to an as-of."""
    return remember(f"typing avoided {as_of.at.isoformat()}", lambda: _report(as_of))


def told_seconds() -> dict[str, float]:
    """Return the seconds that the company has set, by type of field."""
    found = RepairState.objects.filter(id=1).values_list("seconds", flat=True).first()
    return dict(found or {})


def _report(as_of: AsOf) -> TypingReport:
    until = as_of.at
    first = _month(until - timedelta(days=365)).replace(day=1)
    since = datetime(first.year, first.month, 1, tzinfo=company().zone)
    sets = history.sets_recorded(since, until)
    types = {kind: {one.name: one.type for one in history.all_fields(kind)} for kind in COUNTED}
    by_type = seconds_by_type(told_seconds(), gaps(_edits(sets, types)))
    teams = _Teams(as_of)
    counts: defaultdict[tuple[date, str, Cause, str, str], int] = defaultdict(int)
    for month, cause, kind, record_id, field in _filled(sets, types):
        counts[month, teams.of(kind, record_id), cause, kind, field] += 1
    lines = [
        TypingLine(*key, count, count * by_type[types[key[3]][key[4]]].seconds)
        for key, count in sorted(counts.items())
    ]
    return TypingReport(tuple(lines), by_type, first, until.astimezone(company().zone).date())


def _month(at: datetime) -> date:
    return at.astimezone(company().zone).date().replace(day=1)


def _filled(
    sets: Sets, types: dict[str, dict[str, FieldType]]
) -> Iterator[tuple[date, Cause, str, int, str]]:
    """Give each field of a record once a month: by its last value, if a machine wrote it."""
    causes = {
        set_id: (_CAUSES.get((purpose, source == _LOCAL)), _month(from_us(us)))
        for set_id, source, purpose, _actor, us in sets
    }
    firsts = history.first_loads(COUNTED)
    last: dict[tuple[date, str, int, str], Cause] = {}
    wanted = [set_id for set_id, (cause, _at) in causes.items() if cause is not None]
    for row in history.written_in(wanted, COUNTED):
        cause, month = causes[row.set_id]
        if cause is None or (cause is Cause.IMPORT and (row.set_id, row.kind) in firsts):
            continue
        for field, value in row.values.items():
            if field not in types[row.kind] or field in NEVER:
                continue
            key = (month, row.kind, row.record_id, field)
            if value is None:
                last.pop(key, None)
            else:
                last[key] = cause
    for (month, kind, record_id, field), cause in last.items():
        yield month, cause, kind, record_id, field


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


class _Teams:
    """The team of a record: that of who owns it today."""

    def __init__(self, as_of: AsOf) -> None:
        named = {number: str(state["name"] or "") for number, state in teams_as_of(as_of).items()}
        day = as_of.day
        self.of_rep: dict[int, str] = {}
        for one in assignments_as_of(as_of):
            is_there = (one.since is None or one.since <= day) and (
                one.until is None or day <= one.until
            )
            if is_there and one.team_id is not None:
                self.of_rep.setdefault(one.rep_id, named.get(one.team_id, ""))
        self.owners: dict[str, dict[int, int | None]] = {}

    def of(self, kind: str, record_id: int) -> str:
        """Return the name of a record's team, empty for none."""
        if kind not in self.owners:
            model: Any = history.model_of(KINDS.get(kind))
            self.owners[kind] = dict(model._default_manager.values_list("id", "owner_id"))
        owner = self.owners[kind].get(record_id)
        return self.of_rep.get(owner, "") if owner is not None else ""
