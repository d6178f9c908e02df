"""A forecast by product and by segment: what is sold, and to whom, sums to the total."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from typer.testing import CliRunner

from perilune.forecasting.cli import app
from perilune.forecasting.contracts import By, ForecastResult
from perilune.forecasting.contracts.backtests import Horizon
from perilune.forecasting.engine import COMBINATION
from perilune.forecasting.queries import below_path, range_for, ranges, run_info
from perilune.forecasting.queries.backtesting import backtest
from perilune.forecasting.queries.parts import with_parts
from perilune.forecasting.service import run_record
from perilune.forecasting.testing import maven_company, maven_store, maven_store_rows
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.people.contracts import Role
from perilune.people.queries import company, user_named
from perilune.people.service import user_add

pytestmark = [pytest.mark.django_db(databases=["default", "queue"]), pytest.mark.once]
DAY = date(2017, 12, 1)


def product_of(row: dict[str, Any]) -> int | None:
    """Give a deal one of two products, every seventh none; Beta is sold no more from October on."""
    if row["id"] % 7 == 0:
        return None
    is_late = row.get("close_date") is not None and row["close_date"] >= date(2017, 10, 1)
    return 1 if is_late else 1 + row["id"] % 2


def customer_of(row: dict[str, Any]) -> int | None:
    """Give a deal one of three customers, every eleventh none; Cork stops buying in October."""
    if row["id"] % 11 == 0:
        return None
    is_late = row.get("close_date") is not None and row["close_date"] >= date(2017, 10, 1)
    return 1 if is_late else 1 + row["id"] % 3


CUSTOMERS = [
    {"id": 1, "name": "Acme", "segment": "Enterprise"},
    {"id": 2, "name": "Brook", "segment": " Enterprise "},
    {"id": 3, "name": "Cork", "segment": "Mid-market"},
]


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return the Maven deals with products and customers; every tenth has two lines instead."""
    deals = maven_store_rows()["opportunity"]
    sold = [{**row, "product_id": product_of(row), "account_id": customer_of(row)} for row in deals]
    lines = [
        {"id": 2 * id_ + at, "opportunity_id": id_, "product_id": 1 + 2 * at, "amount": 100 + at}
        for id_ in sorted({row["id"] for row in deals if row["id"] % 10 == 0})
        for at in (0, 1)
    ]
    products = [{"id": 1, "name": "Alpha"}, {"id": 2, "name": "Beta"}, {"id": 3, "name": "Gamma"}]
    return {
        "opportunity": sold,
        "opportunity_line": lines,
        "product": products,
        "account": CUSTOMERS,
    }


@pytest.fixture(scope="module")
def _store(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), maven_store(**rows()):
        yield


@pytest.fixture(autouse=True)
def _company(db: None, _store: None) -> None:
    maven_company()


def asked(
    period: str = "2017-12", scope: Scope | None = None, by: By = By.PRODUCT
) -> ForecastResult:
    at = AsOf.end_of(DAY, company().zone)
    span = company().calendar.parse(period)
    return range_for(span, by, at, scope or Scope.company())


@pytest.mark.parametrize(
    ("by", "labels"),
    [
        (By.PRODUCT, ["total", "Alpha", "Beta", "Gamma", "no-product"]),
        (By.SEGMENT, ["total", "Enterprise", "Mid-market", "no-segment"]),
    ],
)
@pytest.mark.parametrize("scope", [Scope.company(), Scope("mine", owners=frozenset({101, 102}))])
def test_parts_sum_to_the_total_in_what_is_won_the_mean_and_contributions(
    scope: Scope, by: By, labels: list[str]
) -> None:
    found = asked(scope=scope, by=by)
    assert [row.label for row in found.rows] == labels
    for name in ("won_to_date", "mean"):
        parts = sum(getattr(row, name) for row in found.rows[1:])
        assert parts == pytest.approx(getattr(found.total, name), abs=5), name
    assert found.total.near is not None
    for at in range(3):
        parts = sum(row.near[at] for row in found.rows[1:] if row.near)
        assert parts == pytest.approx(found.total.near[at], abs=5)
    region = range_for(company().calendar.parse("2017-12"), By.REGION, found.request.as_of, scope)
    assert region.total == found.total, "the cut changes nothing of the whole"


def test_what_was_won_by_product_is_what_the_deals_and_lines_say() -> None:
    found = {row.label: row for row in asked("2017-Q3").rows}
    want = {"Alpha": 0.0, "Beta": 0.0, "Gamma": 0.0, "no-product": 0.0}
    for row in rows()["opportunity"]:
        if row["stage_id"] != 2 or not date(2017, 7, 1) <= row["close_date"] <= date(2017, 9, 30):
            continue
        if row["id"] % 10 == 0:
            want["Alpha"] += row["amount"] * 100 / 201
            want["Gamma"] += row["amount"] * 101 / 201
        else:
            want[{1: "Alpha", 2: "Beta", None: "no-product"}[row["product_id"]]] += row["amount"]
    for label, amount in want.items():
        assert found[label].won_to_date == pytest.approx(amount, abs=1), label


