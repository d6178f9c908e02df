"""The generator alone: no database, no Django."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest

from perilune.crm.contracts import KINDS as CRM
from perilune.demo.engine.company import Told, batches, digest, tell
from perilune.demo.engine.days import DAY_US, EPOCH, Streams, history_start
from perilune.demo.engine.drafts import DELETED, Batch, count_ids
from perilune.demo.engine.market import french_numbers, luhn_digit
from perilune.demo.engine.places import CENTRES, INLAND, SPREAD_KM
from perilune.demo.engine.truth import Truth, table
from perilune.demo.engine.words import TOWNS
from perilune.demo.engine.work import worked_minutes
from perilune.demo.testing import SEED, TODAY, tell_small
from perilune.forecasting.contracts import KINDS as FORECASTING
from perilune.kernel.kinds import encode
from perilune.people.contracts import KINDS as PEOPLE

pytestmark = pytest.mark.engine
DECLARED = {kind.name: kind for kind in (*PEOPLE, *CRM, *FORECASTING)}
CUT_US = (TODAY.toordinal() - EPOCH) * DAY_US


@cache
def small() -> Told:
    return tell_small()


@cache
def small_batches() -> tuple[Batch, ...]:
    return tuple(batches(small(), count_ids()))


@cache
def large() -> Told:
    return tell(Truth(), SEED, TODAY)


def states() -> dict[str, dict[int, dict[str, object]]]:
    """Replay the batches to the last value of each record."""
    found: dict[str, dict[int, dict[str, object]]] = defaultdict(dict)
    for batch in small_batches():
        for born in batch.creations:
            found[batch.kind][born.record_id] = dict(born.values)
        for change in sorted(batch.updates, key=lambda row: row.known_us):
            if change.field == DELETED:
                del found[batch.kind][change.record_id]
            else:
                found[batch.kind][change.record_id][change.field] = change.new
    return found


def test_the_same_seed_tells_the_same_company() -> None:
    assert digest(batches(tell_small(), count_ids())) == digest(small_batches())
    assert digest(batches(tell_small(seed=SEED + 1), count_ids())) != digest(small_batches())


def test_nothing_is_known_at_or_after_the_start_of_today() -> None:
    for batch in small_batches():
        assert all(row.known_us < CUT_US for row in batch.creations)
        assert all(row.known_us < CUT_US for row in batch.updates)


def test_a_record_changes_only_after_its_creation_and_from_what_it_was() -> None:
    for batch in small_batches():
        born = {row.record_id: row for row in batch.creations}
        values = {row.record_id: dict(row.values) for row in batch.creations}
        last: dict[int, int] = {}
        for change in batch.updates:
            assert change.known_us >= max(
                last.get(change.record_id, 0), born[change.record_id].known_us
            )
            last[change.record_id] = change.known_us
            if change.field != DELETED:
                assert values[change.record_id].get(change.field) == change.old
                assert change.old != change.new
                values[change.record_id][change.field] = change.new


def test_every_value_is_of_its_fields_type_and_every_reference_leads_somewhere() -> None:
    ids = {kind: set(rows) for kind, rows in states().items()}
    for kind, rows in states().items():
        fields = {field.name: field for field in DECLARED[kind].fields}
        for values in rows.values():
            for name, value in values.items():
                assert encode(fields[name].type, value) == value, (kind, name, value)
                if fields[name].target and value is not None:
                    assert value in ids[fields[name].target], (kind, name)
            for field in fields.values():
                assert not field.is_required or values.get(field.name) is not None, (kind, field)


def test_every_account_stands_near_the_town_that_it_names() -> None:
    for values in states()["account"].values():
        latitude, longitude = CENTRES[str(values["city"])]
        north = (float(str(values["latitude"])) - latitude) * 111.2
        east = (float(str(values["longitude"])) - longitude) * 111.2 * np.cos(np.radians(latitude))
        assert np.hypot(north, east) < 6 * SPREAD_KM
        if str(values["city"]) == "Brighton":
            assert north > -0.01  # to the south is the sea


def test_every_town_of_the_company_has_a_centre() -> None:
    assert {town for towns in TOWNS for town, *_ in towns} == set(CENTRES)
    assert set(INLAND) <= set(CENTRES)


def test_the_shares_of_a_split_deal_sum_to_the_whole_and_overlay_stands_apart() -> None:
    sums: Counter[object] = Counter()
    for values in states()["opportunity_split"].values():
        if not values["is_overlay"]:
            sums[values["opportunity_id"]] += int(str(values["share"]))
    assert sums and set(sums.values()) == {10_000}


def test_the_lines_of_a_won_deal_sum_to_its_amount() -> None:
    sums: Counter[object] = Counter()
    for values in states()["opportunity_line"].values():
        sums[values["opportunity_id"]] += int(str(values["amount"]))
    deals = states()["opportunity"]
    assert sums and all(deals[int(str(deal))]["amount"] == total for deal, total in sums.items())


def test_a_closed_deal_ends_in_its_stage_on_its_close_date_and_never_moves_again() -> None:
    stages = {i: values["meaning"] for i, values in states()["stage"].items()}
    closed: dict[int, int] = {}
    dates: dict[tuple[int, int], object] = {}
    for batch in small_batches():
        if batch.kind != "opportunity":
            continue
        for change in batch.updates:
            assert change.known_us <= closed.get(change.record_id, change.known_us)
            if change.field == "close_date":
                dates[change.record_id, change.known_us] = change.new
            if change.field == "stage_id" and stages[int(str(change.new))] != "open":
                closed[change.record_id] = change.known_us
    deals = states()["opportunity"]
    for record_id, values in deals.items():
        is_closed = stages[int(str(values["stage_id"]))] != "open"
        assert is_closed == (record_id in closed)
        if is_closed:
            day = date(1970, 1, 1) + timedelta(days=closed[record_id] // DAY_US)
            assert values["close_date"] == day.isoformat()
            assert dates.get((record_id, closed[record_id]), day.isoformat()) == day.isoformat()


def test_an_earlier_today_tells_the_beginning_of_the_same_story() -> None:
    """Nothing uses what came later: cutting the future off changes nothing before."""
    start = history_start(TODAY, 3.0)
    truth = replace(Truth.small(), activity_weeks=0, submission_weeks=0)
    whole = tell(truth, SEED, TODAY, start)
    part = tell(truth, SEED, TODAY - timedelta(weeks=40), start)
    names = [[rep.name for rep in told.world.staff.reps] for told in (whole, part)]
    weeks = part.world.weeks.count

    def calls(told: Told, people: list[str]) -> list[tuple[object, ...]]:
        return [
            (week, level, people[unit] if level == "rep" else unit, people[author], call, won)
            for week, level, unit, author, call, won in told.story.calls.rows
            if week < weeks
        ]

    assert len(calls(part, names[1])) > 500
    assert sorted(calls(whole, names[0]), key=str) == sorted(calls(part, names[1]), key=str)
    for field in ("stage_id", "close_date", "amount"):
        rows = [told.story.log.field(field) for told in (whole, part)]
        assert np.array_equal(rows[0][: len(rows[1])], rows[1]) and len(rows[1])


def test_a_call_never_lies_below_what_was_won_by_its_monday() -> None:
    told = small()
    book, weeks = told.story.book, told.world.weeks
    won = np.flatnonzero(
        (book["status"][: book.count] == 1) & (book["excluded"][: book.count] == 0)
    )
    budget = told.world.rates.budget
    checked = 0
    for week, level, _unit, _author, call, to_date in told.story.calls.rows:
        if level != "company":
            continue
        then = won[
            (book["closed_week"][won] < week)
            & (weeks.quarter_end[book["closed_week"][won]] == weeks.quarter_end[week])
        ]
        rates = budget[book["closed_week"][then], book["currency"][then]]
        assert to_date == pytest.approx(float((book["amount"][then] * rates).sum()))
        assert call >= to_date
        checked += to_date > 0
    assert checked > 50


def test_registration_numbers_hold_their_keys() -> None:
    # 732 829 320 is the example of the SIREN's key in the literature; its VAT number is FR44.
    assert luhn_digit("73282932") == "0"
    siren, siret, vat = french_numbers(73282932, 7)
    assert (siren, vat) == ("732829320", "FR44732829320")
    assert luhn_digit(siret[:-1]) == siret[-1] and len(siret) == 14


def test_the_large_company_has_the_size_it_promises() -> None:
    told = large()
    staff, book = told.world.staff, told.story.book
    assert 18_000 <= book.count <= 23_000
    assert 52 <= int((staff.holder[:, -1] >= 0).sum()) <= 60
    assert 100_000 <= len(told.work) <= 155_000
    assert len(told.world.market.firms) == 2500 + 38
    status = book["status"][: book.count]
    assert 0.18 <= (status == 1).sum() / (status > 0).sum() <= 0.32


def test_the_ramp_of_new_reps_shows_in_the_deals_they_create() -> None:
    told = large()
    staff, book = told.world.staff, told.story.book
    first = book["owner"][: book.count].copy()
    moves = told.story.log.field("owner_id")[::-1]
    first[moves[:, 0]] = moves[:, 2]
    created = np.zeros((len(staff.reps), told.world.weeks.count))
    new = book["previous"][: book.count] < 0
    np.add.at(created, (first[new], book["created_week"][: book.count][new]), 1)
    since = np.arange(told.world.weeks.count)[None, :] - np.array(
        [[r.ramp_from] for r in staff.reps]
    )
    working = np.zeros_like(created, dtype=bool)
    working[: staff.sellers] = staff.presence > 0
    early, late = working & (since < 9), working & (since > 52)
    assert created[early].mean() < 0.35 * created[late].mean()


def test_the_season_the_quarter_push_and_the_regime_show_in_the_wins() -> None:
    told = large()
    book, weeks = told.story.book, told.world.weeks
    won = np.flatnonzero(book["status"][: book.count] == 1)
    by_week = np.bincount(book["closed_week"][won], minlength=weeks.count)[26:-1]
    left, month = weeks.left[26:-1], weeks.month[26:-1]
    assert by_week[left < 2].mean() > 1.6 * by_week[left > 8].mean()
    assert by_week[month == 7].mean() < 0.75 * by_week.mean()
    closed = np.flatnonzero(book["status"][: book.count] > 0)
    rate = [
        (book["status"][part] == 1).mean()
        for part in (
            closed[(book["closed_week"][closed] > 60) & (book["closed_week"][closed] < 112)],
            closed[book["closed_week"][closed] > 130],
        )
    ]
    assert rate[1] < rate[0] - 0.015


def test_skill_and_competitors_show_in_the_win_rate() -> None:
    told = large()
    book = told.story.book
    closed = np.flatnonzero(book["status"][: book.count] > 0)
    skill = np.array([rep.skill for rep in told.world.staff.reps])[book["owner"][closed]]
    won = book["status"][closed] == 1
    assert won[skill > 0.2].mean() > won[skill < -0.2].mean() + 0.03
    rival = book["rival"][closed]
    assert won[rival == -1].mean() > won[rival == 2].mean() + 0.03


def test_selling_time_lies_in_the_range_that_the_truth_names() -> None:
    told = large()
    work, staff = told.work, told.world.staff
    worked = sum(worked_minutes(told.world, week) for week in range(told.world.weeks.count))
    sold = np.bincount(
        work.owner[work.is_selling > 0], work.minutes[work.is_selling > 0], minlength=staff.sellers
    )
    share = sold[worked > 40_000] / np.asarray(worked)[worked > 40_000]
    low, high = Truth().selling_share
    assert low - 0.02 < share.min() and share.max() < high + 0.02


def test_zombies_stay_open_for_ever() -> None:
    told = large()
    book = told.story.book
    old = told.world.weeks.count - book["created_week"][: book.count] > 80
    zombie = book["zombie"][: book.count] >= 0
    is_open = book["status"][: book.count] == 0
    assert is_open[old & zombie].mean() > 0.25
    assert is_open[old & ~zombie].mean() < 0.03


def test_the_blemishes_of_real_data_are_there() -> None:
    deals, accounts = states()["opportunity"].values(), states()["account"].values()
    assert any(values.get("next_step") is None for values in deals)
    assert any(values.get("loss_reason") == "No real deal" for values in deals)
    overdue = [v for v in deals if v.get("close_date") and str(v["close_date"]) < TODAY.isoformat()]
    stages = {i: values["meaning"] for i, values in states()["stage"].items()}
    assert any(stages[int(str(values["stage_id"]))] == "open" for values in overdue)
    sites = Counter(values["website"] for values in accounts)
    assert max(sites.values()) == 2


def test_every_parameter_is_documented() -> None:
    text = table()
    for name in Truth.__dataclass_fields__:
        assert f"| `{name}` |" in text


def test_streams_of_one_topic_do_not_move_another() -> None:
    streams = Streams(3)
    before = streams.of("deals", 5).random(4)
    streams.of("work", 5).random(100)
    assert np.array_equal(before, streams.of("deals", 5).random(4))
