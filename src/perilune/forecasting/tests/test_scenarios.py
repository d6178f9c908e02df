"""Scenarios over the Maven sales: what edits bring, to whom it is shown, as page and as text.

A departure that is told moves the range of its period, as the scenario of it would have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.conf import settings
from django.test import RequestFactory
from django.utils import translation

from perilune.forecasting import queries, service
from perilune.forecasting.contracts import (
    EVERYBODY_STAYS,
    FIGURES,
    METHOD,
    By,
    Cause,
    ForecastRequest,
    ForecastResult,
    ScenarioResult,
)
from perilune.forecasting.engine import Draw, forecast
from perilune.forecasting.models import ForecastRun
from perilune.forecasting.queries import scenarios
from perilune.forecasting.queries.kept_inputs import inputs_of
from perilune.forecasting.queries.scenario_tables import Changes, changes, today
from perilune.forecasting.queries.seating import spans
from perilune.forecasting.service.runs import _facts
from perilune.forecasting.testing import maven_company, maven_store, maven_store_rows
from perilune.forecasting.web import words
from perilune.forecasting.web.panels import panels
from perilune.insights.testing import learn_latest
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Refused
from perilune.kernel.keeping import forget_all
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning import queries as planning
from perilune.planning.contracts import (
    COMPARED_PLACE,
    RESULTS_PLACE,
    Absence,
    Assumption,
    Edit,
    Hire,
    Leave,
    Move,
    Price,
    Quota,
    Scenario,
    ScenarioHead,
    Shock,
    What,
)

pytestmark = [pytest.mark.django_db(databases=list(settings.DATABASES)), pytest.mark.once]

DAY = date(2017, 11, 15)
AS_OF = AsOf.end_of(DAY, ZoneInfo("UTC"))
EVERY = 999
TEAM, REP, PEER = 11, 101, 102
SOON = date(2017, 11, 16)
LEAVER, TOLD = 106, datetime(2017, 11, 15, 9)
"""Who leaves on DAY, as is told on it."""
EVE = AsOf.end_of(date(2017, 11, 14), ZoneInfo("UTC"))


@pytest.fixture(scope="module", autouse=True)
def maven(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    told = {"id": LEAVER, "name": "Told", "leave_date": DAY, "valid_from": TOLD}
    with django_db_blocker.unblock(), maven_store(rep=[*maven_store_rows()["rep"], told]):
        yield


@pytest.fixture(autouse=True)
def home(maven: None) -> None:
    maven_company()


def known() -> None:
    assert learn_latest(AS_OF, EVERY) > 20


def asked(*edits: Edit, scope: Scope | None = None) -> ScenarioResult:
    head = ScenarioHead(1, "What if", "analyst", "2017-Q4", (), 1, len(edits))
    listed = tuple(Assumption(at, edit) for at, edit in enumerate(edits, 1))
    period = company().calendar.parse("2017-Q4")
    return queries.scenario_results(
        (Scenario(head, listed),), period, AS_OF, scope or Scope.company()
    )[0]


def change(found: ScenarioResult) -> tuple[float, float, float]:
    delta = found.total.delta
    assert delta is not None
    return delta.p10, delta.mean, delta.p90


def test_the_empty_scenario_is_the_forecast_itself_to_the_last_cent() -> None:
    known()
    found = asked()
    assert change(found) == (0, 0, 0)
    assert found.total.scenario == found.total.base and not found.teams
    plain = queries.range_for(found.period, queries.default_cut(Scope.company()), AS_OF,
                              Scope.company()).total  # fmt: skip
    assert found.total.base == plain.range


def test_a_hire_adds_to_the_team_and_to_nobody_else() -> None:
    known()
    found = asked(Hire(TEAM, SOON, heads=2, ramp_days=10))
    low, mean, high = change(found)
    assert 0 <= low <= high and mean > 0
    assert [team.unit_id for team in found.teams] == [TEAM]
    assert change(asked(Hire(TEAM, SOON, heads=4, ramp_days=10)))[1] > 1.7 * mean


def test_a_departure_takes_away_and_hands_the_open_deals_over() -> None:
    known()
    found = asked(Leave(REP, DAY))
    low, mean, high = change(found)
    assert mean < 0 and low <= mean <= high
    # new business alone is gone: what is open is won by those who take it over
    assert found.total.base and -mean < found.total.base.mean * 0.1


def under(*edits: Edit, **changed: Any) -> tuple[Draw, Changes]:
    request = ForecastRequest(company().calendar.parse("2017-Q4"), By.TEAM, AS_OF)
    inputs = inputs_of(request, Scope.company(), company())
    assert inputs is not None and inputs.question.draw is not None
    outlook = inputs.model.outlook
    assert outlook is not None
    model = replace(inputs.model, outlook=replace(outlook, **changed))
    where = spans(inputs.first_day, AS_OF, inputs.store_version)
    before = today(inputs, where, AS_OF, Scope.company())
    listed = tuple(Assumption(at, edit) for at, edit in enumerate(edits, 1))
    told = replace(inputs, model=model)
    return inputs.question.draw, changes(
        told, planning.apply(before, listed), where, inputs.question.draw
    )


def test_renewals_come_without_their_seller_and_a_hire_brings_none() -> None:
    known()
    kinds = len(under()[0].sizes)
    renews = np.arange(kinds) == 0
    edits = Leave(REP, DAY), Hire(TEAM, SOON, heads=2, ramp_days=10)
    __, made = under(*edits, is_renewal=renews)
    gone = next(one for one in made.sellers if one.like == (REP,) and one.key is None)
    hired = next(one for one in made.sellers if one.key is not None)
    assert gone.wins[0] == 1 and (gone.wins[1:] == 0).all()
    assert hired.wins[0] == 0 and (hired.wins[1:] > 0).all()


def test_a_deal_that_changes_hands_leaves_the_record_of_its_holder_behind() -> None:
    known()
    draw, made = under(Leave(REP, DAY))
    moved = made.deals.seat != draw.deal_seat
    assert moved.any() and (made.deals.win[~moved] == 1).all()
    reps = np.array([seat[0] for seat in made.seats])
    takers = np.unique(reps[made.deals.seat[moved]])
    owners = np.union1d(takers, [REP])
    __, told = under(Leave(REP, DAY), owners=owners, owner_factor=np.where(owners == REP, 0.5, 1.5))
    assert told.deals.win[moved] == pytest.approx(3.0)


def test_a_price_multiplies_what_is_still_to_come() -> None:
    known()
    found, base = asked(Price(1.1, SOON)), asked().total.base
    assert base is not None and found.won_to_date is not None
    assert change(found)[1] == pytest.approx(0.1 * (base.mean - found.won_to_date), rel=0.05)


def test_a_worse_win_rate_costs_and_accounts_that_change_hands_do_not() -> None:
    known()
    assert change(asked(Shock(What.WIN_RATE, 0.5, SOON)))[1] < 0
    moved = asked(Move(PEER, SOON, rep_id=REP))
    assert change(moved)[1] == pytest.approx(0, abs=1)


def test_what_cannot_be_applied_is_said_edit_by_edit() -> None:
    known()
    found = asked(Quota("company", "2017-Q4", 5), Leave(999, DAY), Hire(TEAM, date(2019, 1, 1)))
    assert [item.assumption_id for item in found.unapplied] == [1, 2, 3]
    assert "not what is forecast" in found.unapplied[0].why.message
    assert change(found) == (0, 0, 0)


def test_without_a_model_there_is_no_difference_and_the_reason_is_said() -> None:
    found = asked(Price(1.1, SOON))
    assert found.total.delta is None and "No model" in found.unapplied[0].why.message


def test_whoever_sees_groups_alone_is_refused() -> None:
    with pytest.raises(Refused):
        asked(scope=Scope("company", smallest_group=5))


def panel_of(*found: tuple[Edit, ...], language: str = "en") -> str:
    """Return the panel over one scenario, or several, as its pages ask for it."""
    scenarios = tuple(
        Scenario(
            ScenarioHead(at, f"Plan {at}", "analyst", "2017-Q4", (), 1, len(edits)),
            tuple(Assumption(10 * at + place, edit) for place, edit in enumerate(edits)),
        )
        for at, edits in enumerate(found, 1)
    )
    several = len(scenarios) > 1
    place = COMPARED_PLACE if several else RESULTS_PLACE
    render = next(panel.render for panel in panels() if panel.place == place)
    request = RequestFactory().get("/")
    request.as_of, request.scope = AS_OF, Scope.company()  # type: ignore[attr-defined]
    request.company = company()  # type: ignore[attr-defined]
    request.rights = frozenset()  # type: ignore[attr-defined]  # as the gate does
    context = {
        "scenario": scenarios[0], "scenarios": scenarios if several else (),
        "period": company().calendar.parse("2017-Q4"),
    }  # fmt: skip
    with translation.override(language):
        return re.sub(r"\s+", " ", render(request, context))


def test_the_panel_says_where_the_period_lands_and_what_the_edits_change() -> None:
    known()
    text = panel_of((Leave(REP, DAY), Leave(999, DAY)))
    assert "2017-Q4 would land between $" in text and "less than without these edits" in text
    assert "Without the edits" in text and "With the edits" in text
    assert "no longer known leaves" in text and "Changes nothing here" in text
    assert "de moins que sans ces hypothèses" in panel_of((Leave(REP, DAY),), language="fr")


def test_scenarios_side_by_side_share_one_scale_and_keep_their_own_answers() -> None:
    known()
    text = panel_of((Price(0.9, SOON),), (Price(2.0, SOON),), ())
    assert text.count("<h3>") == 3 and text.count('class="range-bar"') == 6
    assert "less than without" in text and "more than without" in text
    assert "as without these edits" in text
    # the same range without edits is drawn at the same places, whatever is drawn below it
    without = re.findall(r'class="range-expected" x="([\d.]+)%"', text)[::2]
    assert len(set(without)) == 1


def test_an_answer_is_kept_until_the_scenario_or_its_basis_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known()
    hard = Shock(What.AMOUNT, 0.8, SOON)
    first = asked(hard)

    def again(*_: Any) -> None:
        raise AssertionError("the forecast without edits was asked twice")

    monkeypatch.setattr(scenarios, "by_team", again)
    assert asked(hard) is first
    harder = asked(Shock(What.AMOUNT, 0.5, SOON))
    assert change(harder)[0] < change(first)[0]
    forget_all()
    with pytest.raises(AssertionError, match="twice"):
        asked(hard)


# -- a departure that is told ----------------------------------------------------------------------


def ranged(
    at: AsOf = AS_OF, method: str = METHOD, by: By = By.REP, scope: Scope | None = None
) -> ForecastResult:
    known()
    period = company().calendar.parse("2017-Q4")
    return queries.range_for(period, by, at, scope or Scope.company(), method=method)


def on_base(*edits: Edit, method: str) -> ScenarioResult:
    """Return a scenario on the base of a method: the one before knows no departure."""
    known()
    request = ForecastRequest(company().calendar.parse("2017-Q4"), By.TEAM, AS_OF)
    inputs = inputs_of(request, Scope.company(), company(), method=method)
    assert inputs is not None
    answer = forecast(inputs.question, (By.TEAM,))
    base = scenarios._Base(request, Scope.company(), "USD", inputs, answer, company(), False)
    head = ScenarioHead(1, "What if", "analyst", "2017-Q4", (), 1, len(edits))
    return base.under(
        Scenario(head, tuple(Assumption(at, edit) for at, edit in enumerate(edits, 1)))
    )


def means(found: ForecastResult) -> dict[str, float]:
    return {row.unit: row.mean or 0.0 for row in found.rows}


def test_what_is_told_takes_the_sellers_new_business_off_and_levels_still_sum() -> None:
    stays, told = ranged(method=EVERYBODY_STAYS), ranged()
    assert told.away is not None and told.away.people == 1 and stays.away is None
    less = means(stays)["total"] - means(told)["total"]
    assert less == pytest.approx(told.away.amount, abs=2) and less > 0
    rows = means(told)
    assert sum(rows.values()) - rows["total"] == pytest.approx(rows["total"], abs=20)
    row = told.total
    assert row.p10 is not None and row.won_to_date is not None and row.p10 >= row.won_to_date
    assert rows[f"rep:{LEAVER}"] < means(stays)[f"rep:{LEAVER}"]
    assert "1 seller leaves or is away on record" in words.notes(told)[0]


def test_before_it_is_told_no_digit_knows_of_it() -> None:
    stays, told = ranged(EVE, EVERYBODY_STAYS), ranged(EVE)
    assert told.rows == stays.rows and told.away is None


def test_who_sees_groups_alone_reads_nothing_of_one() -> None:
    assert ranged(by=By.TEAM, scope=Scope("company", smallest_group=5)).away is None


def test_told_is_what_the_scenario_of_it_says_without_the_hand_over() -> None:
    stays, told = ranged(method=EVERYBODY_STAYS).total.range, ranged().total.range
    found = on_base(Absence(LEAVER, SOON, None, 1.0), method=EVERYBODY_STAYS).total
    assert stays is not None and told is not None and found.scenario is not None
    assert found.base == stays and found.delta is not None
    # the same mean but for what 4,096 paths are off; the same shape, which is that of the errors
    assert told.mean - stays.mean == pytest.approx(found.delta.mean, rel=0.02)
    for figure in ("p10", "p50", "p90"):
        ours, theirs = getattr(told, figure), getattr(found.scenario, figure)
        assert ours == pytest.approx(theirs, rel=0.001), figure


def test_a_scenario_of_what_is_told_takes_nothing_twice() -> None:
    again = on_base(Absence(LEAVER, SOON, None, 1.0), method=METHOD).total
    assert again.delta is not None
    assert (again.delta.p10, again.delta.mean, again.delta.p90) == (0, 0, 0)
    # of the departure itself only the hand-over of the open deals is left to say
    whole = on_base(Leave(LEAVER, DAY), method=EVERYBODY_STAYS).total.delta
    rest = on_base(Leave(LEAVER, DAY), method=METHOD).total.delta
    new = on_base(Absence(LEAVER, SOON, None, 1.0), method=EVERYBODY_STAYS).total.delta
    assert whole is not None and rest is not None and new is not None
    assert rest.mean == pytest.approx(whole.mean - new.mean, abs=0.15 * abs(new.mean))


def test_runs_of_this_method_and_of_the_one_before_recompute_to_the_same_digits() -> None:
    now = datetime(2017, 11, 16, tzinfo=UTC)
    result = ranged()
    run = service.run_record(
        result.request.period, By.REP, AS_OF, Scope.company(), actor="lea", created_at=now
    )
    assert queries.recompute(run, Scope.company()).rows == result.rows
    before = ranged(method=EVERYBODY_STAYS)
    old = ForecastRun.objects.create(
        as_of_at=AS_OF.at, starts=before.request.period.start, ends=before.request.period.end,
        by="rep", scope_digest=Scope.company().digest(), method=before.pinned.method,
        inputs_digest=before.pinned.inputs_digest, **_facts(before, "lea", now),
    )  # fmt: skip
    assert old.method == EVERYBODY_STAYS and old.inputs_digest != result.pinned.inputs_digest
    assert queries.recompute(old.id, Scope.company()).rows == before.rows


def test_why_the_range_moved_names_what_was_told_and_still_sums() -> None:
    known()
    found = queries.move_for(company().calendar.parse("2017-Q4"), EVE, AS_OF, Scope.company())
    part = next(part for part in found.parts if part.cause is Cause.PRESENCE)
    told = ranged().away
    # the part is weighted as on both days in the mean, the sentence as today: near, not equal
    assert told is not None and part.values[3] == pytest.approx(-told.amount, rel=0.2)
    assert [found.residual(figure) for figure in FIGURES] == [0, 0, 0, 0]


def test_a_past_day_judges_itself_by_what_it_knew() -> None:
    request = ForecastRequest(company().calendar.parse("2017-Q4"), By.TEAM, AS_OF)
    known()
    inputs = inputs_of(request, Scope.company(), company())
    assert inputs is not None and inputs.question.simulated is not None
    taken, kept = inputs.question.simulated.taken, inputs.question.simulated.kept
    assert taken is not None and kept is not None
    assert np.flatnonzero(np.nan_to_num(taken).sum(axis=1)).tolist() == [len(taken) - 1]
    assert (kept[:-1] == 1).all() and (kept[-1] < 1).sum() == 1
