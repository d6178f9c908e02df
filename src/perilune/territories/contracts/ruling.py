"""The assignment rules of a plan as they are kept, what they would do, what was done by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts.rules import Criterion

MOST_RULES = 2000
MOST_VALUES = 2000
"""Values of one criterion."""
LAST_RANK = 99


class Why(StrEnum):
    """Why an account is where somebody put it, so that no rule moves it."""

    MOVED = "moved"
    LOCKED = "locked"
    RECORD = "record"


WHY_LABELS: dict[Why, str] = {
    Why.MOVED: _("moved by hand in the plan"),
    Why.LOCKED: _("locked where it is"),
    Why.RECORD: _("placed by hand since the plan"),
}


class RuleVerb(StrEnum):
    """What an edition of the rules did."""

    MADE = "made"
    ADDED = "added"
    CHANGED = "changed"
    SWITCHED = "switched"
    REMOVED = "removed"
    UNDONE = "undone"


VERB_LABELS: dict[RuleVerb, str] = {
    RuleVerb.MADE: _("made rules from the plan"),
    RuleVerb.ADDED: _("added a rule"),
    RuleVerb.CHANGED: _("changed a rule"),
    RuleVerb.SWITCHED: _("switched a rule on or off"),
    RuleVerb.REMOVED: _("removed a rule"),
    RuleVerb.UNDONE: _("took a change of the rules back"),
}


@dataclass(frozen=True)
class KeptRule:
    """A rule of a plan.

    territory: number of the plan's territory, or `r` and the id of a territory above them; name:
    what it was called when the rule was written. rank: 1 decides before 2. is_inherited: it binds
    the territories below as well. is_made: made from the plan, not by hand. is_lost: its territory
    is not there any more, so that the rule does nothing.
    """

    id: int
    territory: str
    name: str
    criteria: tuple[Criterion, ...]
    rank: int = 10
    is_inherited: bool = False
    is_on: bool = True
    is_made: bool = False
    is_lost: bool = False


@dataclass(frozen=True)
class RuleBook:
    """The rules of a plan as they stand, by rank.

    edition: 0 where nobody has made any. choices: territories that a rule may name, by their key;
    above: those of them that lie above others. verb, actor, at: of the last change.
    """

    edition: int
    rules: tuple[KeptRule, ...]
    choices: Mapping[str, str]
    parents: Mapping[str, str]
    can_undo: bool = False
    verb: RuleVerb | None = None
    actor: str = ""
    at: datetime | None = None

    @property
    def above(self) -> frozenset[str]:
        """Keys of the territories that lie above others."""
        return frozenset(self.parents.values())


@dataclass(frozen=True)
class Placing:
    """Where an account that arrives would belong.

    territory: "" where nothing claims it; several: names, where rules of one rank disagree. known:
    accounts that this is known of. plan, rule: whose kept rules decided, and which, 0 and None for
    the beginnings of postcodes that the territories in force give. asks: fields that the rules ask
    for.
    """

    territory: str
    several: tuple[str, ...]
    known: int
    plan_id: int = 0
    plan: str = ""
    rule: int | None = None
    asks: tuple[str, ...] = ("country", "postcode")


@dataclass(frozen=True)
class Arrival:
    """An account that arrived since the plan, and where the rules put it.

    territory: key, "" where no rule holds. several: names of the territories that rules of one rank
    claim it for. now: name of the territory in force that holds it, "" for none. rep: in the seat.
    """

    id: int
    name: str
    territory: str
    goal: str
    rule: int | None
    several: tuple[str, ...]
    now: str
    owner_id: int
    owner: str
    rep_id: int | None
    rep: str


@dataclass(frozen=True)
class Elsewhere:
    """An account of the plan that the rules put elsewhere than the plan does."""

    id: int
    name: str
    plan: str
    goal: str
    rule: int


@dataclass(frozen=True)
class Overridden:
    """An account that stays where somebody put it. goal: where the rules would have it, or ""."""

    id: int
    name: str
    territory: str
    goal: str
    why: Why


@dataclass(frozen=True)
class RulePreview:
    """What the rules would do, of the accounts that a person sees as they are now.

    decided: accounts that each rule decides, by its id. accounts: of the plan that are still there;
    unmatched: of them, without a rule: they stay. ambiguous: accounts, of the plan or not, that
    rules of one rank claim for several territories.
    """

    decided: Mapping[int, int]
    accounts: int
    unmatched: int
    ambiguous: int
    arrivals: tuple[Arrival, ...]
    elsewhere: tuple[Elsewhere, ...]
    by_hand: tuple[Overridden, ...]

    @property
    def placeable(self) -> tuple[Arrival, ...]:
        """Arrivals that are in no territory and that the rules put in exactly one."""
        return tuple(
            one for one in self.arrivals if one.territory and not one.several and not one.now
        )


@dataclass(frozen=True)
class RuleRun:
    """Rules that were applied.

    placed: accounts that got a territory; owners: those of them that changed owner. is_taken_back:
    what it wrote was rolled back.
    """

    id: int
    edition: int
    actor: str
    at: datetime
    day: date
    placed: int
    owners: int
    change_set_id: int
    is_taken_back: bool
