"""What an import would do, field by field, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from perilune.history import queries as history
from perilune.hub.contracts import Draft, RunState
from perilune.hub.engine import diff, proof
from perilune.hub.models import ImportRun
from perilune.hub.service.applies import applier_of
from perilune.hub.service.common import folder_of, run_of
from perilune.hub.service.lookalikes import deciding
from perilune.hub.service.staging import Staging
from perilune.kernel.errors import Conflict
from perilune.kernel.messages import gettext_noop as _


@dataclass(frozen=True)
class Sample:
    """One record that would be new or change: fields as (name, before, after, is it a conflict)."""

    kind: str
    key: str
    line: int
    is_new: bool
    record_id: int
    fields: tuple[tuple[str, Any, Any, bool], ...]


def import_preview(run_id: int, limit: int = 20) -> list[Sample]:
    """Return some records of each kind that would be new and that would change, field by field."""
    run = run_of(run_id)
    if RunState(run.state) not in (RunState.READY, RunState.STOPPED):
        raise Conflict(_("This import is not read yet, or already applied."))
    staging = Staging(folder_of(run.id))
    try:
        return _samples(run, staging, limit)
    finally:
        staging.close()


def _samples(run: ImportRun, staging: Staging, limit: int) -> list[Sample]:
    result: list[Sample] = []
    left: dict[tuple[str, bool], int] = {}
    chosen = deciding.decided(run.id, staging)
    for batch_id, kind, _file, _count in staging.batches():
        wanted_new = left.setdefault((kind, True), limit)
        wanted_old = left.setdefault((kind, False), limit)
        if not wanted_new and (not wanted_old or not _is_compared(run, kind)):
            continue
        drafts = staging.drafts(batch_id)
        if chosen is not None and chosen.touches(kind):
            drafts, taken, _named = chosen.split(kind, drafts, run.as_of_us or 0)
            result += _taken(kind, taken[:limit])
        new = [d for d in drafts if d.is_new][:wanted_new]
        old = [d for d in drafts if not d.is_new][:wanted_old]
        left[kind, True] -= len(new)
        left[kind, False] -= len(old)
        result += [_new(kind, draft) for draft in new]
        result += _changed(run, staging, kind, old)
    return result


def _is_compared(run: ImportRun, kind: str) -> bool:
    counts = run.counts.get(kind, {})
    return bool(counts.get("changed") or counts.get("conflicts"))


def _new(kind: str, draft: Draft) -> Sample:
    fields = tuple((n, None, v, False) for n, v in proof.final(draft).items() if v is not None)
    return Sample(kind, draft.key, draft.line, True, draft.record_id, fields)


def _taken(kind: str, drafts: list[Draft]) -> list[Sample]:
    """Return what rows that are taken as updates change of the records found."""
    here = history.raw_states(kind, [d.record_id for d in drafts])
    result = []
    for draft in drafts:
        stands = here.get(draft.record_id, {})
        fields = tuple(
            (name, stands.get(name), value, False)
            for name, value in proof.final(draft).items()
            if value is not None and value != stands.get(name)
        )
        if fields:
            result.append(Sample(kind, draft.key, draft.line, False, draft.record_id, fields))
    return result


def _changed(run: ImportRun, staging: Staging, kind: str, drafts: list[Draft]) -> list[Sample]:
    if not drafts:
        return []
    applier = applier_of(run, staging)
    ids = [d.record_id for d in drafts]
    then = history.last_sent_as(run.source, kind, [d.key for d in drafts])
    here = history.raw_states(kind, ids)
    spoken = set(applier.fields.get(kind, ()))
    result = []
    for draft in drafts:
        now = proof.final(draft)
        said = {n: v for n, v in then.get(draft.key, {}).items() if n in spoken or n in now}
        stands = here.get(draft.record_id, {})
        fields = tuple(
            (c.field, c.here, c.now, c.is_conflict)
            for c in diff.changes(
                draft, said, stands, as_of_us=applier.as_of_us, said_us=applier.said_us
            )
            if c.is_news or c.is_conflict
        )
        if fields:
            result.append(Sample(kind, draft.key, draft.line, False, draft.record_id, fields))
    return result
