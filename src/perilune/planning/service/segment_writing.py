"""One change of a version of the segmentation: who may, on which edition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext

from perilune.kernel.errors import Conflict, Invalid, NotFound, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.planning.contracts import (
    SEGMENT_EDITABLE,
    SEGMENT_STATE_LABELS,
    GoToMarket,
    RuleSet,
    Segmentation,
    SegmentState,
)
from perilune.planning.engine.segment_rules import document_of
from perilune.planning.models import Segmentation as SegmentationRow
from perilune.planning.queries.segments import (
    MISSING_SEGMENTATION,
    require_all_accounts,
    segmentation,
)

LONGEST_NAME = 120


@dataclass
class ChangingSegments:
    """A version that is held for a change."""

    row: SegmentationRow
    found: Segmentation
    actor: str
    at: datetime

    def put(self, rules: RuleSet, markets: Sequence[GoToMarket] | None = None) -> None:
        """Say what the version holds now."""
        kept = self.found.markets if markets is None else markets
        self.row.document = document_of(rules, kept)


@contextmanager
def changing_segments(
    segmentation_id: int,
    edition: int,
    *,
    actor: str,
    scope: Scope,
    states: frozenset[SegmentState] = SEGMENT_EDITABLE,
) -> Iterator[ChangingSegments]:
    """Hold a version for a change, and raise its edition.

    Refused to whoever does not see all accounts, NotFound where there is none such, Conflict when
    it is no longer the edition that the change was made on, Invalid in a state that does not take
    it.
    """
    require_all_accounts(scope)
    with transaction.atomic():
        # the row is held until all is written: two changes never take the same edition
        row = SegmentationRow.objects.select_for_update().filter(id=segmentation_id).first()
        if row is None:
            raise NotFound(MISSING_SEGMENTATION)
        if edition != row.edition:
            raise Conflict(
                _("This version was changed meanwhile: reload it and apply your change again.")
            )
        found = segmentation(segmentation_id)
        if found.state not in states:
            raise Invalid(
                _("“%(name)s” is %(state)s: this cannot be done to it now."),
                name=found.name, state=gettext(SEGMENT_STATE_LABELS[found.state]),
            )  # fmt: skip
        yield ChangingSegments(row, found, actor, datetime.now(UTC))
        row.edition += 1
        row.save()


def segmentation_name(name: str) -> str:
    """Return a name without needless blanks; Invalid when it is empty or too long."""
    bare = " ".join(name.split())
    if not bare or len(bare) > LONGEST_NAME:
        problem = Problem(
            _("A name has between 1 and %(most)s characters."), {"most": LONGEST_NAME}, field="name"
        )
        raise Invalid(problem.message, (problem,), **problem.params)
    return bare
