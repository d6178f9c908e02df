"""Imports: doubts and refusals row by row, guards of full files, edits that survive, crashes."""

import errno
import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from perilune.history import queries as history
from perilune.history import service as history_service
from perilune.hub import queries, service
from perilune.hub.contracts import RunState
from perilune.hub.models import ImportRun
from perilune.hub.service import common as runs
from perilune.hub.service import enriching
from perilune.hub.testing import imported, write
from perilune.kernel.errors import Conflict, Invalid, Refused, Unavailable
from perilune.kernel.wiring import KINDS
from perilune.people import service as people
from perilune.people.queries import writing_time

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
HEAD = "Id,Name,StageName,Amount,CloseDate,CreatedDate\n"


def _deals() -> dict[str, dict[str, Any]]:
    return {v["name"]: v for v in history.states_as_of("opportunity", None).values()}


def _codes(run: queries.RunInfo) -> dict[str, int]:
    return {g.code: g.count for g in queries.problem_groups(run.id)}


@pytest.mark.parametrize(
    ("row", "code", "is_stored"),
    [
        ("1,A,Won,ten,2024-03-01,2024-01-01", "not_a_number", True),
        ("1,A,Won,-10,2024-03-01,2024-01-01", "negative_amount", True),
        ("1,A,Won,99999999999999999,2024-03-01,2024-01-01", "absurd_amount", True),
        ("1,A,Won,10,2024-02-31,2024-01-01", "impossible_date", True),
        ("1,A,Won,10,soon,2024-01-01", "not_a_date", True),
        ("1,A,Won,10,2200-01-01,2024-01-01", "date_out_of_range", True),
        ("1,A,Won,10,1900-01-01,2024-01-01", "date_out_of_range", True),
        ("1,A,Won,10,2023-03-01,2024-01-01", "close_before_creation", True),
        ("1,A,Won,10,2024-12-01,2024-01-01", "closed_in_future", True),
        ("1,A,Open,10,2025-03-01,2024-12-01", "created_in_future", True),
        ("1,A,Open,10,,", "no_date", True),
        ("1,A,,10,2024-03-01,2024-01-01", "blank_stage", True),
        ("1,A,Won,10,2024-03-01", "short_row", True),
        ("1,A,Won,1,0,2024-03-01,2024-01-01", "long_row", False),
        ("0,A,Won,10,2024-03-01,2024-01-01", "duplicate_key", False),
    ],
)
def test_each_doubt_has_its_words_and_what_can_be_stored_is(
    company: None, tmp_path: Path, row: str, code: str, is_stored: bool
) -> None:
    good = "0,Good,Won,5,2024-02-01,2024-01-01\n9,Fine,Open,5,2024-09-01,2024-01-15\n"
    run = imported(write(tmp_path, "deals.csv", HEAD + good + row + "\n"), as_of="2024-06-30")
    assert _codes(run) == {code: 1}
    assert ("A" in _deals()) is is_stored
    assert bool(queries.withheld_count(run.id)) is not is_stored
    [group] = queries.problem_groups(run.id)
    assert group.first_line == 4
    if not is_stored:
        assert "Won" in queries.problems_like(group.first_id)[0].raw


def test_unknown_owners_are_told_where_a_list_of_reps_exists(company: None, tmp_path: Path) -> None:
    write(tmp_path, "users.csv", "Name,Manager\nAnn Lee,Max\nBob Ray,Max\n")
    write(
        tmp_path,
        "deals.csv",
        "Id,Name,StageName,Owner,CreatedDate\n"
        "1,A,Open,Ann Leee,2024-01-01\n2,B,Opn,Bob Ray,2024-01-01\n"
        + "".join(f"{i},C{i},Open,Bob Ray,2024-01-01\n" for i in range(3, 40)),
    )
    run = imported(tmp_path)
    groups = {(g.field, g.value): g for g in queries.problem_groups(run.id)}
    assert groups["owner_id", "Ann Leee"].suggestion == "Ann Lee"
    assert groups["stage_id", "Opn"].suggestion == "Open"
    assert _deals()["A"]["owner_id"] is None


