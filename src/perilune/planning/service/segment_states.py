"""Carry a version of the segmentation on: submit, approve, send back (rule 27), apply, take back.

Applying writes the segment of every account that changes as one change set; it can be taken back as
one, and later edits by hand stand.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from perilune.history.contracts import Batch, Update, to_us
from perilune.history.service import bulk_append, bulk_complete, bulk_open, retract
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, is_self_approved, writing_time
from perilune.planning.contracts import SegmentState
from perilune.planning.models import SegmentationRun
from perilune.planning.queries.segments import (
    placed_accounts,
    require_all_accounts,
    segment_runs,
    segmentation,
)
from perilune.planning.service.segment_writing import changing_segments
from perilune.store import service as store

PURPOSE = "segments"
TITLE = _("Segments of accounts by rules")
REASON = 3
BATCH = 4000

_SUBMITTED = frozenset({SegmentState.SUBMITTED})
_APPROVED = frozenset({SegmentState.APPROVED})


def submit_segmentation(segmentation_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Hand a version over for approval. Invalid where it has no rule."""
    with changing_segments(segmentation_id, edition, actor=actor, scope=scope) as held:
        if not held.found.rules.rules:
            raise Invalid(_("“%(name)s” has no rule yet."), name=held.found.name)
        held.row.state = SegmentState.SUBMITTED.value
        held.row.submitted_by, held.row.submitted_at = actor, held.at
        held.row.checked_by, held.row.checked_at, held.row.reason = "", None, ""
        held.row.is_self_approved = False


def approve_segmentation(
    segmentation_id: int, edition: int, *, actor: str, scope: Scope, at: datetime | None = None
) -> None:
    """Approve a version that was submitted: by somebody else than its makers (rule 27)."""
    with changing_segments(
        segmentation_id, edition, actor=actor, scope=scope, states=_SUBMITTED
    ) as held:
        makers = (held.row.author, held.row.submitted_by)
        is_own = is_self_approved(actor, makers, held.row.submitted_at, at or held.at)
        held.row.state = SegmentState.APPROVED.value
        held.row.checked_by, held.row.checked_at = actor, at or held.at
        held.row.is_self_approved = is_own


def reject_segmentation(
    segmentation_id: int, edition: int, reason: str, *, actor: str, scope: Scope
) -> None:
    """Send a version back with a reason; it can be changed again."""
    if len(reason.strip()) < REASON:
        raise Invalid(_("Say why the version is sent back."))
    with changing_segments(
        segmentation_id, edition, actor=actor, scope=scope, states=_SUBMITTED | _APPROVED
    ) as held:
        if held.found.run is not None:
            raise Invalid(_("“%(name)s” is applied: take it back first."), name=held.found.name)
        held.row.state = SegmentState.REJECTED.value
        held.row.checked_by, held.row.checked_at = actor, held.at
        held.row.reason = reason.strip()


def archive_segmentation(segmentation_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Put a version away that is not in force."""
    states = frozenset(SegmentState) - {SegmentState.ARCHIVED}
    with changing_segments(
        segmentation_id, edition, actor=actor, scope=scope, states=states
    ) as held:
        if held.found.is_in_force:
            raise Invalid(_("“%(name)s” is applied: take it back first."), name=held.found.name)
        held.row.state = SegmentState.ARCHIVED.value


def apply_segmentation(segmentation_id: int, edition: int, *, actor: str, scope: Scope) -> int:
    """Write each account's segment by the rules of an approved version; return how many change.

    An account that no rule fits has none afterwards. Safe to repeat: what is as the rules say is
    not written again. Invalid where nothing would change.
    """
    store.refresh()
    with changing_segments(
        segmentation_id, edition, actor=actor, scope=scope, states=_APPROVED
    ) as held:
        now = _now()
        table, after = placed_accounts(held.found.rules, Scope.company(), now)
        us = to_us(now.at)
        changes = [
            Update(id_, us, "segment", before or None, name or None)
            for id_, before, name in zip(
                table.ids.tolist(), table.segment.tolist(), after, strict=True
            )
            if before != name
        ]
        if not changes:
            raise Invalid(_("Every account is in the segment that the rules say."))
        opened = bulk_open(
            source="local", actor=actor, purpose=PURPOSE, title=TITLE, known_at=now.at
        )
        for at in range(0, len(changes), BATCH):
            bulk_append(opened, Batch("account", updates=changes[at : at + BATCH]))
        bulk_complete(opened)
        SegmentationRun.objects.create(
            segmentation=held.row,
            actor=actor,
            at=datetime.now(UTC),
            day=now.day,
            changed=len(changes),
            unsegmented=sum(not name for name in after),
            change_set_id=opened,
        )
    # a large set is left to the worker otherwise, and whoever asked for this looks at once
    store.refresh()
    return len(changes)


def take_back_segmentation(segmentation_id: int, *, actor: str, scope: Scope) -> None:
    """Roll back what the latest application of a version wrote; later edits by hand stand.

    Conflict where another version was applied since: that one is taken back first.
    """
    require_all_accounts(scope)
    with transaction.atomic():
        found = segmentation(segmentation_id)
        standing = [run for run in segment_runs(segmentation_id) if run.is_standing]
        if not standing:
            raise NotFound(_("“%(name)s” is not applied."), name=found.name)
        if not found.is_in_force:
            raise Conflict(_("Another version was applied since: take that one back first."))
        retract(standing[0].change_set_id, actor)
    store.refresh()


def _now() -> AsOf:
    """Return the instant from which a change is known: now, of an archive the end of its days."""
    here, late = company(), writing_time()
    return AsOf.instant(datetime.now(UTC), here.zone) if late is None else here.today
