"""What is wrong with connections, by name: from the runs that are on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from perilune.hub.contracts.health import Trouble, WritingHealth
from perilune.hub.contracts.hooks import REFUSAL_LABELS
from perilune.hub.contracts.sync import DRIFTS, SyncState
from perilune.hub.engine.sync.watch import silence
from perilune.hub.queries import connections as queries
from perilune.hub.queries import hooks
from perilune.hub.queries.connections import ConnectionInfo, SyncInfo
from perilune.hub.queries.health_writing import writing_health
from perilune.kernel.messages import gettext_noop as _

RUNS = 50
"""Latest runs that are looked at."""

DRIFT_DAYS = 30
_OFTEN = 3
_NEARLY = 0.9
_SKEW_S = 120
_ACT = frozenset({"removed", "retyped"})


@dataclass(frozen=True)
class Health:
    """A connection with what is wrong with it, the worst first, and its latest runs.

    writing: how write-back stands, None where it is not used.
    """

    info: ConnectionInfo
    troubles: tuple[Trouble, ...]
    runs: tuple[SyncInfo, ...]
    writing: WritingHealth | None = None


def health(now: datetime | None = None) -> list[Health]:
    """Return every connection with its troubles, by name."""
    return [_of(info, now) for info in queries.connections()]


def health_of(name: str, now: datetime | None = None) -> Health:
    """Return one connection with its troubles; NotFound when there is none."""
    return _of(queries.connection(name), now)


def _of(info: ConnectionInfo, now: datetime | None) -> Health:
    runs = tuple(queries.syncs(info.name, RUNS))
    now = now or datetime.now(UTC)
    writing, more = writing_health(info.name, now)
    found = [*troubles(info, runs, now), *more]
    return Health(info, tuple(sorted(found, key=lambda one: not one.is_urgent)), runs, writing)


def troubles(info: ConnectionInfo, runs: Sequence[SyncInfo], now: datetime) -> list[Trouble]:
    """Return what is wrong. runs: the latest ones, newest first."""
    return [
        *_access(info, runs), *_cut_off(info), *_failing(info, runs), *_silent(info, runs, now),
        *_rows(info), *_drifts(runs, now), *_limits(info), *_calls(info, now),
    ]  # fmt: skip


def _access(info: ConnectionInfo, runs: Sequence[SyncInfo]) -> list[Trouble]:
    if info.is_connected or not runs:
        return []
    failed = next((run for run in runs if run.state is SyncState.FAILED), None)
    return [
        Trouble(
            "access",
            _("Access was taken back at the other system; nothing is read until it is allowed."),
            todo=_("Connect again."),
            at=failed.finished_at if failed is not None else None,
        )
    ]


def _cut_off(info: ConnectionInfo) -> list[Trouble]:
    run = info.cut_off
    if run is None:
        return []
    return [
        Trouble(
            "cut_off",
            _("The process of a sync ended in the middle of it; what it received is kept."),
            todo=_("Sync now: it goes on where it stopped."),
            at=run.started_at,
        )
    ]


def _failing(info: ConnectionInfo, runs: Sequence[SyncInfo]) -> list[Trouble]:
    over = [run for run in runs if run.state in (SyncState.DONE, SyncState.FAILED)]
    in_a_row = next(
        (i for i, run in enumerate(over) if run.state is SyncState.DONE), len(over)
    )  # fmt: skip
    if not in_a_row or not info.is_connected:
        return []
    last = over[0]
    if in_a_row == 1:
        return [Trouble("failed", last.message, last.message_params, at=last.finished_at)]
    return [
        Trouble(
            "failing",
            _("The last %(count)s runs failed one after another. The log of the runs says why."),
            {"count": in_a_row},
            at=over[in_a_row - 1].finished_at,
            is_urgent=in_a_row >= _OFTEN,
        ),
        Trouble("failed", last.message, last.message_params, at=last.finished_at),
    ]


def _silent(info: ConnectionInfo, runs: Sequence[SyncInfo], now: datetime) -> list[Trouble]:
    """Tell of a schedule that does not succeed, and of a source that says nothing any more."""
    if info.is_late:
        return [
            Trouble(
                "late",
                _("It should have synced by itself and did not succeed in time."),
                todo=_("Look whether the worker runs, then sync now."),
                at=info.succeeded_at,
            )
        ]
    news = [
        run.started_at.timestamp()
        for run in runs
        if run.state is SyncState.DONE and run.written("new") + run.written("changed")
    ]
    quiet = silence(news, now.timestamp())
    if quiet is None:
        return []
    return [
        Trouble(
            "silent",
            _("Runs succeed and bring nothing for %(days)s days: longer than ever before."),
            {"days": int(quiet // 86_400)},
            todo=_("See whether the user it reads with still sees the records."),
            at=datetime.fromtimestamp(max(news), UTC),
        )
    ]


def _rows(info: ConnectionInfo) -> list[Trouble]:
    found = []
    if info.unequal:
        found.append(
            Trouble(
                "differs",
                _("Months in which rows differ between the two sides: %(count)s."),
                {"count": info.unequal},
                todo=_("Compare everything and repair."),
            )
        )
    if info.refused:
        found.append(
            Trouble("refused", _("Rows kept out, with their reason: %(count)s."),
                    {"count": info.refused}, is_urgent=False)
        )  # fmt: skip
    if info.asked:
        found.append(
            Trouble("vanished", _("Rows no longer shown and not said to be deleted: %(count)s."),
                    {"count": info.asked}, todo=_("Say why."), is_urgent=False)
        )  # fmt: skip
    return found


def _drifts(runs: Sequence[SyncInfo], now: datetime) -> list[Trouble]:
    """Return how objects changed their shape lately, each change once, the newest first."""
    words = {DRIFTS[what]: what for what in DRIFTS}
    found: dict[tuple[str, str], Trouble] = {}
    for run in runs:
        if now - run.started_at > timedelta(days=DRIFT_DAYS):
            break
        for notice in run.notices:
            what = words.get(notice["message"])
            if what is None or what == "new":
                continue
            params = notice["params"]
            found.setdefault(
                (str(params["object"]), str(params["field"])),
                Trouble(f"drift_{what}", notice["message"], params, at=run.started_at,
                        todo=_("Look at the mapping."), is_urgent=what in _ACT),
            )  # fmt: skip
    return list(found.values())


def _limits(info: ConnectionInfo) -> list[Trouble]:
    found = []
    if info.allowed and info.used > _NEARLY * info.allowed:
        found.append(
            Trouble(
                "limit",
                _("Nearly all requests of the day are used: %(used)s of %(allowed)s."),
                {"used": info.used, "allowed": info.allowed},
                todo=_("Sync less often, or ask for a higher limit."),
                is_urgent=False,
            )
        )
    if abs(info.skew_seconds) > _SKEW_S:
        found.append(
            Trouble(
                "clock",
                _("The other system's clock differs by %(minutes)s minutes; its own times count."),
                {"minutes": round(info.skew_seconds / 60)},
                is_urgent=False,
            )
        )
    return found


def _calls(info: ConnectionInfo, now: datetime) -> list[Trouble]:
    """Tell of the webhooks of a connection: what was refused, what waits, who fell silent."""
    found = []
    for hook in hooks.hooks(now, connection=info.name):
        named = {"name": hook.name}
        if hook.refused:
            reason, _count, at = hook.refused[0]
            found.append(
                Trouble(
                    "hook_refused",
                    _("Calls of the webhook %(name)s refused within a week: %(count)s,"
                      " the last one %(reason)s."),
                    {**named, "count": hook.refusals, "reason": REFUSAL_LABELS[reason]}, at=at,
                    todo=_("See whether the other system signs with the secret of this webhook."),
                    is_urgent=False,
                )
            )  # fmt: skip
        if hook.is_stuck(now):
            found.append(
                Trouble(
                    "hook_waits", _("Calls of the webhook %(name)s wait: %(count)s."),
                    {**named, "count": hook.waiting}, at=hook.oldest,
                    todo=_("Look whether the worker runs, then sync now."),
                )
            )  # fmt: skip
        if hook.quiet_s is not None:
            found.append(
                Trouble(
                    "hook_silent",
                    _("The webhook %(name)s has been silent for %(days)s days: longer than ever"
                      " before."),
                    {**named, "days": int(hook.quiet_s // 86_400)}, at=hook.last_at,
                    todo=_("See whether the other system still calls this address."),
                )
            )  # fmt: skip
    return found
