"""Scores as of any instant: one query for all rules of a kind, counted in the store.

Rules are asked of the whole company, so that whoever asks the same question reads the same number;
the answer is then cut to the owners whom the gate lets through.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from perilune.history import queries as history
from perilune.hub.contracts.quality import (
    KINDS_JUDGED,
    MOST_RULES,
    TESTS,
    Check,
    GroupScore,
    Overview,
    QualityRule,
    RuleScore,
    Score,
)
from perilune.hub.engine.quality.scoring import Ints, by_group, counts, score_of
from perilune.hub.queries.quality.asked import Asked, asked
from perilune.hub.queries.quality.rules import accepted_ids, rules_at
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS
from perilune.people.queries import assignments_as_of, company, reps_as_of, teams_as_of
from perilune.store import queries as store

NOTHING = Score(0, 0, None)
_NOBODY = 0


@dataclass(frozen=True)
class Marks:
    """How records of one kind stand to its rules, one bit for each rule, equal ones counted.

    owners: (rows,) rep ids, 0 for nobody. applies, broken: (rows,) masks; times: (rows,) records.
    """

    rules: tuple[QualityRule, ...]
    owners: Ints
    applies: Ints
    broken: Ints
    times: Ints


def sql_of(
    kind: str, rules: Sequence[QualityRule], as_of: AsOf, scope: Scope
) -> tuple[Asked, str, str]:
    """Return the rules as SQL, the WHERE that the gate asks for, and the owner's expression."""
    made = asked(kind, rules, as_of)
    owner = "t.owner_id" if KINDS.get(kind).owner_field == "owner_id" else ""
    sight = ""
    if scope.owners is not None and owner:
        sight = f"WHERE {owner} IN ({made.give(sorted(scope.owners))})"
    return made, sight, f"COALESCE({owner}, {_NOBODY})" if owner else str(_NOBODY)


def masks_sql(made: Asked, rules: Sequence[QualityRule], accepted: Mapping[str, list[int]]) -> str:
    """Return the two masks as columns: applies, broken."""

    def mask(parts: Iterable[str]) -> str:
        bits = [f"CASE WHEN {part} THEN {1 << at} ELSE 0 END" for at, part in enumerate(parts)]
        return f"CAST({' + '.join(bits) or '0'} AS BIGINT)"

    broken = []
    for rule, (_applies, breaks) in zip(rules, made.pairs, strict=True):
        ids = accepted.get(rule.key)
        broken.append(f"({breaks} AND t.id NOT IN ({made.give(ids)}))" if ids else breaks)
    applies = mask(pair[0] for pair in made.pairs)
    return f"{applies} AS applies, {mask(broken)} AS broken"


def marks(kind: str, rules: Sequence[QualityRule], as_of: AsOf, scope: Scope) -> Marks:
    """Return how the records of a kind stand to at most `MOST_RULES` rules."""
    made, sight, owner = sql_of(kind, rules, as_of, scope)
    columns = masks_sql(made, rules, accepted_ids(rules, as_of))
    sql = (
        f"SELECT g.owner_id, g.applies, g.broken, COUNT(*) AS n FROM ("
        f"SELECT {owner} AS owner_id, {columns} {made.source} {sight}) AS g"
        f" GROUP BY g.owner_id, g.applies, g.broken"
    )
    rows = store.run_sql(sql, made.made.params, scope=Scope.company(), as_of=as_of).rows
    table = np.asarray(rows, dtype=np.int64).reshape(-1, 4)
    return Marks(tuple(rules), *(np.ascontiguousarray(table[:, at]) for at in range(4)))


def explain(kind: str, rules: Sequence[QualityRule], as_of: AsOf, scope: Scope) -> str:
    """Return the SQL behind the counts of rules."""
    made, sight, owner = sql_of(kind, rules, as_of, scope)
    columns = masks_sql(made, rules, accepted_ids(rules, as_of))
    sql = f"SELECT {owner} AS owner_id, {columns} {made.source} {sight}"
    return store.explain_sql(sql, made.made.params, scope=Scope.company(), as_of=as_of)


def all_marks(rules: Sequence[QualityRule], as_of: AsOf, scope: Scope) -> list[Marks]:
    """Return the marks of rules, a query for each kind and `MOST_RULES` rules."""
    found = []
    for kind in KINDS_JUDGED:
        own = [rule for rule in rules if rule.kind == kind]
        for at in range(0, len(own), MOST_RULES):
            found.append(marks(kind, own[at : at + MOST_RULES], as_of, scope))
    return found


