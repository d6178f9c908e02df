"""Rules put accounts where their fields say; runs are previewed; a plan makes rules."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.kernel.errors import Invalid
from perilune.territories.contracts import BY_HAND, Criterion, Operator, Rule, RuleSet
from perilune.territories.engine import place, preview, rules_from_plan

pytestmark = pytest.mark.engine

IDS = ("a", "b", "c", "d")
COLUMNS = {
    "country": ("FR", "fr", "DE", ""),
    "postcode": ("75001", "13002", "10115", "75011"),
    "size": ("10", "2 000", "250,5", ""),
    "name": ("Hotel Nord", "Usine Sud", "Werk", "Atelier"),
}


def rule(territory: str, field: str, test: Operator, *values: str, **more: object) -> Rule:
    return Rule(territory, (Criterion(field, test, values),), **more)  # type: ignore[arg-type]


def placed(*rules: Rule, parents: dict[str, str] | None = None, **by_hand: str) -> tuple[str, ...]:
    return place(IDS, COLUMNS, RuleSet(rules, parents or {}, by_hand)).territory


@pytest.mark.parametrize(
    ("test", "field", "values", "held"),
    [
        (Operator.IN, "country", ("FR",), "ab"),
        (Operator.NOT_IN, "country", ("FR",), "cd"),
        (Operator.STARTS_WITH, "postcode", ("75", "13"), "abd"),
        (Operator.CONTAINS, "name", ("nord", "atel"), "ad"),
        (Operator.AT_LEAST, "size", ("10",), "ac"),
        (Operator.BELOW, "size", ("250",), "a"),
        (Operator.MISSING, "country", (), "d"),
    ],
)
def test_each_test_holds_for_whom_it_says(
    test: Operator, field: str, values: tuple[str, ...], held: str
) -> None:
    found = placed(rule("T", field, test, *values))
    assert "".join(one for one, name in zip(IDS, found, strict=True) if name) == held


def test_all_criteria_of_a_rule_must_hold() -> None:
    both = Rule(
        "Paris",
        (
            Criterion("country", Operator.IN, ("fr",)),
            Criterion("postcode", Operator.STARTS_WITH, ("75",)),
        ),
    )
    assert placed(both) == ("Paris", "", "", "")


def test_the_larger_priority_decides_and_a_hand_beats_every_rule() -> None:
    everywhere = rule("World", "postcode", Operator.STARTS_WITH, "1", "7")
    france = rule("France", "country", Operator.IN, "FR", priority=5)
    assert placed(everywhere, france) == ("France", "France", "World", "World")
    found = place(IDS, COLUMNS, RuleSet((everywhere, france), {}, {"a": "Key accounts"}))
    assert found.territory[0] == "Key accounts" and found.rule[0] == BY_HAND


def test_a_rule_of_a_region_binds_the_areas_below_it_where_it_is_inherited() -> None:
    region = rule("France", "country", Operator.IN, "FR", is_inherited=True)
    area = rule("Paris", "postcode", Operator.STARTS_WITH, "75", priority=1)
    assert placed(region, area, parents={"Paris": "France"}) == ("Paris", "France", "", "")
    loose = Rule("France", region.criteria)
    assert placed(loose, area, parents={"Paris": "France"}) == ("Paris", "France", "", "Paris")


def test_accounts_that_two_territories_claim_alike_are_named() -> None:
    german = rule("B", "country", Operator.IN, "DE")
    near = rule("A", "postcode", Operator.STARTS_WITH, "10")
    found = place(IDS, COLUMNS, RuleSet((german, near), {}, {}))
    assert found.ambiguous == {2: ("A", "B")} and found.territory[2] == "A"


def test_a_preview_names_who_would_move_and_leaves_alone_whom_no_rule_speaks_of() -> None:
    made = RuleSet((rule("France", "country", Operator.IN, "FR"),), {}, {})
    shifts = preview(IDS, ("France", "North", "North", "North"), place(IDS, COLUMNS, made))
    assert [(shift.account, shift.source, shift.goal) for shift in shifts] == [
        ("b", "North", "France")
    ]


def test_what_cannot_be_read_is_named() -> None:
    with pytest.raises(Invalid, match="no field"):
        placed(rule("T", "colour", Operator.IN, "red"))
    with pytest.raises(Invalid, match="no number"):
        placed(rule("T", "size", Operator.AT_LEAST, "large"))
    with pytest.raises(Invalid, match="circle"):
        placed(rule("A", "size", Operator.MISSING), parents={"A": "B", "B": "A"})


CODES = st.lists(
    st.tuples(st.text("012 ", max_size=5), st.sampled_from("AB"), st.sampled_from("XYZ")),
    min_size=1,
    max_size=40,
)


@given(CODES)
@settings(max_examples=100)
def test_rules_from_a_plan_give_the_plan_again(rows: list[tuple[str, str, str]]) -> None:
    ids = [str(at) for at in range(len(rows))]
    columns = {"code": [row[0] for row in rows], "country": [row[1] for row in rows]}
    plan = [row[2] for row in rows]
    made = rules_from_plan(ids, plan, columns, "code", "country")
    again = place(ids, columns, made)
    assert list(again.territory) == plan
    assert not again.ambiguous
    assert not preview(ids, plan, again)


@given(CODES, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_rules_and_accounts_does_not_matter(
    rows: list[tuple[str, str, str]], luck: object
) -> None:
    ids = [str(at) for at in range(len(rows))]
    columns = {"code": [row[0] for row in rows]}
    made = rules_from_plan(ids, [row[2] for row in rows], columns, "code")
    rules = list(made.rules)
    luck.shuffle(rules)  # type: ignore[attr-defined]
    order = list(range(len(rows)))
    luck.shuffle(order)  # type: ignore[attr-defined]
    shuffled = {"code": [columns["code"][at] for at in order]}
    mixed = place([ids[at] for at in order], shuffled, RuleSet(tuple(rules), {}, made.by_hand))
    straight = place(ids, columns, made)
    assert [straight.territory[at] for at in order] == list(mixed.territory)


def test_an_account_that_arrives_later_follows_its_neighbours() -> None:
    columns = {"postcode": ["75001", "75011", "13001", "13002"]}
    made = rules_from_plan(IDS, ["North", "North", "South", "South"], columns, "postcode")
    later = place(["new"], {"postcode": ["75015"]}, made)
    assert later.territory == ("North",)
