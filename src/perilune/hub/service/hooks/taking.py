"""What calls lead to: a sync that reads the named records, or an import of the rows they bring."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from perilune.hub.contracts import FileMap, RunState, from_json, to_json
from perilune.hub.contracts.hooks import CallState
from perilune.hub.contracts.sync import Mode
from perilune.hub.engine.hooks import naming
from perilune.hub.models import Hook, HookCall, ImportRun, SavedMapping, SyncRun
from perilune.hub.service import jobs as import_jobs
from perilune.hub.service import opening
from perilune.hub.service.sync import verbs
from perilune.kernel.errors import Conflict, PeriluneError

AT_ONCE = 2_000
"""Calls that one run takes together."""

ACTOR = "webhook"
_OVER = [s.value for s in (RunState.DONE, RunState.ROLLED_BACK, RunState.CANCELLED,
                           RunState.FAILED)]  # fmt: skip


def take() -> int:
    """Act on every call that waits, those of a hook together; return how many were acted on.

    Where a sync or an import of the same source is under way, they wait for its end.
    """
    done = 0
    waiting = HookCall.objects.filter(state=CallState.NEW.value).values("hook")
    for hook in Hook.objects.filter(id__in=waiting).select_related("connection"):
        calls = list(
            HookCall.objects.filter(hook=hook, state=CallState.NEW.value).order_by("id")[:AT_ONCE]
        )
        try:
            done += _hinted(hook, calls) if hook.connection else _imported(hook, calls)
        except PeriluneError as error:
            _settle(calls, CallState.FAILED, message=error.message,
                    message_params={k: str(v) for k, v in error.params.items()})  # fmt: skip
    return done


def _bodies(calls: Sequence[HookCall]) -> list[Any]:
    return [json.loads(call.body) for call in calls]


def _hinted(hook: Hook, calls: Sequence[HookCall]) -> int:
    """Read the named records again; a run that goes on from before leaves the calls to the next."""
    connection = hook.connection
    assert connection is not None
    hints: naming.Named = {}
    objects = [name for name, kept in connection.objects_read.items() if kept.get("on")]
    for call, body in zip(calls, _bodies(calls), strict=True):
        found = naming.named(connection.provider, body, objects)
        call.records = sum(len(keys) for keys in found.values())
        for name, keys in found.items():
            hints[name] = list(dict.fromkeys([*hints.get(name, []), *keys]))
    if not hints:
        _settle(calls, CallState.DONE)
        return len(calls)
    try:
        run_id = verbs.sync_queue(connection.name, Mode.INCREMENTAL, actor=ACTOR, hints=hints)
    except Conflict:  # the end of what is under way calls again
        return 0
    if SyncRun.objects.filter(id=run_id).exclude(place={}).exists():
        return 0
    _settle(calls, CallState.DONE, run_id=run_id)
    return len(calls)


def _imported(hook: Hook, calls: Sequence[HookCall]) -> int:
    """Write the rows of calls into a file and import it, once its mapping was confirmed.

    The first import waits for a person; later ones run by themselves while nothing is in doubt.
    """
    runs = ImportRun.objects.filter(source=hook.source)
    if runs.exclude(state__in=_OVER).exists():
        return 0
    saved = SavedMapping.objects.filter(source=hook.source, file=f"{hook.source}.csv").first()
    mapping = from_json(saved.mapping) if saved is not None else None
    some, rows = _alike(calls, _columns_of(mapping))
    if not naming.columns(rows):
        _settle(some, CallState.DONE)
        return len(some)
    as_of = max(call.received_at for call in some)
    if mapping is None:
        path = _written(hook, some, f"{hook.source}.csv", rows)
        run_id = opening.import_open(path, source=hook.source, as_of=as_of, actor=ACTOR)
    else:
        own = _only(mapping, naming.columns(rows))
        path = _written(hook, some, own.file, naming.latest(rows, own.records[0].key))
        run_id = opening.import_open(
            path, source=hook.source, mapping=[to_json(own)], as_of=as_of, actor=ACTOR
        )
        import_jobs.import_start(run_id, apply=True, actor=ACTOR)
    _settle(some, CallState.DONE, import_id=run_id)
    return len(some)


def _alike(
    calls: Sequence[HookCall], mapped: Collection[str]
) -> tuple[list[HookCall], list[dict[str, str]]]:
    """Return the first calls that say the same of what is mapped, and their rows.

    A field that a call leaves out is unsaid, not empty: the next import takes the calls after it.
    """
    some: list[HookCall] = []
    rows: list[dict[str, str]] = []
    shape: set[str] = set()
    for call, body in zip(calls, _bodies(calls), strict=True):
        found = naming.rows(body)
        own = {name for row in found for name in row if name in mapped}
        if some and found and rows and own != shape:
            break
        call.records = len(found)
        shape = own if found else shape
        some.append(call)
        rows += found
    return some, rows


def _columns_of(mapping: FileMap | None) -> list[str]:
    if mapping is None:
        return []
    keys = [name for record in mapping.records for name in record.key]
    return [*keys, *(f.column for record in mapping.records for f in record.fields if f.column)]


def _only(mapping: FileMap, there: Collection[str]) -> FileMap:
    """Return a mapping without the fields that nothing was said of; its name is then another's."""
    records = tuple(
        replace(record, fields=tuple(f for f in record.fields if not f.column or f.column in there))
        for record in mapping.records
    )
    is_whole = records == mapping.records
    file = mapping.file if is_whole else f"{Path(mapping.file).stem}-part.csv"
    return replace(mapping, file=file, records=records)


def _written(hook: Hook, calls: Sequence[HookCall], file: str, rows: Sequence[Any]) -> Path:
    """Write rows as a file of the home, from where an import reads it."""
    folder = Path(settings.PERILUNE_HOME) / "uploads" / f"hook-{hook.id}-{calls[0].id}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / file).open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, naming.columns(rows), restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return folder / file


def _settle(calls: Sequence[HookCall], state: CallState, **facts: Any) -> None:
    """Note what calls led to; what they said is kept no longer than it is needed."""
    now = datetime.now(UTC)
    for call in calls:
        call.state, call.done_at = state.value, now
        if state is CallState.DONE:
            call.body = ""
        for name, value in facts.items():
            setattr(call, name, value)
    HookCall.objects.bulk_update(
        calls,
        ["state", "done_at", "body", "records", "run_id", "import_id", "message", "message_params"],
        batch_size=200,
    )
