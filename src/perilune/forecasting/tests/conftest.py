"""A small quarter: two teams, deals in every category, quotas; TODAY is the quarter's last day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from perilune.history.testing import made_once

if TYPE_CHECKING:
    from django.test import Client

    from perilune.crm.testing import Book
    from perilune.kernel.asof import AsOf
    from perilune.kernel.calendar import Period
    from perilune.people.testing import Cast, Organisation


@dataclass
class Quarter:
    """The cast, its book, the deals of the quarter by name, and the questions asked of them."""

    cast: Cast
    book: Book
    deals: dict[str, int]

    @property
    def who(self) -> Organisation:
        return self.cast.organisation

    @property
    def as_of(self) -> AsOf:
        from perilune.people.queries import company

        return company().today

    @property
    def period(self) -> Period:
        from perilune.people.queries import company

        return company().calendar.parse("2026-Q2")

    def deal(self, name: str, **values: Any) -> int:
        from perilune.crm.testing import make_record

        facts = {
            "name": name,
            "currency": "EUR",
            "pipeline_id": self.book.pipeline,
            "stage_id": self.book.prospecting,
            "created_date": date(2026, 1, 2),
            "close_date": date(2026, 6, 30),
            **values,
        }
        self.deals[name] = make_record("opportunity", facts)
        return self.deals[name]

    def refresh(self) -> None:
        from perilune.store import service

        service.refresh()


@pytest.fixture
@made_once
def quarter(db: None) -> Quarter:
    from perilune.crm.testing import make_book, make_record
    from perilune.people import testing

    cast = testing.cast()
    made = Quarter(cast, make_book(cast), {})
    who, book = made.who, made.book
    made.deal("Rita commit", owner_id=who.rita, amount=30_000, stage_id=book.proposal)
    made.deal("Rita best", owner_id=who.rita, amount=20_000, forecast_category="best_case")
    made.deal("Rolf likely", owner_id=who.rolf, amount=50_000, forecast_category="most_likely")
    made.deal("Sara pipeline", owner_id=who.sara, amount=90_000)
    made.deal("Sara omitted", owner_id=who.sara, amount=11_000, forecast_category="omitted")
    made.deal("Nobody", owner_id=None, amount=7_000)
    for unit, amount in (({"team_id": who.north}, 200_000), ({"team_id": who.south}, 100_000)):
        make_record(
            "quota",
            {**unit, "starts": made.period.start, "ends": made.period.end, "amount": amount},
        )
    made.refresh()
    return made


@pytest.fixture
def as_user(quarter: Quarter) -> Callable[[str], Client]:
    from django.test import Client

    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(
            getattr(quarter.cast, name), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return signed_in


@pytest.fixture
def site_cast(db: None) -> Cast:
    # imported here: this file is read before Django is set up
    from perilune.people import testing

    return testing.cast()


@pytest.fixture
def book(site_cast: Cast) -> Book:
    from perilune.crm import testing

    return testing.make_book(site_cast)
