"""Everything that a home holds of a person, as one file: JSON, and a table for each kind."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from perilune.history import queries as history
from perilune.kernel.kinds import CUSTOM_PREFIX
from perilune.kernel.personal import PERSONAL_TABLES, PersonalTable
from perilune.people import queries as people
from perilune.privacy.models import Dossier
from perilune.privacy.queries.consenting import ledger_of
from perilune.privacy.queries.dossiers import dossier as dossier_info
from perilune.privacy.queries.relating import related
from perilune.privacy.queries.subjects import Subject, subject_of
from perilune.privacy.queries.tables import model_of
from perilune.ui.contracts import Column
from perilune.ui.export import Export, write_csv

SCHEMA = 1
_SPOKEN = ("activity", "opportunity", "opportunity_contact", "campaign_member", "case", "lead")
"""Kinds whose records speak of a contact or lead."""
_OF_DEALS = ("id", "name", "close_date", "created_date", "next_step", "contact_id", "account_id")
"""Of deals: what concerns the person; amounts are the company's affair."""


def export(dossier_id: int, language: str) -> tuple[str, bytes]:
    """Return (file name, zip) of all that is held of a person; NotFound without the dossier."""
    dossier_info(dossier_id)
    row = Dossier.objects.get(id=dossier_id)
    subject = subject_of(row)
    with translation.override(language):
        document = _document(row, subject)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(document, ensure_ascii=False, indent=1, default=_plain)
        archive.writestr("person.json", text)
        for name, rows in document["tables"].items():
            archive.writestr(f"{name}.csv", "\ufeff" + _csv(name, rows, language))
    return f"person-{dossier_id}.zip", packed.getvalue()


def _document(row: Dossier, subject: Subject) -> dict[str, Any]:
    tables: dict[str, list[dict[str, Any]]] = {}
    changes: list[dict[str, Any]] = []
    for kind, ids in subject.records.items():
        states = history.states_as_of(kind, sorted(ids))
        tables[kind] = [_labelled(kind, state) for state in states.values()]
        changes += [change for record_id in sorted(ids) for change in _changes(kind, record_id)]
    for kind, near in sorted(related(subject.records).items()):
        if kind in _SPOKEN and kind not in subject.records:
            states = history.states_as_of(kind, sorted(near))
            tables[kind] = [_labelled(kind, _shown(kind, state)) for state in states.values()]
    tables["changes"] = changes
    tables["consent"] = [
        {
            "purpose": line.purpose.value, "basis": line.basis.value, "state": line.state.value,
            "source": line.source, "day": line.day,
        }
        for kind, ids in subject.records.items() for record_id in sorted(ids)
        for line in ledger_of(kind, record_id)
    ]  # fmt: skip
    tables["users"] = [
        {"user": found.username, "name": found.name, "email": found.email, "role": found.role.value}
        for username in subject.users
        if (found := people.person_named(username)) is not None
    ]
    tables["elsewhere"] = list(_elsewhere(subject))
    return {
        "schema": SCHEMA,
        "made_at": datetime.now(people.company().zone),
        "company": people.company().name,
        "records": row.records,
        "known_in": [
            {"kind": kind, "record": record_id, "source": source, "key": key}
            for kind, ids in subject.records.items() for record_id in sorted(ids)
            for source, key in history.identities_of(kind, record_id)
        ],
        "places": [
            {"place": gettext(place.label), "count": place.found}
            for place in dossier_info(row.id).places
        ],
        "tables": {name: rows for name, rows in tables.items() if rows},
    }  # fmt: skip


def _shown(kind: str, state: Mapping[str, Any]) -> dict[str, Any]:
    if kind != "opportunity":
        return dict(state)
    return {name: state[name] for name in _OF_DEALS if name in state}


def _labelled(kind: str, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with the labels of its fields, the empty ones left out."""
    labels = {
        item.name: item.label if item.name.startswith(CUSTOM_PREFIX) else gettext(item.label)
        for item in history.all_fields(kind)
    }
    return {labels.get(name, name): value for name, value in state.items() if value is not None}


def _changes(kind: str, record_id: int) -> Iterator[dict[str, Any]]:
    """Give every value that there ever was, when it was known and where it came from."""
    for event in reversed(history.timeline(kind, record_id, with_retracted=True)):
        values = event.new if isinstance(event.new, dict) else {event.field: event.new}
        for name, value in values.items():
            yield {
                "kind": kind, "record": record_id, "field": name, "value": value,
                "known_at": event.known_at, "source": event.source, "by": event.actor,
            }  # fmt: skip


def _elsewhere(subject: Subject) -> Iterator[dict[str, Any]]:
    """Give the texts of other tables that name the person, cell by cell."""
    for table in PERSONAL_TABLES:
        if table.is_own:
            continue
        columns = (*table.holds, *table.packed)
        if not columns:
            continue
        rows = model_of(table.model)._base_manager.order_by("pk").values("pk", *columns)
        for row in rows.iterator(chunk_size=500):
            for text in _named(table, row, subject):
                yield {"place": table.model, "row": str(row["pk"]), "text": text}


def _named(table: PersonalTable, row: Mapping[str, Any], subject: Subject) -> Iterator[str]:
    for name in table.holds:
        yield from _leaves(row[name], subject)
    for name, codec in table.packed.items():
        if row[name]:
            yield from _leaves(codec.opened(row[name]), subject)


def _leaves(value: Any, subject: Subject) -> Iterator[str]:
    if isinstance(value, str):
        if subject.scrubber.names(value):
            yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(name, subject)
            yield from _leaves(item, subject)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item, subject)


def _csv(name: str, rows: list[dict[str, Any]], language: str) -> str:
    names = list(dict.fromkeys(key for row in rows for key in row))
    export_ = Export(
        name=name, columns=[Column(key, key) for key in names],
        rows=[[_cell(row.get(key)) for key in names] for row in rows],
    )  # fmt: skip
    text = io.StringIO(newline="")
    write_csv(export_, text, language)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return value


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
