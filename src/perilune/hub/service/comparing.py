"""Counts what would change, by the comparison that applying makes: one answer, shown or done."""

from __future__ import annotations

from perilune.hub.contracts import Counts
from perilune.hub.engine.proof import TwoSteps, drafts_of
from perilune.hub.service.applying import Applier
from perilune.hub.service.staging import Staging


def count_changes(
    staging: Staging, batch_id: int, kind: str, counts: Counts, applier: Applier
) -> None:
    """Tell the records of a batch that would change from those that only read otherwise.

    A row may differ from what its source last sent (a column more, a name now known) and yet say
    what stands here: `Counts.changed` held it so far, it counts as unchanged.
    """
    rows = staging.rows(batch_id)
    if isinstance(rows, TwoSteps) and all(rows.is_new):
        return
    old = [
        draft
        for draft in (drafts_of(rows) if isinstance(rows, TwoSteps) else rows)
        if not draft.is_new
    ]
    if not old:
        return
    found = applier.batch(kind, old)
    counts.changed += found.changed - len(old)
    counts.alike += found.same
    counts.unchanged += found.same
    counts.conflicts += len(found.conflicts)
