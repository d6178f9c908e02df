"""What is told of a statement is kept on a shelf: a new process reads it without parsing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from perilune.kernel.errors import Invalid
from perilune.store import library, parsing, service
from perilune.store.library import Statement
from perilune.store.literals import literal
from perilune.store.tests.worlds import World

SQL = "WITH own AS (SELECT id FROM deal WHERE owner = :rep) SELECT count(*) AS n FROM own"


@pytest.fixture
def parses(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Count the texts that are parsed."""
    parsed, found = parsing.parsed, list[str]()

    def counted(sql: str) -> exp.Query:
        found.append(sql)
        return parsed(sql)

    monkeypatch.setattr(parsing, "parsed", counted)
    yield found


def told(of: Statement) -> tuple[object, ...]:
    texts = [of.text("duckdb", pretty=pretty) for pretty in (False, True)]
    return of.own_names, of.references, of.parameters, texts


def test_a_second_process_is_told_the_same_and_parses_nothing(parses: list[str]) -> None:
    first = told(Statement(SQL))
    assert first[1:3] == ({"deal"}, {"rep"}) and parses == [SQL]
    assert told(Statement(SQL)) == first and parses == [SQL]
    # what is asked for the first time is written from the text itself
    assert Statement(SQL).text("spark").body and parses == [SQL, SQL]
    assert told(Statement(SQL)) == first and len(parses) == 2


def test_what_the_gate_refuses_is_never_kept(parses: list[str]) -> None:
    for _time in range(2):
        with pytest.raises(Invalid):
            Statement("SELECT * FROM read_csv('secret')")
    assert len(parses) == 2


def test_another_way_of_reading_parses_anew(
    parses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told(Statement(SQL))
    monkeypatch.setattr(library, "_reading", lambda: "another")
    told(Statement(SQL))
    assert len(parses) == 2


def test_a_shelf_that_was_emptied_costs_time_alone(parses: list[str]) -> None:
    first = told(Statement(SQL))
    service.shelf("statements", 0).tidy()
    assert told(Statement(SQL)) == first and len(parses) == 2


@given(st.text().filter(lambda text: "\x00" not in text))
def test_a_text_is_quoted_as_sqlglot_quotes_it(text: str) -> None:
    assert literal(text, "duckdb") == exp.Literal.string(text).sql("duckdb")
