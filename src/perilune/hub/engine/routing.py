"""Who gets a lead: rules in their order, sellers of a team in turn. Pure.

Turns are the smooth weighted round robin of nginx (Sysoev 2012): before each lead everybody who is
there earns their weight, whoever has earned most gets it and pays what all have earned. Nobody
ever gets more than one lead above their share; after as many leads as the weights sum to, each has
exactly their share. Whoever is away earns and pays nothing: a turn is neither lost nor made up for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from perilune.hub.contracts.routing import Claim, RouteRule, RouteVerb
from perilune.kernel.messages import gettext_noop as _


@dataclass(frozen=True)
class Seller:
    """Who may get leads in turn. weight: hundredths of FTE; room: leads still taken, None: any."""

    rep_id: int
    weight: int
    room: int | None = None


@dataclass
class Turns:
    """The turns of one team: what each seller has earned before, and what this routing adds.

    Both are sums: what a routing added is taken away when it is taken back, whichever came after.
    """

    earned: Mapping[int, int]
    added: Counter[int] = field(default_factory=Counter)
    given: Counter[int] = field(default_factory=Counter)

    def take(self, sellers: Sequence[Seller]) -> int | None:
        """Return whose turn it is, None where nobody is there or has room. Ties go by place."""
        here = [
            one
            for one in sellers
            if one.weight > 0 and (one.room is None or self.given[one.rep_id] < one.room)
        ]
        if not here:
            return None
        for one in here:
            self.added[one.rep_id] += one.weight
        chosen = max(
            here, key=lambda one: self.earned.get(one.rep_id, 0) + self.added[one.rep_id]
        )  # the first of equals
        self.added[chosen.rep_id] -= sum(one.weight for one in here)
        self.given[chosen.rep_id] += 1
        return chosen.rep_id


@dataclass(frozen=True)
class Asked:
    """A lead as rules see it."""

    lead_id: int
    country: str
    source: str


def concerns(rule: RouteRule, lead: Asked) -> bool:
    """Tell whether a rule is for a lead."""
    return all(
        not wanted or value.strip().casefold() in {one.strip().casefold() for one in wanted}
        for wanted, value in ((rule.countries, lead.country), (rule.sources, lead.source))
    )


def route(
    leads: Sequence[Asked], rules: Sequence[RouteRule], *,
    claim: Callable[[int, RouteRule], Claim], sellers: Callable[[RouteRule], Sequence[Seller]],
    turns: Mapping[int, Turns],
) -> list[tuple[int | None, tuple[Claim, ...]]]:  # fmt: skip
    """Return (place of the rule that decided or None, what each rule said) of each lead, in turn.

    claim: whom a rule without turns names for the lead at a place of `leads`; sellers: who takes
    turns by a rule, in their order; turns: by team, changed in place.
    """
    found = []
    for at, lead in enumerate(leads):
        said: list[Claim] = []
        decided = None
        for place, rule in enumerate(rules):
            if not concerns(rule, lead):
                continue
            if rule.verb is RouteVerb.ROUND_ROBIN:
                rep = turns[rule.team_id or 0].take(sellers(rule))
                why = _("in turn") if rep is not None else _("nobody of the team has room today")
                said.append(Claim(rep, why))
            else:
                said.append(claim(at, rule))
            if said[-1].rep_id is not None:
                decided = place
                break
        found.append((decided, tuple(said)))
    return found
