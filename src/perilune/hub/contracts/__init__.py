"""What crosses the border of `hub`: mappings of files, problems of rows, states of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import Scalar
from perilune.kernel.messages import gettext_noop as _


class Shape(StrEnum):
    """What a row of a file stands for."""

    RECORDS = "records"
    EVENTS = "stage_events"
    HISTORY = "field_history"
    GONE = "gone"
    SKIP = "skip"


class RunState(StrEnum):
    """Where an import stands. Only APPLYING holds an unfinished change set."""

    OPENED = "opened"
    READING = "reading"
    READY = "ready"
    STOPPED = "stopped"
    APPLYING = "applying"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"


STATE_LABELS = {
    RunState.OPENED: _("Waiting for its mapping"),
    RunState.READING: _("Reading"),
    RunState.READY: _("Ready to apply"),
    RunState.STOPPED: _("Stopped: an answer is needed"),
    RunState.APPLYING: _("Being applied"),
    RunState.DONE: _("Applied"),
    RunState.CANCELLED: _("Cancelled"),
    RunState.FAILED: _("Failed, nothing applied"),
    RunState.ROLLED_BACK: _("Rolled back"),
}


@dataclass(frozen=True)
class FieldMap:
    """Where a field's value comes from: a column (header) or a constant.

    name_column holds a readable name beside an id, for records that must be made.
    scale multiplies numbers (1000000 for «in millions»); on_unknown says what to do with a
    reference that is not known: "warn" leaves it empty with a warning, "create" makes the record.
    """

    field: str
    column: str = ""
    constant: Scalar = None
    scale: int = 1
    on_unknown: str = ""
    name_column: str = ""
    confidence: float = 1.0


@dataclass(frozen=True)
class RecordMap:
    """One record that a row of a file gives. key: the columns whose values name it in its source.

    is_distinct: many rows may name the same record (a team, a manager); the first one counts.
    """

    kind: str
    fields: tuple[FieldMap, ...]
    key: tuple[str, ...] = ()
    is_distinct: bool = False


@dataclass(frozen=True)
class FileMap:
    """How one file of a source is read. `doubts` (msgids) keep it from being accepted unseen."""

    file: str
    shape: Shape
    records: tuple[RecordMap, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    confidence: float = 1.0
    doubts: tuple[str, ...] = ()
    reason: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of record that the file gives."""
        return tuple(dict.fromkeys(item.kind for item in self.records))

    @property
    def is_exact(self) -> bool:
        """Whether its rows stand at their source's own instants (decision 14).

        Of a list of departures too: where it comes alone, no other file would say so.
        """
        return bool(self.options.get("stamp")) or self.shape is Shape.GONE


def to_json(mapping: FileMap) -> dict[str, Any]:
    """Return a mapping as plain data: what is saved per source and edited in a file."""
    return {**asdict(mapping), "shape": mapping.shape.value}


