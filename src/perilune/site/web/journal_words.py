"""The journal in words: records by their titles, values by their names, verbs of the reader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from perilune.crm.web.addresses import record_url
from perilune.crm.web.page_of_record import what_changed
from perilune.crm.web.presenting import Names, label_of, value_of, written
from perilune.crm.web.tables import may_open
from perilune.history import queries
from perilune.history.contracts import CREATION, DELETED, PRIVATE, Event, SetInfo
from perilune.kernel.kinds import Field, FieldType
from perilune.kernel.wiring import KINDS
from perilune.people.web.gate import PageRequest
from perilune.planning.contracts import ASSUMPTION
from perilune.site.web.journal_edits import EditWords

NAMED_ROWS = 50
"""A set of more rows is about many records: it is not named after its first."""


def titles_of(request: PageRequest, sets: Sequence[SetInfo]) -> dict[int, str]:
    """Return what each change set is called in the list of the journal: what changed, then where.

    A change of a scenario says what it assumes: its author alone reads it here.
    """
    small = [info.id for info in sets if 0 < info.rows <= NAMED_ROWS]
    first = queries.first_events(small)
    wanted = [event for events in first.values() for event in events[:1]]
    named = records_named(wanted)
    assumed = _assumed(request, [info.id for info in sets if info.purpose == PRIVATE], small)
    return {
        info.id: _title(info, first.get(info.id, []), named, assumed.get(info.id, ""))
        for info in sets
    }


def _title(
    info: SetInfo, events: list[Event], named: Mapping[tuple[str, int], str], assumed: str
) -> str:
    verb = _(info.title) if info.title else ""
    if not events or (verb and info.purpose == "import"):
        return verb or f"#{info.id}"
    first = events[0]
    fields = {item.name: item for item in queries.all_fields(first.kind)}
    verb = verb or what_changed(events, fields)[0]
    if assumed:
        verb = labelled(verb, assumed)
    return f"{verb} · {named[first.kind, first.record_id]}"


def _assumed(request: PageRequest, private: Sequence[int], small: Sequence[int]) -> dict[int, str]:
    """Return what the edit of each private set assumes, or what of it was changed."""
    wanted = sorted(set(private) & set(small))
    first = queries.first_events(wanted, ASSUMPTION.name) if wanted else {}
    events = [event for listed in first.values() for event in listed]
    told = EditWords(events, request.as_of)
    fields = {item.name: item for item in queries.all_fields(ASSUMPTION.name)}
    names = _references({ASSUMPTION.name: fields}, events)
    found = {}
    for set_id, listed in first.items():
        if listed[0].field in (CREATION, DELETED):
            found[set_id] = told.told(listed[0])
            continue
        parts = [
            labelled(label, after)
            for event in listed
            if event.field != "position"
            for label, _old, after in [_words(event, fields, names, request.company.currency, told)]
        ]
        found[set_id] = ", ".join(parts)
    return found


def labelled(label: str, value: str) -> str:
    """Return a label and its value in one line, as the reader's language sets the colon."""
    # translators: a label and its value
    return _("%(label)s: %(value)s") % {"label": label, "value": value}


def records_named(events: Iterable[Event]) -> dict[tuple[str, int], str]:
    """Return the titles of the records of some events, by kind and id."""
    wanted: dict[str, set[int]] = defaultdict(set)
    born: dict[tuple[str, int], Mapping[str, Any]] = {}
    eves: dict[str, datetime] = {}
    for event in events:
        wanted[event.kind].add(event.record_id)
        eve = event.known_at - timedelta(microseconds=1)
        eves[event.kind] = min(eve, eves.get(event.kind, eve))
        if event.field == CREATION:
            born[event.kind, event.record_id] = event.new or {}
    found = {}
    for kind, ids in wanted.items():
        states = queries.states_as_of(kind, sorted(ids))
        gone = sorted(ids - states.keys())
        before = queries.states_as_of(kind, gone, eves[kind]) if gone else {}
        shown = {i: states.get(i) or before.get(i) or born.get((kind, i), {}) for i in ids}
        titles = _titles(kind, shown)
        label = _(KINDS.get(kind).label)
        for record_id in ids:
            found[kind, record_id] = titles.get(record_id) or f"{label} #{record_id}"
    return found


