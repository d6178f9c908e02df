"""Rows that a write made there, and of which no answer came: recognised before they are imported.

A process can be killed between the creation of a record and its answer, and a sync run before
anybody goes on with the batch. The row carries our id: it joins our record and makes none.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from perilune.history import queries as history
from perilune.history.service import change_set
from perilune.hub.contracts.sync import SourceObject
from perilune.hub.contracts.writing import PURPOSE, LineState
from perilune.hub.models import Connection, WriteLine, WriteRule
from perilune.hub.service.sync import mapping as maps
from perilune.hub.service.sync.ledger import Ledger
from perilune.hub.service.sync.outbox_making import append, open_marks
from perilune.hub.service.sync.outbox_writing import save


def mark_column(connection: Connection, name: str) -> str:
    """Return the column that keeps our id of what was made here, "" where none is made."""
    rows = WriteRule.objects.filter(connection=connection, object=name)
    return str(rows.values_list("match", flat=True).first() or "")


def recognise(connection: Connection, ledger: Ledger, objects: Sequence[SourceObject]) -> int:
    """Join the rows that landed and carry our ids to the records that they were made of."""
    count = 0
    for item in objects:
        marks = open_marks(connection, item.name)
        file = ledger.landing / maps.file_of(item)
        if not marks or not file.exists():
            continue
        column = mark_column(connection, item.name)
        with file.open(newline="", encoding="utf-8") as opened:
            for row in csv.DictReader(opened):
                lines = marks.pop(row.get(column) or "", None)
                if lines is not None:
                    count += _joined(connection.name, row[item.key], lines)
    return count


def _joined(source: str, key: str, lines: list[WriteLine]) -> int:
    with transaction.atomic():
        known = history.identities(source, lines[0].kind, [key])
        if key in known and known[key][0]:
            return 0
        now = datetime.now(UTC)
        batch = lines[0].batch
        with change_set(
            actor=batch.confirmed_by or batch.actor, title=batch.purpose, source=source,
            purpose=PURPOSE,
        ) as writer:  # fmt: skip
            append(writer.id, key, lines)
        for line in lines:
            line.state, line.code, line.key = LineState.WRITTEN.value, "confirmed", key
            line.answered_at, line.is_told = now, True
        save(lines)
    return 1
