"""Drafts in a list, and one draft as a person sees it."""

from __future__ import annotations

from collections import Counter

import numpy as np

from perilune.kernel.scope import Scope
from perilune.territories.contracts import (
    PLACING,
    UNDOABLE,
    CommentInfo,
    DraftHead,
    DraftView,
    EditInfo,
    EditKind,
    Loaded,
)
from perilune.territories.models import Draft, DraftComment, DraftEdit, DraftTerritory
from perilune.territories.queries.loading import (
    head_of,
    is_whole,
    loaded,
    names_of,
    require_seen,
    seen_accounts,
)

LATEST = 50
"""Changes that a view of a draft tells."""


def drafts(scope: Scope, actor: str) -> list[DraftHead]:
    """Return the plans that a person sees something of, the latest first.

    Those of their own, and those in which their reps have a territory.
    """
    if scope.aggregates_only:
        return []
    rows = list(
        Draft.objects.select_related("snapshot")
        .defer("snapshot__arrays", "snapshot__names")
        .order_by("-made_at", "-id")
    )
    pairs = list(DraftTerritory.objects.values_list("draft_id", "rep_id"))
    counts = Counter(draft for draft, _rep in pairs)
    theirs = {draft for draft, rep in pairs if scope.sees(rep)}
    return [
        head_of(row, counts[row.pk])
        for row in rows
        if scope.owners is None or row.author == actor or row.pk in theirs
    ]


def draft(draft_id: int, scope: Scope, actor: str) -> DraftView:
    """Return a draft as a person sees it; NotFound where nothing of it is theirs."""
    found = loaded(draft_id)
    seen = require_seen(found, scope, actor)
    undo, redo = stacks(draft_id)
    return DraftView(
        head=found.head,
        rows=tuple(row for row in found.rows if row.number in seen),
        attributes=found.attributes,
        seen=seen,
        is_whole=is_whole(found, scope, actor),
        unplaced=_unplaced(found, scope, actor),
        can_undo=undo is not None and found.head.may_edit,
        can_redo=redo is not None and found.head.may_edit,
        proof_stands=proof_stands(found.head),
        edits=tuple(
            EditInfo(
                e.number, EditKind(e.kind), e.actor, e.at, e.count, e.territory, e.is_undone
            )
            for e in DraftEdit.objects.filter(draft_id=draft_id)
            .defer("units", "before", "after", "rows")
            .order_by("-number")[:LATEST]
        ),
        comments=tuple(
            CommentInfo(c.pk, c.actor, c.at, c.text, c.territory)
            for c in DraftComment.objects.filter(draft_id=draft_id)
            if c.territory is None or c.territory in seen
        ),
    )  # fmt: skip


def stacks(draft_id: int) -> tuple[DraftEdit | None, DraftEdit | None]:
    """Return the change that undo takes back next, and the one that redo makes again next."""
    edits = DraftEdit.objects.filter(
        draft_id=draft_id, kind__in=[kind.value for kind in UNDOABLE], is_void=False
    ).defer("units", "before", "after", "rows")
    undo = edits.filter(is_undone=False).order_by("-number").first()
    redo = edits.filter(is_undone=True).order_by("number").first()
    return undo, redo


def proof_stands(head: DraftHead) -> bool:
    """Tell whether the plan is still the one that the proof of its last design speaks of.

    A name or a rep may change; a move, a lock or another design voids it, unless it was taken back.
    """
    edition = (head.settings.get("proof") or {}).get("edition")
    if edition is None:
        return False
    edits = DraftEdit.objects.filter(draft_id=head.id)
    placed = edits.filter(kind__in=PLACING, is_undone=False, number__gt=edition).exists()
    undone = edits.filter(number=edition, is_undone=True).exists()
    return not placed and not undone


def _unplaced(found: Loaded, scope: Scope, actor: str) -> tuple[tuple[int, str], ...]:
    lost = np.flatnonzero(~found.accounts.placed & seen_accounts(found, scope, actor))
    if not len(lost):
        return ()
    names = names_of(found)
    return tuple((int(found.accounts.ids[i]), names[i]) for i in lost.tolist())
