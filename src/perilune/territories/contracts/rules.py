"""Assignment rules: which territory an account belongs to by its fields, what a run would move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

Columns = Mapping[str, Sequence[str]]
"""Fields of accounts by name, each with one text an account, "" where nothing is known."""


class Operator(StrEnum):
    """What a criterion asks of a field. Texts are compared without regard to case."""

    IN = "in"
    NOT_IN = "not_in"
    STARTS_WITH = "starts_with"
    CONTAINS = "contains"
    AT_LEAST = "at_least"
    BELOW = "below"
    MISSING = "missing"


@dataclass(frozen=True)
class Criterion:
    """One question about one field. values: any of them does; a number for the comparing tests."""

    field: str
    operator: Operator
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """Accounts that meet every criterion belong to the territory.

    The largest priority decides. is_inherited: the criteria bind the territories below as well.
    """

    territory: str
    criteria: tuple[Criterion, ...]
    priority: int = 0
    is_inherited: bool = False


@dataclass(frozen=True)
class RuleSet:
    """Rules, the hierarchy that they run down, and accounts that were placed by hand.

    parents: territory to the one above it. by_hand: account id to territory; no rule moves it.
    """

    rules: tuple[Rule, ...]
    parents: Mapping[str, str]
    by_hand: Mapping[str, str]


@dataclass(frozen=True)
class Placed:
    """Where a run puts accounts, n of them in the order asked.

    territory: "" where no rule holds. rule: number of the rule that decided, -1 for none and
    BY_HAND for those placed by hand. ambiguous: accounts that rules of one priority claim for
    several territories; the first in the order of names has them until somebody decides.
    """

    territory: tuple[str, ...]
    rule: tuple[int, ...]
    ambiguous: Mapping[int, tuple[str, ...]]


BY_HAND = -2


@dataclass(frozen=True)
class Shift:
    """An account that a run would move: who it is, from where to where, and by which rule."""

    account: str
    source: str
    goal: str
    rule: int
