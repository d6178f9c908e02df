"""Words and tables of the pages of write-back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.history.queries import all_fields, states_as_of
from perilune.hub.contracts.writing import (
    POLICY_LABELS,
    STRANGE,
    LineInfo,
    Proposal,
)
from perilune.hub.queries import connections as connection_queries
from perilune.hub.queries.proposals import ObjectRules, Proposed
from perilune.hub.queries.said import quoted_value
from perilune.hub.web.words import format_of
from perilune.hub.web.words import shown as shown_value
from perilune.kernel.kinds import Field, FieldType, Scalar
from perilune.kernel.wiring import KINDS
from perilune.ui import formats
from perilune.ui.contracts import (
    Cell,
    Column,
    Empty,
    Row,
    Status,
    Table,
)

SHOWN = 300
"""Lines that a page shows; the command line and the counts tell all."""

Key = tuple[str, int]


class Values:
    """Writes values of fields as people read them; names of records are asked for together."""

    def __init__(self, values: Iterable[tuple[str, str, Scalar]], currency: str) -> None:
        self._currency = currency
        self._fields: dict[str, dict[str, Field]] = {}
        wanted: dict[str, set[int]] = {}
        for kind, name, value in values:
            field = self._field(kind, name)
            if field is not None and field.type is FieldType.REFERENCE and isinstance(value, int):
                wanted.setdefault(field.target, set()).add(value)
        self._names: dict[Key, str] = {}
        for kind, ids in wanted.items():
            title = KINDS.get(kind).title_field
            for record_id, state in states_as_of(kind, sorted(ids)).items():
                self._names[kind, record_id] = str(state.get(title) or f"#{record_id}")

    def _field(self, kind: str, name: str) -> Field | None:
        if kind not in self._fields:
            self._fields[kind] = {item.name: item for item in all_fields(kind)}
        return self._fields[kind].get(name)

    def label(self, kind: str, name: str) -> str:
        """Return what a field is called."""
        field = self._field(kind, name)
        return gettext(field.label) if field is not None else name

    def text(self, kind: str, name: str, value: Scalar) -> str:
        """Return a value in words; one that means nothing here stands in quotes."""
        if isinstance(value, str) and value.startswith(STRANGE):
            return quoted_value(value.removeprefix(STRANGE))
        field = self._field(kind, name)
        if field is None or value is None:
            return gettext("empty") if value is None else str(value)
        if field.type is FieldType.REFERENCE and isinstance(value, int):
            return self._names.get((field.target, value), f"#{value}")
        return formats.write(shown_value(field, value), format_of(field), self._currency)


def values_of(lines: Sequence[LineInfo | Proposal], currency: str) -> Values:
    """Return how the values of lines are written."""
    told: list[tuple[str, str, Scalar]] = []
    for one in lines:
        told += [(one.kind, one.field, one.known), (one.kind, one.field, one.wanted)]
        if isinstance(one, LineInfo):
            told.append((one.kind, one.field, one.found))
    return Values(told, currency)


# -- before ------------------------------------------------------------------------------------


def finding_of(found: Proposed, rules: Sequence[ObjectRules], name: str) -> str:
    """Return the sentence that says what differs."""
    if not rules:
        return gettext("No field may be written yet. Choose below which ones may.")
    if not found.records:
        return gettext("Nothing that may be written differs from what %(name)s said last.") % {
            "name": name
        }
    text = ngettext(
        "%(n)s record was edited here and differs from what %(name)s said last.",
        "%(n)s records were edited here and differ from what %(name)s said last.",
        found.records,
    )
    return text % {"n": formats.number(found.records, 0), "name": name}


def proposals_of(found: Proposed, currency: str) -> Table:
    """Return what was edited here, field by field."""
    some = found.lines[:SHOWN]
    values = values_of(some, currency)
    rows = [
        Row(
            f"{one.kind}-{one.record_id}-{one.field}",
            (
                Cell(one.title or one.key, url=record_url(one)), gettext(KINDS.get(one.kind).label),
                values.label(one.kind, one.field),
                values.text(one.kind, one.field, one.known),
                values.text(one.kind, one.field, one.wanted),
                gettext("in Perilune") if one.origin == "local" else one.origin,
                gettext(POLICY_LABELS[one.policy]),
            ),
            url=record_url(one),
        )
        for one in some
    ]  # fmt: skip
    columns = (
        Column("title", gettext("Record"), is_title=True),
        Column("kind", gettext("Kind"), is_minor=True),
        Column("field", gettext("Field")),
        Column("known", gettext("Said there last")),
        Column("wanted", gettext("Stands here")),
        Column("origin", gettext("Edited"), is_minor=True),
        Column("policy", gettext("If changed there too"), is_minor=True),
    )
    nothing = Empty(
        gettext("Nothing to write"),
        gettext("Values that are edited here and may be written stand here until they are."),
    )
    return Table(
        columns, rows, gettext("What differs"), is_dense=True, empty=nothing, name="proposals",
        note=more(len(found.lines), len(some)),
    )  # fmt: skip


def record_url(one: Proposal | LineInfo) -> str:
    return reverse("crm:record", args=[one.kind, one.record_id])


def more(of: int, shown: int) -> str:
    if of <= shown:
        return ""
    return gettext("The first %(shown)s of %(of)s values are shown; all of them count.") % {
        "shown": formats.number(shown, 0), "of": formats.number(of, 0)
    }  # fmt: skip


def rules_table(
    name: str, objects: Sequence[str], rules: Sequence[ObjectRules],
    may: Mapping[str, tuple[str, str]],
) -> Table:  # fmt: skip
    """Return which fields of each object may be written; may: whether made and deleted there."""
    by = {one.object: one for one in rules}
    rows = []
    for object_name in objects:
        one = by.get(object_name)
        labels = _labels(one) if one is not None else ""
        rows.append(
            Row(
                object_name,
                (object_name, labels or Status(gettext("none")),
                 one.external if one is not None and one.external else gettext("its id"),
                 *may[object_name]),
                url=reverse("connections:write_fields", args=[name, object_name]),
            )
        )  # fmt: skip
    columns = (
        Column("object", gettext("Object"), is_title=True),
        Column("fields", gettext("Fields that may be written")),
        Column("by", gettext("Addressed by"), is_minor=True),
        Column("made", gettext("Made there")),
        Column("deleted", gettext("Deleted there")),
    )
    return Table(columns, rows, gettext("What may be written"), is_dense=True, name="rules")


def _labels(one: ObjectRules) -> str:
    names = {item.name: item.label for item in all_fields(one.kind)}
    return ", ".join(gettext(names.get(field, field)) for field in one.fields)


def part_finding(records: int, name: str) -> str:
    """Return the sentence of a panel: how much of a change set another system does not say yet."""
    if not records:
        return gettext("%(name)s says all of it already, or may not be written it.") % {
            "name": name
        }
    text = ngettext(
        "%(n)s record differs from what %(name)s said last.",
        "%(n)s records differ from what %(name)s said last.",
        records,
    )
    return text % {"n": formats.number(records, 0), "name": name}


def field_label(name: str, object_name: str, field: str) -> str:
    """Return what a mapped field is called here."""
    kinds = {one.name: one.kinds for one in connection_queries.connection(name).objects}
    kind = kinds[object_name][0]
    return next((gettext(item.label) for item in all_fields(kind) if item.name == field), field)
