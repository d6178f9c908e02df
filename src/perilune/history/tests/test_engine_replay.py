"""Replay of change rows, without a database."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from perilune.history.contracts import CREATION, DELETED
from perilune.history.engine.replay import Row, state, versions

times = st.integers(0, 50)
changes = st.one_of(
    st.tuples(times, st.just("stage"), st.sampled_from(['"a"', '"b"', None])),
    st.tuples(times, st.just("amount"), st.sampled_from(["1", "2", None])),
    st.tuples(times, st.just(DELETED), st.sampled_from(["true", "false"])),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Row]:
    born = draw(times)
    rows = [Row(1, born, CREATION, json.dumps({"stage": "new"}))]
    rows += [Row(1, *change) for change in draw(st.lists(changes, max_size=12))]
    return sorted(rows, key=lambda row: row.known_us)


@given(histories(), times)
def test_the_version_valid_at_an_instant_is_the_state_after_all_rows_known_by_then(
    rows: list[Row], at: int
) -> None:
    known = state(row for row in rows if row.known_us <= at)
    valid = [
        version.values
        for version in versions(rows)
        if version.valid_from <= at and (version.valid_to is None or at < version.valid_to)
    ]
    assert valid == ([] if known is None else [known])


@given(histories(), times, st.integers(0, 100))
def test_a_row_known_later_never_changes_what_was_known(rows: list[Row], at: int, lag: int) -> None:
    later = Row(1, at + 1 + lag, "stage", '"late"')
    with_later = sorted([*rows, later], key=lambda row: row.known_us)

    def known(history: list[Row]) -> object:
        return state(row for row in history if row.known_us <= at)

    assert known(with_later) == known(rows)


@given(histories())
def test_versions_of_one_record_never_overlap(rows: list[Row]) -> None:
    found = list(versions(rows))
    for one, after in pairwise(found):
        assert one.valid_to is not None
        assert one.valid_from < one.valid_to <= after.valid_from
