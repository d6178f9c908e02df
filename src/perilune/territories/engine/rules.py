"""Assignment rules: where accounts belong by their fields, what a run moves, rules from a plan."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import (
    BY_HAND,
    Columns,
    Criterion,
    Operator,
    Placed,
    Rule,
    RuleSet,
    Shift,
)

Flags = NDArray[np.bool_]
_LAST = chr(0x10FFFF)
"""Sorts after every letter."""

Known = dict[str, tuple[list[str], NDArray[np.int64]]]


def place(ids: Sequence[str], columns: Columns, made: RuleSet) -> Placed:
    """Return where each account belongs. The order of rules and accounts does not matter.

    A rule holds where its criteria do and those of the inherited rules of every territory above.
    The largest priority decides; placed by hand beats all. Raises Invalid for an unknown field, a
    text where a number is asked for, or a hierarchy that runs in a circle.
    """
    claims = _claims(columns, made, len(ids))
    territory, decided, ambiguous = [], [], {}
    for account, claim in enumerate(claims):
        by_hand = made.by_hand.get(ids[account])
        if by_hand is not None:
            territory.append(by_hand)
            decided.append(BY_HAND)
            continue
        names = sorted(claim)
        if len(names) > 1:
            ambiguous[account] = tuple(names)
        territory.append(names[0] if names else "")
        decided.append(claim[names[0]] if names else -1)
    return Placed(tuple(territory), tuple(decided), ambiguous)


def _claims(columns: Columns, made: RuleSet, size: int) -> list[dict[str, int]]:
    """Return for each account the rules of the largest priority that hold, by territory."""
    claims: list[dict[str, int]] = [{} for __ in range(size)]
    best = np.full(size, -math.inf)
    known: Known = {}
    met = [meeting(rule.criteria, columns, size, known) for rule in made.rules]
    for at in sorted(range(len(made.rules)), key=lambda at: (-made.rules[at].priority, at)):
        rule, held = made.rules[at], met[at].copy()
        above = _above(rule.territory, made.parents)
        for other, others in zip(made.rules, met, strict=True):
            if other.is_inherited and other.territory in above:
                held &= others
        for account in np.flatnonzero(held & (best <= rule.priority)).tolist():
            best[account] = rule.priority
            claims[account].setdefault(rule.territory, at)
    return claims


def preview(ids: Sequence[str], today: Sequence[str], placed: Placed) -> tuple[Shift, ...]:
    """Return what a run would move; accounts that no rule speaks of stay where they are."""
    return tuple(
        Shift(account, source, goal, rule)
        for account, source, goal, rule in zip(
            ids, today, placed.territory, placed.rule, strict=True
        )
        if goal and goal != source
    )


def rules_from_plan(
    ids: Sequence[str], territory: Sequence[str], columns: Columns, code: str, within: str = ""
) -> RuleSet:
    """Return rules by the shortest beginnings of a code that lie in one territory each.

    code: the field whose beginnings tell places apart, such as a postcode; within: the field that
    says which codes are comparable, such as the country. Accounts whose whole code is shared by
    several territories, or that have none, are placed by hand: so a run over the same accounts
    gives the plan again, and accounts that arrive later follow their neighbours' beginning.
    """
    codes = [text.strip().casefold() for text in _column(columns, code)]
    groups = [text.strip() for text in (_column(columns, within) if within else [""] * len(ids))]
    found: dict[tuple[str, str], set[str]] = {}
    by_hand: dict[str, str] = {}
    for group in sorted(set(groups)):
        mine = [at for at, name in enumerate(groups) if name == group]
        _split(mine, "", codes, territory, group, found, by_hand, ids)
    rules = tuple(
        Rule(
            name,
            (
                *((Criterion(within, Operator.IN, (group,)),) if within else ()),
                Criterion(code, Operator.STARTS_WITH, tuple(sorted(starts))),
            ),
        )
        for (name, group), starts in sorted(found.items())
    )
    return RuleSet(rules, {}, by_hand)


def _split(  # noqa: PLR0917  # one step of a walk down the beginnings
    mine: list[int],
    start: str,
    codes: Sequence[str],
    territory: Sequence[str],
    group: str,
    found: dict[tuple[str, str], set[str]],
    by_hand: dict[str, str],
    ids: Sequence[str],
) -> None:
    names = {territory[at] for at in mine}
    # values are compared without blanks around them: a beginning never ends in one
    if start and start == start.rstrip() and len(names) == 1:
        found.setdefault((names.pop(), group), set()).add(start)
        return
    following: dict[str, list[int]] = {}
    for at in mine:
        if len(codes[at]) == len(start):
            by_hand[ids[at]] = territory[at]
        else:
            following.setdefault(codes[at][: len(start) + 1], []).append(at)
    for longer in sorted(following):
        _split(following[longer], longer, codes, territory, group, found, by_hand, ids)


def meeting(
    criteria: Sequence[Criterion], columns: Columns, size: int, known: Known | None = None
) -> Flags:
    """Return (size,) which accounts meet every criterion; errors as of `place`."""
    known = {} if known is None else known
    held = np.ones(size, dtype=np.bool_)
    for criterion in criteria:
        if criterion.field not in known:
            known[criterion.field] = _different(_column(columns, criterion.field))
        texts, places = known[criterion.field]
        held &= _met(criterion, texts)[places]
    return held


def _different(column: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Return the different texts of a column, folded and sorted, and which each account has.

    Many accounts share a few texts, and many rules ask for one field: each text is read once.
    """
    folded = [text.strip().casefold() for text in column]
    texts = sorted(set(folded))
    numbers = {text: at for at, text in enumerate(texts)}
    return texts, np.array([numbers[text] for text in folded], np.int64)


