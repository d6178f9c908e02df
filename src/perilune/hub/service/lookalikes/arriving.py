"""Rows that an import or a sync brings and that look like records that exist, or one another.

They are told before anything is written. Where nobody chooses otherwise (`deciding`), they are
stored all the same and proposed for judging after: a merge can be taken back, a row left out by
mistake is found by nobody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from perilune.hub.contracts import Draft, RowProblem
from perilune.hub.contracts.lookalikes import LOOKED, Facts, Strength
from perilune.hub.engine.lookalikes.facts import facts
from perilune.hub.engine.lookalikes.keys import keys, words_of
from perilune.hub.engine.lookalikes.reasons import agree
from perilune.hub.engine.proof import TwoSteps, final
from perilune.hub.models import DuplicateAnswer, DuplicateGroup, DuplicateSearch
from perilune.hub.service.lookalikes import following
from perilune.hub.service.lookalikes.checking import Asking
from perilune.hub.service.staging import Staging
from perilune.kernel.wiring import KINDS

MOST = 2_000
"""New rows of an import that are looked at, each costing some milliseconds; of more a search of all
records tells more quickly."""
SHARED = 20
"""Rows of a file that share a key and are compared; a key of more says nothing."""
RULE = "arrived"
KEPT = "lookalikes"
_STRONG = frozenset(("number", "email", "domain", "phone", "name", "name place", "address"))


class Pair(NamedTuple):
    """A new record and another one that it looks like."""

    kind: str
    record: int
    other: int


class Alike(NamedTuple):
    """A row of a file, the doubt about it, and the record that it looks like."""

    file: str
    problem: RowProblem
    other: int


class _Row(NamedTuple):
    kind: str
    file: str
    batch: int
    draft: Draft
    facts: Facts


def look(staging: Staging) -> tuple[list[Alike], int]:
    """Return the new rows that look like others, and how many were not looked at.

    What they look like, and where they are staged, is kept for `propose` and `deciding`.
    """
    rows, left = _new_rows(staging)
    found: dict[int, tuple[str, int, str]] = {}
    if rows:
        with following.opened(following.AT_ONCE) as (index, _is_whole):
            asking = None if index is None else Asking(index)
            for row in rows:
                like = asking and _existing(asking, row)
                if like:
                    found[row.draft.record_id] = ("like_record", *like)
    batch_of = {row.draft.record_id: row.batch for row in rows}
    for row, other in _alike(rows):
        title = _title(other.kind, final(other.draft))
        found.setdefault(row.draft.record_id, ("like_row", other.draft.record_id, title))
    staging.put(
        KEPT,
        [(r.kind, r.draft.record_id, other, r.batch, batch_of[other] if code == "like_row" else 0)
         for r in rows if r.draft.record_id in found
         for code, other, _title in (found[r.draft.record_id],)],
    )  # fmt: skip
    return [
        Alike(row.file, _doubt(row, code, title), other)
        for row in rows
        if row.draft.record_id in found
        for code, other, title in (found[row.draft.record_id],)
    ], left


def _new_rows(staging: Staging) -> tuple[list[_Row], int]:
    rows: list[_Row] = []
    left = 0
    for batch_id, kind, file, count in staging.batches():
        if kind not in LOOKED:
            continue
        if len(rows) >= MOST:
            staged = staging.rows(batch_id)
            if isinstance(staged, TwoSteps):  # new ones only
                left += count
            else:
                left += sum(draft.is_new for draft in staged)
            continue
        fresh = [d for d in staging.drafts(batch_id) if d.is_new and not d.gone]
        left += max(0, len(fresh) - (MOST - len(rows)))
        fresh = fresh[: MOST - len(rows)]
        rows += [_Row(kind, file, batch_id, d, facts(kind, final(d))) for d in fresh]
    return rows, left


def _existing(asking: Asking, row: _Row) -> tuple[int, str] | None:
    for one in asking.like(row.facts):
        if one.strength > Strength.POSSIBLE and one.record != row.draft.record_id:
            return one.record, _title(row.kind, one.row)
    return None


def _alike(rows: Sequence[_Row]) -> Iterator[tuple[_Row, _Row]]:
    """Give (row, an earlier row of the same import that it looks like), each row once at most."""
    shared: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    often: Counter[tuple[str, str]] = Counter()
    for at, row in enumerate(rows):
        often.update((row.kind, word) for word in words_of(row.facts.name))
        for key in keys(row.facts):
            if key.tag in _STRONG:
                shared[row.kind, key.tag, key.text].append(at)
    pairs = sorted(
        {
            (later, earlier)
            for ats in shared.values()
            if 1 < len(ats) <= SHARED
            for i, later in enumerate(ats)
            for earlier in ats[:i]
        }
    )
    told: set[int] = set()
    for later, earlier in pairs:
        row, other = rows[later], rows[earlier]
        counted = partial(_counted, often, row.kind)
        strength, _why = agree(row.facts, other.facts, counted, len(rows))
        if strength > Strength.POSSIBLE and later not in told:
            told.add(later)
            yield row, other


def _counted(often: Mapping[tuple[str, str], int], kind: str, word: str) -> int:
    return max(1, often.get((kind, word), 0))


def _title(kind: str, values: Mapping[str, Any]) -> str:
    return str(values.get(KINDS.get(kind).title_field) or "")


def _doubt(row: _Row, code: str, title: str) -> RowProblem:
    draft = row.draft
    return RowProblem(
        draft.line, row.kind, draft.key, "", "", code, _title(row.kind, final(draft)), title,
        draft.record_id,
    )  # fmt: skip


def propose(staging: Staging, actor: str, decided: Container[int] = ()) -> int:
    """Put what `look` found into the queue of duplicates to judge; return how many pairs.

    decided: ids of rows that were left out or taken as updates: there is nothing left to judge.
    """
    count = 0
    for kind, record, other, *_batches in staging.get(KEPT) or ():
        if record in decided or other in decided:
            continue
        ends = sorted((record, other))
        if DuplicateAnswer.objects.filter(
            kind=kind, left_id=ends[0], right_id=ends[1], is_same=False
        ).exists():
            continue
        search = _search(kind, actor)
        if not search.groups.filter(ids=ends).exists():
            DuplicateGroup.objects.create(search=search, ids=ends, weakest=None, rule=RULE)
            count += 1
    return count


def _search(kind: str, actor: str) -> DuplicateSearch:
    """Return the search whose queue people work through, or an empty one where there was none."""
    found = DuplicateSearch.objects.filter(kind=kind, finished_at__isnull=False).first()
    return found or DuplicateSearch.objects.create(
        kind=kind, actor=actor, merge=0.9, different=0.1, records=following.records_of(kind),
        finished_at=datetime.now(UTC),
    )  # fmt: skip
