"""Quotas in other currencies: at the budget rate of their first day, else none (rule 5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from perilune.history.service import change_set
from perilune.kernel.calendar import Period
from perilune.kernel.money import Money
from perilune.kernel.scope import Scope
from perilune.people import service, testing
from perilune.people.queries import company, target
from perilune.store import queries as store
from perilune.store import service as store_service

pytestmark = pytest.mark.django_db(databases=["default", "queue"])


@pytest.fixture
def who() -> testing.Organisation:
    """A quarter with quotas in euros, pounds, yen and in francs, which have no rate."""
    found = testing.cast().organisation
    quarter = period()
    with change_set(actor="t", title="rates", known_at=testing.KNOWN) as w:
        for currency, starts, value in (
            ("GBP", date(2020, 1, 1), 1.10),
            ("GBP", date(quarter.start.year, 1, 1), 1.05),
            ("JPY", date(2020, 1, 1), 0.0062),
            ("CHF", date(2100, 1, 1), 1.04),
        ):
            w.create(
                "rate",
                {"rate_set": "budget", "currency": currency, "starts": starts, "value": value},
            )
    quotas = ((found.rita, "100.10", "GBP"), (found.rolf, "12345", "JPY"), (found.sara, "7", "CHF"))
    for rep, amount, currency in quotas:
        money = Money(Decimal(amount), currency)
        service.quota_set(money, quarter.start, quarter.end, actor="t", rep_id=rep)
    store_service.refresh()
    return found


def period() -> Period:
    from perilune.kernel.calendar import Grain

    return company().calendar.find(company().today.day, Grain.QUARTER)


def test_a_quota_in_pounds_counts_at_the_budget_rate_of_its_first_day(
    who: testing.Organisation,
) -> None:
    at = company().today
    # 100.10 x 1.05 = 105.105, in cents 10510.5; 12345 yen x 0.0062 = 76.539
    for rep, expected in ((who.rita, 10511), (who.rolf, 7654)):
        found = target(period(), at, rep_id=rep)
        assert found is not None and (found.minor, found.currency) == (expected, "EUR")
    north = target(period(), at, team_id=who.north)
    assert north is not None and north.minor == 10511 + 7654


def test_a_quota_without_a_rate_has_no_amount_and_is_marked(who: testing.Organisation) -> None:
    assert target(period(), company().today, rep_id=who.sara) is None
    rows = store.run_sql(
        "SELECT rep_id, amount, is_rate_missing FROM quota_in_force",
        {},
        scope=Scope.company(),
        as_of=company().today,
    ).rows
    assert {row[0]: row[1:] for row in rows} == {
        who.rita: (10511, False),
        who.rolf: (7654, False),
        who.sara: (None, True),
    }


def test_the_store_and_the_records_convert_alike(who: testing.Organisation) -> None:
    span = {"starts": period().start, "ends": period().end}
    rows = store.run(
        "people.quota_by_unit", span, scope=Scope.company(), as_of=company().today
    ).dicts()
    assert {row["rep_id"]: row["amount"] for row in rows} == {who.rita: 10511, who.rolf: 7654}
