"""Open deals and their chances: the page as each role, its filters, file, drawer and panel."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from perilune.forecasting import queries
from perilune.forecasting.contracts import HARDLY
from perilune.forecasting.testing import maven_company, maven_store
from perilune.forecasting.tests.test_web import signed_in
from perilune.forecasting.web import deal_words, near
from perilune.forecasting.web.panels import panels
from perilune.insights.contracts import Reason
from perilune.insights.testing import learn_latest
from perilune.jobs import queries as jobs
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.people.contracts import Role
from perilune.people.queries import company, user_named
from perilune.people.service import user_set_language

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))

ADDRESS = "/forecast/2017-Q4/deals/"
DAY = "as_of=2017-11-15"
AS_OF = AsOf.end_of(date(2017, 11, 15), ZoneInfo("UTC"))
MODELS = 8


@pytest.fixture(scope="module", autouse=True)
def maven(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), maven_store():
        yield


@pytest.fixture(autouse=True)
def home(maven: None) -> None:
    maven_company()


def known() -> None:
    assert learn_latest(AS_OF, MODELS) == MODELS


def deals(scope: Scope | None = None) -> Any:
    period = company().calendar.parse("2017-Q4")
    return queries.open_deals(period, AS_OF, scope or Scope.company())


def test_chances_of_every_deal_sum_to_one_and_the_most_expected_comes_first() -> None:
    known()
    found = deals()
    assert len(found.deals) == found.open_count > 500
    for deal in found.deals:
        chance = deal.chance
        assert chance.win + chance.lose + chance.slip == pytest.approx(1)
        assert chance.win <= chance.ever + 1e-9
    expected = [deal.expected for deal in found.deals]
    assert expected == sorted(expected, reverse=True)


def test_the_page_says_what_the_deals_bring_and_why_and_turns_its_pages() -> None:
    known()
    client = signed_in()
    text = client.get(f"{ADDRESS}?{DAY}").content.decode()
    found = deals()
    assert f"{len(found.deals):,} open deals are expected to bring" in text
    assert f"1 to 50 of {len(found.deals):,}" in text
    assert "times as often" in text
    second = client.get(f"{ADDRESS}?page=2").content.decode()
    assert "51 to 100 of" in second
    assert found.deals[60].name in second and found.deals[60].name not in text
    assert client.get(f"{ADDRESS}?page=9999999").status_code == 200


def test_filters_leave_their_owners_and_only_what_will_hardly_close() -> None:
    known()
    client = signed_in()
    owner = deals().deals[0].owner_id
    mine = [deal for deal in deals().deals if deal.owner_id == owner]
    text = client.get(f"{ADDRESS}?{DAY}&owner={owner}").content.decode()
    assert f"of {len(mine):,}" in text
    hardly = [deal for deal in deals().deals if deal.chance.ever < HARDLY]
    text = client.get(f"{ADDRESS}?{DAY}&only=hardly").content.decode()
    assert (f"of {len(hardly):,}" in text) if hardly else ("No deal matches" in text)


def test_the_file_holds_exactly_the_deals_that_are_shown_on_all_pages() -> None:
    known()
    client = signed_in()
    owner = deals().deals[0].owner_id
    answer: Any = client.get(f"{ADDRESS}export.csv?{DAY}&owner={owner}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    mine = [deal for deal in deals().deals if deal.owner_id == owner]
    told = [row for row in rows[1:] if len(row) > 5]
    assert [row[0] for row in told] == [deal.name for deal in mine]
    assert float(told[0][1]) == pytest.approx(mine[0].chance.win)
    assert "Owner: " in text and "# As of: 2017-11-15" in text


@pytest.mark.parametrize("role", list(Role))
def test_every_role_sees_its_own_deals_and_a_viewer_none(role: Role) -> None:
    known()
    rep = 101 if role in (Role.REP, Role.SALES_MANAGER) else None
    client = signed_in(role, rep)
    text = client.get(f"{ADDRESS}?{DAY}").content.decode()
    others = [deal for deal in deals().deals if deal.owner_id != 101]
    record = f"/records/opportunity/{others[0].id}/"
    if role is Role.VIEWER:
        assert "single deals are not shown" in text and "/records/opportunity/" not in text
        assert client.get(f"{ADDRESS}{others[0].id}/").status_code == 404
    elif role in (Role.REP, Role.SALES_MANAGER):
        assert record not in text
        assert client.get(f"{ADDRESS}{others[0].id}/").status_code == 404
    else:
        assert record in text
    assert Client().get(ADDRESS).status_code == 302


def test_the_drawer_of_a_deal_has_its_reasons_and_what_became_of_such_chances() -> None:
    known()
    one = deals().deals[0]
    text = signed_in().get(f"{ADDRESS}{one.id}/?{DAY}").content.decode()
    assert "still open after it with" in text
    assert re.search(r"Of [\d,]+ past chances of \d+% to \d+%", text)
    assert "SELECT" in text
    assert deal_words.what(one.chance.reasons[0]) in text


def test_the_record_of_an_open_deal_has_an_outlook_and_that_of_a_closed_one_none() -> None:
    known()
    outlook = next(panel for panel in panels() if panel.place == "record.opportunity")
    asked = SimpleNamespace(as_of=AS_OF, scope=Scope.company(), company=company())
    one = deals().deals[0]
    text = outlook.render(asked, {"id": one.id})
    assert deal_words.reason(one.chance.reasons[0]) in text
    assert "past chances" in text
    assert not outlook.render(asked, {"id": 10**9})


def test_without_a_model_the_page_says_so_and_who_may_learns_once() -> None:
    client = signed_in()
    text = client.get(f"{ADDRESS}?{DAY}").content.decode()
    assert "No chance is known of these deals yet" in text and "Learn now" in text
    assert client.get("/forecast/learn/").status_code == 405
    for _twice in range(2):
        answer = client.post("/forecast/learn/", {"next": ADDRESS})
        assert answer["Location"] == ADDRESS
    (job,) = jobs.recent_jobs(5, "insights.learn")
    assert job.params == {"as_of": "2017-11-15"}
    text = client.get(f"{ADDRESS}?{DAY}").content.decode()
    assert "Learn now" not in text and "Waiting" in text
    outside = client.post("/forecast/learn/", {"next": "https://example.org/"})
    assert outside["Location"] == "/forecast/"


def test_while_models_are_prepared_the_range_says_so_and_tells_no_parts_apart() -> None:
    client = signed_in()
    text = client.get(f"/forecast/2017-Q4/?{DAY}&show=near").content.decode()
    assert "are being prepared" in text and "Learn now" in text
    assert "too little history to learn" not in text
    assert "from deals not created yet" not in text
    period = company().calendar.parse("2017-Q4")
    result = queries.range_for(period, queries.default_cut(Scope.company()), AS_OF, Scope.company())
    assert all(near.parts(row, result) == (None, None) for row in result.rows)


def test_a_rep_may_not_start_to_learn() -> None:
    client = signed_in(Role.REP, 101)
    assert "Learn now" not in client.get(f"{ADDRESS}?{DAY}").content.decode()
    assert client.post("/forecast/learn/").status_code == 403


def test_a_period_that_is_over_has_no_chances() -> None:
    known()
    text = signed_in().get(f"/forecast/2017-Q3/deals/?{DAY}").content.decode()
    assert "2017-Q3 is over" in text


def test_the_range_says_what_open_deals_bring_and_contributions_sum() -> None:
    known()
    text = signed_in().get(f"/forecast/2017-Q4/?{DAY}&show=near&by=region").content.decode()
    assert "are being prepared" in text  # eight models are not all
    assert "Contributions that sum" in text and "These columns sum" in text
    period = company().calendar.parse("2017-Q4")
    rows = queries.range_for(period, queries.default_cut(Scope.company()), AS_OF, Scope.company())
    total, *below = rows.rows
    assert total.near is not None
    for at in range(3):
        whole = sum(row.near[at] for row in below if row.near)
        assert whole == pytest.approx(total.near[at], abs=len(below))


def test_the_page_speaks_french() -> None:
    known()
    client = signed_in()
    user = user_named("analyst")
    assert user is not None
    user_set_language(user.pk, "fr")
    with translation.override("fr"):
        text = client.get(f"{ADDRESS}?{DAY}").content.decode()
    assert "affaires ouvertes devraient rapporter" in text
    assert "fois aussi souvent" in text
    assert "times as often" not in text


@pytest.mark.parametrize(
    ("feature", "level", "words"),
    [
        ("Days since the last activity", "29 – 57", "silent for 29 to 56 days"),
        ("Days since the last activity", "< 8", "last activity less than 8 days ago"),
        ("Days since the last activity", "?", "no activity on record"),
        ("Days to the expected close", "< -28", "overdue by 29 days or more"),
        ("Days to the expected close", "-28 – 0", "overdue by 1 to 28 days"),
        ("Days to the expected close", "7 – 14", "expected to close in 7 to 13 days"),
        ("Days to the expected close", "≥ 91", "expected to close in 91 days or more"),
        ("Activities of four weeks", "< 1", "no activity in four weeks"),
        ("Activities of four weeks", "1 – 3", "1 to 2 activities in four weeks"),
        ("Times pushed", "0", "never pushed"),
        ("Times pushed", "1", "pushed 1 time"),
        ("Times pushed", "3+", "pushed 3 times or more"),
        ("Amount", "0.25 – 0.5", "amount 0.25 to 0.5 times the usual"),
        ("Amount", "≥ 4", "amount over 4 times the usual"),
        ("Age", "1", "open for 1 day"),
        ("Forecast category", "best_case", "forecast category Best case"),
        ("Segment", "Midmarket", "Segment Midmarket"),
    ],
)
def test_reasons_are_told_in_words(feature: str, level: str, words: str) -> None:
    assert deal_words.what(Reason(feature, level, 0.0)) == words


def test_an_effect_is_told_as_how_often() -> None:
    said = deal_words.reason(Reason("Days since the last activity", "29 – 57", -0.5108))
    assert said == "silent for 29 to 56 days: wins 0.6 times as often"
