"""What crosses the border of routing: rules in their order, who would get a lead and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from perilune.hub.contracts.lookalikes import Why
from perilune.kernel.messages import gettext_noop as _


class RouteVerb(StrEnum):
    """Who gets a lead by a rule."""

    ACCOUNT_OWNER = "account_owner"
    TERRITORY = "territory"
    ROUND_ROBIN = "round_robin"


ROUTE_VERBS = {
    RouteVerb.ACCOUNT_OWNER: _("owner of its account"),
    RouteVerb.TERRITORY: _("owner of its territory"),
    RouteVerb.ROUND_ROBIN: _("members of a team in turn"),
}
"""Verbs of rules, in words (msgids)."""


@dataclass(frozen=True)
class RouteRule:
    """One rule. The first one that names somebody who is there decides.

    countries, sources: of leads that it is for, whatever their case; all where empty. layer: of
    territories, "" for the first one; team_id: whose sellers take turns; capacity: leads that one
    of them takes a day at full time, 0 for any number.
    """

    verb: RouteVerb
    countries: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    layer: str = ""
    team_id: int | None = None
    capacity: int = 0


@dataclass(frozen=True)
class Claim:
    """Whom a rule names for a lead (None: nobody), and why (a msgid with its parameters)."""

    rep_id: int | None
    why: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Matched:
    """The account that a lead belongs to, and by what it was recognised."""

    account_id: int
    title: str
    why: tuple[Why, ...]


@dataclass(frozen=True)
class Routed:
    """A lead and who would get it. rule: number of the rule from 1, None where none decides."""

    lead_id: int
    name: str
    company: str
    matched: Matched | None
    rep_id: int | None
    rep: str
    rule: int | None
    why: tuple[Claim, ...]
    """What each rule said up to the one that decided."""


@dataclass(frozen=True)
class RoutePreview:
    """What routing would do. waiting: leads without an owner; mark: of what is shown."""

    lines: tuple[Routed, ...]
    waiting: int
    mark: str

    @property
    def given(self) -> int:
        """How many of the leads shown would get an owner."""
        return sum(line.rep_id is not None for line in self.lines)


@dataclass(frozen=True)
class RouteRun:
    """A routing that was done. is_standing: it was not taken back."""

    id: int
    change_set_id: int
    actor: str
    at: datetime
    given: int
    is_standing: bool
