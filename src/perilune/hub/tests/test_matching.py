"""Which records are of one thing: laws of the answer, whatever the table."""

import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.hub.contracts.duplicates import Field, Label, Options, Role
from perilune.hub.engine.matching import normal
from perilune.hub.engine.matching.finding import Found, find

pytestmark = pytest.mark.engine

FIELDS = [
    Field("name", Role.NAME),
    Field("street", Role.ADDRESS),
    Field("zip", Role.POSTCODE),
    Field("phone", Role.PHONE),
]
NAMES = [
    "Dupont SARL",
    "Dupond",
    "Garage du Lac",
    "Garage Lac",
    "Acme Inc.",
    "ACME",
    "",
    "Élan & Co",
]
STREETS = ["12 rue des Lilas", "12, r. des Lilas", "14 rue des Lilas", "3 Main Street", ""]
CELL = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(STREETS),
    st.sampled_from(["75011", "69003", ""]),
    st.sampled_from(["01 42 27 00 01", "+33 1 42 27 00 01", "04 78 00 00 02", ""]),
)
TABLES = st.lists(CELL, min_size=1, max_size=14)
QUICK = settings(max_examples=40, deadline=None)


def found(table, labels=(), ids=None, ask=0) -> Found:
    ids = ids or [f"r{i:03d}" for i in range(len(table))]
    cells = [[row[i] for row in table] for i in range(len(FIELDS))]
    return find(ids, FIELDS, cells, labels=labels, options=Options(ask=ask))


@st.composite
def labelled(draw):
    table = draw(st.lists(CELL, min_size=3, max_size=10))
    rows = st.integers(0, len(table) - 1)
    pairs = draw(st.lists(st.tuples(rows, rows, st.booleans()), max_size=12))
    said = {(min(a, b), max(a, b)): same for a, b, same in pairs if a != b}
    return table, [Label(a, b, same) for (a, b), same in said.items()]


def named_groups(answer: Found, ids):
    groups: dict[int, set[str]] = {}
    for one, group in zip(ids, answer.group, strict=True):
        groups.setdefault(int(group), set()).add(one)
    return {frozenset(group) for group in groups.values()}


def named_pairs(answer: Found, ids):
    ends = zip(answer.left, answer.right, answer.probability, strict=True)
    return {(frozenset((ids[a], ids[b])), round(float(p), 9)) for a, b, p in ends}


@given(TABLES, st.randoms(use_true_random=False))
@QUICK
def test_the_order_of_rows_does_not_matter(table, random):
    ids = [f"r{i:03d}" for i in range(len(table))]
    order = list(range(len(table)))
    random.shuffle(order)
    first = found(table, ids=ids)
    shuffled = [ids[i] for i in order]
    second = found([table[i] for i in order], ids=shuffled)
    assert named_groups(first, ids) == named_groups(second, shuffled)
    assert named_pairs(first, ids) == named_pairs(second, shuffled)


@given(labelled(), st.randoms(use_true_random=False))
@QUICK
def test_the_order_of_rows_and_labels_does_not_matter_with_labels(given_, random):
    table, labels = given_
    ids = [f"r{i:03d}" for i in range(len(table))]
    order = list(range(len(table)))
    random.shuffle(order)
    place = {row: at for at, row in enumerate(order)}
    ends = [sorted((place[x.left], place[x.right])) for x in labels]
    moved = [Label(a, b, x.same) for (a, b), x in zip(ends, labels, strict=True)]
    random.shuffle(moved)
    shuffled = [ids[i] for i in order]
    first = found(table, labels, ids)
    second = found([table[i] for i in order], moved, shuffled)
    assert named_groups(first, ids) == named_groups(second, shuffled)


@given(labelled())
@QUICK
def test_groups_are_a_partition_and_are_named_by_their_first_id(given_):
    table, labels = given_
    answer = found(table, labels)
    assert len(answer.group) == len(table)
    for row, group in enumerate(answer.group):
        assert answer.group[group] == group
        assert group <= row


@given(labelled())
@QUICK
def test_a_pair_stands_once_with_a_probability_and_a_part_of_each_field(given_):
    table, labels = given_
    answer = found(table, labels)
    ends = [frozenset(pair) for pair in zip(answer.left, answer.right, strict=True)]
    assert len(set(ends)) == len(ends)
    assert all(len(pair) == 2 for pair in ends)
    assert ((answer.probability >= 0) & (answer.probability <= 1)).all()
    assert (np.diff(answer.probability) <= 1e-8).all()
    for pair in range(len(ends)):
        assert len(answer.parts(pair)) == len(FIELDS)