def from_json(data: Mapping[str, Any]) -> FileMap:
    """Return the mapping of plain data; Invalid when it is not one."""
    try:
        records = tuple(
            RecordMap(
                kind=str(item["kind"]),
                fields=tuple(FieldMap(**one) for one in item["fields"]),
                key=tuple(item.get("key", ())),
                is_distinct=bool(item.get("is_distinct", False)),
            )
            for item in data.get("records", ())
        )
        return FileMap(
            file=str(data["file"]),
            shape=Shape(data.get("shape", "records")),
            records=records,
            options=dict(data.get("options", {})),
            confidence=float(data.get("confidence", 1.0)),
            doubts=tuple(data.get("doubts", ())),
            reason=str(data.get("reason", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid("The mapping cannot be read: %(error)s.", error=repr(error)) from error


class Severity(StrEnum):
    """What became of the row: stored with a doubt, or kept out."""

    WARNING = "warning"
    WITHHELD = "withheld"


W, X = Severity.WARNING, Severity.WITHHELD

PROBLEMS: dict[str, tuple[Severity, str]] = {
    "unknown_reference": (W, _("«%(value)s» is not a known %(target)s; the field stays empty.")),
    "new_stage": (
        W,
        _("«%(value)s» was no known stage: it is added, with the meaning «%(meaning)s»."),
    ),
    "new_rep": (W, _("«%(value)s» was no known rep: one is added, without a user.")),
    "new_account": (
        W,
        _("«%(value)s» was no known account: one is added, though another bears a name like it."),
    ),
    "blank_account": (W, _("The deal has no account.")),
    "no_date": (W, _("The deal has no date: it is known from the day of the export on.")),
    "blank_owner": (W, _("The deal has no owner.")),
    "blank_stage": (W, _("The deal has no stage.")),
    "not_a_number": (W, _("«%(value)s» is not a number; the field stays empty.")),
    "not_a_date": (W, _("«%(value)s» is not a date; the field stays empty.")),
    "impossible_date": (
        W,
        _("«%(value)s» is not a day of the calendar; the field stays empty."),
    ),
    "date_out_of_range": (W, _("The date «%(value)s» cannot be meant; the field stays empty.")),
    "not_a_choice": (W, _("«%(value)s» is not one of the choices; the field stays empty.")),
    "not_yes_or_no": (W, _("«%(value)s» is neither yes nor no; the field stays empty.")),
    "negative_amount": (W, _("The amount «%(value)s» is negative; it is stored as it is.")),
    "absurd_amount": (W, _("The amount «%(value)s» cannot be meant; the field stays empty.")),
    "out_of_bounds": (W, _("«%(value)s» lies outside what is possible; the field stays empty.")),
    "close_before_creation": (W, _("The deal closed before it was created.")),
    "closed_in_future": (W, _("The deal is closed at a date after the export.")),
    "created_in_future": (W, _("The creation date is after the export.")),
    "short_row": (
        W,
        _("The row has fewer cells than the header; the last fields stay empty."),
    ),
    "like_record": (W, _("«%(value)s» looks like a record that exists: judge under Duplicates.")),
    "like_row": (W, _("«%(value)s» looks like another row: judge under Duplicates.")),
    "circular_merge": (
        W,
        _(
            "«%(value)s» is what the source merged this record into, and the other way round:"
            " the record ended, and its id leads to no other."
        ),
    ),
    "conflict": (W, _("Changed here and at the source; the value here is kept.")),
    "long_row": (X, _("The row has more cells than the header: a delimiter inside a value?")),
    "duplicate_key": (X, _("«%(value)s» stands in the file before; this row is kept out.")),
    "missing_required": (X, _("The row has no value for a field that is required.")),
    "unreadable_text": (X, _("The row holds characters that cannot be read.")),
    "unknown_record": (X, _("There is no record «%(value)s» that this history belongs to.")),
    "record_elsewhere": (
        X,
        _(
            "The record «%(value)s» is in no file of this import: its history is read together"
            " with the file that holds it."
        ),
    ),
    "kept_out": (X, _("Somebody who was erased: nothing brings them back.")),
    "undated_history": (X, _("The history has no readable time: «%(value)s».")),
}
"""Code of a problem: what becomes of the row, and the message (msgid)."""


ADDED = {"stage": "new_stage", "rep": "new_rep", "account": "new_account"}
"""Kinds whose new names are told: code of the problem. It stays open until it is answered.

Of accounts, which are many, only those are in question whose name is like a known one's.
"""


class RowProblem(NamedTuple):
    """One thing doubtful or wrong in one row. `raw` is the row itself where it was withheld."""

    line: int
    kind: str
    key: str
    field: str
    column: str
    code: str
    value: str = ""
    suggestion: str = ""
    record_id: int = 0
    raw: str = ""


class Draft(NamedTuple):
    """A row turned into a record: its birth and what became known later, in encoded scalars.

    is_new: the source never sent it before. later: (known_us, field, value) in order of time.
    tracked: fields whose past its source tells. gone: (known_us, id it lives on as or 0) of a
    record that its source deleted or merged, else empty.
    """

    line: int
    key: str
    record_id: int
    is_new: bool
    digest: int
    birth_us: int
    birth: dict[str, Scalar]
    later: list[tuple[int, str, Scalar]]
    tracked: tuple[str, ...] = ()
    gone: tuple[int, ...] = ()


@dataclass(frozen=True)
class Notice:
    """Something that the reader of a file states: an assumption, a skipped file."""

    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    is_question: bool = False


@dataclass
class Counts:
    """What an import did or would do to the records of one kind.

    alike: those of `unchanged` whose rows read otherwise than the source last sent them. left_out
    and taken: rows that look like records, not written, and written onto these by choice.
    """

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    alike: int = 0
    conflicts: int = 0
    missing: int = 0
    warnings: int = 0
    withheld: int = 0
    left_out: int = 0
    taken: int = 0
