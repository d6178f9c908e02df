"""The tree of a roll-up: laws that hold for any organisation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perilune.forecasting.contracts import NodeKind
from perilune.forecasting.engine import rollup as engine

TEAMS = st.integers(1, 6)
# parents may be unknown (9), a team itself, or close a ring
PARENTS = st.dictionaries(TEAMS, st.one_of(st.none(), TEAMS, st.just(9)))
SEATS = st.lists(st.tuples(st.one_of(st.none(), TEAMS, st.just(9)), st.integers(1, 8)))
AMOUNTS = st.dictionaries(
    st.tuples(st.one_of(st.none(), TEAMS, st.just(9)), st.one_of(st.none(), st.integers(1, 8))),
    st.integers(-(10**12), 10**12),
)


@given(PARENTS, SEATS, AMOUNTS)
def test_nobody_vanishes_and_every_row_is_the_sum_of_those_below(parents, seats, amounts) -> None:
    nodes = engine.tree(parents, seats, list(amounts), {})
    keys = [node.key for node in nodes]
    assert len(keys) == len(set(keys))
    assert all(keys.index(node.parent) < keys.index(node.key) for node in nodes if node.parent)
    leaves: dict[str, dict[str, int]] = {}
    for seat, amount in amounts.items():
        own = leaves.setdefault(engine.key_of(seat, parents), {"x": 0})
        own["x"] += amount
    assert set(leaves) <= set(keys)
    found = engine.sums(nodes, leaves)
    assert found["total"].get("x", 0) == sum(amounts.values())
    for node in nodes:
        below = [found[each.key].get("x", 0) for each in nodes if each.parent == node.key]
        if below:
            assert found[node.key].get("x", 0) == sum(below)
    for _team, rep in seats:
        assert any(node.kind is NodeKind.REP and node.unit == ("rep", rep) for node in nodes)
    homeless = [seat for seat in [*amounts, *seats] if seat[0] not in parents]
    assert (engine.UNASSIGNED_KEY in keys) == bool(homeless)


@given(PARENTS, SEATS, AMOUNTS, st.sets(st.integers(0, 20)))
def test_rows_left_out_hand_what_is_below_them_to_the_row_above(
    parents, seats, amounts, chosen
) -> None:
    nodes = engine.tree(parents, seats, list(amounts), {})
    gone = {node.key for at, node in enumerate(nodes) if at in chosen and at}
    kept = engine.without(nodes, gone)
    assert [node.key for node in kept] == [node.key for node in nodes if node.key not in gone]
    levels = {node.key: node.level for node in kept}
    assert all(node.level == levels[node.parent] + 1 for node in kept if node.parent)


@given(PARENTS, SEATS, AMOUNTS, st.dictionaries(st.integers(0, 20), st.integers(0, 10**9)))
def test_an_override_changes_the_rows_above_by_what_it_changes_and_none_changes_nothing(
    parents, seats, amounts, said
) -> None:
    nodes = engine.tree(parents, seats, list(amounts), {})
    leaves: dict[str, dict[str, int]] = {}
    for seat, amount in amounts.items():
        own = leaves.setdefault(engine.key_of(seat, parents), {"x": 0})
        own["x"] += amount
    computed = {key: row.get("x", 0) for key, row in engine.sums(nodes, leaves).items()}
    assert engine.overridden(nodes, computed, {}) == computed
    own = {nodes[at].key: amount for at, amount in said.items() if at < len(nodes)}
    made = engine.overridden(nodes, computed, own)
    for node in nodes:
        below = [each.key for each in nodes if each.parent == node.key]
        change = sum(made[key] - computed[key] for key in below)
        assert made[node.key] == own.get(node.key, computed[node.key] + change)
