"""Rules of a segmentation as a document and back, segments of several rules, moves, staffing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from perilune.planning.contracts.segments import (
    Channel,
    GoToMarket,
    SegmentPreview,
    SegmentShift,
    Staffing,
)
from perilune.planning.contracts.tables import Floats, Ids
from perilune.planning.contracts.views import Condition, Op, RuleSet, SegmentRule, Suggestion
from perilune.planning.engine.segmenting import NOBODY, Columns, Deals, evidence, segment

Document = Mapping[str, Any]
DIGITS = 2
"""Significant digits of an edge that is proposed: people write 60,000, not 59,812.5."""


def document_of(rules: RuleSet, markets: Sequence[GoToMarket]) -> dict[str, Any]:
    """Return rules and go-to-market as plain JSON."""
    return {
        "rules": [
            {
                "segment": rule.segment,
                "if": [[one.field, one.op.value, _plain(one.value)] for one in rule.conditions],
            }
            for rule in rules.rules
        ],
        "markets": [
            [one.segment, one.channel.value, one.role, one.accounts_per_rep] for one in markets
        ],
    }


def rules_of(document: Document, version: int) -> RuleSet:
    """Return the rules of a document."""
    return RuleSet(
        version,
        tuple(
            SegmentRule(
                rule["segment"],
                tuple(
                    Condition(field, Op(op), tuple(value) if isinstance(value, list) else value)
                    for field, op, value in rule["if"]
                ),
            )
            for rule in document.get("rules", ())
        ),
    )


def markets_of(document: Document) -> tuple[GoToMarket, ...]:
    """Return the go-to-market of a document."""
    return tuple(
        GoToMarket(segment_, Channel(channel), role, ratio)
        for segment_, channel, role, ratio in document.get("markets", ())
    )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def fields_of(rules: RuleSet) -> tuple[str, ...]:
    """Return the names of the fields that rules read, each once."""
    return tuple(dict.fromkeys(c.field for rule in rules.rules for c in rule.conditions))


def placed(accounts: Columns, rules: RuleSet) -> tuple[list[str], Ids]:
    """Return the names of the segments in order, and (N,) each account's place in them, or -1."""
    names = list(dict.fromkeys(rule.segment for rule in rules.rules))
    of_rule = np.array([names.index(rule.segment) for rule in rules.rules] or [0], np.int64)
    found = segment(accounts, rules)
    return names, np.where(found >= 0, of_rule[np.maximum(found, 0)], NOBODY)


def neat(
    made: Suggestion, accounts: Columns, deals: Deals, whole: Mapping[str, bool]
) -> Suggestion:
    """Return a suggestion with edges as people write them, and the evidence of those.

    Whole numbers go up to the next one (the same accounts), others to two significant digits. Edges
    that fall together leave the band between them out.
    """
    rules = []
    for rule in made.rules.rules:
        conditions = tuple(
            replace(one, value=_neat(float(one.value), whole=whole.get(one.field, False)))
            if one.op in (Op.AT_LEAST, Op.BELOW)
            else one
            for one in rule.conditions
        )
        if not _is_void(conditions):
            rules.append(replace(rule, conditions=conditions))
    neat_rules = replace(made.rules, rules=tuple(rules))
    names, places = placed(accounts, neat_rules)
    return Suggestion(made.method, neat_rules, evidence(places, names, deals))


def _neat(edge: float, *, whole: bool) -> float:
    if whole:
        return float(np.ceil(edge))
    if edge == 0:
        return 0.0
    digits = DIGITS - 1 - int(np.floor(np.log10(abs(edge))))
    return float(round(edge, digits))


def _is_void(conditions: Sequence[Condition]) -> bool:
    low = {c.field: c.value for c in conditions if c.op is Op.AT_LEAST}
    return any(c.op is Op.BELOW and c.value <= low.get(c.field, -np.inf) for c in conditions)


def shifts(
    before: Sequence[str], after: Sequence[str], pipeline: Floats, booked: Floats
) -> SegmentPreview:
    """Return what goes from where to where: N accounts, segment before and after, minor units."""
    pairs = list(zip(before, after, strict=True))
    counts = Counter(pairs)
    sums: dict[tuple[str, str], list[float]] = {pair: [0.0, 0.0] for pair in counts}
    for pair, opened, won in zip(pairs, pipeline.tolist(), booked.tolist(), strict=True):
        sums[pair][0] += opened
        sums[pair][1] += won
    found = [
        SegmentShift(*pair, count, *(round(part) for part in sums[pair]))
        for pair, count in counts.items()
    ]
    found.sort(key=lambda one: (-one.accounts, one.before, one.after))
    return SegmentPreview(len(pairs), sum(name == "" for name in after), tuple(found))


def staffing(
    names: Sequence[str],
    places: Ids,
    owners: Ids,
    markets: Mapping[str, GoToMarket],
    fte: Mapping[str, Mapping[int, float]],
) -> tuple[Staffing, ...]:
    """Return how each segment is staffed.

    places: (N,) segment of each account, -1 none. owners: (N,) rep, 0 nobody. fte: role to rep to
    FTE today. A rep counts in a segment by the share of the accounts they hold that are in it.
    """
    held = Counter(owners[owners > 0].tolist())
    found = []
    for place, name in enumerate(names):
        mine = places == place
        market = markets.get(name, GoToMarket(name))
        of_rep = Counter(owners[mine & (owners > 0)].tolist())
        there = sum(
            fte.get(market.role, {}).get(rep, 0.0) * count / held[rep]
            for rep, count in of_rep.items()
        )
        accounts, ratio = int(mine.sum()), market.accounts_per_rep
        needed = accounts / ratio if ratio else None
        found.append(Staffing(market, accounts, there, needed, int((mine & (owners == 0)).sum())))
    return tuple(found)
