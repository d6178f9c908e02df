"""The Maven export: all deals come in, sums equal the CSV, nothing is known too early."""

import csv
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from perilune.history import queries as history
from perilune.hub import queries, service
from perilune.hub.testing import SHARED, imported
from perilune.kernel.asof import end_of_day
from perilune.people.queries import company as the_company

FOLDER = SHARED / "crm_maven"
pytestmark = [
    pytest.mark.django_db(databases=["default", "queue"]),
    pytest.mark.skipif(
        not FOLDER.exists(), reason="the Maven data set is not beside the repository"
    ),
]


@pytest.fixture
def run(company: None) -> queries.RunInfo:
    return imported(FOLDER, source="maven")


def _rows() -> list[dict[str, str]]:
    with (FOLDER / "sales_pipeline.csv").open() as file:
        return list(csv.DictReader(file))


def _deals(day: date) -> dict[str, dict[str, Any]]:
    at = end_of_day(day, the_company().zone)
    return {v["name"]: v for v in history.states_as_of("opportunity", None, at).values()}


def _meanings() -> dict[int, str]:
    return {i: v["meaning"] for i, v in history.states_as_of("stage", None).items()}


def test_all_deals_come_in_and_their_sums_are_those_of_the_file(run: queries.RunInfo) -> None:
    rows, deals = _rows(), _deals(date(2017, 12, 31))
    assert run.counts["opportunity"]["new"] == len(deals) == len(rows) == 8800
    assert run.counts["account"]["new"] == 85
    assert run.counts["product"]["new"] == 7
    meanings = _meanings()
    won = [d for d in deals.values() if meanings[d["stage_id"]] == "won"]
    assert sum(d["amount"] for d in won) == 100 * sum(
        int(r["close_value"]) for r in rows if r["deal_stage"] == "Won"
    )
    in_q3 = [d for d in won if date(2017, 7, 1) <= d["close_date"] <= date(2017, 9, 30)]
    assert len(in_q3) == 1257
    assert sum(d["amount"] for d in in_q3) == 298_225_500


def test_doubts_are_warnings_in_groups_with_a_suggestion(run: queries.RunInfo) -> None:
    groups = {(g.code, g.field, g.value): g for g in queries.problem_groups(run.id)}
    product = groups["unknown_reference", "product_id", "GTXPro"]
    assert (product.count, product.suggestion) == (1480, "GTX Pro")
    assert groups["blank_account", "account_id", ""].count == 1425
    assert groups["no_date", "created_date", ""].count == 500
    assert queries.withheld_count(run.id) == 0


def test_the_dictionary_is_named_and_skipped(run: queries.RunInfo) -> None:
    skipped = [m["file"] for m in run.mappings if m["shape"] == "skip"]
    assert skipped == ["data_dictionary.csv"]
    assert any(n["file"] == "data_dictionary.csv" for n in run.notices)


def test_teams_managers_and_regions_are_read_from_the_list_of_agents(run: queries.RunInfo) -> None:
    teams = history.states_as_of("team", None)
    reps = {i: v["name"] for i, v in history.states_as_of("rep", None).items()}
    regions = {v["name"] for v in teams.values() if v["level"] == "region"}
    assert regions == {"Central", "East", "West"}
    where = {
        reps[v["rep_id"]]: teams[v["team_id"]]
        for v in history.states_as_of("assignment", None).values()
        if v["role"] == "seller"
    }
    assert len(where) == 35
    assert where["Anna Snelling"]["name"] == "Dustin Brinkmann"
    assert teams[where["Anna Snelling"]["parent_id"]]["name"] == "Central"


def test_revenue_in_millions_and_parents_are_understood(run: queries.RunInfo) -> None:
    accounts = {v["name"]: v for v in history.states_as_of("account", None).values()}
    assert accounts["Acme Corporation"]["annual_revenue"] == 110_004_000_000
    with (FOLDER / "accounts.csv").open() as file:
        parents = {r["account"]: r["subsidiary_of"] for r in csv.DictReader(file)}
    ids = {v["id"]: name for name, v in accounts.items()}
    told = {name: ids.get(v["parent_id"], "") for name, v in accounts.items()}
    assert told == parents


