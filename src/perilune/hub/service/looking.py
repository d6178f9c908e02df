"""Looking for duplicates among the records of a home: what is to be judged is kept."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from django.db import transaction

from perilune.history import queries as history
from perilune.history.contracts import from_us
from perilune.hub.contracts.duplicates import (
    Field,
    Label,
    Options,
    Part,
    Quality,
    Tell,
    Thresholds,
)
from perilune.hub.contracts.review import COMPARED, PERSONS
from perilune.hub.engine import persons
from perilune.hub.engine.matching.finding import Found, find
from perilune.hub.models import (
    DuplicateAnswer,
    DuplicateGroup,
    DuplicatePair,
    DuplicateSearch,
)
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS, JobKind, StepResult

MOST_IN_JOB = 200_000
"""Records that one step of a job can look through; more take the command line."""
QUESTIONS = 20
"""Pairs that a search picks to be asked, for what their answer teaches."""
KEPT_QUESTIONS = 200
"""Doubtful pairs kept for judging beyond those."""
LEAST_ASKED = 0.01
"""Less probable pairs are not worth a person's time."""


# -- searching -------------------------------------------------------------------------------------


def search(
    kind: str, *, actor: str, thresholds: Thresholds | None = None, tell: Tell | None = None,
    search_id: int | None = None,
) -> int:  # fmt: skip
    """Look through all records of a kind and keep what is to be judged; return the search's id.

    Accounts by a model that people's earlier answers teach, on the values they were given on;
    persons by rule. Invalid for a kind that is not compared and for fewer than two records.
    """
    _require_kind(kind)
    thresholds = thresholds or Thresholds()
    started = time.perf_counter()
    look = _look_by_rule if kind in PERSONS else _look_by_model
    seen = look(kind, thresholds, tell)
    row = DuplicateSearch.objects.filter(id=search_id or 0).first() or DuplicateSearch(kind=kind)
    with transaction.atomic():
        row.actor, row.merge, row.different = actor, thresholds.merge, thresholds.different
        row.records, row.candidates, row.fields = seen.records, seen.candidates, seen.fields
        row.quality = seen.quality
        row.seconds = round(time.perf_counter() - started, 2)
        row.finished_at = datetime.now(UTC)
        row.save()
        for one in seen.groups:
            _write(row, one)
        DuplicateSearch.objects.filter(kind=kind).exclude(id=row.id).delete()
    return row.id


@dataclass(frozen=True)
class _Pair:
    left: int
    right: int
    probability: float
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class _Group:
    ids: tuple[int, ...]
    weakest: float | None
    rule: str = ""
    pairs: tuple[_Pair, ...] = ()
    is_question: bool = False


@dataclass(frozen=True)
class _Seen:
    records: int
    candidates: int
    fields: list[str]
    quality: dict[str, Any] | None
    groups: list[_Group]


def _look_by_rule(kind: str, _thresholds: Thresholds, _tell: Tell | None) -> _Seen:
    states = history.states_as_of(kind, None)
    company = PERSONS[kind]
    found = persons.groups(
        persons.Person(
            record_id, str(state["name"] or ""), str(state["email"] or ""),
            str(state["phone"] or ""), str(state[company] or ""),
        )
        for record_id, state in states.items()
    )  # fmt: skip
    apart = set(
        DuplicateAnswer.objects.filter(kind=kind, is_same=False).values_list("left_id", "right_id")
    )
    groups = [
        _Group(ids, None, rule)
        for ids, rule in found
        if any(pair not in apart for pair in combinations(ids, 2))
    ]
    return _Seen(len(states), 0, ["name", "email", "phone", company], None, groups)


def _look_by_model(kind: str, thresholds: Thresholds, tell: Tell | None) -> _Seen:
    table = _Table.read(kind)
    if len(table.ids) < 2:
        raise Invalid(_("There are fewer than two records to compare."))
    columns = [Field(names[0], role) for role, names in COMPARED[kind]]
    filled = [at for at, cells in enumerate(table.cells) if any(cells)]
    found = find(
        table.keys, [columns[at] for at in filled], [table.cells[at] for at in filled],
        labels=table.labels, options=Options(thresholds, ask=QUESTIONS), tell=tell,
    )  # fmt: skip
    return _Seen(
        len(table.ids), found.candidates, [columns[at].column for at in filled],
        _quality(found.quality), _groups(table, found),
    )  # fmt: skip


