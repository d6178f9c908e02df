import csv
import io
import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from perilune.kernel.calendar import Grain
from perilune.metrics.contracts import MEASURES, By
from perilune.metrics.web.panels import panels
from perilune.people.queries import company, scope_for, team_loads, user_named
from perilune.ui import formats

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
AMOUNT = formats.short_money(298225500, "USD")


@pytest.fixture
def ask(maven):
    """A function that asks a page as a user and returns the answer."""

    def asked(url, user="owner", language="en", **query):
        client, person = Client(), user_named(user)
        client.cookies["django_language"] = language
        assert person is not None
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client.get(url, {"as_of": "2017-12-31", **query})

    return asked


def text_of(answer):
    return answer.content.decode()


def test_the_cockpit_names_scope_period_and_figures(ask):
    answer = ask(reverse("metrics:cockpit"), period="2017-Q3")
    assert answer.status_code == 200
    shown = text_of(answer)
    assert f"Company: {AMOUNT} won in 2017-Q3; no target is set." in shown
    assert "1,257 deals" in shown or "1257 deals" in shown
    assert "61.4%" in shown


def test_a_rep_sees_their_own_cockpit_and_it_says_so(ask):
    shown = text_of(ask(reverse("metrics:cockpit"), "anna", period="2017-Q3"))
    assert "My deals:" in shown
    assert "Company:" not in shown


def test_a_viewer_sees_totals_and_no_deal(ask):
    shown = text_of(ask(reverse("metrics:cockpit"), "vera", period="2017-Q3"))
    assert f"{AMOUNT} won" in shown
    part = text_of(ask(reverse("metrics:risks"), "vera"))
    assert "not the records behind them" in part
    drawer = text_of(ask(reverse("metrics:explain", args=["won_amount"]), "vera", period="2017-Q3"))
    assert "not the records behind them" in drawer
    assert "Deals behind the figure" not in drawer


def test_the_changes_of_the_week_are_a_part_of_the_page(ask):
    answer = ask(reverse("metrics:changes"), period="2017-Q4")
    assert answer.status_code == 200
    assert "Won" in text_of(answer)


@pytest.mark.parametrize("by", [item.value for item in By])
def test_measures_are_shown_by_every_cut(ask, by):
    answer = ask(reverse("metrics:measures"), period="2017-Q3", by=by, m="win_rate_closed")
    assert answer.status_code == 200


@pytest.mark.parametrize("by", ["total", "team"])
def test_figures_stand_at_the_right_and_words_at_the_left(ask, by):
    shown = text_of(ask(reverse("metrics:measures"), period="2017-Q3", by=by, m="win_rate_closed"))
    heads = re.findall(r'<th scope="col" class="([^"]*)">([^<]*)', shown)
    right = [unescape(title).strip() for names, title in heads if "num" in names.split()]
    assert right == ["Value", "Number of cases", "95% interval", "Period before", "Change",
                     "Year before", "Change"]  # fmt: skip
    for row in re.findall(r"<tr data-id.*?</tr>", shown, re.S):
        cells = re.findall(r'<t[dh](?: scope="row")? class="([^"]*)"', row)
        aligned = ["num" in names.split() for names in cells]
        assert aligned == ["num" in names.split() for names, _title in heads]


def test_every_measure_has_a_drawer_with_its_definition_and_query(ask):
    for name, measure in MEASURES.items():
        answer = ask(reverse("metrics:explain", args=[name]), period="2017-Q3")
        assert answer.status_code == 200, name
        assert measure.query in text_of(answer)
        assert "SELECT" in text_of(answer)


def test_a_drawer_writes_the_days_of_its_period_as_the_reader_does(ask):
    drawer = reverse("metrics:explain", args=["win_rate_closed"])
    for language, days in (("en", "Jul 1, 2017 – Sep 30, 2017"), ("fr", "01/07/2017 – 30/09/2017")):
        shown = text_of(ask(drawer, language=language, period="2017-Q3"))
        assert f"2017-Q3 ({days})" in shown.replace("\u00a0", " "), language
        assert "2017-07-01 –" not in shown


def test_two_columns_of_a_french_drawer_never_have_one_name(ask):
    for name in ("win_rate_closed", "no_deal_share"):
        drawer = reverse("metrics:explain", args=[name])
        shown = text_of(ask(drawer, language="fr", period="2017-Q3"))
        heads = [head.strip() for head in re.findall(r"<th scope=\"col\"[^>]*>([^<]*)", shown)]
        assert "Compte" in heads and "Compté" in heads
        assert len(heads) == len(set(heads))


def test_the_export_holds_the_figures_of_the_page_with_scope_and_as_of(ask):
    answer = ask(reverse("metrics:export", args=["csv"]), period="2017-Q3")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    won = next(row for row in rows if row["Measure"] == "Won")
    assert float(won["Value"]) == 2982255
    assert won["In"] == "USD"
    assert "# Scope: Company" in content and "# As of: 2017-12-31" in content


def test_an_unknown_measure_cut_or_period_is_a_page_that_says_so(ask):
    assert ask(reverse("metrics:explain", args=["nonsense"])).status_code == 404
    assert ask(reverse("metrics:measures"), by="planet").status_code == 400
    assert ask(reverse("metrics:cockpit"), period="2017-Q9").status_code == 400


def test_each_home_gets_its_panels(maven, rf):
    request = rf.get("/")
    request.user = user_named("owner")
    request.company = company()
    request.as_of = request.company.today
    request.scope = scope_for(request.user)
    quarter = request.company.calendar.find(request.as_of.day, Grain.QUARTER)
    facts = {"loads": team_loads(request.as_of, quarter)}
    shown = {panel.name: panel.render(request, facts) for panel in panels()}
    assert "Open deals without a close date" in shown["metrics.health"]
    assert "Dustin Brinkmann" in shown["metrics.load"]
    assert "Deals to repair" in shown["metrics.repair"]