def test_names_are_made_where_there_is_no_list(company: None, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "deals.csv",
        "Id,Name,Stage,Owner,Account,Created Date\n1,A,Open,Zoé,Acme,2024-01-01\n",
    )
    run = imported(path, source="crm")
    assert _codes(run) == {}
    assert [v["name"] for v in history.states_as_of("rep", None).values()] == ["Zoé"]
    more = path.read_text() + "2,B,Open,Max,Acme,2024-01-02\n"
    again = imported(write(tmp_path, "deals.csv", more), source="crm")
    assert _codes(again) == {"new_rep": 1}
    assert len(history.states_as_of("account", None)) == 1


def test_a_required_column_that_is_missing_is_named(company: None, tmp_path: Path) -> None:
    path = write(tmp_path, "stuff.csv", "Colour,Weight\nred,1\n")
    run_id = service.import_open(path)
    assert service.doubts_of(run_id)
    with pytest.raises(Invalid, match="No file of this import holds records"):
        service.import_read(run_id)
    given = [
        {
            "file": "*",
            "records": [{"kind": "account", "fields": [{"field": "name", "column": "Nope"}]}],
        }
    ]
    with pytest.raises(Invalid, match="has no column Nope"):
        service.import_open(path, mapping=given)


def test_decimal_commas_and_days_first_are_read(company: None, tmp_path: Path) -> None:
    head = "Identifiant;Nom;Étape;Montant;Date de clôture;Date création\n"
    text = head + "1;Été;Gagné;1.234,50;13/02/2024;01/02/2024\n"
    path = write(
        tmp_path,
        "affaires.csv",
        text.replace("Identifiant", "Id").replace("Date création", "Date de création"),
        "cp1252",
    )
    imported(path, as_of="2024-06-30")
    deal = _deals()["Été"]
    assert (deal["amount"], deal["close_date"], deal["created_date"]) == (
        123_450,
        date(2024, 2, 13),
        date(2024, 2, 1),
    )


def test_a_demo_home_takes_no_real_data(db: None, tmp_path: Path) -> None:
    people.company_init(name="Demo", is_demo=True)
    with pytest.raises(Refused):
        service.import_open(write(tmp_path, "deals.csv", HEAD + "1,A,Won,1,,\n"))
    with pytest.raises(Refused):
        enriching.provider_set("sirene", actor="ana")


# -- full files (rule 32) ----------------------------------------------------------------------


def _file(folder: Path, count: int, **changed: str) -> Path:
    rows = [changed.get(f"d{i}", f"{i},d{i},Open,{i},2024-09-01,2024-01-01") for i in range(count)]
    return write(folder, "deals.csv", HEAD + "\n".join(rows) + "\n")


def test_rule_32_a_full_file_lists_what_is_missing_and_remembers_the_answer(
    company: None, tmp_path: Path
) -> None:
    imported(_file(tmp_path, 30), source="crm", as_of="2024-01-31")
    run = imported(_file(tmp_path, 28), source="crm", as_of="2024-02-29", is_full=True)
    assert run.counts["opportunity"]["missing"] == 2
    assert [r["key"] for r in queries.missing_records(run.id)] == ["28", "29"]
    assert len(_deals()) == 30
    assert service.answer_missing(run.id, "opportunity", "deleted", actor="anne", keys=["29"]) == 1
    assert service.answer_missing(run.id, "opportunity", "filtered", actor="anne") == 1
    assert len(_deals()) == 29
    again = imported(_file(tmp_path, 27), source="crm", as_of="2024-03-31", is_full=True)
    assert again.counts["opportunity"]["missing"] == 1
    then = history.states_as_of("opportunity", None, datetime(2024, 2, 1, tzinfo=UTC))
    assert len(then) == 30


