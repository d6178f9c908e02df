"""A source's own history: field changes laid over records, logs of stages folded into deals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from perilune.hub.contracts import Counts, Draft, FileMap, RowProblem
from perilune.hub.engine import events
from perilune.hub.engine.sources import Chunk, Table
from perilune.hub.service.plans import Plan
from perilune.hub.service.settings import LONGEST_KEY, digest_text
from perilune.hub.service.staging import Told

if TYPE_CHECKING:
    from perilune.hub.service.reading import Reader

CASES = 1_000
ROWS = 5_000
_REFERENCES = (("owner_id", "rep"), ("stage_id", "stage"), ("pipeline_id", "pipeline"))


class Histories:
    """Reads the histories among a run's files, for its reader."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.last_key, self.last_told = "", 0

    # -- a source's own history ------------------------------------------------------------

    def take(self, table: Table, mapping: FileMap, chunk: Chunk) -> None:
        """Stage the rows of a history of fields."""
        self._reader.settings.has_history = True
        columns: dict[str, str] = dict(mapping.options["columns"])
        at = {role: table.header.index(column) for role, column in columns.items()}
        kind = mapping.records[0].kind
        self._reader.done_rows += len(chunk.rows)
        found, bad, told = [], [], []
        latest = self._reader.settings.clock.as_of_us
        for line, row in zip(chunk.lines, chunk.rows, strict=True):
            cells = row + [""] * (len(table.header) - len(row))
            us = self._reader.settings.instant_us(cells[at["at"]])
            if us is not None and self._reader.is_exact:
                us = min(us, latest)
            key = cells[at["record"]].strip()
            if us is None:
                bad.append(
                    RowProblem(line, kind, key, "", columns["at"], "undated_history",
                               cells[at["at"]], raw=_raw(table, row))
                )  # fmt: skip
                continue
            body = (cells[at["field"]], cells[at["old"]] if "old" in at else "", cells[at["new"]])
            found.append((_of(kind, key), us, body))
            if not self._reader.is_exact:  # a connector tells only of what lies beside it
                raw = _raw(table, row)
                told.append(Told(kind, key, table.name, line, columns["record"], raw))
        self._reader.staging.add_events(found)
        self._reader.staging.add_told(told)
        counts = self._reader.counts.setdefault(kind, Counts())
        self._reader.report(counts, table.name, bad)

    def withhold_strangers(self) -> bool:
        """Withhold some history of records that no file of the run holds; true while more."""
        some = self._reader.staging.told(self.last_told, ROWS)
        if not some:
            return False
        self.last_told = some[-1][0]
        rows = [row for _id, row in some]
        for kind in sorted({row.kind for row in rows}):
            keys = {row.key for row in rows if row.kind == kind}
            strange = keys - self._reader.resolver.keys.find(kind, keys).keys()
            elsewhere = self._reader.resolver.identities(kind, sorted(strange))
            counts = self._reader.counts.setdefault(kind, Counts())
            for row in rows:
                if row.kind == kind and row.key in strange:
                    code = "record_elsewhere" if row.key in elsewhere else "unknown_record"
                    problem = RowProblem(
                        row.line, kind, row.key, "", row.column, code, row.key, raw=row.raw
                    )
                    self._reader.report(counts, row.file, [problem])
        return True

    def laid_over(self, plan: Plan, drafts: list[Draft]) -> list[Draft]:
        """Return drafts whose fields follow their own history where there is one."""
        kind = plan.kind.name
        by_key = self._reader.staging.events([_of(kind, draft.key) for draft in drafts])
        if not by_key:
            return drafts
        result = []
        for draft in drafts:
            own = plan.field_events(by_key.get(_of(kind, draft.key), ()), self._reader.resolver)
            if own:
                told = events.overlay(draft, own, self._latest(draft))
                told = events.begun(told) if self._reader.is_exact else told
                tracked = tuple(sorted({event.field for event in own}))
                result.append(told._replace(digest=_mixed(told), tracked=tracked))
            else:
                result.append(draft)
        return result

    def _latest(self, draft: Draft) -> int:
        """Return from when a value without a history is known: the last change, or the export."""
        if not self._reader.is_exact:
            return self._reader.settings.clock.as_of_us
        return max((us for us, _name, _value in draft.later), default=draft.birth_us)

    # -- stage events ----------------------------------------------------------------------

    def take_events(self, table: Table, mapping: FileMap, chunk: Chunk) -> None:
        """Stage the rows of a log of stage events."""
        columns: dict[str, str] = dict(mapping.options["columns"])
        at = {role: table.header.index(column) for role, column in columns.items()}
        self._reader.done_rows += len(chunk.rows)
        counts = self._reader.counts.setdefault("opportunity", Counts())
        width = len(table.header)
        rows = [row if len(row) >= width else row + [""] * (width - len(row)) for row in chunk.rows]
        owners = self._owners([row[at["owner"]] for row in rows]) if "owner" in at else {}
        found, bad = [], []
        for line, row in zip(chunk.lines, rows, strict=True):
            stage = self._reader.resolver.stages.get(row[at["activity"]])
            if stage is None:
                continue  # a step that is no stage of the deal, such as a task
            us = self._reader.settings.instant_us(row[at["at"]])
            key = row[at["case"]].strip()[:LONGEST_KEY]
            if us is None or not key:
                bad.append(
                    RowProblem(line, "opportunity", key, "", columns["at"], "undated_history",
                               row[at["at"]], raw=_raw(table, row))
                )  # fmt: skip
                continue
            amount = self._reader.settings.amount(row[at["amount"]]) if "amount" in at else None
            found.append(
                (key, us, (stage, owners.get(row[at["owner"]]) if "owner" in at else None, amount))
            )
        self._reader.staging.add_events(found)
        self._reader.report(counts, table.name, bad)

    def _owners(self, texts: Sequence[str]) -> dict[str, int | None]:
        wanted = {text for text in texts if text.strip()}
        found = self._reader.resolver.refer("rep", wanted, "create", {})
        return {text: record_id for text, (record_id, _hint, _code) in found.items()}

    def fold_cases(self, *, is_final: bool) -> bool:
        """Fold some cases of an event log into drafts; true while there are more."""
        keys = self._reader.staging.event_keys(self.last_key, CASES)
        if not keys:
            return False
        self.last_key = keys[-1]
        counts = self._reader.counts.setdefault("opportunity", Counts())
        sent = self._reader.resolver.identities("opportunity", keys)
        ids = self._reader.settings.ids_for("opportunity", keys, sent)
        logs = self._reader.staging.events(keys)
        drafts = []
        for key, record_id in zip(keys, ids, strict=True):
            steps = [events.StageEvent(us, *body) for us, body in logs[key]]
            us, birth, later = events.fold_case(
                steps,
                self._reader.resolver.stage_facts,
                self._reader.settings.day_of,
                closed_is_final=is_final,
            )
            pipeline = self._reader.resolver.pipeline_of.get(steps[0].stage)
            birth |= {
                "name": key,
                "pipeline_id": pipeline,
                "currency": self._reader.settings.currency,
            }
            draft = Draft(0, key, record_id, key not in sent, 0, us, birth, later)
            drafts.append(draft._replace(digest=_mixed(draft)))
        counts.rows += len(drafts)
        fresh = [d for d in drafts if d.is_new or sent[d.key][1] != d.digest]
        counts.unchanged += len(drafts) - len(fresh)
        counts.new += sum(d.is_new for d in fresh)
        counts.changed += sum(not d.is_new for d in fresh)
        self._reader.resolver.keys.add("opportunity", keys, ids)
        self._reader.remember_seen(_REFERENCES, fresh)
        self._reader.staging.add("opportunity", "", fresh)
        return True


def _of(kind: str, key: str) -> str:
    """Return the key of a record's events: numbers of two kinds may be the same."""
    return f"{kind}\x1f{key}"


def _raw(table: Table, row: Sequence[str]) -> str:
    return json.dumps(dict(zip(table.header, row, strict=False)), ensure_ascii=False)


def _mixed(draft: Draft) -> int:
    return digest_text(repr((draft.birth, draft.later)))
