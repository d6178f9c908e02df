"""What the hub counts for named measures: checks of data quality, typing that was spared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from perilune.hub.contracts.quality import QualityRule
from perilune.hub.contracts.typing import Cause
from perilune.hub.queries import typing
from perilune.hub.queries.quality import scores
from perilune.hub.queries.quality.rules import accepted_ids, rules_at
from perilune.kernel.asof import AsOf
from perilune.kernel.keeping import Kept
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS, Count, Tally
from perilune.store import queries as store
from perilune.store.service import current

_tallies: Kept[Mapping[int | None, Tally]] = Kept(32)
"""Whoever asks of whatever unit, the records of an instant are judged once."""


def quality_tallies(asked: Count) -> Mapping[int | None, Tally]:
    """Return the weights of the checks that pass by owner, as of the end of the window."""
    _first, until, _now, scope = asked
    rules = tuple(rules_at(until))
    accepted = tuple(sorted((key, tuple(ids)) for key, ids in accepted_ids(rules, until).items()))
    store_version = (current().path, store.freshness().version)
    key = (store_version, until, rules, accepted, scope.digest())
    return _tallies.get(key, lambda: _counted(rules, until, scope))


def _counted(rules: Sequence[QualityRule], until: AsOf, scope: Scope) -> Mapping[int | None, Tally]:
    found = scores.owner_totals(rules, until, scope)
    return {
        owner or None: Tally(total.passed, total.weight, total.checked)
        for owner, total in found.items()
    }


def quality_parts(asked: Count) -> list[tuple[QualityRule, Tally]]:
    """Return the same by rule, what costs most weight first."""
    rules = _rules(asked)
    found = scores.overview(asked[1], asked[3], rules=rules).rules
    return [
        (
            one.rule,
            Tally(
                (one.score.checked - one.score.broken) * one.rule.weight,
                one.score.checked * one.rule.weight, one.score.checked,
            ),
        )
        for one in found
        if one.score.checked
    ]  # fmt: skip


def quality_sql(asked: Count) -> str:
    """Return the queries behind the score, one for each kind of record."""
    rules = _rules(asked)
    kinds = dict.fromkeys(rule.kind for rule in rules)
    return "\n".join(
        scores.explain(kind, [rule for rule in rules if rule.kind == kind], asked[1], asked[3])
        for kind in kinds
    )


def _rules(asked: Count) -> list[QualityRule]:
    """Return the rules that are asked: of some owners' records only those of kinds with owners."""
    is_cut = asked[3].owners is not None
    return [
        rule
        for rule in rules_at(asked[1])
        if not is_cut or KINDS.get(rule.kind).owner_field == "owner_id"
    ]


def typing_tallies(asked: Count) -> Mapping[int | None, Tally] | None:
    """Return the hours of typing avoided in the window by today's owner of the records."""
    first, until, now, _scope = asked
    if not typing.is_known(until):
        return None
    hours: defaultdict[int | None, float] = defaultdict(float)
    fields: defaultdict[int | None, int] = defaultdict(int)
    for one in typing.spared(first, until.day, now):
        hours[one.owner] += one.seconds / 3600
        fields[one.owner] += 1
    return {owner: Tally(hours[owner], 1, count) for owner, count in fields.items()}


def typing_parts(asked: Count) -> Sequence[tuple[tuple[Cause, str, str], Tally]]:
    """Return the same by cause, kind and field, of the owners in scope, the most hours first."""
    first, until, now, scope = asked
    sums: defaultdict[tuple[Cause, str, str], list[float]] = defaultdict(list)
    for one in typing.spared(first, until.day, now):
        if scope.sees(one.owner):
            sums[one.cause, one.kind, one.field].append(one.seconds / 3600)
    made = [(key, Tally(sum(hours), 1, len(hours))) for key, hours in sums.items()]
    return sorted(made, key=lambda pair: (-pair[1].part, pair[0]))


def typing_sql(asked: Count) -> str:
    """Return how the history is asked for the same."""
    first, until, _now, _scope = asked
    return typing.spared_sql(first, until.day)