def test_rule_32_a_sudden_drop_stops_a_full_file(company: None, tmp_path: Path) -> None:
    imported(_file(tmp_path, 30), source="crm", as_of="2024-01-31")
    run = imported(_file(tmp_path, 20), source="crm", as_of="2024-02-29", is_full=True)
    assert run.state is RunState.STOPPED
    assert "sudden drop" in run.message
    with pytest.raises(Conflict):
        service.import_apply(run.id)
    service.import_release(run.id)
    assert service.import_apply(run.id).state is RunState.DONE


def test_rule_32_a_count_at_a_known_cap_stops_a_full_file(company: None, tmp_path: Path) -> None:
    assert (
        imported(_file(tmp_path, 2000), is_full=True, as_of="2024-01-31").state is RunState.STOPPED
    )
    assert imported(_file(tmp_path, 2000), as_of="2024-01-31").state is RunState.DONE


def test_an_older_export_does_not_undo_news(company: None, tmp_path: Path) -> None:
    imported(_file(tmp_path, 3), source="crm", as_of="2024-02-29")
    assert imported(_file(tmp_path, 3), source="crm", as_of="2024-01-31").state is RunState.STOPPED


# -- what was said before ----------------------------------------------------------------------


def test_a_close_that_the_last_export_denied_is_not_known_before_it(
    company: None, tmp_path: Path
) -> None:
    imported(_file(tmp_path, 2), source="crm", as_of="2024-03-31")
    late = "1,d1,Won,7,2024-03-15,2024-01-01"
    imported(_file(tmp_path, 2, d1=late), source="crm", as_of="2024-04-30")
    stages = {i: v["meaning"] for i, v in history.states_as_of("stage", None).items()}

    def meaning(day: datetime) -> str:
        states = history.states_as_of("opportunity", None, day).values()
        return str(next(stages[v["stage_id"]] for v in states if v["name"] == "d1"))

    assert meaning(datetime(2024, 4, 29, tzinfo=UTC)) == "open"
    assert meaning(datetime(2024, 5, 1, tzinfo=UTC)) == "won"


def test_a_field_history_tells_since_when_each_value_holds(company: None, tmp_path: Path) -> None:
    write(
        tmp_path,
        "opportunities.csv",
        HEAD + "1,A,Won,30,2024-03-01,2024-01-01\n2,B,Open,5,2024-09-01,2024-01-05\n",
    )
    write(
        tmp_path, "history.csv",
        "OpportunityId,Field,OldValue,NewValue,CreatedDate\n"
        "1,Amount,10,20,2024-01-20T10:00:00Z\n1,Amount,20,30,2024-02-10T10:00:00Z\n"
        "1,StageName,Open,Won,2024-02-28T10:00:00Z\n",
    )  # fmt: skip
    imported(tmp_path, source="sf", as_of="2024-06-30")
    record = next(
        i for i, v in history.states_as_of("opportunity", None).items() if v["name"] == "A"
    )
    amounts = [
        (history.state_as_of("opportunity", record, datetime(2024, m, d, tzinfo=UTC)) or {}).get(
            "amount"
        )
        for m, d in ((1, 15), (1, 25), (2, 20), (7, 1))
    ]
    assert amounts == [1000, 2000, 3000, 3000]


TOLD = "OpportunityId,Field,OldValue,NewValue,CreatedDate\n"


