"""One change of a draft: who may, on which edition, what is noted for undo and for conflicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext

from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.territories.contracts import (
    EDIT_LABELS,
    EDITABLE,
    STATE_LABELS,
    DraftState,
    EditKind,
    Loaded,
    Sheet,
    TerritoryRow,
    Working,
)
from perilune.territories.contracts.routing import Ways
from perilune.territories.engine import round_km
from perilune.territories.models import Draft, DraftEdit, DraftTerritory
from perilune.territories.models.packing import pack_one
from perilune.territories.queries.loading import (
    MISSING,
    is_whole,
    loaded_of,
    require_seen,
    require_whole,
    state_of,
)
from perilune.territories.queries.sheets import sheet_of
from perilune.territories.queries.travelling import mean_minutes, ways_of

ROAD = Working(hours=1.0)
"""How the road of a round of visits is estimated; the hours say nothing here."""

Numbers = np.ndarray[Any, Any]


@dataclass
class Changing:
    """A draft that is held for a change: what it was, and what becomes of it."""

    row: Draft
    found: Loaded
    seen: frozenset[int]
    scope: Scope
    actor: str
    at: datetime

    @property
    def is_whole(self) -> bool:
        """Tell whether who changes it sees all of it."""
        return is_whole(self.found, self.scope, self.actor)

    def sheet(self) -> Sheet:
        """Return the draft in figures as it is now."""
        return sheet_of(self.found, self.scope, self.actor)

    def put_territory(self, territory: Numbers, touched: Sequence[int]) -> None:
        """Say where all accounts are, and measure the territories that were touched anew."""
        self.found = replace(self.found, territory=territory.astype(np.int16))
        self.row.units.territory = pack_one(self.found.territory)
        self.row.units.save(update_fields=["territory"])
        numbers = set(touched)
        ways = ways_of(self.found)
        self.put_rows([
            measure(self.found, row, ways) for row in self.found.rows if row.number in numbers
        ])  # fmt: skip

    def put_minutes(self, rows: Sequence[TerritoryRow]) -> None:
        """Say how far the ways of territories are as these have it; of others it is not known."""
        told = {row.number: row.minutes for row in rows}
        self.put_rows([
            replace(row, minutes=told.get(row.number)) for row in self.found.rows
            if row.minutes != told.get(row.number)
        ])  # fmt: skip

    def put_locked(self, locked: Numbers) -> None:
        """Say which accounts are locked where they are."""
        self.found = replace(self.found, locked=locked.astype(bool))
        self.row.units.locked = pack_one(self.found.locked)
        self.row.units.save(update_fields=["locked"])

    def put_rows(self, rows: Sequence[TerritoryRow]) -> None:
        """Write territories that are there already."""
        by_number = {row.number: row for row in rows}
        kept = tuple(by_number.get(row.number, row) for row in self.found.rows)
        self.found = replace(self.found, rows=kept)
        for row in rows:
            values = asdict(row)
            values.pop("number")
            DraftTerritory.objects.filter(draft=self.row, number=row.number).update(**values)

    def replace_rows(self, rows: Sequence[TerritoryRow]) -> None:
        """Write all territories anew."""
        DraftTerritory.objects.filter(draft=self.row).delete()
        DraftTerritory.objects.bulk_create(
            [DraftTerritory(draft=self.row, **asdict(row)) for row in rows]
        )
        head = replace(self.found.head, territories=len(rows))
        self.found = replace(self.found, rows=tuple(rows), head=head)

    def rewrite(
        self, kind: EditKind, rows: Sequence[TerritoryRow], places: Numbers, **facts: Any
    ) -> None:
        """Write all territories and the place of every account, as one change."""
        before, old = self.found.territory, self.found.rows
        self.replace_rows(rows)
        self.put_territory(places, [row.number for row in rows])
        self.put_minutes(rows if kind is EditKind.DESIGN else ())
        self.note(
            kind,
            before=pack_one(before),
            after=pack_one(self.found.territory),
            rows=[[asdict(row) for row in old], [asdict(row) for row in self.found.rows]],
            **facts,
        )

    def note(self, kind: EditKind, **facts: Any) -> None:
        """Note the change under its edition; what was undone before can be made again no more."""
        if kind not in (EditKind.UNDO, EditKind.REDO, EditKind.STATE):
            DraftEdit.objects.filter(draft=self.row, is_undone=True).update(is_void=True)
        DraftEdit.objects.create(
            draft=self.row,
            number=self.row.edition + 1,
            kind=kind.value,
            actor=self.actor,
            at=self.at,
            **facts,
        )


@contextmanager
def changing(
    draft_id: int,
    edition: int,
    *,
    actor: str,
    scope: Scope,
    whole: bool = False,
    states: frozenset[DraftState] = EDITABLE,
) -> Iterator[Changing]:
    """Hold a draft for a change, and raise its edition.

    whole: the change concerns all of it. NotFound where nothing of it is the person's, Refused
    where not all of it is and that is needed, Conflict when it is no longer the edition that the
    change was made on, Invalid in a state that does not take it.
    """
    with transaction.atomic():
        # the row is held until all is written: two changes never take the same edition
        row = Draft.objects.select_for_update().filter(id=draft_id).first()
        if row is None:
            raise NotFound(MISSING)
        settle(row)
        found = loaded_of(row)
        seen = require_seen(found, scope, actor)
        if whole:
            require_whole(found, scope, actor)
        if edition != row.edition:
            raise stale(row, edition)
        if found.head.state not in states:
            raise wrong_state(found)
        held = Changing(row, found, seen, scope, actor, datetime.now(UTC))
        yield held
        row.edition += 1
        held.found = replace(held.found, head=replace(held.found.head, edition=row.edition))
        row.save()


def wrong_state(found: Loaded) -> Invalid:
    """Return the error of a verb that a plan's state does not take."""
    state = gettext(STATE_LABELS[found.head.state])
    message = _("“%(name)s” is %(state)s: this cannot be done to it now.")
    return Invalid(message, name=found.head.name, state=state)


