"""Puts somebody on the list of those whom no import, sync or merge brings back."""

from __future__ import annotations

from datetime import UTC, datetime

from perilune.history import erasing
from perilune.privacy.engine.keeping_out import KEY, hint_of
from perilune.privacy.engine.values import NAME, form, keyed
from perilune.privacy.models import Dossier, Suppressed
from perilune.privacy.queries.sealing import hash_key
from perilune.privacy.queries.subjects import Subject


def suppress(dossier: Dossier, subject: Subject) -> int:
    """Keep a person out by every address, number, whole name and key of theirs; safe to repeat.

    What somebody else bears too keeps nobody out. Returns how many hashes stand for them.
    """
    key, now = hash_key(), datetime.now(UTC)
    rows: dict[tuple[str, str], Suppressed] = {}

    def add(sort: str, text: str, kind: str, record_id: int, hint: int = 0) -> None:
        digest = keyed(key, sort, text)
        rows[digest, kind] = Suppressed(
            digest=digest, sort=sort, kind=kind, record_id=record_id, hint=hint, dossier=dossier,
            at=now,
        )  # fmt: skip

    for kind, record_id in _standing(dossier, subject):
        for value in subject.values:
            hint = hint_of(value.text) if value.sort == NAME else 0
            add(value.sort, form(value), kind, record_id, hint)
    for kind, ids in subject.records.items():
        for record_id in ids:
            for source, name in erasing.keys_ever(kind, [record_id]):
                if not name.startswith("erased:"):
                    add(KEY, f"{source}\0{kind}\0{name}", kind, record_id)
    Suppressed.objects.bulk_create(rows.values(), ignore_conflicts=True)
    return Suppressed.objects.filter(dossier=dossier).count()


def _standing(dossier: Dossier, subject: Subject) -> list[tuple[str, int]]:
    """Return one record of each kind: who refers to the person by name refers to it."""
    found = [(kind, record_id) for kind, record_id in dossier.records if kind in subject.records]
    first = {kind: record_id for kind, record_id in reversed(found)}
    return list(first.items()) or [("", 0)]
