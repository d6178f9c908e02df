"""What is known of connections: their health, their runs, the proof of both sides."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from perilune.hub.contracts import from_json
from perilune.hub.contracts.sync import NAMED, PROVIDER_LABELS, Mode, Month, SyncState
from perilune.hub.models import Connection, MissingAnswer, Proof, SyncRun, WriteBatch
from perilune.jobs import queries as jobs
from perilune.jobs.contracts import ScheduleStatus
from perilune.kernel.errors import NotFound


@dataclass(frozen=True)
class ObjectInfo:
    """An object of a connection. mapped, of: fields that are read, of those that there are.

    unread: the company's own fields that nothing reads yet. rows: how many the source listed for
    the proof (None before it was compared); unequal: months that differ; refused: rows kept out.
    """

    name: str
    kinds: tuple[str, ...]
    is_on: bool
    mapped: int
    of: int
    unread: tuple[str, ...]
    rows: int | None = None
    unequal: int = 0
    refused: int = 0

    @property
    def is_hidden(self) -> bool:
        """Whether the other system does not show it to us."""
        return not self.is_on and not self.of


@dataclass(frozen=True)
class SyncInfo:
    """A run as pages and terminals show it. counts: seen, written, differing, left."""

    id: int
    connection: str
    mode: Mode
    state: SyncState
    actor: str
    counts: Mapping[str, Any]
    notices: Sequence[Mapping[str, Any]]
    import_ids: Sequence[int]
    is_proved: bool
    message: str
    message_params: Mapping[str, Any]
    job_id: int | None
    started_at: datetime
    finished_at: datetime | None

    @property
    def seen(self) -> int:
        """How many rows came."""
        return sum(self.counts.get("seen", {}).values())

    def written(self, name: str) -> int:
        """Return a count over the records of every kind: new, changed, conflicts, withheld."""
        found = self.counts.get("written", {}).values()
        return sum(int(one.get(name, 0)) for one in found)


@dataclass(frozen=True)
class ConnectionInfo:
    """A connection with its health. cut_off: a run whose process ended in the middle of it."""

    id: int
    name: str
    provider: str
    address: str
    is_connected: bool
    objects: tuple[ObjectInfo, ...]
    last: SyncInfo | None
    running: SyncInfo | None
    cut_off: SyncInfo | None
    succeeded_at: datetime | None
    used: int
    allowed: int
    skew_seconds: int
    schedule: ScheduleStatus | None
    months: int
    unequal: int
    refused: int
    asked: int
    signs_itself: bool

    @property
    def system(self) -> str:
        """What the system at the other end is called."""
        return PROVIDER_LABELS.get(self.provider, self.provider)

    @property
    def is_named(self) -> bool:
        """Whether a person names its objects."""
        return self.provider in NAMED

    @property
    def is_late(self) -> bool:
        """Whether its schedule should have run and did not, or did without success (rule 37)."""
        if self.schedule is None or not self.schedule.is_enabled:
            return False
        if self.schedule.is_late or self.succeeded_at is None:
            return self.schedule.is_late or self.schedule.last_run_at is not None
        age = (datetime.now(UTC) - self.succeeded_at).total_seconds()
        return age > 60 * (2 * self.schedule.every + 15)

    @property
    def is_proved(self) -> bool:
        """Whether both sides were compared and no row differs."""
        return self.months > 0 and not self.unequal


@dataclass(frozen=True)
class ProofCell:
    """One object and month on both sides, when they were compared, and keys that differ."""

    object: str
    month: Month
    proved_at: datetime
    rows: tuple[tuple[str, str], ...]


def connections() -> list[ConnectionInfo]:
    """Return every connection, by name."""
    scheduled = {item.name: item for item in jobs.schedules()}
    return [_info(found, scheduled) for found in Connection.objects.all()]


def connection(name: str) -> ConnectionInfo:
    """Return a connection; NotFound when there is none."""
    found = Connection.objects.filter(name=name).first()
    if found is None:
        raise NotFound("There is no connection %(name)s.", name=name)
    return _info(found, {item.name: item for item in jobs.schedules()})


def _info(found: Connection, scheduled: Mapping[str, ScheduleStatus]) -> ConnectionInfo:
    latest = SyncRun.objects.filter(connection=found).select_related("connection").first()
    last = _sync(latest) if latest is not None else None
    is_open = last is not None and last.state is SyncState.RUNNING
    is_cut_off = is_open and latest is not None and not is_alive(latest)
    told = found.health.get("succeeded_at")
    proofs = list(Proof.objects.filter(connection=found))
    return ConnectionInfo(
        id=found.id,
        name=found.name,
        provider=found.provider,
        address=found.address,
        is_connected=found.is_connected,
        objects=tuple(
            _object(n, kept, [one for one in proofs if one.object == n])
            for n, kept in found.objects_read.items()
        ),
        last=last,
        running=last if is_open and not is_cut_off else None,
        cut_off=last if is_cut_off else None,
        succeeded_at=datetime.fromisoformat(told) if told else None,
        used=int(found.health.get("used", 0)),
        allowed=int(found.health.get("allowed", 0)),
        skew_seconds=int(found.health.get("skew_seconds", 0)),
        schedule=scheduled.get(f"sync:{found.name}"[:60]),
        months=len(proofs),
        unequal=sum(not _month(one).is_equal for one in proofs),
        refused=sum(one.refused for one in proofs),
        asked=MissingAnswer.objects.filter(source=found.name, answer="").count(),
        signs_itself=bool(found.health.get("signs_itself")),
    )


def _object(name: str, kept: Mapping[str, Any], proofs: Sequence[Proof]) -> ObjectInfo:
    # what a sync makes itself is no field of theirs
    shape = {n: told for n, told in kept.get("shape", {}).items() if told[0] != "system"}
    if not kept.get("mapping"):
        return ObjectInfo(name, (), bool(kept.get("on")), 0, len(shape), ())
    mapping = from_json(kept["mapping"])
    used = {one.column for record in mapping.records for one in record.fields if one.column}
    given = kept.get("given", {})
    told = {given.get(name) for name in ("key", "stamp", "born", "gone")}  # read, though not mapped
    own = [
        label
        for field, (_type, label, is_own) in shape.items()
        if is_own and field not in used | told
    ]
    return ObjectInfo(
        name, mapping.kinds, bool(kept.get("on")), len(used), len(shape), tuple(sorted(own)),
        rows=sum(one.there for one in proofs) if proofs else None,
        unequal=sum(not _month(one).is_equal for one in proofs),
        refused=sum(one.refused for one in proofs),
    )  # fmt: skip


def syncs(name: str, limit: int = 10) -> list[SyncInfo]:
    """Return the latest runs of a connection, newest first."""
    rows = SyncRun.objects.filter(connection__name=name).select_related("connection")
    rows = rows.defer("place")[:limit]
    return [_sync(run) for run in rows]


def sync_info(run_id: int) -> SyncInfo:
    """Return a run; NotFound when there is none."""
    found = SyncRun.objects.filter(id=run_id).select_related("connection").first()
    if found is None:
        raise NotFound("There is no sync %(id)s.", id=run_id)
    return _sync(found)


def is_alive(run: SyncRun | WriteBatch) -> bool:
    """Tell whether the process or the job that works on a sync or a batch still runs."""
    if run.job_id is not None:
        with suppress(NotFound):
            return not jobs.job(run.job_id).state.is_over
        return False
    if not run.pid or run.pid == os.getpid():
        return bool(run.pid)
    try:
        os.kill(run.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync(run: SyncRun) -> SyncInfo:
    return SyncInfo(
        id=run.id,
        connection=run.connection.name,
        mode=Mode(run.mode),
        state=SyncState(run.state),
        actor=run.actor,
        counts=run.counts,
        notices=run.notices,
        import_ids=run.import_ids,
        is_proved=run.is_proved,
        message=run.message,
        message_params=run.message_params,
        job_id=run.job_id,
        started_at=run.started_at,
        finished_at=run.finished_at,
    )


def proof(name: str) -> list[ProofCell]:
    """Return the proof of a connection: each object and month as last compared."""
    found = Proof.objects.filter(connection__name=name).order_by("object", "month")
    return [
        ProofCell(
            one.object, _month(one), one.proved_at, tuple((key, why) for key, why in one.rows)
        )
        for one in found
    ]


def _month(one: Proof) -> Month:
    return Month(one.month, one.there, one.here, one.sum_there, one.sum_here, one.refused)