def stale(row: Draft, edition: int) -> Conflict:
    """Return the conflict of who changed an edition that is no longer there: it says by whom."""
    since = DraftEdit.objects.filter(draft=row, number__gt=edition).defer(
        "units", "before", "after", "rows"
    )
    last = since.order_by("-number").first()
    if last is None:
        return Conflict(
            _("This plan is at edition %(edition)s: reload it and apply your change again."),
            edition=row.edition,
        )
    return Conflict(
        _("%(by)s changed this plan meanwhile (%(what)s): reload it and apply your change again."),
        by=last.actor,
        what=gettext(EDIT_LABELS[EditKind(last.kind)]),
        edition=row.edition,
    )


def settle(row: Draft) -> None:
    """Let a plan whose change set was rolled back be approved again, and its predecessor in force.

    The roll-back may come from the journal, which knows nothing of plans.
    """
    state = state_of(row)
    if state.value == row.state:
        return
    row.state, row.effective_from, row.change_set_id = state.value, None, None
    before = row.replaced
    if before is not None and before.state == DraftState.ARCHIVED:
        Draft.objects.filter(id=before.pk).update(state=DraftState.ACTIVE.value)
    row.replaced = None
    row.save()


def measure(found: Loaded, row: TerritoryRow, ways: Ways | None = None) -> TerritoryRow:
    """Return a territory with its centre, the road of a round of visits, and its mean way."""
    minutes = None if ways is None else mean_minutes(found, ways, row.number)
    mine = (found.territory == row.number) & found.accounts.placed
    points = found.accounts.points[mine]
    if not len(points):
        return replace(row, x=None, y=None, road=0.0, minutes=None)
    centre = points.mean(axis=0)
    road = round_km(points, centre, ROAD)
    return replace(row, x=float(centre[0]), y=float(centre[1]), road=road, minutes=minutes)
