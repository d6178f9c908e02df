"""Proposals applied as one change set, taken back, rejected for good, or answered by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from perilune.crm.service import record_change
from perilune.history import queries as history
from perilune.history import service as history_service
from perilune.history.contracts import Batch, Retraction, Update, to_us
from perilune.hub.contracts.mending import RULE_LABELS, Applied, Rule, Stale, Undone
from perilune.hub.models import RepairProposal, RepairRun
from perilune.hub.queries import mending as queries
from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.kinds import Scalar
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import JobKind, StepResult
from perilune.people.queries import writing_time
from perilune.privacy.queries import kept_out

MOST_AT_ONCE = 2_000
"""Fields that a page applies before it answers; more go to a job."""
MOST = 200_000
"""Fields of one change set; what is more waits for the next."""
PURPOSE, ENRICHED = "repair", "enrichment"
_BATCH = 2_000
_FORGOTTEN = timedelta(hours=1)


@dataclass
class _Tally:
    fields: int = 0
    records: set[int] = field(default_factory=set)
    stale: list[Stale] = field(default_factory=list)


Group = tuple[str, str, str]
"""(kind, rule, origin)."""


def apply(
    *, actor: str, group: Group | None = None, ids: Sequence[int] = (), cap: int = MOST_AT_ONCE,
    dry_run: bool = False,
) -> Applied:  # fmt: skip
    """Apply open proposals, a group's or those picked, as one change set, up to a cap.

    Picked ones must be of one kind of record and one origin. A field that was edited since keeps
    its value and is named. dry_run: only says what would be done. Invalid where none is left.
    """
    chosen = list(_chosen(group, ids)[: min(cap, MOST)])
    if not chosen:
        raise Invalid(_("None of these proposals is open any more."))
    kind, origin = _one_of(chosen)
    tally = _Tally()
    if dry_run:
        _sorted_out(kind, chosen, tally)
        left = _left(group, len(chosen))
        return Applied(0, None, tally.fields, len(tally.records), tuple(tally.stale), left)
    rules = {one.rule for one in chosen}
    run = _open(actor, kind, rules.pop() if len(rules) == 1 else "", origin, chosen)
    for start in range(0, len(chosen), _BATCH):
        _write(run, chosen[start : start + _BATCH], tally)
    _close(run, tally.fields)
    left = _left(group, 0)
    if not tally.fields:
        return Applied(0, None, 0, 0, tuple(tally.stale), left)
    return Applied(
        run.id, run.change_set_id, tally.fields, len(tally.records), tuple(tally.stale), left
    )


def _left(group: Group | None, taken: int) -> int:
    return max(0, queries.count_of(*group) - taken) if group else 0


def _chosen(group: Group | None, ids: Sequence[int]) -> QuerySet[RepairProposal]:
    if group is not None:
        return queries.opened(*group)
    if len(ids) > MOST_AT_ONCE:
        raise Invalid(_("At most %(most)s fields at once."), most=MOST_AT_ONCE)
    return RepairProposal.objects.filter(id__in=list(ids), state="open").order_by("id")


def _one_of(chosen: Sequence[RepairProposal]) -> tuple[str, str]:
    found = {(one.kind, one.origin) for one in chosen}
    if len(found) > 1:
        raise Invalid(_("Pick proposals of one kind of record and one origin."))
    return found.pop()


# -- writing -------------------------------------------------------------------------------------


def _open(
    actor: str, kind: str, rule: str, origin: str, chosen: Sequence[RepairProposal]
) -> RepairRun:
    _sweep()
    known_at = writing_time() or datetime.now(UTC)
    days = sorted({one.told_on for one in chosen if one.told_on})
    told = f" · {days[-1].isoformat()}" if days else ""
    title = origin + told if origin else RULE_LABELS[Rule(rule)] if rule else ""
    set_id = history_service.bulk_open(
        source=origin or history_service.LOCAL, actor=actor,
        purpose=ENRICHED if origin else PURPOSE, title=title, known_at=known_at,
    )  # fmt: skip
    return RepairRun.objects.create(
        change_set_id=set_id, actor=actor, kind=kind, rule=rule, origin=origin
    )


def _sweep() -> None:
    """Take away what a crash left half written long ago: it was never visible."""
    for run in RepairRun.objects.filter(is_done=False, at__lt=datetime.now(UTC) - _FORGOTTEN):
        _abandon(run)


def _abandon(run: RepairRun) -> None:
    with suppress(NotFound):
        history_service.bulk_undo(run.change_set_id)
    RepairProposal.objects.filter(run=run).update(state="open", run=None)
    run.delete()


def _write(run: RepairRun, chosen: Sequence[RepairProposal], tally: _Tally) -> None:
    """Write one batch and mark its proposals in one transaction: safe to repeat after a crash."""
    before = len(tally.stale)
    with transaction.atomic():
        taken, moot = _sorted_out(run.kind, chosen, tally)
        info = history.set_info(run.change_set_id)
        if info is None:
            raise NotFound(_("There are no repairs %(id)s."), id=run.id)
        us = to_us(info.known_at)
        updates = [Update(one.record_id, us, one.field, one.old, one.new) for one in taken]
        history_service.bulk_append(run.change_set_id, Batch(run.kind, updates=updates))
        _mark([one.id for one in taken], state="applied", run=run)
        _drop([one.id for one in moot])
        stale = {(one.record_id, one.field): one.now for one in tally.stale[before:]}
        for one in chosen:
            if (one.record_id, one.field) in stale:
                one.state, one.found = "stale", stale[one.record_id, one.field]
                one.save(update_fields=["state", "found"])


def _sorted_out(
    kind: str, chosen: Sequence[RepairProposal], tally: _Tally
) -> tuple[list[RepairProposal], list[RepairProposal]]:
    """Return what can be written and what is so already; count, and name what was edited since."""
    standing = history.raw_states(kind, [one.record_id for one in chosen])
    gone = kept_out().records(kind)  # nobody fills in again who was erased meanwhile
    taken: list[RepairProposal] = []
    moot: list[RepairProposal] = []
    seen: set[tuple[int, str]] = set()
    for one in chosen:
        state = standing.get(one.record_id)
        now = state.get(one.field) if state is not None else None
        where = (one.record_id, one.field)
        is_so = now == one.new and now != one.old
        if state is None or is_so or where in seen or one.record_id in gone:
            moot.append(one)  # gone, or so already
        elif now != one.old:
            tally.stale.append(Stale(kind, one.record_id, one.field, one.old, now))
        else:
            seen.add(where)
            taken.append(one)
            tally.records.add(one.record_id)
    tally.fields += len(taken)
    return taken, moot


def _mark(ids: Sequence[int], **values: Any) -> None:
    for start in range(0, len(ids), 500):
        RepairProposal.objects.filter(id__in=ids[start : start + 500]).update(**values)


def _drop(ids: Sequence[int]) -> None:
    for start in range(0, len(ids), 500):
        RepairProposal.objects.filter(id__in=ids[start : start + 500]).delete()


def _close(run: RepairRun, fields: int) -> None:
    if not fields:  # everything was edited since
        history_service.bulk_undo(run.change_set_id)
        run.delete()
        return
    history_service.bulk_complete(run.change_set_id)
    run.fields, run.is_done = fields, True
    run.save(update_fields=["fields", "is_done"])


# -- a large group, in a job ----------------------------------------------------------------------


def apply_start(group: Group, *, actor: str, cap: int = MOST) -> int:
    """Apply a large group in a job, as one change set; returns the job's id."""
    from perilune.jobs import service as jobs

    count = min(cap, MOST, queries.count_of(*group))
    if not count:
        raise Invalid(_("None of these proposals is open any more."))
    return jobs.start(APPLY.name, {"group": list(group), "cap": count, "actor": actor}, actor=actor)


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Apply the next batches. params: group, cap, actor."""
    kind, rule, origin = params["group"]
    left = int(params["cap"]) - int(cursor.get("seen", 0))
    chosen = list(queries.opened(kind, rule, origin)[: min(_BATCH * 2, left)])
    run = _run_of(params, cursor, chosen)
    if chosen and run is not None:
        tally = _Tally()
        for start in range(0, len(chosen), _BATCH):
            _write(run, chosen[start : start + _BATCH], tally)
    seen = int(cursor.get("seen", 0)) + len(chosen)
    is_done = not chosen or seen >= int(params["cap"])
    result: dict[str, Any] = {}
    if is_done and run is not None:
        fields = RepairProposal.objects.filter(run=run, state="applied").count()
        result = {"run": run.id, "fields": fields}
        _close(run, fields)
    return StepResult(
        {"run": run.id if run else None, "seen": seen}, is_done=is_done, done=seen,
        total=int(params["cap"]), message=_("Writing repairs"), result=result,
    )  # fmt: skip


def _run_of(
    params: Mapping[str, Any], cursor: Mapping[str, Any], chosen: Sequence[RepairProposal]
) -> RepairRun | None:
    if cursor.get("run"):
        return RepairRun.objects.filter(id=cursor["run"]).first()
    kind, rule, origin = params["group"]
    return _open(str(params["actor"]), kind, rule, origin, chosen) if chosen else None


def _cancelled(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> None:
    run = RepairRun.objects.filter(id=cursor.get("run") or 0, is_done=False).first()
    if run is not None:
        _abandon(run)


APPLY = JobKind("hub.repairs.apply", _("Apply repairs"), _step, _cancelled)


# -- taking back, rejecting, answering -------------------------------------------------------------


def undo(run_id: int, *, actor: str) -> Undone:
    """Take applied repairs back: their values are what they were; later edits stand and are told.

    NotFound when there are none; Conflict when they were taken back already.
    """
    run = queries.run(run_id)
    if not run.is_standing:
        raise Conflict(_("These repairs were taken back already."))
    result = history_service.retract(run.change_set_id, actor)
    kept = tuple(_kept(run_id, result))
    edited = {(one.record_id, one.field) for one in kept}
    with transaction.atomic():
        mine = list(RepairProposal.objects.filter(run_id=run_id, state="applied"))
        _drop([one.id for one in mine if (one.record_id, one.field) in edited])
        _mark(
            [one.id for one in mine if (one.record_id, one.field) not in edited],
            state="open", run=None,
        )  # fmt: skip
    return Undone(run_id, run.fields - len(edited), kept)


def _kept(run_id: int, result: Retraction) -> list[Stale]:
    old = {
        (record_id, name): value
        for record_id, name, value in RepairProposal.objects.filter(
            run_id=run_id, state="applied"
        ).values_list("record_id", "field", "old")
    }
    return [
        Stale(one.kind, one.record_id, one.field, old.get((one.record_id, one.field)), one.kept)
        for one in result.conflicts
    ]


def reject(*, ids: Sequence[int] = (), group: Group | None = None) -> int:
    """Refuse open proposals: they are not brought up again while both values stay the same."""
    if group is not None:
        return queries.opened(*group).order_by().update(state="rejected")
    return RepairProposal.objects.filter(id__in=list(ids), state="open").update(state="rejected")


def reopen(group: Group) -> int:
    """Bring the rejected proposals of a group up again; returns how many."""
    return queries.in_state("rejected", *group).order_by().update(state="open")


def edit(proposal_id: int, value: Scalar, *, actor: str) -> int | None:
    """Answer a proposal by another value, typed: an edit like any other, that can be undone.

    Returns its change set, None where nothing changed; Invalid when it is no such value, Conflict
    when the field was edited since.
    """
    one = RepairProposal.objects.filter(id=proposal_id, state="open").first()
    if one is None:
        raise NotFound(_("This proposal is not open any more."))
    now = history.raw_states(one.kind, [one.record_id]).get(one.record_id)
    if now is None or now.get(one.field) != one.old:
        raise Conflict(_("This field was edited since: load the page again."))
    done = record_change(one.kind, one.record_id, {one.field: value}, actor=actor)
    one.state = "rejected"
    one.save(update_fields=["state"])
    return done.change_set_id
