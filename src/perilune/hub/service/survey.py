"""Looks at every value of the columns that decide how a table is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from perilune.history import queries as history
from perilune.hub.contracts import FileMap, Notice, RecordMap, Shape
from perilune.hub.engine.events import meaning_of
from perilune.hub.engine.known import SYNONYMS
from perilune.hub.engine.mapping import plain
from perilune.hub.engine.rows import SEPARATOR
from perilune.hub.engine.sources import Chunk, Table
from perilune.hub.engine.values import (
    DAY_FIRST,
    MONTH_FIRST,
    BadDate,
    decimal_of,
    order_of,
    parse_date,
)
from perilune.hub.service.settings import Settings
from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import Field, FieldType
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS

DISTINCT_MOST = 20_000
STAGE_WORDS = frozenset(SYNONYMS["opportunity"]["stage_id"].split())
DATES = (FieldType.DATE, FieldType.INSTANT)
NUMBERS = (FieldType.MONEY, FieldType.UNIT_PRICE, FieldType.DECIMAL, FieldType.INTEGER)
_PSEUDO = {
    "_won": Field("close_date", FieldType.DATE, ""),
    "_lost": Field("close_date", FieldType.DATE, ""),
    "_period": Field("_period", FieldType.TEXT, ""),
    "_status": Field("_status", FieldType.TEXT, ""),
}
_PAST_DATES = ("created_date", "first_contact_date", "_won", "_lost", "converted_date")


@dataclass
class Survey:
    """The distinct values of those columns of a table that decide how it is read."""

    rows: int = 0
    values: dict[str, set[str]] = field(default_factory=dict)
    stages: Counter[str] = field(default_factory=Counter)
    closes: set[tuple[str, str]] = field(default_factory=set)
    _columns: list[tuple[str, int]] | None = None
    _parts: tuple[int, int, int, int] = (-1, -1, -1, -1)
    _created: list[str] = field(default_factory=list)
    own: dict[str, dict[str, str]] = field(default_factory=dict)
    _own_at: list[tuple[str, int, int]] = field(default_factory=list)
    _told: tuple[int, int, int] | tuple[()] = ()

    def take(self, table: Table, mapping: FileMap, chunk: Chunk) -> None:
        """Look at some rows."""
        self.rows += len(chunk.rows)
        if self._columns is None:
            self._begin(table, mapping)
        self._look(table, mapping, chunk)

    def _look(self, table: Table, mapping: FileMap, chunk: Chunk) -> None:
        width = len(table.header)
        rows = chunk.rows
        if min(map(len, rows)) < width:
            rows = [row if len(row) >= width else row + [""] * (width - len(row)) for row in rows]
        for name, index in self._columns or ():
            seen = self.values[name]
            if len(seen) < DISTINCT_MOST:
                seen.update(_days_of({row[index] for row in rows}))
        self._look_back(rows)
        for kind, key, title in self._own_at:
            self.own.setdefault(kind, {}).update(
                (row[key].strip(), row[title].strip()) for row in rows
            )
        pipeline, stage, status, close = self._parts
        if stage < 0 and status < 0:
            return
        texts = stage_texts(rows, pipeline, stage, status)
        ignored = tuple(mapping.options.get("ignore_prefixes", ()))
        if ignored:
            texts = [text for text in texts if not text.startswith(ignored)]
        self.stages.update(texts)
        if close >= 0:
            self.closes.update(zip(texts, [row[close] for row in rows], strict=True))

    def _look_back(self, rows: Sequence[Sequence[str]]) -> None:
        """See the stages that a history names: deals passed some in which none stands today."""
        if self._told:
            name, old, new = self._told
            names = {row[name] for row in rows}
            stages = {text for text in names if plain(text) in STAGE_WORDS}
            said = [text for row in rows if row[name] in stages for text in (row[old], row[new])]
            self.stages.update(filter(None, said))

    def _begin(self, table: Table, mapping: FileMap) -> None:
        wanted: dict[str, int] = {}
        at = {name: i for i, name in enumerate(table.header)}
        for record in mapping.records:
            for one in record.fields:
                if one.column in at and field_of(record.kind, one.field).type in DATES + NUMBERS:
                    wanted[one.column] = at[one.column]
        if mapping.options.get("columns"):
            columns = mapping.options["columns"]
            wanted[columns["at"]] = at[columns["at"]]
            if mapping.shape is Shape.HISTORY and {"field", "old", "new"} <= columns.keys():
                self._told = (at[columns["field"]], at[columns["old"]], at[columns["new"]])
            self._created = [columns["at"]]
            stage = at[columns["activity"]] if "activity" in columns else -1
            self._parts = (-1, stage, -1, -1)
        for record in mapping.records:
            if (
                record.kind == "opportunity"
                and record.fields
                and not mapping.options.get("columns")
            ):
                of = {one.field: at.get(one.column, -1) for one in record.fields}
                self._parts = (
                    of.get("pipeline_id", -1),
                    of.get("stage_id", -1),
                    of.get("_status", -1),
                    of.get("close_date", -1),
                )
            self._created += [one.column for one in record.fields if one.field in _PAST_DATES]
            self._note_own(record, at)
        self._columns = list(wanted.items())
        self.values = {name: set() for name in wanted}

    def _note_own(self, record: RecordMap, at: Mapping[str, int]) -> None:
        """Where records refer to others of their own kind, every name must be known beforehand."""
        of = {one.field: one.column for one in record.fields}
        title = of.get(KINDS.get(record.kind).title_field, "")
        refers = any(field_of(record.kind, name).target == record.kind for name in of)
        if refers and len(record.key) == 1 and not record.is_distinct:
            key = at[record.key[0]]
            self._own_at.append((record.kind, key, at.get(title, key)))

    def order(self, column: str, default: str) -> tuple[str, bool]:
        """Return (day or month first, whether it is assumed) of a column of dates."""
        evidence = order_of(self.values.get(column, ()), default=default)
        return evidence.order, evidence.is_assumed

    def decimal(self, column: str, delimiter: str) -> tuple[str, bool]:
        """Return (decimal sign, whether it is assumed) of a column of numbers."""
        evidence = decimal_of(self.values.get(column, ()), delimiter=delimiter)
        return evidence.decimal, evidence.is_assumed

    def last_days(self, today: date) -> list[date]:
        """Return the past days on which something happened: creations, closes of closed deals."""
        texts = {text for name in self._created for text in self.values.get(name, ())}
        texts |= {close for stage, close in self.closes if _is_closed(stage)}
        return [day for day in self._read(texts) if day <= today]

    def first_days(self) -> list[str]:
        """Return the days of creation, as ISO texts."""
        texts = {text for name in self._created for text in self.values.get(name, ())}
        return [day.isoformat() for day in self._read(texts) if day.year > 1970]

    def _read(self, texts: set[str]) -> list[date]:
        order = order_of(texts).order
        days = []
        for text in texts:
            try:
                found = parse_date(text, order)
            except (BadDate, ValueError, OverflowError):
                continue
            days.append(found.date() if isinstance(found, datetime) else found)
        return [day for day in days if 1970 <= day.year <= 2100]

    def notices(self, table: Table, mapping: FileMap, settings: Settings) -> list[Notice]:
        """State what was assumed where no value decided it."""
        result = []
        for record in mapping.records:
            for one in record.fields:
                kind = field_of(record.kind, one.field).type
                if (
                    kind in DATES
                    and one.column
                    and self.order(one.column, default_order(mapping))[1]
                ):
                    result.append(self._assumed_order(one.column, table, mapping))
                if kind in NUMBERS and one.column and self.decimal(one.column, table.delimiter)[1]:
                    result.append(
                        Notice(
                            _(
                                "Column %(column)s: no number tells decimals from thousands;"
                                " «%(sign)s» is taken for the decimal sign."
                            ),
                            {
                                "column": one.column,
                                "sign": self.decimal(one.column, table.delimiter)[0],
                            },
                            table.name,
                        )
                    )
        if table.formulas:
            result.append(
                Notice(
                    _("%(count)s cells hold formulas; the values they last had are read."),
                    {"count": table.formulas},
                    table.name,
                )
            )
        return result

    def _assumed_order(self, column: str, table: Table, mapping: FileMap) -> Notice:
        is_day_first = self.order(column, default_order(mapping))[0] == DAY_FIRST
        text = (
            _("Column %(column)s: no date tells day from month; the day is read first.")
            if is_day_first
            else _("Column %(column)s: no date tells day from month; the month is read first.")
        )
        return Notice(text, {"column": column}, table.name)

    def state(self) -> dict[str, Any]:
        """Return the survey as plain data."""
        return {
            "rows": self.rows, "values": self.values, "stages": dict(self.stages),
            "closes": self.closes, "columns": self._columns, "parts": self._parts,
            "created": self._created, "own": self.own, "own_at": self._own_at, "told": self._told,
        }  # fmt: skip

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Survey:
        """Return the survey of `state`."""
        return cls(
            state["rows"], state["values"], Counter(state["stages"]), state["closes"],
            state["columns"], tuple(state["parts"]), state["created"], state["own"],
            state["own_at"], tuple(state["told"]),
        )  # fmt: skip


def _days_of(texts: set[str]) -> set[str]:
    """Cut times off: the days decide, and there are few of them."""
    if not any(":" in text for text in texts):
        return texts
    return {_TIMED.split(text, maxsplit=1)[0] if ":" in text else text for text in texts}


_TIMED = re.compile(r"[T ](?=\d{1,2}:\d{2})")


def default_order(mapping: FileMap) -> str:
    """Return the order of dates that a mapping asks for where no value decides."""
    return MONTH_FIRST if mapping.options.get("date_order") == MONTH_FIRST else DAY_FIRST


def _is_closed(stage: str) -> bool:
    return meaning_of(stage.rpartition(SEPARATOR)[2]) != "open"


def stage_texts(rows: Sequence[Sequence[str]], pipeline: int, stage: int, status: int) -> list[str]:
    """Return each row's stage: `pipeline SEP stage` or `stage`; a closed status rules."""
    if pipeline < 0 and status < 0:
        return [row[stage] for row in rows]
    result = []
    for row in rows:
        text = row[stage] if stage >= 0 else ""
        if status >= 0 and (not text or meaning_of(row[status]) != "open"):
            text = row[status]
        result.append(row[pipeline] + SEPARATOR + text if pipeline >= 0 else text)
    return result


def field_of(kind: str, name: str) -> Field:
    """Return a field of a kind, declared, custom, or one that only files have."""
    if name in _PSEUDO:
        return _PSEUDO[name]
    found = next((item for item in history.all_fields(kind) if item.name == name), None)
    if found is None:
        raise Invalid(
            "The mapping names a field %(field)s that %(kind)s does not have.",
            field=name,
            kind=kind,
        )
    return found