def _titles(kind: str, states: Mapping[int, Mapping[str, Any]]) -> dict[int, str]:
    """Return the titles of records; of those named after another record, that one's name."""
    name = KINDS.get(kind).title_field
    field = next((item for item in queries.all_fields(kind) if item.name == name), None)
    if field is None:
        return {}
    values: dict[int, Any] = {
        i: state.get(name) for i, state in states.items() if state.get(name) is not None
    }
    if field.type is FieldType.CHOICE:
        return {i: str(value_of(field, value, {})) for i, value in values.items() if value != ""}
    if field.type is not FieldType.REFERENCE:
        return {i: str(value) for i, value in values.items() if value != ""}
    of_others = _titles(field.target, queries.states_as_of(field.target, sorted(values.values())))
    label = _(KINDS.get(kind).label)
    return {i: f"{label} · {of_others[v]}" for i, v in values.items() if v in of_others}


def rows_of(
    request: PageRequest, events: Sequence[Event]
) -> list[tuple[Event, tuple[str, str, str, str], str]]:
    """Return each event, its record, field and values in words, and the record's address."""
    named = records_named(events)
    kinds = {event.kind for event in events}
    fields = {kind: {item.name: item for item in queries.all_fields(kind)} for kind in kinds}
    names = _references(fields, events)
    currencies = _currencies(request, events)
    told = EditWords(events, request.as_of)
    found = []
    for event in events:
        here = fields[event.kind]
        currency = currencies.get((event.kind, event.record_id), request.company.currency)
        label, old, new = _words(event, here, names, currency, told)
        url = record_url(event.kind, event.record_id) if may_open(request, event.kind) else ""
        found.append((event, (named[event.kind, event.record_id], label, old, new), url))
    return found


def _words(
    event: Event, fields: Mapping[str, Field], names: Names, currency: str, told: EditWords
) -> tuple[str, str, str]:
    if event.field == CREATION and (sentence := told.told(event)):
        return _("(created)"), "", sentence
    if event.field == CREATION:
        facts = [
            labelled(label_of(fields[name]), written(fields[name], value, names, currency))
            for name, value in event.new.items()
            if name in fields and value not in (None, "")
        ]
        return _("(created)"), "", ", ".join(facts)
    if event.field == DELETED:
        return (_("(deleted)") if event.new else _("(restored)")), told.told(event), ""
    if event.field not in fields:
        return event.field, str(event.old or ""), str(event.new or "")
    field = fields[event.field]
    before, after = (
        told.value(event, v) or written(field, v, names, currency) for v in (event.old, event.new)
    )
    return label_of(field), before, after


def _references(fields: Mapping[str, Mapping[str, Field]], events: Iterable[Event]) -> Names:
    wanted: dict[str, set[int]] = defaultdict(set)
    for event in events:
        pairs = event.new or {} if event.field == CREATION else {event.field: event.new}
        values = [*pairs.items()]
        if event.field != CREATION:
            values.append((event.field, event.old))
        for name, value in values:
            field = fields[event.kind].get(name)
            if field is not None and field.type is FieldType.REFERENCE and isinstance(value, int):
                wanted[field.target].add(value)
    return {
        kind: _titles(kind, queries.states_as_of(kind, sorted(ids)))
        for kind, ids in wanted.items()
        if kind in KINDS
    }


def _currencies(request: PageRequest, events: Iterable[Event]) -> dict[tuple[str, int], str]:
    """Return the currency that each record's money is in."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for event in events:
        wanted[event.kind].add(event.record_id)
    return {
        (kind, record_id): str(state["currency"])
        for kind, ids in wanted.items()
        for record_id, state in queries.states_as_of(kind, sorted(ids)).items()
        if state.get("currency")
    }
