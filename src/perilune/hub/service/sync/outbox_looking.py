"""Looks at what stands at a service and says of each line of a batch what is to be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perilune.history import queries as history
from perilune.history.contracts import to_us
from perilune.hub.contracts import FieldMap, from_json
from perilune.hub.contracts.sync import SourceStage
from perilune.hub.contracts.targets import Target, There
from perilune.hub.contracts.writing import STRANGE, LineState, Policy, Sides, Verdict
from perilune.hub.engine.sync.outbox import verdict
from perilune.hub.engine.sync.spelling import Speller, Unsayable
from perilune.hub.models import Connection, WriteLine, WriteRule
from perilune.hub.service import stages_told
from perilune.kernel.kinds import FieldType, Scalar
from perilune.kernel.money import minor_exponent
from perilune.people.queries import company

AT_ONCE = 200
"""Records that are looked at together."""

_STATES = {
    Verdict.SAME: LineState.SAME,
    Verdict.WRITE: LineState.WAITS,
    Verdict.TAKE: LineState.TAKES,
    Verdict.ASK: LineState.ASK,
    Verdict.LEAVE: LineState.LEFT,
}


class Looking:
    """Looks for one connection; what it asked of the shape of objects is asked once."""

    def __init__(self, connection: Connection, target: Target) -> None:
        self.name, self.target = connection.name, target
        self._objects = connection.objects_read
        rules = WriteRule.objects.filter(connection=connection)
        self._external = {row.object: row.external for row in rules if row.external}
        self._spellers: dict[str, dict[str, Speller]] = {}
        self.is_new = False
        self._stages: dict[int, dict[str, Any]] = {}
        self._currencies: dict[tuple[str, int], str] = {}

    def external(self, object_name: str) -> str:
        """Return the field by whose value records of an object are addressed, "" for their id."""
        return self._external.get(object_name, "")

    def look(self, object_name: str, lines: Sequence[WriteLine]) -> dict[str, There]:
        """Look at the records of some lines of one object; return them by key.

        The lines are told what stands there, and what is to be done; they are not saved.
        """
        spellers = self._of(object_name)
        external = self.external(object_name)
        columns = {line.column for line in lines if line.column in spellers}
        columns |= {external} if external else set()
        keys = list(dict.fromkeys(line.key for line in lines))
        there = self.target.standing(object_name, keys, sorted(columns))
        self._learn(spellers, lines, there)
        kind = lines[0].kind
        here = history.raw_states(kind, [line.record_id for line in lines])
        said = history.last_sent_as(self.name, kind, keys)
        self._currencies |= {
            (kind, record_id): str(state.get("currency") or "") for record_id, state in here.items()
        }
        for line in lines:
            self._one(
                line, there.get(line.key), spellers.get(line.column),
                here.get(line.record_id), said.get(line.key, {}),
            )  # fmt: skip
        return there

    def spell(self, object_name: str, lines: Sequence[WriteLine]) -> dict[int, dict[str, Any]]:
        """Say the values of new records in the words of the service; return how they stand here.

        A line whose value has no word there is told so, by its code; lines are not saved.
        """
        spellers = self._of(object_name)
        self._learn(spellers, lines, {})
        kind = lines[0].kind
        here = history.raw_states(kind, [line.record_id for line in lines])
        self._currencies |= {
            (kind, record_id): str(state.get("currency") or "") for record_id, state in here.items()
        }
        for line in lines:
            line.code, line.reason, line.text = "", "", ""
            try:
                line.text = spellers[line.column].text(line.wanted, self._exponent(line))
            except KeyError:
                line.code = "not_mapped"
            except Unsayable as error:
                line.code = error.code
        return here

    def refers_to(self, line: WriteLine) -> tuple[str, int] | None:
        """Return the record that the value of a line refers to."""
        speller = self._of(line.object).get(line.column)
        is_reference = speller is not None and speller.field.type is FieldType.REFERENCE
        if speller is None or not is_reference or not isinstance(line.wanted, int):
            return None
        return speller.field.target, line.wanted

    def read(self, line: WriteLine, there: There) -> Scalar:
        """Return what stands in the field of a line."""
        return self.value(line, there.values.get(line.column, ""))

    def value(self, line: WriteLine, text: str) -> Scalar:
        """Return what a text of the service means in the field of a line."""
        speller = self._of(line.object)[line.column]
        return speller.value(text, self._exponent(line), self._ids(speller, line))

    # -- one line --------------------------------------------------------------------------

    def _one(
        self, line: WriteLine, there: There | None, speller: Speller | None,
        here: Mapping[str, Any] | None, said: Mapping[str, Any],
    ) -> None:  # fmt: skip
        line.code = line.reason = ""
        if there is None:
            line.state = LineState.GONE.value
            return
        code = "not_mapped" if speller is None else self._hindrance(line, there, here, said)
        if speller is not None and not code and line.policy != Policy.UNDO.value:
            try:
                line.text = speller.text(line.wanted, self._exponent(line))
            except Unsayable as error:
                code = error.code
        if code or speller is None:
            line.state, line.code = LineState.CANNOT.value, code
            return
        line.was = there.values.get(line.column, "")
        line.found = self.read(line, there)
        line.changed_us = 0 if there.changed_at is None else to_us(there.changed_at)
        self._decide(line)

    def _decide(self, line: WriteLine) -> None:
        if line.decision and line.decided_on != line.found:
            line.decision, line.decided_on = "", None  # it was about another value
        sides = Sides(line.known, line.found, line.wanted, line.edited_us, line.changed_us)
        found = verdict(sides, Policy(line.policy), line.decision)
        if line.policy == Policy.UNDO.value and line.was == line.text:
            found = Verdict.SAME
        line.state = _STATES[found].value
        if found is Verdict.LEAVE:
            line.code = "changed_since"
        if found is Verdict.TAKE and str(line.found).startswith(STRANGE):
            line.state, line.code = LineState.CANNOT.value, "unknown_here"

    def _hindrance(
        self, line: WriteLine, there: There, here: Mapping[str, Any] | None, said: Mapping[str, Any]
    ) -> str:
        """Return why a line cannot be written whatever its value, "" where it can."""
        external = self.external(line.object)
        if external and not there.values.get(external):
            return "no_key"
        if line.policy == Policy.UNDO.value:
            return ""
        if here is None:
            return "ended_here"
        speller = self._of(line.object)[line.column]
        is_money = speller.field.type is FieldType.MONEY
        if is_money and said.get("currency") != here.get("currency"):
            return "other_currency"
        if speller.field.target == "stage" and line.wanted and line.known:
            then, now = (self._pipeline(one) for one in (line.known, line.wanted))
            return "" if then == now else "other_pipeline"
        return ""

    # -- words -----------------------------------------------------------------------------

    def _of(self, object_name: str) -> dict[str, Speller]:
        """Return the speller of each mapped field of an object, by the service's name of it."""
        if object_name not in self._spellers:
            kept = self._objects.get(object_name, {})
            record = from_json(kept["mapping"]).records[0] if kept.get("mapping") else None
            takes = {one.name: one for one in self.target.takes(object_name)}
            here = company()
            found: dict[str, Speller] = {}
            for one in record.fields if record is not None else ():
                own = _field(record.kind, one) if record is not None else None
                if own is not None and one.column in takes:
                    found[one.column] = Speller(
                        own,
                        one,
                        takes[one.column],
                        here.zone,
                        minor_exponent(here.currency),
                        is_new=self.is_new,
                    )
            self._spellers[object_name] = found
        return self._spellers[object_name]

    def _learn(
        self, spellers: Mapping[str, Speller], lines: Sequence[WriteLine],
        there: Mapping[str, There],
    ) -> None:  # fmt: skip
        """Find out what the records that these lines refer to are called there, and here."""
        for column in {line.column for line in lines} & spellers.keys():
            speller = spellers[column]
            if speller.field.type is not FieldType.REFERENCE:
                continue
            if speller.field.target == "stage":
                self._learn_stages(speller, lines[0].object)
                continue
            kind = speller.field.target
            mine = [line for line in lines if line.column == column]
            ids = {int(line.wanted) for line in mine if isinstance(line.wanted, int)}
            speller.names |= history.own_keys(self.name, kind, sorted(ids))
            texts = {one.values.get(column, "").strip() for one in there.values()} - {""}
            found = history.identities(self.name, kind, sorted(texts))
            speller.ids |= {text: record_id for text, (record_id, _digest) in found.items()}

    def _learn_stages(self, speller: Speller, object_name: str) -> None:
        if not self._stages:
            self._stages = history.states_as_of("stage", None)
        told = [SourceStage(*one) for one in self._objects[object_name].get("stages") or ()]
        if told:
            speller.is_by_key = True
            speller.ids = stages_told.known(self.name, told, self._stages)
            speller.names = {record_id: key for key, record_id in speller.ids.items()}
            return
        for record_id, state in self._stages.items():
            name = str(state.get("name") or "")
            speller.names[record_id] = name
            speller.ids.setdefault(speller.plain(name), record_id)

    def _pipeline(self, stage_id: Scalar) -> Any:
        state = self._stages.get(stage_id) if isinstance(stage_id, int) else None
        return (state or {}).get("pipeline_id")

    def _ids(self, speller: Speller, line: WriteLine) -> Mapping[str, int] | None:
        """Return the stages that a name may mean: those of the pipeline that the deal has there."""
        is_named = speller.field.target == "stage" and not speller.is_by_key
        if not is_named or not isinstance(line.known, int):
            return None
        mine = self._pipeline(line.known)
        return {
            speller.plain(str(state.get("name") or "")): record_id
            for record_id, state in self._stages.items()
            if state.get("pipeline_id") == mine
        }

    def _exponent(self, line: WriteLine) -> int | None:
        currency = self._currencies.get((line.kind, line.record_id))
        return minor_exponent(currency) if currency else None


def _field(kind: str, one: FieldMap) -> Any:
    return next((item for item in history.all_fields(kind) if item.name == one.field), None)