@pytest.mark.parametrize(
    "day", [date(2016, 11, 15), date(2017, 3, 31), date(2017, 8, 1), date(2017, 12, 30)]
)
def test_as_of_any_day_open_deals_show_only_what_their_creation_proves(
    run: queries.RunInfo, day: date
) -> None:
    expected: Counter[str] = Counter()
    for row in _rows():
        if not row["engage_date"] or date.fromisoformat(row["engage_date"]) > day:
            continue
        closed = row["close_date"] and date.fromisoformat(row["close_date"]) <= day
        expected[{"Won": "won", "Lost": "lost"}[row["deal_stage"]] if closed else "open"] += 1
    meanings, deals = _meanings(), _deals(day)
    assert Counter(meanings[d["stage_id"]] for d in deals.values()) == expected
    for deal in deals.values():
        if meanings[deal["stage_id"]] == "open":
            assert deal["account_id"] is deal["amount"] is deal["close_date"] is None
            assert deal["owner_id"] is not None


def test_what_a_deal_names_exists_from_then_on(run: queries.RunInfo) -> None:
    at = end_of_day(date(2017, 6, 30), the_company().zone)
    deals = history.states_as_of("opportunity", None, at).values()
    for kind, field in (
        ("rep", "owner_id"),
        ("product", "product_id"),
        ("stage", "stage_id"),
        ("account", "account_id"),
    ):
        there = history.states_as_of(kind, None, at)
        assert {d[field] for d in deals if d[field] is not None} <= set(there)
    assert all(p["list_price"] is None for p in history.states_as_of("product", None, at).values())


def test_the_same_folder_twice_changes_nothing(run: queries.RunInfo) -> None:
    before = history.last_event()
    again = imported(FOLDER, source="maven", is_full=True)
    assert again.change_set_id is None
    assert (again.total("new"), again.total("changed"), again.total("missing")) == (0, 0, 0)
    assert history.last_event() == before


def test_a_product_is_repaired_in_all_rows_alike_and_stays_so(run: queries.RunInfo) -> None:
    group = next(g for g in queries.problem_groups(run.id) if g.value == "GTXPro")
    assert service.repair(group.first_id, "GTX Pro", actor="anne") == 1480
    products = {v["name"]: i for i, v in history.states_as_of("product", None).items()}
    deals = _deals(date(2017, 12, 31)).values()
    assert sum(d["product_id"] == products["GTX Pro"] for d in deals) == 1480
    assert not any(g.value == "GTXPro" for g in queries.problem_groups(run.id))
    again = imported(FOLDER, source="maven")
    assert (again.total("new"), again.counts["opportunity"]["changed"]) == (0, 0)
    assert not any(g.value == "GTXPro" for g in queries.problem_groups(again.id))


def test_a_repaired_product_is_known_since_the_deal_was_made(run: queries.RunInfo) -> None:
    group = next(g for g in queries.problem_groups(run.id) if g.value == "GTXPro")
    service.repair(group.first_id, "GTX Pro", actor="anne")
    row = next(r for r in _rows() if r["product"] == "GTXPro" and r["engage_date"])
    deals = _deals(date.fromisoformat(row["engage_date"]))
    assert deals[row["opportunity_id"]]["product_id"] is not None


def test_a_rolled_back_import_leaves_nothing_and_can_be_imported_again(
    run: queries.RunInfo,
) -> None:
    service.import_rollback(run.id, actor="anne")
    assert history.states_as_of("opportunity", None) == {}
    assert history.states_as_of("account", None) == {}
    again = imported(FOLDER, source="maven")
    assert again.counts["opportunity"]["new"] == 8800
    assert len(_deals(date(2017, 12, 31))) == 8800


def test_an_archive_is_known_as_of_its_last_event(run: queries.RunInfo) -> None:
    assert run.as_of is not None
    assert the_company().today.day == date(2017, 12, 31)
    assert run.as_of == end_of_day(date(2017, 12, 31), the_company().zone)
    assert run.as_of < datetime.now(UTC) - timedelta(days=31)


def test_the_pieces_of_a_folder_may_come_one_by_one(company: None, tmp_path: Path) -> None:
    for name in ("products.csv", "accounts.csv", "sales_teams.csv", "sales_pipeline.csv"):
        info = imported(FOLDER / name, source="maven", as_of="2017-12-31")
        assert info.state.value == "done"
    deals = _deals(date(2017, 12, 31)).values()
    assert len(deals) == 8800
    assert sum(d["account_id"] is None for d in deals) == 1425
    assert all(d["owner_id"] for d in deals)