def search_start(kind: str, *, actor: str, thresholds: Thresholds | None = None) -> int:
    """Look for duplicates in a job; return its id. Invalid where there are too many for a job."""
    from perilune.jobs import service as jobs

    _require_kind(kind)
    thresholds = thresholds or Thresholds()
    if thresholds.different > thresholds.merge:
        raise Invalid(_("“Different” lies above “merge”."))
    row = DuplicateSearch.objects.create(
        kind=kind, actor=actor, merge=thresholds.merge, different=thresholds.different
    )
    job_id = jobs.start(SEARCH.name, {"search": row.id}, actor=actor)
    DuplicateSearch.objects.filter(id=row.id).update(job_id=job_id)
    return job_id


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Look through all records. params: search (id)."""
    row = DuplicateSearch.objects.filter(id=int(params["search"])).first()
    if row is None:
        raise NotFound(_("This search was replaced by a later one."))
    count = history.model_of(KINDS.get(row.kind))._default_manager.count()
    if count > MOST_IN_JOB:
        raise Invalid(
            _("%(count)s records are too many for a job: run perilune duplicates search %(kind)s."),
            count=count, kind=row.kind,
        )  # fmt: skip
    search(
        row.kind, actor=row.actor, thresholds=Thresholds(row.merge, row.different), search_id=row.id
    )
    return StepResult({}, is_done=True, done=count, total=count, result={"search": row.id})


def _cancelled(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> None:
    DuplicateSearch.objects.filter(id=int(params["search"]), finished_at=None).delete()


SEARCH = JobKind("duplicates.search", _("Look for duplicates"), _step, _cancelled)


def _require_kind(kind: str) -> None:
    if kind not in COMPARED and kind not in PERSONS:
        raise Invalid(_("Records of this kind are not compared."))


def _quality(quality: Quality | None) -> dict[str, Any] | None:
    if quality is None:
        return None
    return {
        "precision": astuple(quality.precision),
        "recall": astuple(quality.recall),
        "labels": quality.labels,
    }


@dataclass
class _Table:
    """The rows that are compared: records as they stand, then those that people judged, as then."""

    ids: list[int]
    keys: list[str]
    cells: list[list[str]]
    labels: list[Label] = field(default_factory=list)

    @classmethod
    def read(cls, kind: str) -> _Table:
        _require_kind(kind)
        states = history.states_as_of(kind, None)
        table = cls([], [], [[] for _role in COMPARED[kind]])
        for record_id, state in states.items():
            table.ids.append(record_id)
            table._add(kind, str(record_id), state)
        table._learn(kind)
        return table

    def _add(self, kind: str, key: str, state: Mapping[str, Any]) -> int:
        self.keys.append(key)
        for cells, (_role, fields) in zip(self.cells, COMPARED[kind], strict=True):
            cells.append(_cell(state, fields))
        return len(self.keys) - 1

    def _learn(self, kind: str) -> None:
        """Take people's answers: on records as they stand where they did not change since."""
        at = {record_id: row for row, record_id in enumerate(self.ids)}
        answers = DuplicateAnswer.objects.filter(kind=kind).order_by("id")
        for answer in answers:
            ends = (answer.left_id, answer.right_id)
            then = history.states_as_of(kind, ends, from_us(answer.known_us - 1))
            rows = [
                self._row(kind, f"{end}@{answer.id}", then[end], at.get(end))
                for end in ends
                if end in then
            ]
            if len(rows) == 2 and rows[0] != rows[1]:
                left, right = sorted(rows)
                self.labels.append(Label(left, right, answer.is_same))

    def _row(
        self, kind: str, key: str, state: Mapping[str, Any], standing: int | None,
    ) -> int:  # fmt: skip
        then = [_cell(state, fields) for _role, fields in COMPARED[kind]]
        if standing is not None and then == [cells[standing] for cells in self.cells]:
            return standing
        return self._add(kind, key, state)


def _cell(state: Mapping[str, Any], fields: Sequence[str]) -> str:
    return str(next((state[name] for name in fields if state.get(name)), ""))


def _groups(table: _Table, found: Found) -> list[_Group]:
    """Return groups of several standing records, and doubtful pairs that are worth a question."""
    count = len(table.ids)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for at, group in enumerate(found.group[:count].tolist()):
        members[group].append(table.ids[at])
    inside: defaultdict[int, list[_Pair]] = defaultdict(list)
    doubtful = []
    asked = set(found.asked.tolist())
    ends = zip(found.left.tolist(), found.right.tolist(), strict=True)
    for at, (left, right) in enumerate(ends):
        if left >= count or right >= count:
            continue  # a pair that was judged, as it was then
        pair = _Pair(
            table.ids[left], table.ids[right], float(found.probability[at]),
            tuple(found.parts(at)),
        )  # fmt: skip
        if found.group[left] == found.group[right]:
            inside[int(found.group[left])].append(pair)
        elif not found.decided[at] and pair.probability > LEAST_ASKED:
            doubtful.append((at not in asked, -pair.probability, at, pair))
    several = [
        _Group(
            tuple(sorted(ids)), min((pair.probability for pair in inside[group]), default=0.0),
            pairs=tuple(inside[group]),
        )
        for group, ids in members.items()
        if len(ids) > 1
    ]  # fmt: skip
    questions = [
        _Group(
            tuple(sorted((pair.left, pair.right))), pair.probability, pairs=(pair,),
            is_question=True,
        )
        for _asked, _sure, _at, pair in sorted(doubtful, key=lambda one: one[:3])[:KEPT_QUESTIONS]
    ]  # fmt: skip
    return several + questions


def _write(row: DuplicateSearch, one: _Group) -> None:
    group = DuplicateGroup.objects.create(
        search=row, ids=list(one.ids), weakest=one.weakest, rule=one.rule,
        is_question=one.is_question,
    )  # fmt: skip
    DuplicatePair.objects.bulk_create(
        DuplicatePair(
            group=group, left_id=pair.left, right_id=pair.right, probability=pair.probability,
            parts=[astuple(part) for part in pair.parts],
        )
        for pair in one.pairs
    )  # fmt: skip