def test_what_was_won_by_segment_is_what_the_customers_of_the_deals_say() -> None:
    found = {row.label: row for row in asked("2017-Q3", by=By.SEGMENT).rows}
    want = {"Enterprise": 0.0, "Mid-market": 0.0, "no-segment": 0.0}
    names = {1: "Enterprise", 2: "Enterprise", 3: "Mid-market", None: "no-segment"}
    for row in rows()["opportunity"]:
        if row["stage_id"] == 2 and date(2017, 7, 1) <= row["close_date"] <= date(2017, 9, 30):
            want[names[row["account_id"]]] += row["amount"]
    assert {label: found[label].won_to_date for label in want} == pytest.approx(want, abs=1)


def test_whom_only_groups_may_be_shown_sees_no_product_that_few_sell() -> None:
    shown = asked(scope=Scope("company", smallest_group=3)).rows
    withheld = asked(scope=Scope("company", smallest_group=99)).rows
    assert all(row.mean is not None for row in shown)
    assert all(row.mean is None for row in withheld[1:]) and withheld[0].mean is not None


def test_a_lone_withheld_row_takes_the_smallest_other_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = {"segment:Enterprise": 9, "segment:Mid-market": 2, "no-segment": 5}

    def counted(*args: Any, **more: Any) -> Any:
        return replace(with_parts(*args, **more), people={By.SEGMENT: few})

    monkeypatch.setattr(ranges, "with_parts", counted)
    rows = asked(by=By.SEGMENT, scope=Scope("company", smallest_group=4)).rows
    assert [row.mean is not None for row in rows] == [True, True, False, False]


def test_command_page_and_file_show_products() -> None:
    typed = ["--as-of", str(DAY), "--period", "2017-12", "--by", "product", "--json"]
    ran = CliRunner().invoke(app, typed)
    assert ran.exit_code == 0, ran.output
    said = {row["unit"]: row for row in json.loads(ran.stdout)["rows"]}
    now = {row.label: row for row in asked().rows}
    assert said["Alpha"]["p50"] == f"{(now['Alpha'].p50 or 0) / 100:.2f}"
    assert float(said["Alpha"]["existing"]) > 0, "open deals are told apart by product"
    user_add("lead", Role.ANALYST)
    user = user_named("lead")
    assert user is not None
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    for show in ("", "&show=near"):
        page = client.get(f"/forecast/2017-12/?by=product&as_of={DAY}{show}").content.decode()
        assert "Gamma" in page and "Without a product" in page
    file: Any = client.get(f"/forecast/2017-12/export.csv?by=product&as_of={DAY}")
    assert said["Alpha"]["p50"] in b"".join(file).decode("utf-8-sig")
    page = client.get(f"/forecast/2017-12/?by=segment&as_of={DAY}").content.decode()
    assert "Mid-market" in page and "Without a segment" in page
    assert client.get(f"/forecast/2017-12/bridge/?level=product&as_of={DAY}").status_code == 400


def test_a_product_that_sells_no_more_is_below_its_path_with_the_chance_of_noise() -> None:
    span = company().calendar.parse("2017-Q4")
    at = AsOf.end_of(DAY, company().zone)
    [beta] = below_path(span, By.PRODUCT, at, Scope.company())
    assert (beta.label, beta.won, beta.watched) == ("Beta", 0.0, 3)
    assert beta.noise < 0.01 and beta.expected > 10_000_000


def test_a_segment_that_buys_no_more_is_below_its_path() -> None:
    at = AsOf.end_of(DAY, company().zone)
    [cork] = below_path(company().calendar.parse("2017-Q4"), By.SEGMENT, at, Scope.company())
    assert (cork.unit, cork.won, cork.watched) == ("segment:Mid-market", 0.0, 2)
    assert cork.noise < 0.01


def test_a_back_test_scores_parts_and_the_plain_rules_against_what_came() -> None:
    found = company()
    until = AsOf.end_of(date(2017, 12, 31), found.zone)
    origins = [date(2017, 10, 1), date(2017, 11, 5)]
    result = backtest(
        origins, Horizon.WEEKS_4, (By.SEGMENT,), Scope.company(), found, until=until, with_ets=False
    )
    mine = [row for row in result.rows if row.method == COMBINATION]
    for origin in origins:
        came = {row.label: row.actual for row in mine if row.origin == origin}
        total = came.pop("total")
        assert set(came) == {"Enterprise", "Mid-market", "no-segment"}
        assert sum(came.values()) == pytest.approx(total, abs=1)
        assert came["Enterprise"] > 0 == came["Mid-market"]
    levels = {(score.level, score.method) for score in result.scores}
    assert {("segment", COMBINATION), ("segment", "quarter_back"), ("total", COMBINATION)} <= levels


def test_a_run_by_segment_is_recorded_with_the_parts_that_it_stood_on() -> None:
    at = AsOf.end_of(DAY, company().zone)
    span = company().calendar.parse("2017-12")
    facts: dict[str, Any] = {"actor": "test", "created_at": datetime(2018, 1, 1, tzinfo=UTC)}
    segments, products = (
        run_info(run_record(span, by, at, Scope.company(), **facts), Scope.company())
        for by in (By.SEGMENT, By.PRODUCT)
    )
    assert [row["label"] for row in segments.rows][1:3] == ["Enterprise", "Mid-market"]
    assert segments.pinned.inputs_digest != products.pinned.inputs_digest
    assert segments.rows[0] == products.rows[0], "the whole is the same"
