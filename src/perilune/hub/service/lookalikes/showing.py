"""Rows of an import beside the records, or the other rows, that they look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perilune.crm.queries import is_seen, whom_to_ask
from perilune.history.queries import raw_states
from perilune.hub.contracts.lookalikes import ALIKE_CODES, FIELDS, Choice
from perilune.hub.engine.proof import final
from perilune.hub.models import RowProblem
from perilune.hub.service.common import folder_of, run_of
from perilune.hub.service.lookalikes.arriving import KEPT
from perilune.hub.service.staging import Staging
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS


@dataclass(frozen=True)
class Beside:
    """A row and what it looks like. fields: (name, what the row says, what stands), encoded.

    other_id: 0 where it is another row of the import, at other_line. ask: whom to ask of a record
    that the reader may not see, of which nothing else is told (rule 35); "" where they may.
    """

    problem_id: int
    kind: str
    file: str
    line: int
    title: str
    choice: Choice
    other_id: int
    other_title: str
    other_line: int
    ask: str
    fields: tuple[tuple[str, Any, Any], ...]


def look_alikes(run_id: int, scope: Scope, start: int = 0, limit: int = 20) -> list[Beside]:
    """Return rows of an import that look like others, in their order, side by side with these."""
    run = run_of(run_id)
    rows = list(RowProblem.objects.filter(run=run, code__in=ALIKE_CODES).order_by("id"))
    rows = rows[start : start + limit]
    if not rows:
        return []
    staging = Staging(folder_of(run.id))
    try:
        said = _said(rows, staging)
        return [_beside(row, said, scope) for row in rows]
    finally:
        staging.close()


def choices_of(run_id: int) -> dict[Choice, int]:
    """Return how many rows that look like others are left out, taken, and written."""
    found = dict.fromkeys(Choice, 0)
    rows = RowProblem.objects.filter(run=run_id, code__in=ALIKE_CODES)
    for (choice,) in rows.values_list("choice"):
        found[Choice(choice or Choice.WRITE)] += 1
    return found


def _said(rows: list[RowProblem], staging: Staging) -> Mapping[int, tuple[int, dict[str, Any]]]:
    """Return (line, values) of the rows, and of the rows that these look like, by their id."""
    wanted = {row.record_id for row in rows} | {row.other_id for row in rows}
    batches: set[int] = set()
    for _kind, record, _other, batch, other_batch in staging.get(KEPT) or ():
        if record in wanted:
            batches |= {batch, other_batch} - {0}
    return {
        draft.record_id: (draft.line, final(draft))
        for batch in sorted(batches)
        for draft in staging.drafts(batch)
        if draft.record_id in wanted
    }


def _beside(
    row: RowProblem, said: Mapping[int, tuple[int, dict[str, Any]]], scope: Scope
) -> Beside:
    _line, mine = said.get(row.record_id, (0, {}))
    is_record = row.code == "like_record"
    line, theirs = said.get(row.other_id, (0, {})) if not is_record else (0, {})
    title, ask = row.suggestion, ""
    if is_record:
        theirs = raw_states(row.kind, [row.other_id]).get(row.other_id, {})
        # what is gone belongs to nobody any more: who sees the whole company is told of it
        if not is_seen(row.kind, theirs, scope):
            title, ask, theirs = "", whom_to_ask(row.kind, theirs), {}
        theirs = {k: v for k, v in theirs.items() if (row.kind, k) not in scope.hidden}
    owner = KINDS.get(row.kind).owner_field
    names = dict.fromkeys((*FIELDS[row.kind], *([owner] if owner else []), *mine))
    return Beside(
        row.id, row.kind, row.file, row.line, row.value, Choice(row.choice or Choice.WRITE),
        row.other_id if is_record and not ask else 0, title, line, ask,
        tuple(
            (name, mine.get(name), theirs.get(name))
            for name in names
            if mine.get(name) is not None or theirs.get(name) is not None
        ),
    )  # fmt: skip
