"""The portable subset of SQL is held."""

from __future__ import annotations

from pathlib import Path

import pytest

from perilune.store.lint import check_folder, main, problems
from perilune.store.tests.test_spark import PORTABLE

HEAD = "-- definition: x\n"


@pytest.mark.parametrize("sql", PORTABLE)
def test_portable_sql_passes(sql: str) -> None:
    assert list(problems(HEAD + sql)) == []


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("SELECT a FROM x ANTI JOIN y USING (a)", "ANTI"),
        ("SELECT a FROM x SEMI JOIN y USING (a)", "SEMI"),
        ("SELECT a FROM x ASOF JOIN y ON x.t >= y.t", "ASOF"),
        ("PIVOT x ON a USING SUM(b)", ""),
        ("SELECT arg_max(a, b) AS a FROM x", "arg_max"),
        ("SELECT max_by(a, b) AS a FROM x", "arg_max"),
        ("SELECT first(a) AS a FROM x", "first"),
        ("SELECT any_value(a) AS a FROM x", "any_value"),
        ("SELECT list(a) AS a FROM x", "lists"),
        ("SELECT array_agg(a) AS a FROM x", "lists"),
        ("SELECT string_agg(a, ',') AS a FROM x", "string_agg"),
        ("SELECT a, COUNT(*) AS n FROM x GROUP BY ALL", "GROUP BY ALL"),
        ("SELECT date_diff('day', valid_from, :as_of) AS d FROM x", "cast both"),
        ("SELECT date_diff('hour', starts_at, ends_at) AS d FROM x", "cast both"),
        ("SELECT DISTINCT ON (a) a, b FROM x", "DISTINCT ON"),
        ("SELECT today() AS d FROM x", ""),
        ("SELECT current_date AS d FROM x", "clock"),
        ("SELECT current_timestamp AS d FROM x", "clock"),
        ("SELECT d + INTERVAL 3 DAY AS e FROM x", "CAST"),
        ("SELECT random() AS d FROM x", "chance"),
        ("SELECT * FROM x", "name the columns"),
        ("SELECT x.* FROM x", "name the columns"),
        ("SELECT a FROM read_csv('x')", "cannot use"),
        ("SELEC a", ""),
    ],
)
def test_what_engines_understand_differently_is_refused(sql: str, word: str) -> None:
    found = list(problems(HEAD + sql))
    assert found
    assert word in found[0]


def test_a_query_without_definition_is_refused_and_a_relation_may_say_all_columns(
    tmp_path: Path,
) -> None:
    (tmp_path / "relations").mkdir()
    (tmp_path / "relations" / "x.sql").write_text("-- Every deal.\nSELECT * FROM deal")
    (tmp_path / "y.sql").write_text("SELECT id FROM deal")
    assert [path.name for path, _ in check_folder(tmp_path)] == ["y.sql"]


def test_every_named_query_of_the_product_is_portable(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0, capsys.readouterr().err
