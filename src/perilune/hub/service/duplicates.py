"""Looking for duplicates among the records of a home, and what people say of what was found."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from perilune.history import queries as history
from perilune.history.contracts import from_us, to_us
from perilune.hub.queries import duplicates as queries
from perilune.hub.contracts.duplicates import Field, Label, Options, Quality, Tell, Thresholds
from perilune.hub.contracts.merging import Merged, Undone
from perilune.hub.contracts.review import COMPARED, GroupState
from perilune.hub.engine.matching.finding import Found, find
from perilune.hub.models import (
    DuplicateAnswer,
    DuplicateGroup,
    DuplicatePair,
    DuplicateSearch,
    MassMerge,
)
from perilune.hub.service import merging
from perilune.kernel.errors import Invalid, NotFound, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS, JobKind, StepResult
from perilune.people.queries import writing_time

MOST_IN_JOB = 200_000
"""Records that one step of a job can look through; more take the command line."""
QUESTIONS = 20
"""Pairs that a search picks to be asked, for what their answer teaches."""
KEPT_QUESTIONS = 200
"""Doubtful pairs kept for judging beyond those."""
MASS_MOST = 100
"""Groups that one mass merge takes unless it is told otherwise."""


# -- searching -------------------------------------------------------------------------------------


def search(
    kind: str, *, actor: str, thresholds: Thresholds | None = None, tell: Tell | None = None,
    search_id: int | None = None,
) -> int:  # fmt: skip
    """Look through all records of a kind and keep what is to be judged; return the search's id.

    People's earlier answers teach it, on the values they were given on. Invalid for a kind that is
    not compared and for fewer than two records.
    """
    thresholds = thresholds or Thresholds()
    started = time.perf_counter()
    table = _Table.read(kind)
    if len(table.ids) < 2:
        raise Invalid(_("There are fewer than two records to compare."))
    columns = [Field(names[0], role) for role, names in COMPARED[kind]]
    filled = [at for at, cells in enumerate(table.cells) if any(cells)]
    found = find(
        table.keys, [columns[at] for at in filled], [table.cells[at] for at in filled],
        labels=table.labels, options=Options(thresholds, ask=QUESTIONS), tell=tell,
    )  # fmt: skip
    row = DuplicateSearch.objects.filter(id=search_id).first() or DuplicateSearch(kind=kind)
    with transaction.atomic():
        row.actor, row.merge, row.different = actor, thresholds.merge, thresholds.different
        row.records, row.candidates = len(table.ids), found.candidates
        row.fields = [columns[at].column for at in filled]
        row.quality = _quality(found.quality)
        row.seconds = round(time.perf_counter() - started, 2)
        row.finished_at = datetime.now(UTC)
        row.save()
        _keep(row, table, found)
        DuplicateSearch.objects.filter(kind=kind).exclude(id=row.id).delete()
    return row.id


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
    if kind not in COMPARED:
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
        names = queries.account_names(
            state["account_id"] for state in states.values() if state.get("account_id")
        )
        for record_id, state in states.items():
            table.ids.append(record_id)
            table._add(kind, str(record_id), state, names)
        table._learn(kind, names)
        return table

    def _add(
        self, kind: str, key: str, state: Mapping[str, Any], names: Mapping[int, str]
    ) -> int:
        self.keys.append(key)
        for cells, (_role, fields) in zip(self.cells, COMPARED[kind], strict=True):
            cells.append(_cell(state, fields, names))
        return len(self.keys) - 1

    def _learn(self, kind: str, names: Mapping[int, str]) -> None:
        """Take people's answers: on records as they stand where they did not change since."""
        at = {record_id: row for row, record_id in enumerate(self.ids)}
        answers = DuplicateAnswer.objects.filter(kind=kind).order_by("id")
        for answer in answers:
            ends = (answer.left_id, answer.right_id)
            then = history.states_as_of(kind, ends, from_us(answer.known_us - 1))
            rows = [
                self._row(kind, f"{end}@{answer.id}", then[end], names, at.get(end))
                for end in ends
                if end in then
            ]
            if len(rows) == 2 and rows[0] != rows[1]:
                left, right = sorted(rows)
                self.labels.append(Label(left, right, answer.is_same))

    def _row(
        self, kind: str, key: str, state: Mapping[str, Any], names: Mapping[int, str],
        standing: int | None,
    ) -> int:  # fmt: skip
        then = [_cell(state, fields, names) for _role, fields in COMPARED[kind]]
        if standing is not None and then == [cells[standing] for cells in self.cells]:
            return standing
        return self._add(kind, key, state, names)


