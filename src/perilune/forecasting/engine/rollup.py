"""The tree of a roll-up and its sums: every row is the sum of those below it, nobody vanishes.

Source: rule 21 of the house (cumulative categories, «unassigned»). Amounts are exact integers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from perilune.forecasting.contracts.rollup import Node, NodeKind

TOTAL_KEY, UNASSIGNED_KEY = "total", "unassigned"
NOBODY = 0
"""The unit id of deals without an owner."""

Seat = tuple[int | None, int | None]
"""(team, rep) to which an amount belongs; either may be unknown."""


def key_of(seat: Seat, known: Collection[int]) -> str:
    """Return the key of the row that an amount of a team and rep belongs to."""
    team, rep = seat
    place = str(team) if team in known else UNASSIGNED_KEY
    return f"rep:{rep or NOBODY}@{place}"


def team_key(team: int) -> str:
    """Return the key of a team's row."""
    return f"team:{team}"


def tree(
    parents: Mapping[int, int | None],
    seats: Collection[Seat],
    amounts: Collection[Seat],
    labels: Mapping[tuple[str, int], str],
) -> list[Node]:
    """Return the rows depth first, the total first, «unassigned» last.

    parents: team to parent team; a team whose parent is unknown, or that stands in a ring, is at
    the top. seats: where reps sit now. amounts: (team, rep) pairs that amounts belong to; one of
    an unknown team is unassigned. Only teams with somebody in them or below show. labels: names by
    unit, for the order of siblings.
    """
    leaves = {key_of(seat, parents): seat for seat in [*amounts, *seats]}
    seated = {key_of(seat, parents) for seat in seats}
    now = {rep for _team, rep in seats}
    reps: dict[int | None, list[tuple[str, int]]] = defaultdict(list)
    for key, (team, rep) in leaves.items():
        reps[team if team in parents else None].append((key, rep or NOBODY))
    above = {team: _parent(team, parents) for team in parents}
    used = {each for team in reps if team is not None for each in _path(team, above)}
    children: dict[int | None, list[int]] = defaultdict(list)
    for team in used:
        children[above[team]].append(team)

    def order(kind: str, unit: int) -> tuple[str, int]:
        return (labels.get((kind, unit), "").casefold(), unit)

    def people(team: int | None, parent: str, level: int) -> list[Node]:
        ordered = sorted(reps[team], key=lambda leaf: order("rep", leaf[1]))
        return [
            Node(
                key, NodeKind.REP, ("rep", rep), parent, level, team,
                is_seat=key in seated or rep not in now,
            )
            for key, rep in ordered
        ]  # fmt: skip

    def under(team: int | None, parent: str, level: int) -> list[Node]:
        found = []
        for each in sorted(children[team], key=lambda unit: order("team", unit)):
            key = team_key(each)
            found.append(Node(key, NodeKind.TEAM, ("team", each), parent, level, each))
            found += under(each, key, level + 1)
            found += people(each, key, level + 1)
        return found

    nodes = [Node(TOTAL_KEY, NodeKind.TOTAL, ("total", 0)), *under(None, TOTAL_KEY, 1)]
    if reps[None]:
        nodes.append(Node(UNASSIGNED_KEY, NodeKind.UNASSIGNED, (UNASSIGNED_KEY, 0), TOTAL_KEY, 1))
        nodes += people(None, UNASSIGNED_KEY, 2)
    return nodes


def _parent(team: int, parents: Mapping[int, int | None]) -> int | None:
    """Return the parent of a team; None where it is unknown or the way up leads back."""
    parent = parents[team]
    seen, at = {team}, parent
    while at is not None:
        if at in seen:
            return None
        seen.add(at)
        at = parents.get(at)
    return parent if parent in parents else None


def _path(team: int, above: Mapping[int, int | None]) -> Iterable[int]:
    at: int | None = team
    while at is not None:
        yield at
        at = above[at]


def sums(
    nodes: Iterable[Node], leaves: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, int]]:
    """Return the amounts of every row by name: a leaf's own, above them the sum of all below."""
    ordered = list(nodes)
    found: dict[str, dict[str, int]] = {
        node.key: dict(leaves.get(node.key, {})) for node in ordered
    }
    for node in reversed(ordered):  # children stand after their parents
        if node.parent:
            above = found[node.parent]
            for name, amount in found[node.key].items():
                above[name] = above.get(name, 0) + amount
    return found


def without(nodes: Iterable[Node], left_out: Collection[str]) -> list[Node]:
    """Return the rows without some of them: those below move up to the next row that stays."""
    parents: dict[str, tuple[str, int]] = {"": ("", -1)}
    found = []
    for node in nodes:
        parent, level = parents[node.parent]
        if node.key in left_out:
            parents[node.key] = (parent, level)
        else:
            parents[node.key] = (node.key, level + 1)
            found.append(replace(node, parent=parent, level=level + 1))
    return found


def under(nodes: Iterable[Node], key: str) -> list[Node]:
    """Return a row and all rows below it."""
    found, keys = [], {key}
    for node in nodes:
        if node.key == key or node.parent in keys:
            keys.add(node.key)
            found.append(node)
    return found


def overridden(
    nodes: Iterable[Node], computed: Mapping[str, int], own: Mapping[str, int]
) -> dict[str, int]:
    """Return the amount of every row: its own override, else computed plus what those below change.

    computed: amounts of rows by key; rows without one are left out. own: overrides by key.
    """
    ordered = list(nodes)
    change: dict[str, int] = defaultdict(int)
    found = {}
    for node in reversed(ordered):
        if node.key not in computed:
            continue
        at = own.get(node.key, computed[node.key] + change[node.key])
        found[node.key] = at
        change[node.parent] += at - computed[node.key]
    return found
