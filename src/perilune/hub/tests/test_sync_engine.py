"""What a sync decides, without a source: windows, differences, drift, pasts, timelines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perilune.hub.contracts import FieldMap, FileMap, RecordMap, Shape
from perilune.hub.contracts.sync import Held, SourceField
from perilune.hub.engine.sync import drift, listings, pasts, timelines, windows

_US = st.integers(0, 40)
_VALUES = st.one_of(st.none(), st.integers(0, 3))
_LISTING = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3), st.integers(0, 9), max_size=12
)


@given(_LISTING, _LISTING)
def test_two_listings_are_equal_by_their_sums_exactly_when_no_row_differs(
    there: dict[str, int], here: dict[str, int]
) -> None:
    left, right = ([Held(k, 0, s) for k, s in side.items()] for side in (there, here))
    sides = listings.compared(left, right)
    months = sides.months()
    assert all(m.is_equal for m in months) == (sides.found.count == 0) == (there == here)
    assert set(sides.found.missing) == there.keys() - here.keys()
    assert set(sides.found.extra) == here.keys() - there.keys()


def test_a_month_is_that_of_the_creation_in_utc() -> None:
    assert listings.month_of(0) == "1970-01"
    assert listings.month_of(1_767_225_599_999_999) == "2025-12"
    assert listings.month_of(1_767_225_600_000_000) == "2026-01"


def test_a_run_reads_from_behind_its_cursor_and_never_past_the_source_s_begin() -> None:
    assert windows.since(100, 40) == 60
    assert windows.since(10, 40) == 0
    assert windows.advanced(5, newest_us=90, begun_us=80) == 80
    assert windows.advanced(5, newest_us=0, begun_us=80) == 5


def test_a_row_of_the_tie_second_is_read_again_though_its_stamp_is_known() -> None:
    assert windows.is_news(None, 7, False, 7)
    assert windows.is_news((7, False), 7, False, ties_from_us=7)
    assert not windows.is_news((7, False), 7, False, ties_from_us=8)
    assert windows.is_news((7, False), 7, True, ties_from_us=8)


def test_months_of_another_count_or_red_ones_are_compared_whatever_they_cost() -> None:
    there = {"2026-01": 50, "2026-02": 50, "2026-03": 50, "2026-04": 50}
    here = {**there, "2026-01": 49}
    chosen = windows.months_to_compare(
        there, here, ["2026-04"], {"2026-02": 9, "2026-03": 2}, budget=150
    )
    assert chosen == ["2026-01", "2026-03", "2026-04"]  # March was proved longer ago
    assert windows.spans(["2025-12", "2026-01", "2026-03"]) == [
        ("2025-12", "2026-01"), ("2026-03", "2026-03"),
    ]  # fmt: skip


@given(
    st.dictionaries(st.sampled_from([f"2026-{m:02d}" for m in range(1, 13)]), st.integers(1, 90),
                    min_size=2),
    st.integers(9, 40),
)  # fmt: skip
def test_every_month_has_its_turn_however_large_and_runs_list_what_they_saved(
    there: dict[str, int], share: int
) -> None:
    runs, saved, listed = 2 * (-(-sum(there.values()) // share)), 0, 0
    proved = dict.fromkeys(there, 0)
    for run in range(1, runs + 1):
        chosen = windows.months_to_compare(there, there, [], proved, saved + share)
        spent = sum(there[month] for month in chosen)
        saved, listed = saved + share - spent, listed + spent
        assert saved >= 0 and listed <= run * share
        proved |= dict.fromkeys(chosen, run)
    assert all(proved.values())


def test_a_day_of_another_count_is_listed_beside_what_is_new() -> None:
    day = 86_400_000_000
    there = {"1970-01-02": 5, "1970-01-03": 5, "1970-01-04": 900, "1970-01-05": 1}
    here = {"1970-01-02": 5, "1970-01-03": 4, "1970-01-04": 899}
    since = 3 * day + 7
    found = windows.days_to_list(there, here, since, budget=100)
    assert found == [(since, windows.NEVER), (2 * day, 3 * day)]  # the 4th has too many rows


def test_a_field_that_went_while_its_like_came_was_renamed_and_the_mapping_follows() -> None:
    before = {"A": ("string", "Alpha"), "B": ("double", "Beta"), "C": ("string", "Gamma")}
    now = [SourceField("A2", "string", "Alpha"), SourceField("B", "string", "Beta"),
           SourceField("D", "date", "Delta")]  # fmt: skip
    found = {(d.what, d.field): d for d in drift.drifts("X", before, now, {"A", "C"})}
    assert found.keys() == {("renamed", "A"), ("removed", "C"), ("new", "D"), ("retyped", "B")}
    record = RecordMap("account", (FieldMap("name", "A"), FieldMap("city", "C")), ("Id",))
    after = drift.followed(FileMap("X.csv", Shape.RECORDS, (record,)), list(found.values()))
    assert [f.column for f in after.records[0].fields] == ["A2"]


def test_snapshots_become_the_changes_between_them() -> None:
    rows = [("d", "t1", ["New", "5"]), ("d", "t2", ["Won", "5"]), ("e", "t3", ["New", ""])]
    told = list(pasts.from_snapshots(rows, ("StageName", "Amount"), {"StageName", "Amount"}))
    assert told == [
        pasts.Told("d", "t1", "StageName", "", "New"), pasts.Told("d", "t1", "Amount", "", "5"),
        pasts.Told("d", "t2", "StageName", "New", "Won"),
        pasts.Told("e", "t3", "StageName", "", "New"),
    ]  # fmt: skip


def test_an_owner_is_told_by_its_id_not_by_its_name() -> None:
    rows = [("d", "t", {"Field": "Owner", "DataType": kind, "OldValue": "a", "NewValue": kind})
            for kind in ("Text", "EntityId")]  # fmt: skip
    told = list(pasts.from_fields(rows, {"OwnerId"}))
    assert told == [pasts.Told("d", "t", "OwnerId", "a", "EntityId")]


def test_a_field_is_told_under_its_other_names_and_by_rows_that_have_a_value() -> None:
    told = [("created", "", ""), ("ownerAssignment", "", "u2"), ("Description", "", ""),
            ("Subject", "a", "b"), ("Subject", "b", "")]  # fmt: skip
    rows = [("c", "t", {"Field": name, "DataType": "EntityId", "OldValue": old, "NewValue": new})
            for name, old, new in told]  # fmt: skip
    also = [("ownerAssignment", "Owner"), ("Subject", "Title")]
    found = list(pasts.from_fields(rows, {"OwnerId", "Title", "Description", "created"}, also))
    assert found == [
        pasts.Told("c", "t", "OwnerId", "", "u2"), pasts.Told("c", "t", "Title", "a", "b"),
        pasts.Told("c", "t", "Title", "b", ""),
    ]  # fmt: skip


def _replayed(stands: list[timelines.Step], written: timelines.Written, us: int) -> object:
    steps = [*stands, *(timelines.Step(at, new) for at, _old, new in written.steps)]
    ordered = [s for s in sorted(steps, key=lambda s: s.us) if s.us <= us]
    return ordered[-1].value if ordered else None


@given(st.dictionaries(_US, _VALUES, min_size=1, max_size=6), st.lists(st.tuples(_US, _VALUES)))
def test_after_settling_a_field_has_what_its_source_tells_at_every_instant_it_tells(
    told: dict[int, int | None], held: list[tuple[int, int | None]]
) -> None:
    """Whatever was inferred or missed before, in whatever order it came."""
    stands = [timelines.Step(us, v) for us, v in sorted(held, key=lambda h: h[0])]
    times = sorted(told)
    now = told[times[-1]]
    then = stands[-1].value if stands else None
    one = timelines.Field(stands, [(us, told[us]) for us in times], now, then, times[-1])
    written = timelines.settled(one)
    assert not written.is_conflict
    for us in times:
        assert _replayed(stands, written, us) == told[us]
    assert _replayed(stands, written, 99) == now
    again = timelines.settled(
        timelines.Field(
            sorted([*stands, *(timelines.Step(u, n) for u, _o, n in written.steps)],
                   key=lambda s: s.us),
            one.told, now, now, times[-1],
        )
    )  # fmt: skip
    assert again.steps == []  # a second time writes nothing


def test_what_was_edited_here_stands_and_a_change_on_both_sides_is_a_conflict() -> None:
    stands = [timelines.Step(1, "a"), timelines.Step(5, "mine", is_ours=False)]
    quiet = timelines.settled(timelines.Field(stands, [(1, "a")], "a", "a", 1))
    assert (quiet.steps, quiet.is_conflict) == ([], False)
    both = timelines.settled(timelines.Field(stands, [(1, "a"), (3, "b")], "b", "a", 3))
    assert both.is_conflict
    assert _replayed(stands, both, 4) == "b"
    assert _replayed(stands, both, 9) == "mine"


@given(st.integers(0, 2**52), st.lists(st.text(max_size=6), max_size=3))
def test_what_is_not_stamped_moves_a_stamp_within_its_second(us: int, loose: list[str]) -> None:
    found = listings.mixed(us, loose)
    assert found // 1_000_000 == us // 1_000_000
    assert (found == us) if not any(loose) else found == listings.mixed(us, tuple(loose))


def test_two_states_of_one_stamp_hardly_ever_look_alike() -> None:
    told = {listings.mixed(1_700_000_000_123_000, (str(company),)) for company in range(2_000)}
    assert len(told) > 1_990
