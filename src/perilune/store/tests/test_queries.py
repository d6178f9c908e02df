"""What named SQL sees: the as-of, the gate, the parameters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.scope import Scope
from perilune.store import queries, service, sessions
from perilune.store.testing import on, rows_of, store_of
from perilune.store.tests.conftest import opened
from perilune.store.tests.worlds import GONE, World, day, touches, versions

ALL = "SELECT id, owner_id, amount FROM deal"
HISTORY = "SELECT id, valid_from, valid_to, owner_id, amount FROM deal_version"
PAST, NOW = date(2020, 6, 1), date(2022, 1, 1)
CRM: dict[str, list[dict[str, Any]]] = {
    "opportunity": [
        {"id": 1, "owner_id": 7, "amount": 100, "name": "one"},
        {"id": 1, "owner_id": 8, "amount": 150, "name": "one", "valid_from": datetime(2021, 1, 1)},
        {"id": 2, "owner_id": None, "amount": 5, "name": "two"},
    ],
    "opportunity_line": [
        {"id": 10, "opportunity_id": 1, "quantity": 2.5},
        {"id": 11, "opportunity_id": 2, "quantity": 1.5},
        {"id": 12, "opportunity_id": None, "quantity": 9.5},
    ],
    "period": [{"id": 1, "name": "2020-Q1", "starts": date(2020, 1, 1)}],
}


def crm(**more: Any) -> Any:
    """Return the store of three relations: owned, by its parent, for everybody."""
    return store_of(
        CRM,
        owners={"opportunity": "owner_id"},
        parents={"opportunity_line": ("opportunity", "opportunity_id")},
        plain=["period"],
        declared=False,
        **{"sql": {}, **more},
    )


def seen_by(*owners: int) -> Scope:
    return Scope("some", frozenset(owners))


def asked(sql: str, instant: datetime, scope: Scope | None = None) -> list[tuple[Any, ...]]:
    at = AsOf(instant.replace(tzinfo=UTC), instant.date())
    return queries.run_sql(sql, scope=scope or Scope.company(), as_of=at).rows


@given(st.dictionaries(st.integers(1, 6), versions, max_size=6), st.integers(-1, 31))
@settings(max_examples=25, deadline=None)
def test_as_of_an_instant_equals_the_replay_of_what_was_known(
    records: dict[int, Any], number: int
) -> None:
    world = World()
    for key, its_versions in records.items():
        world.touch(key, its_versions)
    with opened(world):
        service.refresh()
        for instant in (day(number), day(number) - timedelta(microseconds=1)):
            rows = asked(ALL, instant)
            assert len(rows) == len(set(rows))
            assert set(rows) == world.at(instant)


@given(st.dictionaries(st.integers(1, 6), versions, max_size=6), st.integers(0, 20), touches)
@settings(max_examples=25, deadline=None)
def test_what_is_learnt_later_never_shows_in_an_earlier_as_of(
    records: dict[int, Any], number: int, later: list[tuple[int, Any]]
) -> None:
    world = World()
    for key, its_versions in records.items():
        world.touch(key, [v for v in its_versions if v[0] <= day(number)])
    with opened(world):
        service.refresh()
        before = [sorted(asked(sql, day(number)), key=repr) for sql in (ALL, HISTORY)]
        for key, its_versions in later:
            known = [v for v in world.records.get(key, []) if v[0] <= day(number)]
            world.touch(key, known + [v for v in its_versions if v[0] > day(number)])
        service.refresh()
        assert [sorted(asked(sql, day(number)), key=repr) for sql in (ALL, HISTORY)] == before


@given(
    st.dictionaries(st.integers(1, 6), versions, max_size=6),
    st.integers(0, 31),
    st.frozensets(st.integers(1, 4)),
)
@settings(max_examples=25, deadline=None)
def test_a_scope_sees_exactly_the_records_of_its_owners_at_the_as_of(
    records: dict[int, Any], number: int, owners: frozenset[int]
) -> None:
    world = World()
    for key, its_versions in records.items():
        world.touch(key, its_versions)
    with opened(world):
        service.refresh()
        scope, instant = Scope("some", owners), day(number)
        visible = {row for row in world.at(instant) if scope.sees(row[1])}
        assert set(asked(ALL, instant, scope)) == visible
        expected = {
            (key, start, owner, amount)
            for key in {row[0] for row in visible}
            for start, owner, amount in world.records[key]
            if amount != GONE and start <= instant
        }
        history = asked(HISTORY, instant, scope)
        assert {(row[0], row[1], row[3], row[4]) for row in history} == expected


def test_the_end_of_a_version_is_unknown_before_it_came() -> None:
    with crm():
        ends = "SELECT valid_to FROM opportunity_version WHERE id = 1 ORDER BY valid_from"
        assert rows_of(ends, day=PAST) == [(datetime(9999, 12, 31),)]
        assert rows_of(ends, day=NOW) == [(datetime(2021, 1, 1),), (datetime(9999, 12, 31),)]
        with pytest.raises(Invalid):
            rows_of("SELECT valid_to FROM opportunity", day=NOW)


def test_a_child_is_seen_with_its_parent() -> None:
    with crm():
        lines = "SELECT id FROM opportunity_line ORDER BY id"
        history = "SELECT id FROM opportunity_line_version ORDER BY id"
        assert rows_of(lines, day=NOW) == [(10,), (11,), (12,)]
        assert rows_of(lines, day=NOW, scope=seen_by(8)) == [(10,)]
        assert rows_of(history, day=NOW, scope=seen_by(8)) == [(10,)]
        assert rows_of(lines, day=NOW, scope=seen_by(7)) == []
        assert rows_of(lines, day=PAST, scope=seen_by(7)) == [(10,)]
        assert rows_of("SELECT name FROM period", day=NOW, scope=seen_by()) == [("2020-Q1",)]


def test_a_child_of_an_unknown_parent_is_seen_by_the_company_alone() -> None:
    parents = {"opportunity_line": ("nobody", "opportunity_id")}
    with store_of(CRM, parents=parents, plain=["period"], sql={}, declared=False):
        assert len(rows_of("SELECT id FROM opportunity_line", day=NOW)) == 3
        assert rows_of("SELECT id FROM opportunity_line", day=NOW, scope=seen_by(7, 8)) == []


def test_hidden_fields_are_null_in_every_relation_and_still_cut() -> None:
    hidden = frozenset({("opportunity", "amount"), ("opportunity", "owner_id")})
    scope = Scope("some", frozenset({8}), hidden)
    with crm():
        for relation in ("opportunity", "opportunity_version"):
            sql = f"SELECT DISTINCT id, owner_id, amount FROM {relation}"
            assert rows_of(sql, day=NOW, scope=scope) == [(1, None, None)]
            typed = f"SELECT amount + 1 FROM {relation} WHERE name LIKE 'o%' LIMIT 1"
            assert rows_of(typed, day=NOW, scope=scope) == [(None,)]


@given(
    st.one_of(
        st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
        st.sampled_from(["' OR TRUE --", "\\'; DROP TABLE x; --", ":as_of", "$1", "{x}", "%s"]),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
        st.dates(date(1, 1, 1), date(9999, 12, 31)),
        st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)),
        st.decimals(
            allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9
        ),
        st.none(),
    )
)
@settings(max_examples=150, deadline=None)
def test_a_parameter_comes_back_as_the_value_that_it_is(shared: None, value: Any) -> None:
    assert rows_of("SELECT :value AS v", day=NOW, value=value) == [(value,)]


@pytest.fixture(scope="module")
def shared() -> Any:
    with crm():
        yield


def test_lists_stand_for_their_values_and_an_empty_one_for_none() -> None:
    with crm():
        inside = "SELECT id FROM opportunity WHERE id IN (:ids) ORDER BY id"
        outside = "SELECT id FROM opportunity WHERE id NOT IN (:ids) ORDER BY id"
        assert rows_of(inside, day=NOW, ids=[2, 5]) == [(2,)]
        assert rows_of(outside, day=NOW, ids=(2, 5)) == [(1,)]
        assert rows_of(inside, day=NOW, ids=[]) == []
        assert rows_of(outside, day=NOW, ids=[]) == [(1,), (2,)]
        named = "SELECT id FROM opportunity WHERE name IN (:names)"
        assert rows_of(named, day=NOW, names=[]) == []
        assert rows_of(named, day=NOW, names=["two", "x') OR ('1'='1"]) == [(2,)]


def test_a_negative_number_is_no_comment() -> None:
    with crm():
        assert rows_of("SELECT 1 -:n, 2", day=NOW, n=-5) == [(6, 2)]


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), Decimal("NaN"), 2**63, "a\x00", {}, object()]
)
def test_what_has_no_literal_is_refused(value: object) -> None:
    with crm(), pytest.raises(Invalid):
        rows_of("SELECT :value", day=NOW, value=value)


def test_a_missing_parameter_is_named() -> None:
    with crm(), pytest.raises(Invalid, match="starts"):
        rows_of("SELECT id FROM opportunity WHERE valid_from > :starts", day=NOW)


def test_the_as_of_and_what_the_site_gives_are_always_there() -> None:
    with crm(always={"currency": "USD"}):
        rows = rows_of("SELECT :as_of_day, :as_of, :currency", day=NOW)
        assert rows == [(NOW, on(NOW).at.replace(tzinfo=None), "USD")]
        assert rows_of("SELECT :as_of_day", day=NOW, as_of_day=PAST) == [(NOW,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_parquet('x.parquet')",
        "SELECT * FROM 'x.parquet'",
        "SELECT * FROM physical.opportunity_version_1",
        "SELECT * FROM opportunity_version_1",
        "SELECT * FROM memory.physical.opportunity_version_1",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM duckdb_views",
        "SELECT * FROM duckdb_views()",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM query_table('x')",
        "SELECT * FROM range(3)",
        "SELECT * FROM opportunity, UNNEST([1])",
        "SELECT read_text('/etc/passwd')",
        "SELECT getenv('HOME')",
        "SELECT current_setting('temp_directory')",
        "WITH physical AS (SELECT 1 AS x) SELECT x FROM physical",
        "WITH opportunity AS (SELECT 1 AS x) SELECT x FROM opportunity",
        "WITH x AS (DELETE FROM opportunity RETURNING id) SELECT id FROM x",
        "SELECT 1; SELECT 2",
        "DROP TABLE opportunity",
        "COPY (SELECT 1) TO 'x'",
        "SET memory_limit = '1TB'",
        "PRAGMA version",
        "ATTACH 'x'",
        "SELECT * INTO x FROM opportunity",
        "SELECT id FROM opportunity LIMIT ?",
        "SELECT id FROM opportunity WHERE id = $1",
        "SELECT",
        "",
        "SELECT '\x00as_of\x00'",
    ],
)
def test_named_sql_reaches_relations_and_nothing_else(sql: str) -> None:
    with crm(), pytest.raises(Invalid):
        rows_of(sql, day=NOW)


def test_the_engine_itself_is_closed_to_other_files(tmp_path: Path) -> None:
    with crm() as store:
        reader = sessions.reader()
        assert store.path.exists()
        (tmp_path / "x.csv").write_text("a\n1\n")
        for sql in (
            f"SELECT * FROM read_csv('{tmp_path}/x.csv')",
            f"COPY (SELECT 1) TO '{tmp_path}/y.csv'",
            "SET enable_external_access = true",
        ):
            with pytest.raises((Invalid, FileNotFoundError)):
                reader.engine().fetch(sql, ())
        assert not (tmp_path / "y.csv").exists()


def test_derived_relations_are_pulled_in_with_what_they_read(tmp_path: Path) -> None:
    folder = tmp_path / "sql"
    (folder / "relations").mkdir(parents=True)
    (folder / "relations" / "big.sql").write_text(
        "-- definition: Large ones.\n"
        "WITH x AS (SELECT * FROM opportunity) SELECT * FROM x WHERE amount >= :least"
    )
    (folder / "relations" / "named.sql").write_text(
        "-- definition: Large ones by name.\nSELECT name, amount FROM big"
    )
    (folder / "total.sql").write_text(
        "-- definition: What the large ones\n--   are worth.\n"
        "-- unit: money\n-- owner: analyst\n-- hint: x\n"
        "WITH y AS (SELECT amount FROM named) SELECT SUM(amount) AS total FROM y"
    )
    with crm(sql={"crm": folder}):
        ask: dict[str, Any] = {"scope": Scope.company(), "as_of": on(NOW)}
        assert queries.run("crm.total", {"least": 100}, **ask).dicts() == [{"total": 150}]
        spec = queries.spec("crm.total")
        assert (spec.definition, spec.unit, spec.owner) == (
            "What the large ones are worth.",
            "money",
            "analyst",
        )
        assert spec.head["hint"] == "x"
        assert [s.name for s in queries.specs()] == ["crm.total"]
        text = queries.explain("crm.total", {"least": 100}, **ask)
        assert "amount >= 100" in text and "FROM named" in text and "physical." in text
        with pytest.raises(Invalid, match="least"):
            queries.run("crm.total", **ask)
        for name in ("crm.nothing", "crm.../x", "hub.total", "total", "crm.relations/big"):
            with pytest.raises(NotFound):
                queries.run(name, **ask)


def test_relations_that_read_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "relations").mkdir()
    (tmp_path / "relations" / "chicken.sql").write_text("SELECT id FROM egg")
    (tmp_path / "relations" / "egg.sql").write_text("SELECT id FROM chicken")
    with crm(sql={"crm": tmp_path}), pytest.raises(Invalid, match="itself"):
        rows_of("SELECT id FROM egg", day=NOW)


def test_a_result_says_what_it_answers_for() -> None:
    with crm():
        result = queries.run_sql(
            "SELECT id, amount FROM opportunity ORDER BY id", scope=seen_by(8), as_of=on(NOW)
        )
        assert result.columns == ("id", "amount")
        assert result.column("amount") == [150] and result.scalar() == 1
        assert (result.version, result.scope_label, result.as_of) == (1, "some", on(NOW))


def test_a_kept_result_is_not_shared_with_who_may_not_see_it() -> None:
    with crm():
        sql = "SELECT SUM(amount) FROM opportunity"
        assert rows_of(sql, day=NOW) == [(155,)]
        assert rows_of(sql, day=NOW, scope=seen_by(8)) == [(150,)]
        assert rows_of(sql, day=PAST) == [(105,)]
        rows_of(sql, day=NOW).clear()
        assert rows_of(sql, day=NOW) == [(155,)]


def test_a_store_that_was_never_built_answers_with_no_rows(world: World) -> None:
    world.touch(1, [(day(1), 1, 5)])
    assert asked(ALL, day(9)) == asked(HISTORY, day(9)) == []
    assert asked(ALL, day(9), seen_by(1)) == []
    assert queries.freshness().version == 0
    assert queries.freshness().waiting == ("deal_version",)


def test_columns_of_a_relation_are_those_that_it_shows(world: World) -> None:
    assert [name for name, _ in queries.columns_of("deal")] == [
        "id",
        "valid_from",
        "owner_id",
        "amount",
    ]
    assert ("valid_to", "TIMESTAMP") in queries.columns_of("deal_version")
    with pytest.raises(Invalid):
        queries.columns_of("nothing")
