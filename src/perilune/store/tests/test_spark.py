"""One query, two engines, one answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from perilune.kernel.errors import Unavailable
from perilune.kernel.scope import Scope
from perilune.store.sessions import Reader
from perilune.store.testing import both_engines, differences, on, same_rows, store_of

ROWS: dict[str, list[dict[str, Any]]] = {
    "deal": [
        {
            "id": key,
            "valid_from": datetime(2024, 1 + key % 12, 1, 10),
            "owner_id": key % 5 or None,
            "amount": None if key % 7 == 0 else key * 1000,
            "weight": key / 7,
            "name": f"l'été \\ {key}",
            "close_date": date(2024, 1 + key % 12, 1 + key % 28),
            "is_new": key % 2 == 0,
        }
        for key in range(1, 60)
    ],
    "line": [{"id": key, "deal_id": key % 40, "quantity": 0.5 * key} for key in range(1, 90)],
    "period": [
        {"id": m, "name": f"2024-{m:02}", "starts": date(2024, m, 1), "ends": date(2024, m, 28)}
        for m in range(1, 13)
    ],
}
SCOPES = (
    Scope.company(),
    Scope("some", frozenset({1, 3}), frozenset({("deal", "amount"), ("deal", "name")})),
    Scope("none", frozenset()),
)
PARAMS = {
    "name": "l'été \\ 8", "ids": [1, 8, 9], "none": [], "day": date(2024, 6, 1), "n": -5,
    "ratio": 0.25, "price": Decimal("1.25"), "at": datetime(2024, 5, 1), "yes": True,
}  # fmt: skip
PORTABLE = (
    "SELECT id, valid_from, owner_id, amount, weight, name, close_date, is_new"
    " FROM deal ORDER BY id",
    "SELECT id, valid_from, valid_to FROM deal_version",
    "SELECT id, deal_id, quantity FROM line",
    "SELECT id FROM deal WHERE name = :name OR id IN (:ids) OR id IN (:none) OR id < :n",
    "SELECT id FROM deal WHERE id NOT IN (:none) AND close_date >= :day AND valid_from > :at",
    "SELECT owner_id, COUNT(*) AS n, CAST(SUM(amount) AS BIGINT) AS total"
    " FROM deal GROUP BY owner_id",
    "SELECT quantile_cont(amount, 0.5) AS m, quantile_cont(weight, 0.1) AS p FROM deal",
    "SELECT owner_id, median(weight) AS m FROM deal GROUP BY owner_id ORDER BY owner_id",
    "SELECT id, amount / 3 AS a, amount / 0 AS z, amount * :ratio AS r, :price AS p, :yes AS y"
    " FROM deal",
    "SELECT id, amount FROM deal ORDER BY amount DESC, id",
    "SELECT id, CAST(close_date + INTERVAL 3 DAY AS DATE) AS later, date_diff('day', :day,"
    " close_date) AS days"
    " FROM deal",
    "SELECT p.name, COUNT(d.id) AS n, COUNT(*) FILTER (WHERE d.is_new) AS fresh FROM period p"
    " LEFT JOIN deal d ON d.close_date BETWEEN p.starts AND p.ends GROUP BY p.name ORDER BY p.name",
    "WITH latest AS (SELECT owner_id, id, amount FROM deal"
    " QUALIFY ROW_NUMBER() OVER (PARTITION BY owner_id ORDER BY amount DESC, id) = 1)"
    " SELECT owner_id, id, amount FROM latest",
    "SELECT id FROM deal d WHERE NOT EXISTS (SELECT 1 FROM line l WHERE l.deal_id = d.id)",
    "SELECT date_trunc('month', close_date) AS month, AVG(weight) AS w FROM deal GROUP BY 1",
    "SELECT :as_of_day AS day, CAST(:as_of AS DATE) AS known, :currency AS currency",
)


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[Reader, Reader]]:
    with store_of(
        ROWS,
        owners={"deal": "owner_id"},
        parents={"line": ("deal", "deal_id")},
        plain=["period"],
        sql={},
        declared=False,
    ) as store:
        try:
            with both_engines(store) as both:
                yield both
        except Unavailable as error:
            pytest.skip(str(error))


@pytest.mark.spark
@pytest.mark.timeout(600)
@pytest.mark.parametrize("sql", PORTABLE)
def test_a_portable_query_has_one_answer(engines: tuple[Reader, Reader], sql: str) -> None:
    for scope in SCOPES:
        for day in (date(2024, 4, 15), date(2025, 1, 1)):
            assert differences(engines, sql, PARAMS, scope=scope, as_of=on(day)) == ""


def test_rows_that_differ_are_not_the_same() -> None:
    assert same_rows([(1, 2.0)], [(1, 2.0 + 1e-12)], ordered=True)
    assert same_rows([(1,), (2,)], [(2,), (1,)], ordered=False)
    assert not same_rows([(1,), (2,)], [(2,), (1,)], ordered=True)
    assert not same_rows([(1,)], [(1,), (1,)], ordered=False)
    assert not same_rows([(1.0,)], [(1.001,)], ordered=True)
    assert not same_rows([(None,)], [(0,)], ordered=False)
