"""The track record: scores by hand, runs of periods that are over, and the page as each role."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.conf import settings
from django.utils import translation

from perilune.forecasting import queries
from perilune.forecasting.contracts.track import CALLED, SHOWN
from perilune.forecasting.engine.track import scored
from perilune.forecasting.models import ForecastRun
from perilune.forecasting.testing import maven_company, maven_sales, maven_store
from perilune.forecasting.tests.test_web import signed_in
from perilune.insights.testing import learn_latest
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain
from perilune.kernel.scope import Scope
from perilune.people.contracts import Role
from perilune.people.queries import user_named
from perilune.people.service import user_set_language

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))

ADDRESS = "/forecast/track-record/"
AS_OF = AsOf.end_of(date(2017, 11, 15), ZoneInfo("UTC"))
CALLS = [
    {
        "id": 1, "period_start": date(2017, 7, 1), "period_end": date(2017, 9, 30),
        "made_on": date(2017, 7, 20), "amount": 300_000_000, "currency": "USD",
        "valid_from": datetime(2017, 7, 20, 12),
    }
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def maven(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), maven_store(submission=CALLS):
        yield


@pytest.fixture(autouse=True)
def home(maven: None) -> None:
    maven_company()


def won_in_q3() -> int:
    sales = maven_sales()
    inside = (sales.close_date >= "2017-07-01") & (sales.close_date <= "2017-09-30")
    return int(sales[inside].close_value.sum() * 100)


def run_of(day: date, p50: int, *, spread: int, **more: Any) -> ForecastRun:
    """Record that the total of 2017-Q3 was forecast so."""
    row: dict[str, Any] = {
        "unit": "total", "unit_id": None, "label": "total", "won_to_date": 0, "p10": p50 - spread,
        "p50": p50, "p90": p50 + spread, "mean": p50, "backtest": {},
        "members": [{"name": "quarter_back", "remainder": p50 + 1_000, "is_combined": True}],
    }  # fmt: skip
    facts = {
        "period": "2017-Q3", "starts": date(2017, 7, 1), "ends": date(2017, 9, 30),
        "by": "total", "scope_label": "company", "scope_digest": Scope.company().digest(),
        "currency": "USD", "store_version": 1, "inputs_digest": day.isoformat(),
        "method": "range-2", "created_at": datetime(2017, 7, 1, tzinfo=UTC), "actor": "test",
        "rows": [row], "parameters": {},
    }  # fmt: skip
    at = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    return ForecastRun.objects.create(as_of_at=at, as_of_day=day, **(facts | more))


def eight_runs() -> list[int]:
    """Record a forecast a week, each too high by one more per cent; return the p50s."""
    whole = won_in_q3()
    said = [round(whole * (1 + at / 100)) for at in range(1, 9)]
    for at, p50 in enumerate(said):
        run_of(date(2017, 7, 3) + timedelta(weeks=at), p50, spread=round(whole * 0.045))
    return said


# -- scores ----------------------------------------------------------------------------------------


def test_scores_by_hand() -> None:
    came = np.full(8, 100.0)
    said = np.array([110.0, 90.0] * 4)
    found = scored(said, came, said - 5, said + 20, periods=2)
    assert (found.points, found.periods, found.ranged) == (8, 2, 8)
    assert found.wape == pytest.approx(0.1)
    assert found.bias == pytest.approx(0.0)
    # 110 with 105 to 130 misses 100, 90 with 85 to 110 holds it
    assert found.coverage == pytest.approx(0.5)
    assert found.width == pytest.approx(0.25)
    # losses of 110: 0.9 x 5 + 0.5 x 10 + 0.1 x 30; of 90: 0.1 x 15 + 0.5 x 10 + 0.1 x 10
    assert found.pinball == pytest.approx(2 / 3 * ((4.5 + 5 + 3) + (1.5 + 5 + 1)) / 2 / 100)


def test_under_eight_points_or_without_outcomes_no_figure_is_told() -> None:
    seven = np.full(7, 100.0)
    assert scored(seven, seven, seven, seven, 1).wape is None
    none = np.zeros(8)
    assert scored(none + 1, none, none, none, 1).wape is None
    no_range = np.full(8, np.nan)
    found = scored(none + 2, none + 1, no_range, no_range, 1)
    assert (found.wape, found.coverage, found.ranged) == (1.0, None, 0)


# -- recorded runs ---------------------------------------------------------------------------------


def test_runs_of_a_period_that_is_over_stand_against_what_came() -> None:
    eight_runs()
    run_of(
        date(2017, 10, 9), 1, spread=0, period="2017-Q4", starts=date(2017, 10, 1),
        ends=date(2017, 12, 31),
    )  # fmt: skip
    found = queries.track_record(Grain.QUARTER, AS_OF, Scope.company())
    assert {one.came for one in found.totals} == {won_in_q3()}
    assert len(found.totals) == 8 and found.under_way == 1
    shown = {one.rule: one for one in found.rules}
    assert shown[SHOWN].score.wape == pytest.approx(0.045, abs=1e-6)
    assert shown[SHOWN].score.bias == pytest.approx(0.045, abs=1e-6)
    # those off by 1 to 4 % lie within 4.5 %
    assert shown[SHOWN].score.coverage == pytest.approx(0.5)
    assert shown["quarter_back"].score.points == 8
    # the call was made on 20 July: the runs of 3, 10 and 17 July do not know it
    assert shown[CALLED].score.points == 5
    assert shown[CALLED].score.wape is None
    assert [one.weeks for one in found.totals] == [13, 12, 11, 10, 9, 8, 7, 6]
    leads = {one.lead: one.score.points for one in found.levels}
    assert leads == {None: 8, 2: 3, 3: 5}


def test_what_is_recorded_later_is_not_known_yet_and_other_scopes_see_nothing() -> None:
    eight_runs()
    early = AsOf.end_of(date(2017, 9, 30), ZoneInfo("UTC"))
    assert queries.track_record(Grain.QUARTER, early, Scope.company()).totals == ()
    mine = Scope("mine", owners=frozenset({101}))
    assert queries.track_record(Grain.QUARTER, AS_OF, mine).totals == ()
    assert queries.track_record(Grain.MONTH, AS_OF, Scope.company()).totals == ()


# -- the page --------------------------------------------------------------------------------------


def page(role: Role = Role.ANALYST, query: str = "") -> str:
    rep = 101 if role in (Role.REP, Role.SALES_MANAGER) else None
    answer = signed_in(role, rep).get(f"{ADDRESS}?as_of=2017-11-15{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_tells_the_figures_and_ends_with_today() -> None:
    eight_runs()
    text = page()
    assert "8 recorded forecasts of 1 period that are over erred by 5%" in text or (
        "8 recorded forecasts of 1 period that are over erred by 4%" in text
    )
    assert "Same window one quarter back (naive)" in text
    assert "The last call made by that day" in text
    rows = text[text.index('id="forecasts"') :]
    rows = rows[: rows.index("</tbody>")]
    assert rows.rindex("<tr") < rows.index("today: still to come")


def test_with_seven_runs_nothing_is_claimed() -> None:
    eight_runs()
    ForecastRun.objects.order_by("id")[0].delete()
    text = page()
    assert "No skill, no claim: 7 recorded forecasts" in text
    assert "fewer than eight" in text


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_an_answer_and_is_told_why_there_is_none(role: Role) -> None:
    text = page(role)
    assert "No recorded forecast" in text
    assert "No chance is scored yet" in text


def test_the_chances_of_deals_stand_in_a_reliability_diagram() -> None:
    learn_latest(AS_OF, 8)
    found = queries.deal_record(AS_OF, Scope.company())
    # of the eight latest Sundays four lie 28 days back or more
    assert len(found.days) == 4
    assert max(found.days) + timedelta(days=28) <= AS_OF.day
    assert sum(one.count for one in found.score.bins) == found.score.count > 500
    assert found.score.log_loss is not None and found.score.plain_log_loss is not None
    text = page()
    assert "Log-loss" in text and 'data-chart="chart-data-reliability"' in text
    mine = queries.deal_record(AS_OF, Scope("mine", owners=frozenset({101})))
    assert 0 < mine.score.count < found.score.count


def test_the_file_holds_every_recorded_forecast_and_today() -> None:
    eight_runs()
    answer: Any = signed_in().get(f"{ADDRESS}export.csv?as_of=2017-11-15")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.count("2017-Q3") == 8
    assert "2017-Q4" in text and "# Scope: Company" in text


def test_the_page_speaks_french() -> None:
    eight_runs()
    client = signed_in()
    user = user_named("analyst")
    assert user is not None
    user_set_language(user.pk, "fr")
    with translation.override("fr"):
        text = client.get(f"{ADDRESS}?as_of=2017-11-15").content.decode()
    assert "8 prévisions enregistrées pour des périodes closes (1\u202fpériode)" in text or (
        "8 prévisions enregistrées pour des périodes closes (1 période)" in text
    )
    assert "La dernière annonce faite à ce jour" in text