def _met(criterion: Criterion, texts: Sequence[str]) -> Flags:
    values = tuple(value.strip().casefold() for value in criterion.values)
    match criterion.operator:
        case Operator.MISSING:
            return np.array([not text for text in texts], dtype=np.bool_)
        case Operator.IN:
            return _among(texts, values)
        case Operator.NOT_IN:
            return np.asarray(~_among(texts, values), dtype=np.bool_)
        case Operator.STARTS_WITH:
            flags = np.zeros(len(texts), dtype=np.bool_)
            for value in values:
                flags[bisect_left(texts, value) : bisect_left(texts, value + _LAST)] = True
            return flags
        case Operator.CONTAINS:
            return np.array([any(v in text for v in values) for text in texts], dtype=np.bool_)
    bound = _number(criterion)
    numbers = np.array([_float(text) for text in texts])
    # what is unknown is neither large nor small
    return np.asarray(
        numbers >= bound if criterion.operator is Operator.AT_LEAST else numbers < bound,
        dtype=np.bool_,
    )


def _among(texts: Sequence[str], values: Sequence[str]) -> Flags:
    flags = np.zeros(len(texts), dtype=np.bool_)
    for value in values:
        at = bisect_left(texts, value)
        if at < len(texts) and texts[at] == value:
            flags[at] = True
    return flags


def _number(criterion: Criterion) -> float:
    found = _float(criterion.values[0]) if criterion.values else math.nan
    if math.isnan(found):
        raise Invalid(_("A rule compares “%(field)s” with no number."), field=criterion.field)
    return found


def _float(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return math.nan


def _column(columns: Columns, name: str) -> Sequence[str]:
    if name not in columns:
        raise Invalid(_("There is no field named “%(field)s”."), field=name)
    return columns[name]


def _above(territory: str, parents: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    at: Any = territory
    while (at := parents.get(at)) is not None:
        if at in found or at == territory:
            raise Invalid(_("The hierarchy runs in a circle at “%(name)s”."), name=at)
        found.append(at)
    return found
