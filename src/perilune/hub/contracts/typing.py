"""What crosses the border of typing avoided: causes, keystrokes, months, teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from perilune.kernel.kinds import FieldType
from perilune.kernel.messages import gettext_noop as _


class Cause(StrEnum):
    """What filled a field in a person's stead."""

    IMPORT = "import"
    REPAIR = "repair"
    ENRICHMENT = "enrichment"
    IMPLIED = "implied"


CAUSE_LABELS = {
    Cause.IMPORT: _("Imports and syncs"),
    Cause.REPAIR: _("Repairs"),
    Cause.ENRICHMENT: _("Enrichment"),
    Cause.IMPLIED: _("Filled from other fields"),
}

COUNTED: tuple[str, ...] = ("account", "contact", "lead", "opportunity")
"""Kinds whose fields count."""
NEVER = frozenset(("latitude", "longitude", "pipeline_id", "currency", "is_excluded"))
"""Fields that nobody types: a program or a default sets them."""

DEFINITION = _(
    "Fields of accounts, contacts, leads and deals that a machine filled, times the seconds that"
    " typing such a field takes. A field of a record counts once a month, by its last value. Not"
    " counted: the first load of each source, for nobody would have typed an archive; emptied"
    " fields; what was taken back; coordinates, currencies and pipelines, which nobody types."
)
OWNER = _("Sales operations")

TYPE_LABELS = {
    FieldType.TEXT: _("Text"),
    FieldType.LONG_TEXT: _("Long text"),
    FieldType.CHOICE: _("Choice"),
    FieldType.INTEGER: _("Whole number"),
    FieldType.DECIMAL: _("Decimal number"),
    FieldType.MONEY: _("Amount"),
    FieldType.UNIT_PRICE: _("Unit price"),
    FieldType.DATE: _("Date"),
    FieldType.INSTANT: _("Date and time"),
    FieldType.BOOLEAN: _("Yes or no"),
    FieldType.REFERENCE: _("Another record"),
}


class Basis(StrEnum):
    """Where the seconds of a type of field come from."""

    SET = "set"
    LEARNT = "learnt"
    STATED = "stated"


BASIS_LABELS = {
    Basis.SET: _("set by the company"),
    Basis.LEARNT: _("median of the edits made here"),
    Basis.STATED: _("keystroke-level model (Card, Moran and Newell, 1980)"),
}


@dataclass(frozen=True)
class Seconds:
    """What typing a field of a type takes. edits: those that it was learnt from."""

    seconds: float
    basis: Basis
    edits: int = 0


@dataclass(frozen=True)
class TypingLine:
    """Fields of one month, team and cause. month: its first day; team: empty for none."""

    month: date
    team: str
    cause: Cause
    kind: str
    field: str
    fields: int
    seconds: float


@dataclass(frozen=True)
class TypingReport:
    """Typing avoided: lines by month, team, cause, kind and field; seconds by type of field."""

    lines: tuple[TypingLine, ...]
    by_type: Mapping[FieldType, Seconds]
    since: date
    until: date

    @property
    def fields(self) -> int:
        """Fields in all."""
        return sum(line.fields for line in self.lines)

    @property
    def hours(self) -> float:
        """Hours in all."""
        return sum(line.seconds for line in self.lines) / 3600