def overview(
    as_of: AsOf, scope: Scope, *, is_then: bool = False, rules: Sequence[QualityRule] | None = None
) -> Overview:
    """Return the score as of an instant, of the records that the scope shows.

    is_then: by the rules that were in force then, else by today's.
    """
    chosen = rules_at(as_of, is_then=is_then) if rules is None else rules
    accepted = accepted_ids(chosen, as_of)
    found, records, with_breaks = list[RuleScore](), 0, 0
    checked, broken, weights = list[int](), list[int](), list[int]()
    for one in all_marks(chosen, as_of, scope):
        size = len(one.rules)
        asked_of, failed = (counts(mask, size, one.times) for mask in (one.applies, one.broken))
        records += int(one.times.sum())
        with_breaks += int(one.times[one.broken != 0].sum())
        for at, rule in enumerate(one.rules):
            n, bad = int(asked_of[at]), int(failed[at])
            is_unused = n > 0 and bad == n and TESTS[rule.test].check is Check.REQUIRED
            part = score_of(asked_of[at : at + 1], failed[at : at + 1], [rule.weight])
            found.append(RuleScore(rule, part, len(accepted.get(rule.key, ())), is_unused))
            checked.append(n)
            broken.append(bad)
            weights.append(rule.weight)
    total = _score(checked, broken, weights)
    ranked = sorted(found, key=lambda one: (-one.score.broken * one.rule.weight, one.rule.key))
    return Overview(total, tuple(ranked), records, with_breaks, is_then)


def _score(checked: Sequence[int], broken: Sequence[int], weights: Sequence[int]) -> Score:
    if not checked:
        return NOTHING
    return score_of(np.asarray(checked), np.asarray(broken), weights)


def by_owner(
    as_of: AsOf, scope: Scope, personal: Scope, *, rules: Sequence[QualityRule] | None = None
) -> list[GroupScore]:
    """Return the score of each owner who may be named, and of all others together (rule 26).

    personal: whose figures may be named (`people.queries.personal_scope_for`). A rep's score says
    how they keep their records: others are shown as one group, of as many as that scope asks for.
    Records of nobody are a group of no person. Ordered by name: there is no ranking of people.
    """
    totals = owner_totals(rules_at(as_of) if rules is None else rules, as_of, scope)
    names = {number: str(state.get("name") or "") for number, state in reps_as_of(as_of).items()}
    named = [owner for owner in totals if owner and personal.sees(owner)]
    found = [
        GroupScore(owner, names.get(owner) or f"#{owner}", totals[owner].score, 1)
        for owner in sorted(named, key=lambda one: (names.get(one, "").casefold(), one))
    ]
    others = [owner for owner in totals if owner and owner not in named]
    if others:
        is_small = len(others) < personal.smallest_group
        pooled = NOTHING if is_small else _sum(totals[owner] for owner in others).score
        found.append(GroupScore(None, "", pooled, len(others), is_small))
    if _NOBODY in totals:
        found.append(GroupScore(_NOBODY, "", totals[_NOBODY].score, 0))
    return found


def by_team(
    as_of: AsOf, scope: Scope, personal: Scope, *, rules: Sequence[QualityRule] | None = None
) -> list[GroupScore]:
    """Return the score of each team as of the instant, teams too small to be shown withheld."""
    totals = owner_totals(rules_at(as_of) if rules is None else rules, as_of, scope)
    teams = teams_as_of(as_of)
    seat = _seats(as_of)
    groups: dict[int, list[int]] = {}
    for owner in totals:
        if owner:
            groups.setdefault(seat.get(owner, _NOBODY), []).append(owner)
    unseen = {
        team: sum(not personal.sees(owner) for owner in owners) for team, owners in groups.items()
    }
    small = personal.too_few({team: people for team, people in unseen.items() if people})
    return [
        GroupScore(
            team or None,
            str(teams.get(team, {}).get("name") or ""),
            NOTHING if team in small else _sum(totals[owner] for owner in groups[team]).score,
            len(groups[team]),
            team in small,
        )
        for team in sorted(
            groups, key=lambda one: (not one, str(teams.get(one, {}).get("name") or "").casefold())
        )
    ]


def _seats(as_of: AsOf) -> dict[int, int]:
    """Return the team that each rep is in on the day."""
    day = as_of.day
    return {
        one.rep_id: one.team_id
        for one in assignments_as_of(as_of)
        if one.team_id is not None
        and (one.since is None or one.since <= day)
        and (one.until is None or day <= one.until)
    }


@dataclass(frozen=True)
class Total:
    """Sums over records: checks by count and by weight."""

    checked: int = 0
    broken: int = 0
    weight: int = 0
    passed: int = 0

    @property
    def score(self) -> Score:
        """The score of these sums."""
        share = self.passed / self.weight if self.weight else None
        return Score(self.checked, self.broken, share)


