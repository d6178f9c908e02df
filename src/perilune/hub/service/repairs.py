"""Repairs: what a doubtful value means, for rows alike or one; answers about missing records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import transaction

from perilune.history import queries as history
from perilune.history import service as history_service
from perilune.history.contracts import DELETED, Batch, Sent, Update, from_us, to_us
from perilune.hub.contracts import ADDED, FieldMap, RunState
from perilune.hub.engine.proof import BORN_WITH
from perilune.hub.engine.rows import Column, Format
from perilune.hub.models import ImportRun, MissingAnswer, RowProblem
from perilune.hub.models import Repair as SavedRepair
from perilune.hub.service.settings import digest_text
from perilune.hub.service.survey import field_of
from perilune.kernel.asof import end_of_day
from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.kinds import FieldType, Scalar
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import minor_exponent
from perilune.kernel.wiring import KINDS
from perilune.people import queries as people

_BATCH = 2_000


def repair(problem_id: int, meant: str, *, actor: str, is_for_all: bool = True) -> int:
    """Say what a value means: written as a change set of the source, remembered for later imports.

    All rows with the same value in the same field are repaired, or only this one. Blank fields are
    only repaired one by one. Returns how many records changed. Invalid when it is no such value.
    """
    problem = _problem(problem_id)
    run = problem.run
    if RunState(run.state) is not RunState.DONE:
        raise Conflict(_("Only an applied import can be repaired."))
    if not problem.field or not problem.record_id:
        raise Invalid(_("This row was kept out; correct it in the file and import it again."))
    value = _value(problem, meant)
    is_all = is_for_all and bool(problem.value) and problem.code != "conflict"
    alike = RowProblem.objects.filter(run=run, state="open", kind=problem.kind, field=problem.field)
    alike = (
        alike.filter(code=problem.code, value=problem.value)
        if is_all
        else alike.filter(id=problem.id)
    )
    changed = _write(
        run, problem, value, sorted(set(alike.values_list("record_id", flat=True))), actor
    )
    with transaction.atomic():
        alike.update(state="repaired")
        if is_all and problem.code in ADDED.values():
            _retire(run, problem, value, actor)
        if is_all:
            SavedRepair.objects.update_or_create(
                source=run.source,
                kind=problem.kind,
                field=problem.field,
                value=problem.value,
                defaults={"meant": meant},
            )
    return changed


def _retire(run: ImportRun, problem: RowProblem, meant: Scalar, actor: str) -> None:
    """End a stage or rep that an import added by mistake, once no record names it any more."""
    kind = field_of(problem.kind, problem.field).target
    name = problem.value.strip()
    found = _named(kind, name) if kind == "stage" else _made_by(run, kind, name)
    if found is None or found == meant or _is_named(kind, found):
        return
    set_id = history_service.bulk_open(
        source=run.source, actor=actor, purpose="repair", title=name,
        known_at=from_us(run.as_of_us or 0),
    )  # fmt: skip
    gone = Update(found, run.as_of_us or 0, DELETED, False, True)
    history_service.bulk_append(set_id, Batch(kind, (), [gone]))
    history_service.bulk_complete(set_id)
    run.repair_set_ids = [*run.repair_set_ids, set_id]
    run.save(update_fields=["repair_set_ids"])


def _made_by(run: ImportRun, kind: str, name: str) -> int | None:
    found = history.identities(run.source, kind, [name]).get(name)
    return found[0] if found else None


def _is_named(kind: str, record_id: int) -> bool:
    """Tell whether any record, as it stands now, refers to this one."""
    return any(
        history.model_of(other)._default_manager.filter(**{item.name: record_id}).exists()
        for other in KINDS
        for item in other.fields
        if item.target == kind and item.type is FieldType.REFERENCE
    )


def dismiss(problem_ids: Sequence[int], *, is_for_all: bool = False) -> int:
    """Leave doubtful values as they were stored; returns how many problems were closed."""
    count = 0
    for problem_id in problem_ids:
        problem = _problem(problem_id)
        alike = RowProblem.objects.filter(id=problem.id)
        if is_for_all:
            alike = RowProblem.objects.filter(
                run=problem.run, state="open", kind=problem.kind, code=problem.code,
                field=problem.field, value=problem.value,
            )  # fmt: skip
        count += alike.update(state="dismissed")
    return count


def _problem(problem_id: int) -> RowProblem:
    problem = RowProblem.objects.select_related("run").filter(id=problem_id, state="open").first()
    if problem is None:
        raise NotFound(_("There is no open problem %(id)s."), id=problem_id)
    return problem


def _value(problem: RowProblem, meant: str) -> Scalar:
    own = field_of(problem.kind, problem.field)
    if problem.code == "conflict":
        return _taken(problem)
    if own.type is FieldType.REFERENCE:
        found = history.identities(problem.run.source, own.target, [meant.strip()])
        if meant.strip() in found:
            return found[meant.strip()][0]
        named = _named(own.target, meant)
        if named is None:
            kind = KINDS.get(own.target)
            raise Invalid(
                _("«%(value)s» is not a known %(target)s."), value=meant, target=kind.label
            )
        return named
    company = people.company()
    column = Column(
        own, FieldMap(own.name), Format(), company.zone, exponent=minor_exponent(company.currency)
    )
    [value] = column.read([meant])
    if value is None or (column.doubts and column.doubts[meant][0] != "negative_amount"):
        raise Invalid(_("«%(value)s» cannot be read as %(field)s."), value=meant, field=own.label)
    return value


def _named(kind: str, meant: str) -> int | None:
    if kind == "stage":
        for stage_id, values in history.states_as_of("stage", None).items():
            if str(values.get("name", "")).casefold() == meant.strip().casefold():
                return stage_id
        return None
    return history.find_by_title(kind, [meant]).get(meant.strip().lower())


def _taken(problem: RowProblem) -> Scalar:
    """Return what the source says where a conflict is to be decided for it."""
    said = history.last_sent(problem.run.source, problem.kind, [problem.record_id])
    value: Scalar = said.get(problem.record_id, {}).get(problem.field)
    return value


def _write(
    run: ImportRun, problem: RowProblem, value: Scalar, ids: Sequence[int], actor: str
) -> int:
    """Write the value where the doubtful one stands, known since the record's row was known."""
    kind, name = problem.kind, problem.field
    now = from_us(run.as_of_us or 0)
    set_id = history_service.bulk_open(
        source=run.source,
        actor=actor,
        purpose="repair",
        title=problem.value or problem.key,
        known_at=now,
    )
    changed = 0
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        here, said = history.raw_states(kind, some), history.last_sent(run.source, kind, some)
        known = _known(kind, name, here, run)
        updates, sent = [], []
        for record_id in some:
            if record_id not in here or here[record_id].get(name) == value:
                continue
            before = here[record_id].get(name)
            if problem.code != "conflict" and before != said.get(record_id, {}).get(name):
                continue  # edited here since: that stands
            updates.append(Update(record_id, known[record_id], name, before, value))
            key = _key(run, kind, record_id)
            if key and problem.code != "conflict":
                values = {**said.get(record_id, {}), name: value}
                sent.append(Sent(key, record_id, digest_text(repr(values)), values))
        history_service.bulk_append(set_id, Batch(kind, (), updates, sent))
        changed += len(updates)
    if not changed:
        history_service.bulk_undo(set_id)
        return 0
    with transaction.atomic():
        history_service.bulk_complete(set_id)
        run.repair_set_ids = [*run.repair_set_ids, set_id]
        run.save(update_fields=["repair_set_ids"])
    return changed


