"""Nothing leaks backwards, and local edits survive: the laws of proof and difference."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.crm.contracts import KINDS
from perilune.hub.contracts import Draft
from perilune.hub.engine import diff, events, proof
from perilune.kernel.kinds import by_name

pytestmark = pytest.mark.engine
OPPORTUNITY = by_name(KINDS)["opportunity"]
STAGES = {
    1: proof.StageFact("open", 1),
    2: proof.StageFact("open", 1),
    3: proof.StageFact("won", 1),
    4: proof.StageFact("lost", 1),
}


def _end(text: str) -> int:
    day = date.fromisoformat(text[:10])
    return (
        int(datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC).timestamp()) * 1_000_000
    )


AS_OF = "2017-12-31"
CLOCK = proof.Clock(_end(AS_OF), AS_OF, _end)
DAYS = st.none() | st.dates(date(2016, 1, 1), date(2018, 6, 30)).map(date.isoformat)
DEALS = st.fixed_dictionaries(
    {
        "name": st.just("d"),
        "owner_id": st.none() | st.integers(1, 3),
        "product_id": st.none() | st.integers(1, 3),
        "account_id": st.none() | st.integers(1, 3),
        "stage_id": st.none() | st.sampled_from([1, 2, 3, 4]),
        "amount": st.none() | st.integers(0, 100),
        "created_date": DAYS,
        "close_date": DAYS,
    }
)


def _draft(deal: dict[str, Any]) -> Draft:
    rows = proof.Rows(
        "opportunity", [2], ["k"], [9], [True], [1], {n: [v] for n, v in deal.items()}
    )
    return proof.drafts(rows, OPPORTUNITY, CLOCK, STAGES)[0]


def _as_of(draft: Draft, us: int) -> dict[str, Any] | None:
    if us < draft.birth_us:
        return None
    values = dict(draft.birth)
    for known, name, value in draft.later:
        if known <= us:
            values[name] = value
    return values


@given(DEALS)
def test_at_the_end_a_record_is_what_its_row_says(deal: dict[str, Any]) -> None:
    draft = _draft(deal)
    assert proof.final(draft) | {} == {n: v for n, v in deal.items() if v is not None} | (
        {"stage_id": 1} if deal["stage_id"] is None and "stage_id" in draft.birth else {}
    )


@given(DEALS, st.dates(date(2015, 12, 31), date(2018, 1, 2)))
def test_before_its_close_a_deal_shows_only_what_its_creation_proves(
    deal: dict[str, Any], day: date
) -> None:
    at = _end(day.isoformat())
    seen = _as_of(_draft(deal), at)
    is_closed = deal["stage_id"] in (3, 4)
    proven = deal["close_date"] if is_closed and deal["close_date"] else AS_OF
    if at >= _end(min(proven, AS_OF)) or at >= _end(AS_OF):
        return
    if deal["created_date"] is None or deal["created_date"] > day.isoformat():
        assert seen is None
    if seen is not None:
        assert set(seen) <= proof.BORN_WITH | {"stage_id"}
        assert seen.get("stage_id") in (None, 1)


@given(DEALS)
def test_times_rise_and_never_pass_the_export(deal: dict[str, Any]) -> None:
    draft = _draft(deal)
    times = [draft.birth_us, *(us for us, _n, _v in draft.later)]
    assert times == sorted(times)
    assert times[-1] <= CLOCK.as_of_us


VALUES = st.none() | st.integers(0, 3)
STATES = st.fixed_dictionaries({"a": VALUES, "b": VALUES})


@given(STATES, STATES, STATES)
def test_three_ways_decide_each_field_by_the_rule(
    then: dict[str, Any], now: dict[str, Any], here: dict[str, Any]
) -> None:
    draft = Draft(1, "k", 1, False, 0, 50, {n: v for n, v in now.items() if v is not None}, [])
    result = dict(here)
    conflicts = set()
    for change in diff.changes(draft, then, here, as_of_us=100, said_us=60):
        if change.is_conflict:
            conflicts.add(change.field)
        elif change.is_news:
            result[change.field] = change.now
        assert change.known_us == 100  # what was said at 60 is not altered at 50
    for name in ("a", "b"):
        if then[name] == now[name]:
            assert result[name] == here[name]
        elif here[name] == then[name]:
            assert result[name] == now[name]
        else:
            assert result[name] == here[name]
            assert (name in conflicts) == (here[name] != now[name])


EVENTS = st.lists(
    st.tuples(st.integers(1, 9), st.sampled_from([1, 2, 3, 4])), min_size=1, max_size=8
)


@given(EVENTS, st.integers(0, 10))
def test_a_case_folded_to_versions_is_the_case_at_every_instant(
    log: list[tuple[int, int]], at: int
) -> None:
    steps = sorted(
        (events.StageEvent(us, stage, None, None) for us, stage in log), key=lambda e: e.us
    )
    birth_us, birth, later = events.fold_case(steps, STAGES, str, closed_is_final=True)
    meaning = None
    for step in steps:
        if step.us <= at and meaning not in ("won", "lost"):
            meaning = STAGES[step.stage].meaning
    seen = _as_of(Draft(0, "", 0, True, 0, birth_us, birth, later), at)
    assert (None if seen is None else STAGES[seen["stage_id"]].meaning) == meaning


CHANGES = st.lists(st.tuples(st.integers(10, 90), st.integers(0, 3)), max_size=6)


@given(CHANGES, VALUES, VALUES)
def test_a_history_laid_over_a_record_ends_at_what_the_source_says_now(
    changes: list[tuple[int, int]], first: int | None, now: int | None
) -> None:
    ordered = sorted(changes, key=lambda c: c[0])
    log, before = [], first
    for us, value in ordered:
        log.append(events.FieldEvent(us, "amount", before, value))
        before = value
    birth: dict[str, Any] = {"name": "x"} | ({"amount": now} if now is not None else {})
    draft = events.overlay(Draft(1, "k", 1, True, 0, 20, birth, []), log, 100)
    assert proof.final(draft).get("amount") == now
    for at in range(0, 100, 7):
        expected: Any = first if log else now
        for event in log:
            if event.us <= at:
                expected = event.new
        seen = _as_of(draft, at)
        if seen is not None and log:
            assert seen.get("amount") == expected
