"""Put accounts that arrived since a plan where its rules say: one change set, taken back as one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from perilune.history.contracts import Update
from perilune.history.service import bulk_append, bulk_complete, bulk_open, retract
from perilune.kernel.asof import start_of_day
from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import service as store
from perilune.territories.contracts import Arrival, DraftState, Loaded, RuleRun
from perilune.territories.models import RuleApplied
from perilune.territories.queries.loading import loaded, require_whole
from perilune.territories.queries.ruling import run_of
from perilune.territories.queries.running import preview_of
from perilune.territories.service.effects import Effects, hand_deals
from perilune.territories.service.ruling import ruling
from perilune.territories.service.writing import wrong_state

PURPOSE = "territories"
TITLE = _("Accounts placed by assignment rules")


def apply_rules(
    draft_id: int, edition: int, *, actor: str, scope: Scope, with_owned: bool = False
) -> RuleRun:
    """Put accounts that arrived since a plan in force, and are in no territory, where rules say.

    From today on, as one change set.
    In the main layer one without an owner goes to the rep in the seat; with_owned: one that has
    another owner goes there, too, with its open deals by the plan's rule. Left alone are those that
    no rule or several territories claim, those that somebody placed, and those that the person does
    not see. Invalid where that leaves none, or where the plan is not in force.
    """
    store.refresh()
    latest = _latest(draft_id)
    with ruling(draft_id, edition, actor=actor, scope=scope) as held:
        if held.found.head.state is not DraftState.ACTIVE:
            raise wrong_state(held.found)
        if _latest(draft_id) != latest:
            raise Conflict(_("Somebody applied the rules meanwhile: look at what they did."))
        records = {str(row.number): row.record_id for row in held.found.rows}
        chosen = [one for one in preview_of(held.found, held.book, scope).placeable
                  if records.get(one.territory)]  # fmt: skip
        if not chosen:
            raise Invalid(_("There is no account for the rules to place."))
        effects = _effects(held.found, chosen, records, with_owned=with_owned)
        opened = bulk_open(
            source="local", actor=actor, purpose=PURPOSE, title=TITLE, known_at=effects.begins
        )
        for batch in effects.batches():
            bulk_append(opened, batch)
        bulk_complete(opened)
        row = RuleApplied.objects.create(
            draft=held.row,
            edition=held.book.edition,
            actor=actor,
            at=datetime.now(UTC),
            day=effects.day,
            placed=len(chosen),
            owners=effects.accounts,
            change_set_id=opened,
        )
    store.refresh()
    return run_of(row)


def take_back_rules(draft_id: int, run_id: int, *, actor: str, scope: Scope) -> None:
    """Roll back what a run of the rules wrote; later edits by hand stand."""
    with transaction.atomic():
        require_whole(loaded(draft_id), scope, actor)
        run = RuleApplied.objects.filter(draft_id=draft_id, id=run_id).first()
        if run is None:
            raise NotFound(_("The rules were not applied so."))
        retract(run.change_set_id, actor)
    store.refresh()


def _latest(draft_id: int) -> int:
    return RuleApplied.objects.filter(draft_id=draft_id).values_list("id", flat=True).first() or 0


def _effects(
    found: Loaded,
    chosen: Sequence[Arrival],
    records: dict[str, int | None],
    *,
    with_owned: bool,
) -> Effects:
    here, now = company(), datetime.now(UTC)
    # nothing is known of an archive after its last day
    begins = start_of_day(here.today.day, here.zone) if here.is_archive else now
    effects = Effects(here.today.day, begins)
    effects.begin(
        "territory_account",
        [
            {"territory_id": records[one.territory], "account_id": one.id, "origin": "rule"}
            for one in chosen
        ],
    )
    if found.head.layer:
        return effects
    moved: dict[int, tuple[int, int]] = {}
    for one in chosen:
        if not one.rep_id or one.owner_id == one.rep_id or (one.owner_id and not with_owned):
            continue
        moved[one.id] = one.owner_id, one.rep_id
        change = Update(one.id, effects.us, "owner_id", one.owner_id or None, one.rep_id)
        effects.updates["account"].append(change)
    effects.accounts = len(moved)
    hand_deals(effects, found.head.hold_over, moved)
    return effects
