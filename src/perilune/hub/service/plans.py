"""How one record is read from the rows of one table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from perilune.hub.contracts import FieldMap, FileMap, RecordMap, RowProblem
from perilune.hub.engine.events import FieldEvent
from perilune.hub.engine.known import SYNONYMS
from perilune.hub.engine.mapping import plain
from perilune.hub.engine.rows import SEPARATOR, Column, Format, fitted, meant_by
from perilune.hub.engine.sources import Chunk, Table
from perilune.hub.engine.values import (
    DAY_FIRST,
)
from perilune.hub.service.settings import Settings, digest_text
from perilune.hub.service.survey import DATES, NUMBERS, Survey, default_order, field_of, stage_texts
from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import FieldType, Kind, Scalar
from perilune.kernel.money import minor_exponent
from perilune.kernel.wiring import KINDS

LONGEST_KEY = 190


@dataclass
class Taken:
    """What a chunk gave: a key per row, values by field, problems, and the rows to leave out."""

    keys: list[str]
    columns: dict[str, list[Scalar]]
    problems: list[RowProblem]
    drop: set[int]


@dataclass
class Plan:
    """How one record is read from the rows of one table."""

    record: RecordMap
    kind: Kind
    table: Table
    settings: Settings
    columns: list[tuple[Column, int]]
    at: Mapping[str, int]
    history_columns: dict[str, Column] = field(default_factory=dict)
    closed: frozenset[Scalar] = frozenset()

    @property
    def key_columns(self) -> str:
        """The headers that name the record."""
        return ", ".join(self.record.key)

    @property
    def references(self) -> list[tuple[str, str]]:
        """(field, kind it refers to) of what the table gives."""
        return [(c.field.name, c.field.target) for c, _i in self.columns if c.field.target] + [
            (name, "pipeline") for name in ("pipeline_id",) if self.kind.name == "opportunity"
        ]

    def raw(self, row: Sequence[str]) -> str:
        """Return a row as JSON, for the quarantine."""
        return json.dumps(dict(zip(self.table.header, row, strict=False)), ensure_ascii=False)

    def convert(self, chunk: Chunk, resolver: Any, *, says_shape: bool) -> Taken:
        """Return what the rows of a chunk say."""
        rows, short, long = fitted(chunk.lines, chunk.rows, len(self.table.header))
        cells = list(zip(*rows, strict=True))
        taken = Taken(self._keys(rows, cells), {}, [], set(long))
        if says_shape:
            self._say_shape(chunk, short, long, taken)
        for column, index in self.columns:
            texts = self._texts(column, index, rows, cells)
            name = column.field.name
            currencies = taken.columns.get("currency")
            if column.field.type is FieldType.MONEY and "currency" in self.at and currencies:
                values = column.read_money(texts, currencies)
            else:
                values = self._values(column, texts, cells, resolver)
            if column.source.field == "_period":
                self._periods(chunk, texts, taken)
                continue
            if column.source.field in {"_won", "_lost"}:
                base = taken.columns.get("close_date", [None] * len(rows))
                taken.columns["close_date"] = [v or b for v, b in zip(values, base, strict=True)]
            else:
                taken.columns[name] = values
            self._doubts(chunk, column, texts, taken)
        self._constants(len(rows), taken, resolver)
        self._checks(chunk, taken)
        if long:  # its cells may stand in wrong columns: what they seem to say is not told
            apart = {chunk.lines[i] for i in long}
            taken.problems = [
                p for p in taken.problems if p.line not in apart or p.code == "long_row"
            ]
        return taken

    # -- parts of it -----------------------------------------------------------------------

    def _keys(self, rows: Sequence[Sequence[str]], cells: Sequence[Sequence[str]]) -> list[str]:
        at = [self.at[name] for name in self.record.key if name in self.at]
        if len(at) == 1:
            keys = [key.strip() for key in cells[at[0]]] if cells else []
        elif at:
            keys = [SEPARATOR.join([row[i].strip() for i in at]) for row in rows]
        else:
            keys = [""] * len(rows)
        if not all(keys) or max(map(len, keys), default=0) > LONGEST_KEY:
            keys = [
                key
                if key.strip(SEPARATOR) and len(key) <= LONGEST_KEY
                else f"#{digest_text(repr(row)):x}"
                for key, row in zip(keys, rows, strict=True)
            ]
        return keys

    def _say_shape(
        self, chunk: Chunk, short: Sequence[int], long: Sequence[int], taken: Taken
    ) -> None:
        for code, positions in (("short_row", short), ("long_row", long)):
            for i in positions:
                raw = json.dumps(chunk.rows[i], ensure_ascii=False) if code == "long_row" else ""
                taken.problems.append(
                    RowProblem(chunk.lines[i], self.kind.name, taken.keys[i], "", "", code, raw=raw)
                )

    def _texts(
        self,
        column: Column,
        index: int,
        rows: Sequence[Sequence[str]],
        cells: Sequence[Sequence[str]],
    ) -> Sequence[str]:
        if column.field.name == "stage_id":
            return stage_texts(
                rows, self._index("pipeline_id"), self._index("stage_id"), self._index("_status")
            )
        return cells[index] if cells else ()

    def _index(self, name: str) -> int:
        return next(
            (self.at[f.column] for f in self.record.fields if f.field == name and f.column), -1
        )

    def _values(
        self, column: Column, texts: Sequence[str], cells: Sequence[Sequence[str]], resolver: Any
    ) -> list[Scalar]:
        known = column.known(texts)
        if known is not None:
            return known
        self._resolve(column, texts, cells, resolver)
        return column.read(texts)

    def _resolve(
        self, column: Column, texts: Sequence[str], cells: Sequence[Sequence[str]], resolver: Any
    ) -> None:
        if column.field.type is not FieldType.REFERENCE:
            return
        strange = column.strange(texts)
        if not strange:
            return
        meant = {text: meant_by(text, column.repairs) for text in strange}
        names: dict[str, str] = {}
        beside = self.at.get(column.source.name_column, -1)
        if beside >= 0:
            names = dict(zip(texts, cells[beside], strict=True))
        found = resolver.refer(
            column.field.target, set(meant.values()), column.source.on_unknown, names
        )
        column.learn({text: found[to] for text, to in meant.items()})

    def _doubts(self, chunk: Chunk, column: Column, texts: Sequence[str], taken: Taken) -> None:
        if not column.doubts or column.doubts.keys().isdisjoint(texts):
            return
        name, header = column.field.name, column.source.column
        for i, text in enumerate(texts):
            doubt = column.doubts.get(text)
            if doubt:
                shown = text.rpartition(SEPARATOR)[2]
                taken.problems.append(
                    RowProblem(
                        chunk.lines[i], self.kind.name, taken.keys[i], name, header, doubt[0],
                        shown, doubt[1].rpartition(SEPARATOR)[2],
                    )
                )  # fmt: skip

    def _periods(self, chunk: Chunk, texts: Sequence[str], taken: Taken) -> None:
        found = {text: self.settings.period_of(text) for text in set(texts)}
        taken.columns["starts"] = [(found[t] or (None, None))[0] for t in texts]
        taken.columns["ends"] = [(found[t] or (None, None))[1] for t in texts]
        for i, text in enumerate(texts):
            if found[text] is None:
                taken.problems.append(
                    RowProblem(
                        chunk.lines[i],
                        self.kind.name,
                        taken.keys[i],
                        "starts",
                        "",
                        "not_a_date",
                        text,
                    )
                )

    def _constants(self, count: int, taken: Taken, resolver: Any) -> None:
        for one in self.record.fields:
            if not one.column and one.constant is not None:
                taken.columns[one.field] = [one.constant] * count
        names = self.kind.field_names
        has_money = any(
            c.field.type in (FieldType.MONEY, FieldType.UNIT_PRICE) for c, _i in self.columns
        )
        if "currency" in names and has_money:
            own = taken.columns.get("currency")
            default = self.settings.currency
            taken.columns["currency"] = [v or default for v in own] if own else [default] * count
        if self.kind.name == "opportunity" and "stage_id" in taken.columns:
            pipelines = resolver.pipeline_of
            taken.columns["pipeline_id"] = [
                None if stage is None else pipelines.get(stage)
                for stage in taken.columns["stage_id"]
            ]
        if self.kind.name in {"contact", "lead"} and "name" not in taken.columns:
            parts = [
                taken.columns.get(n, [None] * count) for n in ("first_name", "last_name", "email")
            ]
            taken.columns["name"] = [
                " ".join(str(p) for p in (a, b) if p) or c for a, b, c in zip(*parts, strict=True)
            ]
        if self.kind.title_field == "name" and self.kind.name in {"opportunity", "lead"}:
            named = taken.columns.get("name", [None] * count)
            if None in named:
                named = [v or k for v, k in zip(named, taken.keys, strict=True)]
            taken.columns["name"] = named

    def _checks(self, chunk: Chunk, taken: Taken) -> None:
        columns, count = taken.columns, len(taken.keys)
        for item in self.kind.fields:
            if not item.is_required or (item.name == "effective_from" and item.name not in columns):
                continue
            values = columns.get(item.name)
            if values is not None and None not in values:
                continue
            for i in range(count):
                if (values is None or values[i] is None) and i not in taken.drop:
                    taken.drop.add(i)
                    if not self.record.is_distinct:
                        self._add(chunk, taken, i, "missing_required", item.name, is_out=True)
        if self.kind.name == "opportunity":
            self._check_deals(chunk, taken)

    def _check_deals(self, chunk: Chunk, taken: Taken) -> None:
        columns = taken.columns
        for name, code in (
            ("account_id", "blank_account"),
            ("owner_id", "blank_owner"),
            ("stage_id", "blank_stage"),
        ):
            self._check_blank(chunk, taken, name, code)
        count = len(taken.keys)
        blank: Sequence[Any] = [None] * count
        # dates are ISO texts: they compare as they stand
        created: Sequence[Any] = columns.get("created_date", blank)
        closed: Sequence[Any] = columns.get("close_date", blank)
        if "created_date" not in columns and "close_date" not in columns:
            return
        as_of = self.settings.as_of_day
        stages = columns.get("stage_id", blank)
        odd = [
            (i, born, end)
            for i, (born, end) in enumerate(zip(created, closed, strict=True))
            if not born or not end or born > as_of or end > as_of or end < born
        ]
        for i, born, end in odd:
            if born is None and end is None:
                self._add(chunk, taken, i, "no_date", "created_date")
            elif born and born > as_of:
                self._add(chunk, taken, i, "created_in_future", "created_date", born)
            elif end and (end > as_of or (born and end < born)) and stages[i] in self.closed:
                code = "closed_in_future" if end > as_of else "close_before_creation"
                self._add(chunk, taken, i, code, "close_date", end)

    def _check_blank(self, chunk: Chunk, taken: Taken, name: str, code: str) -> None:
        column = next(((c, i) for c, i in self.columns if c.field.name == name), None)
        values = taken.columns.get(name)
        if column is None or values is None or None not in values:
            return
        index = column[1]
        for i, value in enumerate(values):
            if value is None and not (
                chunk.rows[i][index].strip() if index < len(chunk.rows[i]) else ""
            ):
                self._add(chunk, taken, i, code, name)

    def _add(  # noqa: PLR0917  # where, which and what: the parts of a problem
        self, chunk: Chunk, taken: Taken, i: int, code: str, name: str, value: str = "",
        *, is_out: bool = False,
    ) -> None:  # fmt: skip
        header = next((f.column for f in self.record.fields if f.field == name), "")
        raw = self.raw(chunk.rows[i]) if is_out else ""
        taken.problems.append(
            RowProblem(
                chunk.lines[i], self.kind.name, taken.keys[i], name, header, code, value, raw=raw
            )
        )

    # -- field history ---------------------------------------------------------------------

    def field_events(
        self, events: Sequence[tuple[int, tuple[Any, ...]]], resolver: Any
    ) -> list[FieldEvent]:
        """Return the changes of a record's fields that the source's own history tells."""
        result = []
        for us, (name, old, new) in events:
            column = self._history_column(str(name))
            if column is None:
                continue
            texts = [str(old), str(new)]
            if column.field.type is FieldType.REFERENCE:
                strange = column.strange(texts)
                if strange:
                    column.learn(resolver.refer(column.field.target, strange, "", {}))
            before, after = column.known(texts) or column.read(texts)
            result.append(FieldEvent(us, column.field.name, before, after))
        return result

    def _history_column(self, name: str) -> Column | None:
        if name in self.history_columns:
            return self.history_columns[name]
        word = plain(name)
        if word not in self.history_columns:
            named = next((c for c, _i in self.columns if plain(c.source.column) == word), None)
            if named is not None:
                self.history_columns[word] = named
                return named
            found = next(
                (
                    f
                    for f, words in SYNONYMS[self.kind.name].items()
                    if word in words.split() and f[0] != "_"
                ),
                None,
            )
            if found is None:
                return None
            own = next((c for c, _i in self.columns if c.field.name == found), None)
            self.history_columns[word] = own or Column(
                field_of(self.kind.name, found), FieldMap(found), Format(), self.settings.zone,
                exponent=minor_exponent(self.settings.currency),
            )  # fmt: skip
        found_column = self.history_columns[name] = self.history_columns[word]
        return found_column


def plan_of(  # noqa: PLR0917  # what a plan is made of, one each
    record: RecordMap, table: Table, mapping: FileMap, survey: Survey, settings: Settings,
    closed: frozenset[Scalar] = frozenset(),
) -> Plan:  # fmt: skip
    """Return how a record is read, formats decided. Invalid when the mapping does not fit."""
    at = {name: i for i, name in enumerate(table.header)}
    columns = []
    for one in record.fields:
        if not one.column or one.field == "_status":
            continue
        if one.column not in at:
            raise Invalid(
                "The file %(file)s has no column %(column)s.", file=table.name, column=one.column
            )
        if one.field == "pipeline_id" and record.kind == "opportunity":
            continue
        own = field_of(record.kind, one.field)
        style = Format(
            decimal=survey.decimal(one.column, table.delimiter)[0] if own.type in NUMBERS else ".",
            order=survey.order(one.column, default_order(mapping))[0]
            if own.type in DATES
            else DAY_FIRST,
        )
        repairs = settings.repairs.get((record.kind, own.name), {})
        exponent = minor_exponent(settings.currency)
        columns.append((Column(own, one, style, settings.zone, repairs, exponent), at[one.column]))
    if not any(c.field.name == "stage_id" for c, _i in columns):
        status = next(
            (f for f in record.fields if f.field == "_status" and record.kind == "opportunity"),
            None,
        )
        if status is not None:
            own = field_of("opportunity", "stage_id")
            columns.append((Column(own, status, Format(), settings.zone), at[status.column]))
    # currencies are read before the amounts that are in them
    columns.sort(key=lambda pair: pair[0].field.name != "currency")
    known = {f.field: at[f.column] for f in record.fields if f.column in at}
    plan = Plan(
        record, KINDS.get(record.kind), table, settings, columns, {**at, **_currency(known)}
    )
    plan.closed = closed
    return plan


def _currency(known: Mapping[str, int]) -> dict[str, int]:
    return {"currency": known["currency"]} if "currency" in known else {}
