"""Writes what a connector read: what a source tells of its own past stands at its own instants."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

from perilune.history import queries as history
from perilune.history.contracts import DELETED, Batch, Sent, Update
from perilune.hub.contracts import Draft
from perilune.hub.engine import diff, proof
from perilune.hub.engine.sync.timelines import Field, by_field, settled
from perilune.hub.service.departures import ENDED
from perilune.kernel.kinds import Scalar
from perilune.kernel.wiring import KINDS

if TYPE_CHECKING:
    from perilune.hub.service.applying import Applier, Written
    from perilune.hub.service.resolver import Resolver

_Rows = Sequence[tuple[int, str, Mapping[str, Any], str]]


def compare(
    applier: Applier, kind: str, drafts: Sequence[Draft], written: Written, updates: list[Update]
) -> None:
    """Add the updates that bring records to what their source tells, and what it said last."""
    ids = [d.record_id for d in drafts]
    then = history.last_sent(applier.source, kind, ids)
    rows = history.said_rows(kind, ids)
    spoken = set(applier.fields.get(kind, ()))
    sent = []
    for draft in drafts:
        said = then.get(draft.record_id, {})
        now = proof.final(draft)
        said_here = {n: v for n, v in said.items() if n in spoken or n in now}
        values = {**said, **{n: now.get(n) for n in said_here}, **now}
        sent.append(Sent(draft.key, draft.record_id, draft.digest, values))
        before = len(updates)
        own = rows.get(draft.record_id, [])
        if _restored(applier.source, draft, own, updates) or _stands(own):
            _fields(applier, kind, draft, (said_here, now), own, written, updates)
        else:  # deleted here: that stands, and is told
            written.conflicts.append(diff.conflict(kind, draft, "", None))
        if len(updates) > before:
            written.changed += 1
        else:
            written.same += 1
    written.batch = Batch(kind, written.batch.creations, updates, [*written.batch.sent, *sent])


def _fields(  # noqa: PLR0917  # one call site, in the hot loop
    applier: Applier, kind: str, draft: Draft,
    said: tuple[Mapping[str, Scalar], Mapping[str, Scalar]], rows: _Rows, written: Written,
    updates: list[Update],
) -> None:  # fmt: skip
    then, now = said
    since = proof.told(draft)
    # a change that its source does not stamp is known from the run that saw it
    since |= dict.fromkeys(applier.unstamped.get(kind, ()), applier.as_of_us)
    stands = by_field([(us, values, own == applier.source) for us, _n, values, own in rows])
    told: dict[str, list[tuple[int, Scalar]]] = {}
    for name in draft.tracked:
        first = [(draft.birth_us, draft.birth[name])] if name in draft.birth else []
        told[name] = first + [(us, value) for us, n, value in draft.later if n == name]
    latest = max([draft.birth_us, *(us for us, _n, _v in draft.later)])
    for name in {**then, **now}:
        if name not in told and then.get(name) == now.get(name):
            continue
        one = Field(
            stands.get(name, ()), told.get(name, ()), now.get(name), then.get(name),
            since.get(name, latest),
        )  # fmt: skip
        found = settled(one)
        if found.is_conflict:
            written.conflicts.append(diff.conflict(kind, draft, name, now.get(name)))
        updates += [Update(draft.record_id, us, name, old, new) for us, old, new in found.steps]


def _stands(rows: _Rows) -> bool:
    ends = [values[DELETED] for _us, name, values, _s in rows if name == DELETED]
    return bool(rows) and not (ends and ends[-1])


def _restored(source: str, draft: Draft, rows: _Rows, updates: list[Update]) -> bool:
    """Bring back a record that this very source had ended; false where there is no such end."""
    ends = [(us, values[DELETED], own) for us, name, values, own in rows if name == DELETED]
    if not ends or not ends[-1][1] or ends[-1][2] != source:
        return False
    latest = max([draft.birth_us, *(us for us, _n, _v in draft.later)])
    updates.append(Update(draft.record_id, max(latest, ends[-1][0]), DELETED, True, False))
    return True


def news(
    resolver: Resolver, kind: str, drafts: Sequence[Draft], sent: Mapping[str, tuple[int, int]]
) -> list[Draft]:
    """Return the drafts that say something new; sent: (record, digest) by key as said before.

    What a connector's source shows and had itself ended comes back, changed or not.
    """
    same = {d.key for d in drafts if d.key in sent and sent[d.key][1] == d.digest}
    if resolver.is_exact:
        back = ended_by(resolver.source, kind, [sent[key][0] for key in same])
        same = {key for key in same if sent[key][0] not in back}
    return [draft for draft in drafts if draft.key not in same]


def ended_by(source: str, kind: str, ids: Collection[int]) -> set[int]:
    """Return those of some records that do not stand because this very source ended them."""
    model, every = history.model_of(KINDS.get(kind))._default_manager, sorted(ids)
    left = set(every)
    for at in range(0, len(every), 500):
        some = model.filter(id__in=every[at : at + 500])
        left.difference_update(some.values_list("id", flat=True))
    found = set()
    for record_id, rows in history.said_rows(kind, sorted(left)).items():
        ends = [(bool(values[DELETED]), own) for _us, n, values, own in rows if n == DELETED]
        if ends and ends[-1] == (True, source):
            found.add(record_id)
    return found


def alive_beside(kind: str, ids: Sequence[int], gone: Set[tuple[str, str]]) -> set[int]:
    """Return the records that a (source, key) leads to which is not gone, nor was ended before."""
    keys: dict[str, list[str]] = {}
    for source, key, digest in history.latest_identities(kind, ids):
        if digest != ENDED and (source, key) not in gone:
            keys.setdefault(source, []).append(key)
    return {
        record_id
        for source, some in keys.items()
        for record_id, _digest in history.identities(source, kind, some).values()
    }


def end(
    source: str, kind: str, drafts: Sequence[Draft], written: Written, updates: list[Update]
) -> None:
    """End what the source deleted; the key of what it merged goes over to the heir.

    A record that was merged here lives on while another key of it does. The keys of what had been
    merged into a record go on with its own.
    """
    ids = [d.record_id for d in drafts if d.record_id]
    alive = alive_beside(kind, ids, {(source, d.key) for d in drafts})
    before = _merged_before(source, kind, drafts)
    rows = history.said_rows(kind, ids)
    then = history.last_sent(source, kind, ids)
    sent = []
    for draft in drafts:
        us, into = draft.gone
        own = rows.get(draft.record_id, ())
        is_over = draft.record_id != into and (bool(into) or draft.record_id not in alive)
        if draft.record_id and is_over and _stands(own):
            # behind its last return, also where that was known from a later clock
            us = max([us, *(at for at, name, _values, _s in own if name == DELETED)])
            updates.append(Update(draft.record_id, us, DELETED, False, True))
            written.changed += 1
        else:
            written.same += 1
        if into:
            keys = [draft.key, *(before.get(draft.record_id, ()) if is_over else ())]
            sent += [Sent(key, into, ENDED, None) for key in keys]
        else:
            said = then.get(draft.record_id, {})
            sent.append(Sent(draft.key, draft.record_id, draft.digest, said))
    written.batch = Batch(kind, written.batch.creations, updates, [*written.batch.sent, *sent])


def _merged_before(source: str, kind: str, drafts: Sequence[Draft]) -> dict[int, list[str]]:
    """Return by record the keys of what its source had merged into it, where it is merged now."""
    ids = [d.record_id for d in drafts if d.record_id and d.gone[1]]
    told = history.latest_identities(kind, ids)
    ended = [key for of, key, digest in told if of == source and digest == ENDED]
    found: dict[int, list[str]] = {}
    for key, (record_id, _digest) in history.identities(source, kind, ended).items():
        found.setdefault(record_id, []).append(key)
    return found
