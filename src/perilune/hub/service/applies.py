"""Applies a run that was read: resumable, visible only once it is complete."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime

from django.db import transaction

from perilune.history import service as history_service
from perilune.history.contracts import Columns, from_us
from perilune.hub.contracts import (
    ADDED,
    Counts,
    RunState,
    Shape,
    from_json,
)
from perilune.hub.engine.proof import TwoSteps, drafts_of
from perilune.hub.models import ImportRun, SavedMapping
from perilune.hub.models import RowProblem as ProblemRow
from perilune.hub.service.applying import Applier
from perilune.hub.service.common import (
    STEP_SECONDS,
    Progress,
    clear_errors,
    fail,
    folder_of,
    is_alive,
    run_of,
    said_until,
    settle_today,
    undo,
)
from perilune.hub.service.keeping_out import drop_upload
from perilune.hub.service.lookalikes import arriving, deciding
from perilune.hub.service.reading import ORDER
from perilune.hub.service.staging import Staging
from perilune.kernel.errors import Conflict, Unavailable
from perilune.kernel.messages import gettext_noop as _


def import_apply(
    run_id: int, *, seconds: float = STEP_SECONDS, is_forced: bool = False
) -> Progress:
    """Write what was read for some seconds, in short batches; visible only once all is written."""
    run = run_of(run_id)
    if is_forced and RunState(run.state) is RunState.STOPPED:
        run.state, run.is_forced, run.message = RunState.READY.value, True, ""
        run.save(update_fields=["state", "is_forced", "message"])
    state = RunState(run.state)
    if state is RunState.DONE:
        return Progress(state, run.cursor, run.cursor, "")
    if state is RunState.STOPPED:
        raise Conflict(run.message, **run.message_params)
    if state not in (RunState.READY, RunState.APPLYING):
        raise Conflict(_("This import is not ready to be applied."))
    if state is RunState.READY:
        _begin(run)
    try:
        with clear_errors():
            return _apply(run, time.monotonic() + seconds)
    except Exception as error:
        with suppress(Exception):  # on a full disk even undoing fails: `recover` does it later
            undo(run)
            fail(run, error)
        raise


def import_release(run_id: int) -> None:
    """Let a stopped run be applied all the same; Conflict when it is not stopped."""
    run = run_of(run_id)
    if RunState(run.state) is not RunState.STOPPED:
        raise Conflict(_("This import is not stopped."))
    run.state, run.is_forced, run.message = RunState.READY.value, True, ""
    run.save(update_fields=["state", "is_forced", "message"])


def _apply(run: ImportRun, deadline: float) -> Progress:
    staging = Staging(folder_of(run.id))
    try:
        order = {kind: i for i, kind in enumerate(ORDER)}
        batches = sorted(staging.batches(), key=lambda b: (order.get(b[1], 99), b[0]))
        total = sum(count for _i, _k, _f, count in batches)
        if not batches:
            return _complete(run, staging)
        applier, chosen = applier_of(run, staging), deciding.decided(run.id, staging)
        while run.cursor < len(batches):
            batch_id, kind, _file, _count = batches[run.cursor]
            _write(run, applier, kind, staging, batch_id, chosen)
            if time.monotonic() > deadline and run.cursor < len(batches):
                done = sum(count for _i, _k, _f, count in batches[: run.cursor])
                return Progress(RunState.APPLYING, done, total, _("Writing records"))
        return _complete(run, staging)
    finally:
        staging.close()


def _begin(run: ImportRun) -> None:
    """Open the change set; another import under way is waited for, not raced."""
    with transaction.atomic():
        busy = ImportRun.objects.select_for_update().filter(state=RunState.APPLYING.value)
        if any(is_alive(other) for other in busy.exclude(id=run.id)):
            raise Unavailable(_("Another import is being applied; try again when it is done."))
        newer = ImportRun.objects.filter(
            source=run.source, id__gt=run.id, state=RunState.DONE.value
        )
        if newer.exists():
            raise Conflict(_("A later import of the same source was applied; read this one again."))
        run.change_set_id = history_service.bulk_open(
            source=run.source,
            actor=run.actor or "import",
            purpose="import",
            title=run.title,
            known_at=from_us(run.as_of_us or 0),
        )
        run.state, run.cursor, run.pid = RunState.APPLYING.value, 0, os.getpid()
        for counts in run.counts.values():
            # counted anew as it is written: what stands here may have changed since
            counts["unchanged"] -= counts.get("alike", 0)
            counts["changed"], counts["conflicts"], counts["alike"] = 0, 0, 0
        deciding.counted(run)
        run.save()


def applier_of(run: ImportRun, staging: Staging) -> Applier:
    """Return what turns the staged rows of a run into history."""
    return Applier(
        source=run.source,
        as_of_us=run.as_of_us or 0,
        said_us=said_until(run) or 0,
        seen_us=staging.get("seen") or {},
        fields=staging.get("fields") or {},
        is_exact=any(from_json(item).is_exact for item in run.mappings),
        unstamped={
            kind: names
            for item in run.mappings
            for kind, names in item.get("options", {}).get("unstamped", {}).items()
        },
    )


def columns_of(rows: TwoSteps) -> Columns:
    """Return rows as the history takes new records by column."""
    return Columns(
        kind=rows.kind,
        ids=rows.ids,
        keys=rows.keys,
        digests=rows.digests,
        births=rows.births,
        ends=rows.ends,
        early=rows.early,
        late=rows.late,
    )


def _write(  # noqa: PLR0917  # one call site, in the hot loop
    run: ImportRun, applier: Applier, kind: str, staging: Staging, batch_id: int,
    chosen: deciding.Decided | None,
) -> None:  # fmt: skip
    """Write a batch and the run's place in one transaction: a crash cannot lose or double it."""
    rows = staging.rows(batch_id)
    split = None
    if chosen is not None and chosen.touches(kind):
        split = chosen.split(kind, staging.drafts(batch_id), applier.as_of_us)
        rows = split.write
    new = columns_of(rows) if isinstance(rows, TwoSteps) and all(rows.is_new) else None
    if new is not None and history_service.bulk_can_take(new):
        with transaction.atomic():
            history_service.bulk_append_columns(run.change_set_id or 0, new)
            run.cursor += 1
            run.save(update_fields=["cursor"])
        return
    written = applier.batch(kind, drafts_of(rows) if isinstance(rows, TwoSteps) else rows)
    if split is not None:
        applier.take(kind, split.take, split.name, written)
    counts = run.counts.setdefault(kind, asdict(Counts()))
    counts["changed"] += written.changed
    counts["unchanged"] += written.same
    counts["conflicts"] += len(written.conflicts)
    with transaction.atomic():
        history_service.bulk_append(run.change_set_id or 0, written.batch)
        if written.conflicts:
            ProblemRow.objects.bulk_create(
                [ProblemRow(run_id=run.id, file="", **p._asdict()) for p in written.conflicts]
            )
        run.cursor += 1
        run.save(update_fields=["cursor", "counts"])


