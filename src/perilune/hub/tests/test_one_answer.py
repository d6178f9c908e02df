"""What a preview counts is what applying does, whoever mapped the columns."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.history import queries as history
from perilune.history import service as history_service
from perilune.history.contracts import Batch, Update, to_us
from perilune.hub import queries, service
from perilune.hub.contracts import RunState
from perilune.hub.service import common as runs
from perilune.hub.testing import imported, write
from perilune.people.queries import writing_time

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
LATIN = (
    "Id;Nom de létablissement;Montant;Étape;Date de clôture;Propriétaire\n"
    "A1;Hôpital Sainte-Anne;12 500,50;Prospection;31/12/2026;Anne Bodin\n"
    "A2;Société Générale;-400,00;Gagné;15/10/2026;Anne Bodin\n"
)
HEAD = "Id,Name,StageName,Amount,CloseDate,CreatedDate\n"
COUNTED = ("new", "changed", "unchanged", "conflicts")


def _counts(run_id: int) -> tuple[int, ...]:
    counts = queries.run_info(run_id).counts["opportunity"]
    return tuple(counts[name] for name in COUNTED)


def _read(path: Path, *, as_the_page: bool = False) -> int:
    run_id = service.import_open(path, source="crm")
    if as_the_page:
        chosen = {
            table.index: {column.column: column.field for column in table.columns}
            for table in service.import_choices(run_id)
        }
        kinds = dict.fromkeys(chosen, "opportunity")
        assert not service.import_choose(run_id, kinds, chosen)
    while service.import_read(run_id).state is RunState.READING:
        pass
    return run_id


def _apply(run_id: int) -> None:
    while service.import_apply(run_id).state is not RunState.DONE:
        pass


def _edit(name: str, amount: int) -> None:
    here = history.states_as_of("opportunity", None)
    [(record_id, values)] = [(i, v) for i, v in here.items() if v["name"] == name]
    now = writing_time() or datetime.now(UTC)
    set_id = history_service.bulk_open(
        source="ui", actor="anne", purpose="edit", title="", known_at=now
    )
    one = Update(record_id, to_us(now), "amount", values["amount"], amount)
    history_service.bulk_append(set_id, Batch("opportunity", (), [one]))
    history_service.bulk_complete(set_id)


@pytest.mark.parametrize("as_the_page", [False, True])
def test_the_same_file_sent_again_is_unchanged_before_and_after(
    company: None, tmp_path: Path, as_the_page: bool
) -> None:
    path = write(tmp_path, "latin1.csv", LATIN, "latin-1")
    imported(path, source="crm")
    run_id = _read(path, as_the_page=as_the_page)
    assert _counts(run_id) == (0, 0, 2, 0)
    assert service.import_preview(run_id) == []
    _apply(run_id)
    assert _counts(run_id) == (0, 0, 2, 0)


def test_a_row_that_says_what_stands_here_is_no_change_and_one_edited_twice_a_conflict(
    company: None, tmp_path: Path
) -> None:
    rows = "1,A,Open,10,2026-12-01,2026-01-01\n2,B,Open,10,2026-12-01,2026-01-01\n"
    imported(write(tmp_path, "deals.csv", HEAD + rows), source="crm")
    _edit("A", 1500)
    _edit("B", 1700)
    run_id = _read(write(tmp_path, "deals.csv", HEAD + rows.replace(",10,", ",15,")))
    assert _counts(run_id) == (0, 0, 2, 1)
    [sample] = service.import_preview(run_id)
    assert [(name, is_conflict) for name, _b, _a, is_conflict in sample.fields] == [
        ("amount", True)
    ]
    _apply(run_id)
    assert _counts(run_id) == (0, 0, 2, 1)


@pytest.fixture
def folder(company: None, tmp_path: Path) -> Path:
    return tmp_path


AMOUNTS = st.lists(st.integers(1, 4), min_size=1, max_size=6)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(AMOUNTS, st.data())
def test_what_is_shown_is_what_is_done_whatever_was_edited_here(
    folder: Path, before: list[int], data: st.DataObject
) -> None:
    from django.db import transaction

    size = len(before)
    after = data.draw(st.lists(st.integers(1, 4), min_size=size, max_size=size + 2))
    edits = data.draw(st.dictionaries(st.integers(0, size - 1), st.integers(1, 4), max_size=size))

    def text(amounts: list[int]) -> str:
        return HEAD + "".join(
            f"{i},D{i},Open,{amount},2026-12-01,2026-01-01\n" for i, amount in enumerate(amounts)
        )

    with transaction.atomic():
        imported(write(folder, "deals.csv", text(before)), source="crm")
        for number, amount in edits.items():
            if amount != before[number]:
                _edit(f"D{number}", amount * 100)
        run_id = _read(
            write(folder, "deals.csv", text(after)), as_the_page=data.draw(st.booleans())
        )
        shown = _counts(run_id)
        _apply(run_id)
        assert _counts(run_id) == shown
        transaction.set_rollback(True)
    runs.LIVE.clear()
