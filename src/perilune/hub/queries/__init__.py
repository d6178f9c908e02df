"""Reads of the imports: runs, what they did or would do, and what is doubtful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Min

from perilune.crm.contracts import MEANINGS
from perilune.crm.queries import is_seen, whom_to_ask
from perilune.history import queries as history
from perilune.history.contracts import from_us
from perilune.hub.contracts import PROBLEMS, RunState, Severity
from perilune.hub.contracts.lookalikes import LIKE_RECORD
from perilune.hub.engine.events import meaning_of
from perilune.hub.models import Connection, ImportRun, MissingAnswer, RowProblem
from perilune.kernel.errors import NotFound
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS

_NOBODY = Scope("nobody", owners=frozenset())


@dataclass(frozen=True)
class RunInfo:
    """A run as pages and the command line show it. `message` is a msgid with `message_params`.

    syncs: of how many imports of its connection it is the latest and stands for; 0 for itself.
    """

    id: int
    source: str
    title: str
    state: RunState
    actor: str
    as_of: datetime | None
    is_full: bool
    counts: Mapping[str, Mapping[str, int]]
    notices: Sequence[Mapping[str, Any]]
    mappings: Sequence[Mapping[str, Any]]
    tables: Sequence[Mapping[str, Any]]
    total_rows: int
    message: str
    message_params: Mapping[str, Any]
    change_set_id: int | None
    job_id: int | None
    created_at: datetime
    finished_at: datetime | None
    open_problems: int = 0
    guess: Mapping[str, Any] = field(default_factory=dict)
    asked_us: int | None = None
    syncs: int = 0

    def total(self, name: str) -> int:
        """Return a count summed over all kinds of record."""
        return sum(counts.get(name, 0) for counts in self.counts.values())


@dataclass(frozen=True)
class ProblemGroup:
    """Rows that are doubtful in the same way. `first_id` stands for all of them.

    ask: whom to ask of the record that they look like, which the reader does not see; else "".
    """

    first_id: int
    kind: str
    field: str
    column: str
    code: str
    value: str
    suggestion: str
    count: int
    first_line: int
    file: str
    severity: Severity
    message: str
    message_params: Mapping[str, str]
    ask: str = ""


@dataclass(frozen=True)
class ProblemRow:
    """One doubtful or withheld row."""

    id: int
    file: str
    line: int
    kind: str
    key: str
    field: str
    column: str
    code: str
    value: str
    suggestion: str
    record_id: int
    raw: str
    state: str
    severity: Severity
    message: str
    message_params: Mapping[str, str]


def run_info(run_id: int) -> RunInfo:
    """Return one run; NotFound when there is none."""
    run = ImportRun.objects.filter(id=run_id).first()
    if run is None:
        raise NotFound("There is no import %(id)s.", id=run_id)
    return _info(run, RowProblem.objects.filter(run=run, state="open").count())


def runs(limit: int = 50) -> list[RunInfo]:
    """Return the latest runs, newest first."""
    return _infos(list(ImportRun.objects.order_by("-id")[:limit]))


def runs_folded(limit: int = 50) -> list[RunInfo]:
    """Return the latest runs, newest first, those of a connection as its latest one.

    `syncs` of such a one says how many there are: a connection brings many a day.
    """
    names = list(Connection.objects.values_list("name", flat=True))
    rows = ImportRun.objects.order_by("-id")
    found = list(rows.exclude(source__in=names)[:limit])
    counts: dict[int, int] = {}
    for name in names:
        own = rows.filter(source=name)
        latest = own.first()
        if latest is not None:
            found.append(latest)
            counts[latest.id] = own.count()
    infos = _infos(sorted(found, key=lambda run: -run.id)[:limit])
    return [replace(info, syncs=counts.get(info.id, 0)) for info in infos]


def _infos(found: list[ImportRun]) -> list[RunInfo]:
    open_ones = dict(
        RowProblem.objects.filter(run__in=found, state="open")
        .values_list("run")
        .annotate(n=Count("id"))
    )
    return [_info(run, open_ones.get(run.id, 0)) for run in found]


def latest_run() -> RunInfo | None:
    """Return the newest run, or None."""
    found = runs(1)
    return found[0] if found else None


def _info(run: ImportRun, open_problems: int) -> RunInfo:
    return RunInfo(
        id=run.id,
        source=run.source,
        title=run.title,
        state=RunState(run.state),
        actor=run.actor,
        as_of=from_us(run.as_of_us) if run.as_of_us else None,
        is_full=run.is_full,
        counts=run.counts,
        notices=run.notices,
        mappings=run.mappings,
        tables=run.tables,
        total_rows=run.total_rows,
        message=run.message,
        message_params=run.message_params,
        change_set_id=run.change_set_id,
        job_id=run.job_id,
        created_at=run.created_at,
        finished_at=run.finished_at,
        open_problems=open_problems,
        guess=run.guess,
        asked_us=run.asked_us,
    )


def problem_groups(run_id: int, limit: int = 200, *, scope: Scope = _NOBODY) -> list[ProblemGroup]:
    """Return a run's open problems, those alike together, most frequent first.

    Of a record that rows look like and that the reader does not see, it is told whom to ask and
    nothing else (rule 35); without a scope so of each.
    """
    names = ("kind", "field", "column", "code", "value", "suggestion")
    rows = (
        RowProblem.objects.filter(run=run_id, state="open")
        .values(*names)
        .annotate(n=Count("id"), first=Min("id"), line=Min("line"), where=Min("file"))
        .order_by("-n", "kind", "field", "value")[:limit]
    )
    asks = _asks([row["first"] for row in rows if row["code"] == LIKE_RECORD], scope)
    return [
        ProblemGroup(
            first_id=row["first"],
            kind=row["kind"],
            field=row["field"],
            column=row["column"],
            code=row["code"],
            value=row["value"],
            suggestion="" if row["first"] in asks else row["suggestion"],
            count=row["n"],
            first_line=row["line"],
            file=row["where"],
            severity=PROBLEMS[row["code"]][0],
            message=PROBLEMS[row["code"]][1],
            message_params=_params(row["kind"], row["field"], row["value"]),
            ask=asks.get(row["first"], ""),
        )
        for row in rows
    ]


def _asks(ids: Sequence[int], scope: Scope) -> dict[int, str]:
    """Return whom to ask of records that doubts name and a scope does not see, by doubt."""
    found = RowProblem.objects.filter(id__in=ids).values_list("id", "kind", "other_id")
    by_kind: dict[str, dict[int, int]] = {}
    for doubt, kind, other in found:
        by_kind.setdefault(kind, {})[doubt] = other
    asks = {}
    for kind, others in by_kind.items():
        states = history.raw_states(kind, sorted(set(others.values())))
        for doubt, other in others.items():
            state = states.get(other, {})
            if not is_seen(kind, state, scope):
                asks[doubt] = whom_to_ask(kind, state)
    return asks


def problems_like(problem_id: int, limit: int = 200) -> list[ProblemRow]:
    """Return the open problems that are like one, this one first; NotFound when it is not open."""
    first = RowProblem.objects.filter(id=problem_id, state="open").first()
    if first is None:
        raise NotFound("There is no open problem %(id)s.", id=problem_id)
    alike = RowProblem.objects.filter(
        run=first.run_id, state="open", kind=first.kind, field=first.field, code=first.code,
        value=first.value,
    )  # fmt: skip
    return [
        ProblemRow(
            **{name: getattr(row, name) for name in _ROW_FIELDS},
            # what a row looks like is no text to repair it to, nor for every reader's eyes
            suggestion="" if row.code == LIKE_RECORD else row.suggestion,
            severity=PROBLEMS[row.code][0],
            message=PROBLEMS[row.code][1],
            message_params=_params(row.kind, row.field, row.value),
        )
        for row in alike.order_by("id")[:limit]
    ]


_ROW_FIELDS = (
    "id", "file", "line", "kind", "key", "field", "column", "code", "value",
    "record_id", "raw", "state",
)  # fmt: skip


def _params(kind: str, name: str, value: str) -> dict[str, str]:
    target = ""
    if kind in KINDS:
        found = next((f for f in KINDS.get(kind).fields if f.name == name), None)
        target = KINDS.get(found.target).label if found is not None and found.target else ""
    meaning = dict(MEANINGS)[meaning_of(value)] if name == "stage_id" else ""
    return {"value": value, "target": target, "meaning": meaning}


def names_known(kind: str, name: str, most: int = 200) -> list[str]:
    """Return the names that a stage or an owner may be repaired to, stages in their order."""
    found = next((f for f in KINDS.get(kind).fields if f.name == name), None)
    if found is None or found.target not in {"stage", "rep"}:
        return []
    states = list(history.states_as_of(found.target, None).values())
    if found.target == "stage":
        states.sort(key=lambda v: (v.get("pipeline_id") or 0, v.get("position") or 0))
        return list(dict.fromkeys(str(v["name"]) for v in states if v.get("name")))[:most]
    return sorted({str(v["name"]) for v in states if v.get("name")})[:most]


def withheld_count(run_id: int) -> int:
    """Return how many rows of a run were kept out."""
    codes = [code for code, (severity, _m) in PROBLEMS.items() if severity is Severity.WITHHELD]
    return RowProblem.objects.filter(run=run_id, code__in=codes).count()


def missing_records(run_id: int, limit: int = 200) -> list[dict[str, Any]]:
    """Return records that a full file no longer holds, unexplained: kind, key, id, title."""
    rows = list(MissingAnswer.objects.filter(run=run_id, answer="").order_by("kind", "key")[:limit])
    result = []
    for kind in dict.fromkeys(row.kind for row in rows):
        ids = [row.record_id for row in rows if row.kind == kind]
        states = history.states_as_of(kind, ids)
        title = KINDS.get(kind).title_field
        result += [
            {
                "kind": kind,
                "key": row.key,
                "record_id": row.record_id,
                "title": states.get(row.record_id, {}).get(title) or row.key,
            }
            for row in rows
            if row.kind == kind
        ]
    return result


def missing_counts(run_id: int) -> dict[str, int]:
    """Return how many unexplained missing records there are, by kind."""
    rows = MissingAnswer.objects.filter(run=run_id, answer="").values_list("kind")
    return dict(rows.annotate(n=Count("id")))