def _complete(run: ImportRun, staging: Staging) -> Progress:
    total = sum(counts["rows"] for counts in run.counts.values())
    with transaction.atomic():
        if not staging.batches():
            history_service.bulk_undo(run.change_set_id or 0)
            run.change_set_id = None
        else:
            history_service.bulk_complete(run.change_set_id or 0)
        run.state, run.finished_at, run.pid = RunState.DONE.value, datetime.now(UTC), 0
        run.notices = [*run.notices, *(asdict(n) for n in deciding.notices(run))]
        run.save()
        _supersede(run)
        _remember(run)
        settle_today()
        arriving.propose(staging, run.actor or "import", deciding.settle(run))
    staging.close()
    shutil.rmtree(folder_of(run.id), ignore_errors=True)
    drop_upload(run)
    return Progress(RunState.DONE, total, total, "")


def _supersede(run: ImportRun) -> None:
    """Close what earlier imports of the source left open: this one says it anew."""
    kinds = [kind for kind, counts in run.counts.items() if counts["rows"]]
    earlier = ProblemRow.objects.filter(run__source=run.source, state="open", kind__in=kinds)
    earlier = earlier.exclude(run=run).exclude(code="conflict")
    earlier.exclude(code__in=ADDED.values()).update(state="superseded")
    # a stage or rep that was added stays in question until somebody keeps or repairs it
    for code in ADDED.values():
        again = ProblemRow.objects.filter(run=run, code=code).values("value")
        earlier.filter(code=code, value__in=again).update(state="superseded")


def _remember(run: ImportRun) -> None:
    for item in run.mappings:
        if item["shape"] != Shape.SKIP.value:
            SavedMapping.objects.update_or_create(
                source=run.source, file=item["file"], defaults={"mapping": item}
            )