def test_the_history_of_a_record_that_nobody_knows_is_withheld_with_its_line_and_words(
    company: None, tmp_path: Path
) -> None:
    write(tmp_path, "opportunities.csv", HEAD + "1,A,Open,20,2024-09-01,2024-01-01\n")
    write(
        tmp_path,
        "history.csv",
        TOLD
        + "1,Amount,10,20,2024-01-20T10:00:00Z\n77,Amount,10,99,2024-01-21T10:00:00Z\n"
        + "1,Amount,5,10,one day\n77,StageName,Open,Won,2024-01-22T10:00:00Z\n",
    )
    run = imported(tmp_path, source="sf", as_of="2024-06-30")
    assert _codes(run) == {"unknown_record": 2, "undated_history": 1}
    assert queries.withheld_count(run.id) == 3
    groups = {group.code: group for group in queries.problem_groups(run.id)}
    strange = [
        problem
        for group in queries.problem_groups(run.id)
        if group.code == "unknown_record"
        for problem in queries.problems_like(group.first_id)
    ]
    assert [(p.line, p.column) for p in strange] == [(3, "OpportunityId"), (5, "OpportunityId")]
    assert "99" in strange[0].raw and "StageName" in strange[1].raw
    assert groups["undated_history"].first_line == 4
    assert list(_deals()) == ["A"] and _deals()["A"]["amount"] == 2000


def test_a_history_without_the_file_of_its_records_says_what_to_import_with_it(
    company: None, tmp_path: Path
) -> None:
    deals = write(tmp_path, "opportunities.csv", HEAD + "1,A,Open,20,2024-09-01,2024-01-01\n")
    imported(deals, source="sf", as_of="2024-06-30")
    told = TOLD + "1,Amount,10,20,2024-01-20T10:00:00Z\n2,Amount,1,2,2024-01-20T10:00:00Z\n"
    run = imported(write(tmp_path, "history.csv", told), source="sf", as_of="2024-07-31")
    assert _codes(run) == {"record_elsewhere": 1, "unknown_record": 1}
    assert list(_deals()) == ["A"]
    again = imported(tmp_path, source="sf", as_of="2024-08-31")
    assert _codes(again) == {"unknown_record": 1}
    assert _deals()["A"]["amount"] == 2000


def test_a_history_of_deals_says_nothing_of_an_account_with_the_same_number(
    company: None, tmp_path: Path
) -> None:
    write(tmp_path, "accounts.csv", "AccountId,Account Name,Industry\n1,Acme,Retail\n")
    write(tmp_path, "opportunities.csv", HEAD + "1,A,Open,20,2024-09-01,2024-01-01\n")
    told = TOLD + "1,Name,Old name,A,2024-01-20T10:00:00Z\n"
    write(tmp_path, "history.csv", told)
    imported(tmp_path, source="sf", as_of="2024-06-30")
    account = next(iter(history.states_as_of("account", None)))
    states = [
        history.state_as_of("account", account, datetime(2024, m, 25, tzinfo=UTC)) or {}
        for m in (1, 7)
    ]
    assert [state.get("name") for state in states if state] in (["Acme"], ["Acme", "Acme"])


# -- sequences of imports, edits and rollbacks ---------------------------------------------------

ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("import"), st.integers(0, 3), st.integers(0, 3)),
        st.tuples(st.just("edit"), st.integers(0, 3), st.integers(0, 1)),
        st.tuples(st.just("rollback"), st.just(0), st.just(0)),
    ),
    min_size=1,
    max_size=7,
)


class Model:
    """What the rules say of two fields of one record: kept by hand, in a few lines."""

    def __init__(self) -> None:
        self.log: list[tuple[str, dict[str, Any], dict[str, Any]]] = []

    def value(self) -> dict[str, Any] | None:
        here: dict[str, Any] | None = None
        for _kind, writes, _sent in self.log:
            here = {**(here or {}), **writes} if writes or here is not None else here
        return here

    def sent(self) -> dict[str, Any]:
        last = [sent for kind, _w, sent in self.log if kind == "import"]
        return last[-1] if last else {}

    def imports(self, now: dict[str, Any]) -> None:
        here, then = self.value(), self.sent()
        if here is None or not then:
            self.log.append(("import", dict(now), dict(now)))
            return
        writes = {n: v for n, v in now.items() if then[n] != v and here[n] == then[n]}
        self.log.append(("import", writes, dict(now)))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(ACTIONS)