def _sum(parts: Iterable[Total]) -> Total:
    listed = list(parts)
    return Total(
        sum(one.checked for one in listed), sum(one.broken for one in listed),
        sum(one.weight for one in listed), sum(one.passed for one in listed),
    )  # fmt: skip


def owner_totals(rules: Sequence[QualityRule], as_of: AsOf, scope: Scope) -> dict[int, Total]:
    """Return the sums of each owner whose records the scope shows, 0 for nobody's."""
    found: dict[int, Total] = {}
    for one in all_marks(rules, as_of, scope):
        owners, groups = np.unique(one.owners, return_inverse=True)
        for owner, total in zip(owners, _totals(one, groups, len(owners)), strict=True):
            found[int(owner)] = _sum((found.get(int(owner), Total()), total))
    return found


def _totals(one: Marks, groups: Ints, size: int) -> list[Total]:
    weights = np.asarray([rule.weight for rule in one.rules], dtype=np.int64)
    asked_of, failed = (
        by_group(groups, mask, len(one.rules), size, one.times)
        for mask in (one.applies, one.broken)
    )
    return [
        Total(int(n.sum()), int(bad.sum()), int(n @ weights), int((n - bad) @ weights))
        for n, bad in zip(asked_of, failed, strict=True)
    ]  # fmt: skip


def by_source(
    as_of: AsOf, scope: Scope, *, rules: Sequence[QualityRule] | None = None
) -> list[GroupScore]:
    """Return the score of the records that each source named first, those typed here under ""."""
    totals: dict[str, Total] = {}
    chosen = rules_at(as_of) if rules is None else rules
    for kind in KINDS_JUDGED:
        own = [rule for rule in chosen if rule.kind == kind][:MOST_RULES]
        if not own:
            continue
        ids, one = _each(kind, own, as_of, scope)
        names, groups = _sources(kind, ids)
        for name, total in zip(names, _totals(one, groups, len(names)), strict=True):
            totals[name] = _sum((totals.get(name, Total()), total))
    return [
        GroupScore(None, name, totals[name].score)
        for name in sorted(totals, key=lambda one: (not one, one.casefold()))
        if totals[name].checked
    ]


def _each(kind: str, rules: Sequence[QualityRule], as_of: AsOf, scope: Scope) -> tuple[Ints, Marks]:
    """Return the ids of the records of a kind, and their marks one by one."""
    made, sight, owner = sql_of(kind, rules, as_of, scope)
    columns = masks_sql(made, rules, accepted_ids(rules, as_of))
    sql = f"SELECT t.id, CAST({owner} AS BIGINT) AS owner_id, {columns} {made.source} {sight}"
    found = store.arrays_sql(sql, made.made.params, scope=Scope.company(), as_of=as_of)
    ids = found["id"]
    one = Marks(
        tuple(rules), found["owner_id"], found["applies"], found["broken"], np.ones_like(ids)
    )
    return ids, one


def _sources(kind: str, ids: Ints) -> tuple[list[str], Ints]:
    """Return the names of sources, "" first, and the place of each record's in them."""
    first = history.first_sources(kind)
    names = ["", *sorted(set(first.values()))]
    place = {name: at for at, name in enumerate(names)}
    known = np.zeros(int(max(ids.max(initial=0), max(first, default=0))) + 1, dtype=np.int64)
    if first:
        keys = np.fromiter(first.keys(), np.int64, len(first))
        known[keys] = np.fromiter((place[name] for name in first.values()), np.int64, len(first))
    return names, known[ids]


# -- over time -------------------------------------------------------------------------------------


def month_ends(as_of: AsOf, months: int) -> list[AsOf]:
    """Return the ends of the last `months` calendar months, and the as-of, oldest first."""
    zone, day = company().zone, as_of.day
    ends: list[AsOf] = [as_of]
    for _month in range(months):
        day = day.replace(day=1) - timedelta(days=1)
        ends.append(AsOf.end_of(day, zone))
    return ends[::-1]


def trend(
    as_of: AsOf, scope: Scope, *, months: int = 6, is_then: bool = False,
    rules: Sequence[QualityRule] | None = None,
) -> list[tuple[date, Score]]:  # fmt: skip
    """Return the score at the ends of the last months and at the as-of, oldest first.

    A month before the first record has the score of nothing: unknown, never zero (rule 4).
    """
    return [
        (then.day, overview(then, scope, is_then=is_then, rules=rules).score)
        for then in month_ends(as_of, months)
    ]
