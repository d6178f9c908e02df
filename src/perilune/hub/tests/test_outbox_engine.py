"""What is written where both sides changed a field, and in whose words."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.hub.contracts import FieldMap
from perilune.hub.contracts.targets import TargetField
from perilune.hub.contracts.writing import CHOSEN, STRANGE, Policy, Sides, Verdict
from perilune.hub.engine.sync.outbox import verdict
from perilune.hub.engine.sync.spelling import Speller, Unsayable
from perilune.hub.engine.sync.timelines import Field as Told
from perilune.hub.engine.sync.timelines import Step, settled
from perilune.kernel.kinds import Field, FieldType, Scalar

W, T, A, S, L = Verdict.WRITE, Verdict.TAKE, Verdict.ASK, Verdict.SAME, Verdict.LEAVE


@pytest.mark.parametrize(
    ("known", "found", "wanted", "ours", "theirs", "newest", "ask", "undo"),
    [
        ("a", "a", "b", W, W, W, W, W),  # nobody there touched it
        ("a", "b", "b", S, S, S, S, S),  # it stands there already
        ("a", "c", "b", W, T, W, A, L),  # changed on both sides, the edit here is the newer
        (None, "c", "b", W, T, W, A, L),  # filled on both sides
        ("a", None, "b", W, T, W, A, L),  # emptied there
        ("a", "c", None, W, T, W, A, L),  # emptied here
        ("a", "a", None, W, W, W, W, W),
    ],
)
def test_whose_value_counts_by_policy(  # the columns of the table
    known: Scalar, found: Scalar, wanted: Scalar, ours: Verdict, theirs: Verdict, newest: Verdict,
    ask: Verdict, undo: Verdict,
) -> None:  # fmt: skip
    sides = Sides(known, found, wanted, edited_us=2, changed_us=1)
    told = [verdict(sides, policy) for policy in (*_FOUR, Policy.UNDO)]
    assert told == [ours, theirs, newest, ask, undo]


_FOUR = (Policy.OURS, Policy.THEIRS, Policy.NEWEST, Policy.ASK)


@pytest.mark.parametrize(
    ("edited", "changed", "expected"),
    [(2, 1, W), (1, 2, T), (1, 1, A), (0, 2, A), (2, 0, A)],
)
def test_the_newer_counts_and_a_person_where_nobody_knows(
    edited: int, changed: int, expected: Verdict
) -> None:
    assert verdict(Sides("a", "c", "b", edited, changed), Policy.NEWEST) is expected


_VALUES = st.sampled_from([None, "a", "b", 1, 2.5, True])


@given(_VALUES, _VALUES, _VALUES, st.sampled_from(CHOSEN), st.sampled_from(["", "ours", "theirs"]))
def test_what_nobody_there_changed_is_never_a_conflict_and_what_is_equal_never_written(
    known: Scalar, found: Scalar, wanted: Scalar, policy: Policy, decision: str
) -> None:
    told = verdict(Sides(known, found, wanted), policy, decision)
    assert (told is S) == (found == wanted)
    if found == known and found != wanted:
        assert told is W
    if decision and found not in (known, wanted):
        assert told is (W if decision == "ours" else T)


def _speller(kind: FieldType, there: str, **more: object) -> Speller:
    field = Field("field", kind, "Field", **more)  # type: ignore[arg-type]
    return Speller(
        field, FieldMap("field", "Field"), TargetField("Field", there, "Field", True),
        ZoneInfo("Europe/Paris"),
    )  # fmt: skip


@given(
    st.one_of(
        st.tuples(st.just(FieldType.MONEY), st.just("currency"), st.integers(0, 10**13 - 1)),
        st.tuples(st.just(FieldType.UNIT_PRICE), st.just("currency"), st.integers(0, 10**13 - 1)),
        st.tuples(st.just(FieldType.INTEGER), st.just("int"), st.integers(-10**6, 10**6)),
        st.tuples(st.just(FieldType.BOOLEAN), st.just("boolean"), st.booleans()),
        st.tuples(
            st.just(FieldType.DATE), st.just("date"),
            st.dates(min_value=__import__("datetime").date(1990, 1, 1),
                     max_value=__import__("datetime").date(2090, 1, 1)).map(str),
        ),
        st.tuples(
            st.just(FieldType.TEXT), st.just("string"),
            st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=5),
        ),
    ),
    st.sampled_from([0, 2, 3]),
)  # fmt: skip
def test_what_is_written_reads_back_as_what_stands_here(
    case: tuple[FieldType, str, Scalar], exponent: int
) -> None:
    kind, there, value = case
    speller = _speller(kind, there)
    assert speller.value(speller.text(value, exponent), exponent) == value


def test_choices_and_references_are_said_in_the_words_of_the_other_system() -> None:
    types = (("new", "New business"), ("renewal", "Renewal"))
    speller = _speller(FieldType.CHOICE, "picklist", choices=types)
    speller.target = TargetField("Type", "picklist", "Type", True, choices=("New Customer", "Else"))
    assert (speller.text("new"), speller.value("New Customer")) == ("New Customer", "new")
    assert speller.value("Else") == STRANGE + "Else"
    with pytest.raises(Unsayable, match="no_choice"):
        speller.text("renewal")
    owner = _speller(FieldType.REFERENCE, "reference", target="rep")
    owner.names, owner.ids = {7: "005A"}, {"005A": 7}
    assert (owner.text(7), owner.value("005A"), owner.text(None)) == ("005A", 7, "")
    assert owner.value("005B") == STRANGE + "005B"
    with pytest.raises(Unsayable, match="unknown_there"):
        owner.text(8)
    assert _speller(FieldType.DATE, "datetime").refusal() == "wrong_type"


def test_what_was_written_there_comes_back_without_news() -> None:
    stands = [Step(1, "a"), Step(5, "b", is_ours=False)]
    told = [(1, "a"), (8, "b")]
    assert settled(Told(stands, told, now="b", then="b", since_us=8)).steps == []
    assert settled(Told(stands, [*told, (9, "c")], "c", "b", 9)).steps == [(9, "b", "c")]