def test_any_sequence_of_imports_edits_and_rollbacks_follows_the_rules(
    transactional_free: Path, actions: list[tuple[str, int, int]]
) -> None:
    from django.db import transaction

    with transaction.atomic():
        _play(transactional_free, actions)
        transaction.set_rollback(True)
    runs.LIVE.clear()


@pytest.fixture
def transactional_free(company: None, tmp_path: Path) -> Path:
    return tmp_path


def _play(folder: Path, actions: list[tuple[str, int, int]]) -> None:
    note(repr(actions))
    model = Model()
    applied: list[tuple[int, int]] = []
    day = 0
    for kind, a, b in actions:
        if kind == "import":
            day += 1
            text = f"Id,Account Name,Industry,Website\n1,Acme,i{a},w{b}\n"
            run = imported(
                write(folder, "accounts.csv", text),
                source="s",
                as_of=date(2024, 1, day),
                is_forced=True,
            )
            assert run.state is RunState.DONE
            if run.change_set_id is not None:
                model.imports({"industry": f"i{a}", "website": f"w{b}"})
                applied.append((run.id, len(model.log) - 1))
            continue
        state = history.states_as_of("account", None)
        if kind == "edit" and state:
            field, value = ("industry", "website")[b], f"{'iw'[b]}{a}"
            with history_service.change_set(actor="anne", known_at=writing_time()) as writing:
                if writing.change("account", next(iter(state)), {field: value}):
                    model.log.append(("edit", {field: value}, {}))
        if kind == "rollback" and len(applied) > 1:
            run_id, _place = applied.pop()
            service.import_rollback(run_id, actor="anne")
            places = [i for i, entry in enumerate(model.log) if entry[0] == "import"]
            model.log.pop(places[-1])
    expected = model.value()
    standing = list(history.states_as_of("account", None).values())
    if expected is None:
        assert standing == []
    else:
        [record] = standing
        assert {n: record[n] for n in ("industry", "website")} == expected


def test_the_export_of_the_next_month_is_of_the_same_source(company: None, tmp_path: Path) -> None:
    text = "Id,Account Name\n1,Acme\n"
    for name in ("accounts-2026-06-01.csv", "accounts_20260701.csv", "accounts (2).csv"):
        run = imported(write(tmp_path, name, text))
        assert run.source == "accounts"
    assert len(history.states_as_of("account", None)) == 1


def test_past_submitted_forecasts_are_not_taken_for_quotas(company: None, tmp_path: Path) -> None:
    text = (
        "rep,period_start,period_end,made_on,category,amount,author\n"
        "Anne,2023-07-01,2023-09-30,2023-07-10,commit,120000,boss\n"
        "Anne,2023-07-01,2023-09-30,2023-07-17,commit,125000,boss\n"
    )
    imported(write(tmp_path, "forecasts.csv", text), as_of=date(2023, 12, 31))
    made = history.states_as_of("submission", None)
    assert sorted(state["amount"] for state in made.values()) == [12_000_000, 12_500_000]
    assert history.states_as_of("quota", None) == {}


# -- crashes, full disks, cancelling -------------------------------------------------------------


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perilune.hub.service.reading.CHUNK", 50)


def _crash_at(run_id: int, batches: int) -> None:
    """Apply some batches and forget the process that did."""
    for _step in range(batches):
        if service.import_apply(run_id, seconds=0).state is RunState.DONE:
            return
    ImportRun.objects.filter(id=run_id).update(pid=2**22 + random.Random(batches).randrange(1000))
    runs.LIVE.clear()


@pytest.mark.parametrize("batches", [1, 2, 5, 7])
def test_an_import_cut_short_is_completed_at_the_next_start(
    company: None, tmp_path: Path, small_batches: None, batches: int
) -> None:
    run_id = service.import_open(_file(tmp_path, 400), as_of=date(2024, 6, 30))
    while service.import_read(run_id).state is RunState.READING:
        pass
    _crash_at(run_id, batches)
    assert _deals() == {}, "nothing shows before it is complete"
    assert service.recover() == [run_id]
    assert len(_deals()) == 400
    assert queries.run_info(run_id).state is RunState.DONE