def _cell(state: Mapping[str, Any], fields: Sequence[str], names: Mapping[int, str]) -> str:
    value = next((state[name] for name in fields if state.get(name)), "")
    return names.get(value, "") if isinstance(value, int) else str(value)


def _keep(row: DuplicateSearch, table: _Table, found: Found) -> None:
    """Write groups of several standing records, and the doubtful pairs that are worth a question."""
    count = len(table.ids)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for at, group in enumerate(found.group[:count].tolist()):
        members[group].append(at)
    several = {group: rows for group, rows in members.items() if len(rows) > 1}
    inside: defaultdict[int, list[int]] = defaultdict(list)
    doubtful = []
    asked = set(found.asked.tolist())
    ends = zip(found.left.tolist(), found.right.tolist(), strict=True)
    for pair, (left, right) in enumerate(ends):
        if left >= count or right >= count:
            continue
        group = int(found.group[left])
        if group == int(found.group[right]):
            inside[group].append(pair)
        elif not found.decided[pair]:
            doubtful.append(pair)
    doubtful.sort(key=lambda pair: (pair not in asked, -found.probability[pair], pair))
    for group, rows in several.items():
        known = [found.probability[pair] for pair in inside[group]] or [0.0]
        _write(row, table, found, rows, inside[group], float(min(known)), is_question=False)
    for pair in doubtful[:KEPT_QUESTIONS]:
        ends_of = [int(found.left[pair]), int(found.right[pair])]
        _write(row, table, found, ends_of, [pair], float(found.probability[pair]), is_question=True)


def _write(  # noqa: PLR0917  # two call sites
    row: DuplicateSearch, table: _Table, found: Found, rows: Sequence[int], pairs: Sequence[int],
    weakest: float, *, is_question: bool,
) -> None:  # fmt: skip
    group = DuplicateGroup.objects.create(
        search=row, ids=sorted(table.ids[at] for at in rows), weakest=weakest,
        is_question=is_question,
    )  # fmt: skip
    DuplicatePair.objects.bulk_create(
        DuplicatePair(
            group=group,
            left_id=table.ids[int(found.left[pair])],
            right_id=table.ids[int(found.right[pair])],
            probability=float(found.probability[pair]),
            parts=[astuple(part) for part in found.parts(pair)],
        )
        for pair in pairs
    )


# -- judging ---------------------------------------------------------------------------------------


def group_merge(
    group_id: int, *, actor: str, scope: Scope, ids: Sequence[int] | None = None,
    kept: int | None = None, chosen: Mapping[str, int] | None = None, mark: str | None = None,
) -> Merged:  # fmt: skip
    """Merge records of a group (all of those that are there, or `ids`), and learn that they are one.

    Those left out are learnt to be different. Raises as `merging.merge`.
    """
    view = queries.group(group_id, scope)
    together = list(view.ids if ids is None else ids)
    if not set(together) <= set(view.ids):
        raise Invalid(_("These records are not of this group."))
    with transaction.atomic():
        for at, left in enumerate(together):
            for right in together[at + 1 :]:
                _answer(view.kind, left, right, is_same=True, actor=actor)
            for right in set(view.ids) - set(together):
                _answer(view.kind, left, right, is_same=False, actor=actor)
        done = merging.merge(
            view.kind, together, actor=actor, kept=kept, chosen=chosen, mark=mark
        )
        DuplicateGroup.objects.filter(id=group_id).update(
            state=GroupState.MERGED.value, change_set_id=done.change_set_id
        )
    return done