@given(labelled())
@QUICK
def test_the_parts_of_a_pair_add_up_to_its_probability(given_):
    table, labels = given_
    answer = found(table, labels)
    free = answer.decided == 0
    bits = answer.base + answer.bits[free].sum(axis=1)
    told = 1 / (1 + np.exp(-np.clip(bits * np.log(2), -40, 40)))
    assert told == pytest.approx(answer.probability[free], abs=1e-4)


@given(labelled())
@QUICK
def test_what_a_person_called_different_is_never_in_one_group(given_):
    table, labels = given_
    group = found(table, labels).group
    assert all(group[x.left] != group[x.right] for x in labels if not x.same)


@given(labelled())
@QUICK
def test_what_a_person_called_the_same_is_in_one_group_unless_labels_contradict(given_):
    table, labels = given_
    answer = found(table, labels)
    wrong = set(answer.contradictory)
    for number, label in enumerate(labels):
        if label.same and number not in wrong:
            assert answer.group[label.left] == answer.group[label.right]


def test_labels_that_cannot_all_be_true_are_told():
    table = [(name, "", "", "") for name in ("One", "Two", "Three", "Four")]
    labels = [Label(0, 1, True), Label(1, 2, True), Label(0, 2, False), Label(0, 3, False)]
    answer = found(table, labels)
    assert answer.contradictory == [0, 1, 2]
    assert answer.group[0] != answer.group[2]


def test_a_chain_of_likes_is_not_one_group():
    """A like B and B like C, but A unlike C: the average of what would join decides."""
    from perilune.hub.engine.matching.clustering import group
    from perilune.hub.engine.matching.pairs import Pairs

    left, right = np.array([0, 1, 2]), np.array([1, 2, 3])
    chain = Pairs(left, right, np.array([0.9, 0.7, 0.9]))
    assert group(chain, np.ones(4), np.zeros(4, np.int64)).tolist() == [0, 0, 2, 2]


def test_a_thousand_copies_are_one_group():
    row = ("Boulangerie Martin", "4 place du Marché", "35000", "02 99 00 11 22")
    others = [(f"Firm {a}{b}", f"{i} Road {b}", "", "") for i, (a, b) in enumerate(
        (a, b) for a in string.ascii_lowercase for b in "xyz")]  # fmt: skip
    answer = found([row] * 1000 + others)
    assert len(set(answer.group[:1000].tolist())) == 1
    assert len(answer.probability) < 1000 * 60


@pytest.mark.parametrize("table", [[("Acme", "", "", "")], [("", "", "", "")] * 3])
def test_one_row_and_rows_of_nothing_are_answered(table):
    answer = found(table, ask=5)
    assert answer.group.tolist() == list(range(len(table)))
    assert len(answer.left) == 0


def test_registration_numbers_decide_before_any_probability():
    """Rule 36: two SIRETs under one SIREN are sites, not duplicates."""
    fields = [Field("name", Role.NAME), Field("siret", Role.REGISTRATION)]
    names = ["Dupont", "Dupont", "Dupont et fils", "Autre chose"]
    sirets = ["732 829 320 00074", "732 829 320 00082", "73282932000074", "FR44732829320"]
    answer = find(["a", "b", "c", "d"], fields, [names, sirets])
    assert answer.group[0] == answer.group[2]
    assert answer.group[0] != answer.group[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SARL Dupont & Fils", "DUPONT ET FILS, S.A.R.L."),
        ("Acme, Inc.", "ACME Incorporated"),
        ("Société Élan SAS", "elan"),
        ("L'Oréal", "L’OREAL SA"),
    ],
)
def test_names_are_compared_without_their_form_of_company(one, other):
    from perilune.hub.engine.matching.words import SMALL

    def core(text):
        return [word for word in normal.name(text).split() if word not in SMALL]

    assert core(one) == core(other)


@pytest.mark.parametrize(
    ("make", "one", "other"),
    [
        (normal.address, "535 EAST 35TH STREET, Suite 2", "535 E. 35th St"),
        (normal.address, "12 bis, boulevard Voltaire", "12 bd. Voltaire"),
        (normal.phone, "+33 1 42 27 00 00", "01.42.27.00.00"),
        (normal.phone, "0033142270000", "01 42 27 00 00 poste 12"),
        (normal.phone, "1-312-386-5286", "(312) 386-5286"),
        (normal.postcode, "60623-1234", "60623"),
        (normal.domain, "https://www.Acme.com/contact?x=1", "sales@acme.com"),
        (normal.email, "Jane+news@Acme.com", "<jane@acme.com>"),
    ],
)
def test_one_value_has_one_spelling(make, one, other):
    assert make(one) == make(other) != ""


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_has_a_spelling(text):
    for make in normal.NORMAL.values():
        assert isinstance(make(text), str)