def test_an_import_cut_short_without_its_staging_is_undone(
    company: None, tmp_path: Path, small_batches: None
) -> None:
    import shutil

    run_id = service.import_open(_file(tmp_path, 400), as_of=date(2024, 6, 30))
    service.import_read(run_id)
    _crash_at(run_id, 3)
    shutil.rmtree(runs.folder_of(run_id))
    assert service.recover() == []
    assert queries.run_info(run_id).state is RunState.CANCELLED
    assert history_service.unfinished_sets() == []
    assert history.model_of(KINDS.get("opportunity"))._default_manager.count() == 0


def test_reading_goes_on_in_another_process(
    company: None, tmp_path: Path, small_batches: None
) -> None:
    run_id = service.import_open(_file(tmp_path, 400), as_of=date(2024, 6, 30))
    while service.import_read(run_id, seconds=0).state is RunState.READING:
        live = runs.LIVE.pop(run_id, None)
        if live is not None:
            live.staging.close()
    while service.import_apply(run_id).state is not RunState.DONE:
        pass
    assert len(_deals()) == 400
    assert queries.run_info(run_id).counts["opportunity"]["new"] == 400


def test_a_cancelled_import_leaves_nothing(
    company: None, tmp_path: Path, small_batches: None
) -> None:
    run_id = service.import_open(_file(tmp_path, 400), as_of=date(2024, 6, 30))
    service.import_read(run_id)
    service.import_apply(run_id, seconds=0)
    service.import_cancel(run_id)
    assert _deals() == {}
    assert history_service.unfinished_sets() == []
    assert not runs.folder_of(run_id).exists()


@pytest.mark.parametrize("where", ["reading", "applying"])
def test_a_full_disk_says_so_and_nothing_is_half_applied(
    company: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    run_id = service.import_open(_file(tmp_path, 40), as_of=date(2024, 6, 30))

    def full(*_args: Any, **_more: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if where == "reading":
        monkeypatch.setattr("perilune.hub.service.staging.Staging.add", full)
        with pytest.raises(Unavailable, match="disk is full"):
            service.import_read(run_id)
    else:
        service.import_read(run_id)
        monkeypatch.setattr(history_service, "bulk_append", full)
        with pytest.raises(Unavailable, match="disk is full"):
            service.import_apply(run_id)
    assert queries.run_info(run_id).state is RunState.FAILED
    assert _deals() == {}
    assert history_service.unfinished_sets() == []


def test_a_file_replaced_before_it_is_read_is_refused(company: None, tmp_path: Path) -> None:
    path = _file(tmp_path, 10)
    run_id = service.import_open(path)
    other = tmp_path / "other"
    other.mkdir()
    _file(other, 12).replace(path)
    with pytest.raises(Invalid, match="replaced or changed"):
        service.import_read(run_id)


def test_conflicts_are_shown_and_may_be_decided_for_the_source(
    company: None, tmp_path: Path
) -> None:
    text = "Id,Account Name,Industry,Website\n1,Acme,{},w\n"
    imported(write(tmp_path, "a.csv", text.format("old")), source="s", as_of="2024-01-31")
    [record] = history.states_as_of("account", None)
    with history_service.change_set(actor="anne") as writing:
        writing.change("account", record, {"industry": "mine"})
    run = imported(write(tmp_path, "a.csv", text.format("new")), source="s", as_of="2024-02-29")
    [group] = queries.problem_groups(run.id)
    assert (group.code, group.value) == ("conflict", "new")
    assert (history.state_as_of("account", record) or {})["industry"] == "mine"
    assert service.repair(group.first_id, "", actor="anne") == 1
