"""The list that a figure opens has exactly its rows, and its foot says what the figure counts."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from perilune.crm.contracts import ListQuery
from perilune.crm.queries import list_ids, list_page
from perilune.crm.web.addresses import address_of, query_of
from perilune.history.service import change_set
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.errors import NotFound
from perilune.kernel.scope import Scope
from perilune.metrics.contracts import MEASURES, By
from perilune.metrics.queries import drill_down, has_list, measure_rows
from perilune.metrics.web.words import list_url
from perilune.people.queries import company, reps_as_of, scope_for, user_named
from perilune.store import service as store

pytestmark = [pytest.mark.django_db(databases=["default", "queue"]), pytest.mark.once]
MOST = 100_000
ROLES = ("director", "teamlead", "rep")


def user(name: str) -> Any:
    found = user_named(name)
    assert found is not None, name
    return found


def quarters() -> list[Period]:
    calendar = company().calendar
    now = calendar.find(company().today.day, Grain.QUARTER)
    return [now, calendar.shift(now, -1)]


def list_of(address: str) -> ListQuery:
    return query_of("opportunity", QueryDict(address.partition("?")[2]))


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return unescape(answer.content.decode())


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(user(name), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(scope="module")
def split(demo: None, django_db_blocker: Any) -> None:
    """Two won deals shared between the rep of the demo and another, each owns one of them."""
    with django_db_blocker.unblock():
        scope, as_of = scope_for(user("rep")), company().today
        mine = next(iter(scope.owners or ()))
        other = next(rep for rep in reps_as_of(as_of) if rep != mine)
        first, last = quarters()[1].start, quarters()[0].end
        won = list_of(f"?meaning=won&close_date.from={first}&close_date.to={last}")
        own = list_ids(won, scope=scope, as_of=as_of, most=MOST)
        every = list_ids(won, scope=Scope.company(), as_of=as_of, most=MOST)
        theirs = next(deal for deal in every if deal not in own)
        with change_set(actor="test", known_at=as_of.at - timedelta(hours=1)) as w:
            for deal, reps in ((own[0], (mine, other)), (theirs, (other, mine))):
                for rep, share in zip(reps, (6_000, 4_000), strict=True):
                    values = {"opportunity_id": deal, "rep_id": rep, "share": share}
                    w.create("opportunity_split", values)
        store.refresh()


@pytest.mark.parametrize("who", ROLES)
def test_the_list_behind_a_figure_has_exactly_its_rows(split: None, who: str) -> None:
    scope, as_of, period = scope_for(user(who)), company().today, quarters()[1]
    cuts = [(By.TOTAL, "total")] + ([(By.SEGMENT, "Enterprise")] if who == "director" else [])
    seen = 0
    for by, unit in cuts:
        for name, measure in MEASURES.items():
            if not measure.rows:
                continue
            try:
                drill = drill_down(name, as_of, period, by, unit=unit, scope=scope)
            except NotFound:
                continue
            address = list_url(drill.row, period)
            assert bool(address) == has_list(name), name
            if not address:
                continue
            query = list_of(address)
            found = list_ids(query, scope=scope, as_of=as_of, most=MOST)
            assert len(found) == drill.total - drill.outside, (by, name)
            assert {row[0] for row in drill.rows} <= set(found), (by, name)
            assert address_of(query) == QueryDict(address.partition("?")[2]).dict()
            seen += len(found)
    assert seen


@pytest.mark.parametrize("who", ROLES)
def test_the_foot_of_won_deals_counts_shares_given_and_received(split: None, who: str) -> None:
    scope, as_of = scope_for(user(who)), company().today
    for period in quarters():
        rows = measure_rows(as_of, period, By.TOTAL, scope)
        won = next(row.value for row in rows if row.measure == "won_amount")
        dates = f"close_date.from={period.start}&close_date.to={period.end}"
        for address in (f"?meaning=won&{dates}", f"?cases=won_amount&period={period.name}"):
            page = list_page(list_of(address), scope=scope, as_of=as_of)
            counted = page.measured.minor if page.measured else page.totals["amount"].minor
            assert counted == pytest.approx(won, abs=2), address


def test_a_rep_gives_one_share_and_receives_another(split: None) -> None:
    scope, first, last = scope_for(user("rep")), quarters()[1].start, quarters()[0].end
    won = list_of(f"?meaning=won&close_date.from={first}&close_date.to={last}")
    found = list_page(won, scope=scope, as_of=company().today).measured
    assert found is not None
    assert found.given and found.given_minor and found.received and found.received_minor


def test_the_foot_says_both_ways_in_words(split: None) -> None:
    client = signed_in("rep")
    first, last = quarters()[1].start, quarters()[0].end
    dates = f"close_date.from={first}&close_date.to={last}"
    shown = page_of(client, f"{reverse('crm:pipeline')}?meaning=won&{dates}")
    assert "The measures count" in shown
    assert "of others in" in shown and "of others (" in shown
    # a filter that hidden deals might answer to says nothing about them
    probed = page_of(client, f"{reverse('crm:pipeline')}?meaning=won&{dates}&amount.from=1")
    assert "of others (" not in probed


def test_the_link_in_the_drawer_opens_the_list_that_names_its_figure(split: None) -> None:
    client, period = signed_in("director"), quarters()[1]
    for name in ("won_amount", "win_rate_closed", "no_deal_share"):
        drawer = page_of(client, f"{reverse('metrics:explain', args=[name])}?period={period.name}")
        link = re.search(r'class="button" href="([^"]*cases=[^"]*)"', drawer)
        assert link, name
        shown = page_of(client, link[1])
        drill = drill_down(
            name,
            company().today,
            period,
            By.TOTAL,
            unit="total",
            scope=scope_for(user("director")),
        )
        assert re.search(rf"\b{drill.total} records?;", shown), name
        assert f"{MEASURES[name].label}, {period.name}" in shown
    moves = page_of(client, f"{reverse('metrics:explain', args=['push_count'])}")
    assert "Open all rows as a list" not in moves


def test_no_list_tells_of_a_figure_that_one_may_not_ask(demo: None) -> None:
    client = signed_in("teamlead")
    url = reverse("crm:pipeline")
    asked = {"cases": "won_amount", "period": quarters()[0].name}
    assert client.get(url, {**asked, "by": "team", "unit": "999999"}).status_code == 404
    assert client.get(url, {**asked, "cases": "nonsense"}).status_code == 404
    assert client.get(url, {**asked, "by": "planet"}).status_code == 400
    assert client.get(url, {**asked, "period": "2026-Q9"}).status_code == 400
    assert client.get(url, {**asked, "cases": "selling_time"}).status_code == 404
