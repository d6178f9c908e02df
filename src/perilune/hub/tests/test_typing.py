"""Typing avoided: what a machine filled counts once, what nobody would have typed does not."""

from __future__ import annotations

from typing import Any

import pytest

from perilune.history.service import change_set, retract
from perilune.hub.contracts.typing import Basis, Cause
from perilune.hub.engine.typing import gaps, seconds_by_type, stated
from perilune.hub.queries.typing import typing_avoided
from perilune.hub.service.typing import set_seconds
from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import FieldType
from perilune.people.queries import company as the_company


def test_seconds_are_stated_by_the_keystroke_level_model() -> None:
    # 1.35 + 1.10 + 0.40 + 15 * 0.28
    assert stated(FieldType.TEXT) == pytest.approx(7.05)
    assert stated(FieldType.BOOLEAN) == pytest.approx(3.55)


def test_seconds_are_learnt_from_enough_edits_and_set_before_all() -> None:
    edits = [("ana", number * 9_000_000, FieldType.TEXT) for number in range(40)]
    pauses = [("ana", 10**12, FieldType.TEXT), ("bob", 10**12 + 1, FieldType.TEXT)]
    learnt = gaps([*edits, *pauses])
    found = seconds_by_type({"date": 3}, learnt)
    assert (found[FieldType.TEXT].seconds, found[FieldType.TEXT].basis) == (9, Basis.LEARNT)
    assert found[FieldType.TEXT].edits == 39
    assert (found[FieldType.DATE].seconds, found[FieldType.DATE].basis) == (3, Basis.SET)
    assert found[FieldType.MONEY].basis is Basis.STATED
    few = seconds_by_type({}, gaps(edits[:20]))
    assert few[FieldType.TEXT].basis is Basis.STATED


def written(purpose: str, source: str, record: int | None = None, **values: Any) -> tuple[int, int]:
    with change_set(actor="ana", purpose=purpose, source=source) as writer:
        if record is None:
            return writer.create("account", values), writer.id
        writer.change("account", record, values)
        return record, writer.id


@pytest.mark.django_db(databases=["default", "queue"])
@pytest.mark.usefixtures("company")
def test_what_a_machine_filled_counts_once_and_what_nobody_would_have_typed_does_not() -> None:
    first, _set = written("import", "crm", name="First load", city="Lyon")
    second, _set = written("import", "crm", name="Later", city="Lyon", latitude=45.7)
    written("import", "crm", second, city="Paris")  # the same field, the same month
    written("edit", "local", first, city="Nice")
    written("repair", "local", first, phone="+33 1 42 27 00 00", website=None)
    _record, undone = written("enrichment", "sirene", first, naf="62.01Z")
    written("enrichment", "sirene", second, naf="62.01Z")
    written("territories", "local", first, segment="A")
    written("implied", "local", second, country="France")
    retract(undone, "ana")
    set_seconds({"text": 10})
    report = typing_avoided(the_company().today)
    assert {(line.cause, line.kind, line.field): line.fields for line in report.lines} == {
        (Cause.IMPORT, "account", "name"): 1, (Cause.IMPORT, "account", "city"): 1,
        (Cause.REPAIR, "account", "phone"): 1, (Cause.ENRICHMENT, "account", "naf"): 1,
        (Cause.IMPLIED, "account", "country"): 1,
    }  # fmt: skip
    assert report.hours == pytest.approx(50 / 3600)
    with pytest.raises(Invalid):
        set_seconds({"text": 0})