def _key(run: ImportRun, kind: str, record_id: int) -> str:
    return next((k for s, k in history.identities_of(kind, record_id) if s == run.source), "")


def _known(
    kind: str, name: str, here: Mapping[int, Mapping[str, Scalar]], run: ImportRun
) -> dict[int, int]:
    """Return since when the field would have been known, had its value been clear."""
    at = run.as_of_us or 0
    if kind != "opportunity":
        return dict.fromkeys(here, at)
    zone = people.company().zone
    closed = {i for i, v in history.states_as_of("stage", None).items() if v["meaning"] != "open"}

    def since(values: Mapping[str, Scalar]) -> int:
        is_closed = values.get("stage_id") in closed
        day = values.get("created_date") if name in BORN_WITH else None
        day = day or (values.get("close_date") if is_closed else None)
        return min(at, to_us(end_of_day(date.fromisoformat(str(day)), zone))) if day else at

    return {record_id: since(values) for record_id, values in here.items()}


# -- missing records ---------------------------------------------------------------------------


def answer_missing(
    run_id: int, kind: str, answer: str, *, actor: str, keys: Sequence[str] = ()
) -> int:
    """Say why records are no longer in a full file: «filtered», «deleted» or «merged» (rule 32).

    «deleted» ends them here, known at the export; the answer is remembered. Returns how many.
    """
    if answer not in {"filtered", "deleted", "merged"}:
        raise Invalid(_("The answer is filtered, deleted or merged."))
    run = ImportRun.objects.filter(id=run_id).first()
    if run is None:
        raise NotFound(_("There is no import %(id)s."), id=run_id)
    open_ones = MissingAnswer.objects.filter(run=run, kind=kind, answer="")
    if keys:
        open_ones = open_ones.filter(key__in=list(keys))
    ids = list(open_ones.values_list("record_id", flat=True))
    if answer == "deleted" and ids:
        set_id = history_service.bulk_open(
            source=run.source,
            actor=actor,
            purpose="import",
            title=run.title,
            known_at=from_us(run.as_of_us or 0),
        )
        for start in range(0, len(ids), _BATCH):
            some = ids[start : start + _BATCH]
            here = history.raw_states(kind, some)
            gone = [Update(i, run.as_of_us or 0, DELETED, False, True) for i in some if i in here]
            history_service.bulk_append(set_id, Batch(kind, (), gone))
        with transaction.atomic():
            history_service.bulk_complete(set_id)
            run.repair_set_ids = [*run.repair_set_ids, set_id]
            run.save(update_fields=["repair_set_ids"])
    open_ones.update(answer=answer)
    return len(ids)