def group_different(group_id: int, *, actor: str, scope: Scope) -> None:
    """Say that the records of a group are different things: they are not brought up again."""
    view = queries.group(group_id, scope)
    with transaction.atomic():
        for at, left in enumerate(view.ids):
            for right in view.ids[at + 1 :]:
                _answer(view.kind, left, right, is_same=False, actor=actor)
        DuplicateGroup.objects.filter(id=group_id).update(state=GroupState.DIFFERENT.value)


def group_later(group_id: int, *, scope: Scope) -> None:
    """Put a group aside."""
    queries.group(group_id, scope)
    DuplicateGroup.objects.filter(id=group_id).update(state=GroupState.LATER.value)


def group_reopen(group_id: int, *, scope: Scope) -> None:
    """Take back what was said of a group that was not merged: it is to judge again."""
    view = queries.group(group_id, scope)
    if view.state is GroupState.MERGED:
        raise Invalid(_("Take the merge back first."))
    with transaction.atomic():
        DuplicateAnswer.objects.filter(
            kind=view.kind, left_id__in=view.ids, right_id__in=view.ids, is_same=False
        ).delete()
        DuplicateGroup.objects.filter(id=group_id).update(state=GroupState.OPEN.value)


def _answer(kind: str, one: int, two: int, *, is_same: bool, actor: str) -> None:
    left, right = sorted((one, two))
    known_us = to_us(writing_time() or datetime.now(UTC))
    DuplicateAnswer.objects.update_or_create(
        kind=kind, left_id=left, right_id=right,
        defaults={"is_same": is_same, "actor": actor, "known_us": known_us},
    )  # fmt: skip


def undo(change_set_id: int, *, actor: str, with_later: bool = False) -> Undone:
    """Take a merge back, and with it the word that its records are one: it is to judge again."""
    done = history.kept_by(change_set_id)
    with transaction.atomic():
        undone = merging.merge_undo(change_set_id, actor=actor, with_later=with_later)
        if done is not None:
            kind, kept, gone = done
            ids = (kept, *gone)
            DuplicateAnswer.objects.filter(
                kind=kind, left_id__in=ids, right_id__in=ids, is_same=True
            ).delete()
        DuplicateGroup.objects.filter(change_set_id__in=undone.change_set_ids).update(
            state=GroupState.OPEN.value, change_set_id=None
        )
    return undone


# -- many at once ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mass:
    """What a mass merge did, or would do: groups, records that would go, those left and why."""

    id: int | None
    groups: int
    gone: int
    left: tuple[tuple[int, str], ...]


def mass_merge(
    kind: str, *, actor: str, scope: Scope, at_least: float = 0.99, most: int = MASS_MOST,
    dry_run: bool = False,
) -> Mass:  # fmt: skip
    """Merge every group whose weakest pair is this sure, each as a merge of its own.

    left: the groups that could not be merged, with the reason (a message). Taken back by
    `mass_undo`.
    """
    lines = [
        line for line in queries.groups(kind, scope, limit=max(most, 1)) if line.weakest >= at_least
    ]
    sets, gone, left = [], 0, []
    for line in lines[:most]:
        try:
            view = queries.group(line.id, scope)
            if dry_run:
                merging.merge_preview(kind, view.ids)
                gone += len(view.ids) - 1
                sets.append(0)
                continue
            done = group_merge(line.id, actor=actor, scope=scope)
        except PeriluneError as error:
            left.append((line.id, error.message % error.params if error.params else error.message))
            continue
        sets.append(done.change_set_id)
        gone += len(done.gone)
    mass_id = None
    if sets and not dry_run:
        mass_id = MassMerge.objects.create(kind=kind, actor=actor, change_set_ids=sets).id
    return Mass(mass_id, len(sets), gone, tuple(left))


def mass_undo(mass_id: int, *, actor: str) -> Undone:
    """Take back every merge of a mass merge that still stands, newest first."""
    _kind, sets = queries.mass_merge_sets(mass_id)
    done: list[Undone] = []
    for set_id in reversed(sets):
        info = history.set_info(set_id)
        if info is not None and info.retracted_at is None:
            done.append(undo(set_id, actor=actor, with_later=True))
    return Undone(
        tuple(set_id for each in done for set_id in each.change_set_ids),
        sum(each.records for each in done),
        tuple(conflict for each in done for conflict in each.conflicts),
    )
