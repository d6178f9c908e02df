"""Data quality and typing avoided as named measures: the figures of their pages, rows behind."""

from __future__ import annotations

from typing import Any

import pytest

from perilune.history.service import change_set
from perilune.hub.queries.quality import scores
from perilune.hub.queries.typing import typing_avoided
from perilune.hub.service.typing import set_seconds
from perilune.hub.tests.test_quality import ALL, World, flawed, today
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.scope import Scope
from perilune.metrics.contracts import By, MeasureRow
from perilune.metrics.queries import drill_down, measure_rows, measure_with_history
from perilune.people.queries import company, personal_scope_for, scope_for
from perilune.people.testing import Cast, cast
from perilune.store import service as store

pytestmark = pytest.mark.once


@pytest.fixture
def people(company: None) -> Cast:
    return cast()


@pytest.fixture
def world(people: Cast) -> World:
    return flawed(people)


def quarter() -> Period:
    return company().calendar.find(today().day, Grain.QUARTER)


def asked(name: str, by: By, scope: Scope = ALL, **more: Any) -> dict[Any, MeasureRow]:
    rows = measure_rows(today(), quarter(), by, scope, measures=(name,), **more)
    return {row.unit_id: row for row in rows}


def test_the_measure_of_quality_is_the_score_of_its_page(world: World, people: Cast) -> None:
    score = scores.overview(today(), ALL).score
    drill = drill_down("data_quality", today(), quarter(), By.TOTAL, unit="total", scope=ALL)
    row = drill.row
    assert row.value == pytest.approx(score.share) and row.n == score.checked
    passed = sum(one.part for _label, one in drill.parts)
    assert passed / sum(one.whole for _label, one in drill.parts) == pytest.approx(row.value)
    assert "CASE WHEN" in drill.sql
    before = company().calendar.shift(quarter(), -1)
    (old,) = measure_rows(today(), before, By.TOTAL, ALL, measures=("data_quality",))
    then = scores.overview(AsOf.end_of(before.end, company().zone), ALL).score
    assert old.value == (then.share if then.share is None else pytest.approx(then.share))
    assert old.n == then.checked and old.value != row.value  # as known at the end of the period


def test_a_figure_of_few_people_is_withheld_from_who_may_not_name_them(
    world: World, people: Cast
) -> None:
    rita = people.organisation.rita
    mine = asked(
        "data_quality", By.TOTAL, scope_for(people.rep), personal=personal_scope_for(people.rep)
    )[None]
    owned = scores.by_owner(today(), ALL, personal_scope_for(people.rep))
    (own,) = [one for one in owned if one.id == rita]
    assert mine.value == pytest.approx(own.score.share) and mine.n == own.score.checked
    assert {row.value for row in asked("data_quality", By.TEAM).values()} == {None}


@pytest.mark.django_db(databases=["default", "queue"])
def test_hours_of_typing_are_those_of_the_page_and_unknown_before_the_first_day(
    company: None,
) -> None:
    set_seconds({"text": 360})
    with change_set(actor="ana", purpose="import", source="crm") as writer:
        number = writer.create("account", {"name": "First load"})
    with change_set(actor="ana", purpose="enrichment", source="sirene") as writer:
        writer.change("account", number, {"naf": "62.01Z", "city": "Lyon"})
    store.rebuild()
    row = asked("typing_avoided", By.TOTAL)[None]
    assert row.value == pytest.approx(0.2) and row.n == 2
    assert typing_avoided(today()).hours == pytest.approx(row.value)
    drill = drill_down("typing_avoided", today(), quarter(), By.TOTAL, unit="total", scope=ALL)
    assert [(label, one.cases) for label, one in drill.parts] == [
        ("Enrichment · Account, City", 1), ("Enrichment · Account, NAF code", 1),
    ]  # fmt: skip
    (history,) = measure_with_history(
        today(), quarter(), By.TOTAL, ALL, measures=("typing_avoided",), with_states=False
    )
    assert history.year_ago.row is not None and history.year_ago.row.value is None
