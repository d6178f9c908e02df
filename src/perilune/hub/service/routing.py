"""Giving leads that arrived to sellers: matched to accounts, by rules, as one change set."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from perilune.history import queries as history
from perilune.history.contracts import Retraction
from perilune.history.service import change_set, retract
from perilune.hub.contracts.lookalikes import Strength, Why
from perilune.hub.contracts.routing import (
    Claim,
    Matched,
    Routed,
    RoutePreview,
    RouteRule,
    RouteRun,
    RouteVerb,
)
from perilune.hub.engine.lookalikes.facts import employer, facts
from perilune.hub.engine.routing import Asked, Seller, Turns, route
from perilune.hub.models import LeadRules, LeadRun
from perilune.hub.queries import routing as queries
from perilune.hub.service.lookalikes import following
from perilune.hub.service.lookalikes.checking import Asking
from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError, Unavailable
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS
from perilune.people import queries as people
from perilune.territories import queries as territories

MOST = 500
"""Leads that are given in one change set, those that arrived first."""
FULL = 100
"""Weight of a seller at full time."""
SELLS = frozenset(("seller", "sdr"))
_FIELDS = ("name", "company", "email", "phone", "country", "source")


def set_routing(rules: Sequence[RouteRule], *, actor: str) -> None:
    """Keep the rules in their order. Invalid for turns without a team that is there."""
    teams = people.teams_as_of(people.company().today)
    for place, rule in enumerate(rules, 1):
        if rule.verb is RouteVerb.ROUND_ROBIN and rule.team_id not in teams:
            raise Invalid(_("Rule %(n)s: say which team takes turns."), n=place)
        if rule.capacity < 0:
            raise Invalid(_("Rule %(n)s: a number of leads is not below zero."), n=place)
    LeadRules.objects.update_or_create(
        id=1, defaults={"rules": [queries.plain_rule(rule) for rule in rules], "actor": actor}
    )


def route_preview() -> RoutePreview:
    """Return who would get the leads without an owner, those that arrived first. Writes nothing."""
    return _Routing().preview()


def route_apply(*, actor: str, mark: str | None = None) -> RouteRun | None:
    """Give the leads to their sellers in one change set; None where no rule names anybody.

    mark: of the preview that was agreed to; Conflict when it would be another one now.
    """
    with transaction.atomic():
        LeadRules.objects.select_for_update().filter(id=1).first()  # one at a time
        routing = _Routing()
        found = routing.preview()
        if mark is not None and mark != found.mark:
            raise Conflict(_("Leads, rules or people changed since: look again."))
        given = [line for line in found.lines if line.rep_id is not None]
        if not given:
            return None
        with change_set(
            actor=actor, title=_("Leads given to sellers"), known_at=people.writing_time()
        ) as writer:
            for line in given:
                writer.change("lead", line.lead_id, {"owner_id": line.rep_id})
        in_turn: Counter[str] = Counter()
        for turns in routing.turns.values():
            in_turn.update({str(rep): count for rep, count in turns.given.items() if count})
        row = LeadRun.objects.create(
            change_set_id=writer.id, actor=actor, day=routing.today.day, given=len(given),
            turns={
                str(team): {str(rep): value for rep, value in turns.added.items() if value}
                for team, turns in routing.turns.items()
            },
            in_turn=in_turn,
        )  # fmt: skip
    return RouteRun(row.id, row.change_set_id, actor, row.at, row.given, is_standing=True)


def route_undo(run_id: int, *, actor: str) -> Retraction:
    """Take a routing back: its leads have no owner again, its turns were never taken.

    Later changes of a lead's owner stand and are listed. NotFound where there is none that stands.
    """
    row = LeadRun.objects.filter(id=run_id).first()
    if row is None:
        raise NotFound(_("There is no routing %(id)s."), id=run_id)
    return retract(row.change_set_id, actor)


class _Routing:
    """One look at leads, rules and people: what many leads ask is asked once."""

    def __init__(self) -> None:
        self.today = people.company().today
        self.rules = queries.routing_rules()
        self.reps = people.reps_as_of(self.today)
        self.fte = {rep: fte for rep, (fte, _sells) in people.fte_of_reps(self.today).items()}
        earned = queries.standing_turns()
        teams = {rule.team_id or 0 for rule in self.rules}
        self.turns = {team: Turns(earned.get(team, {})) for team in teams}
        self.before = queries.given_on(self.today.day)
        self._sellers: dict[tuple[int, int], list[Seller]] = {}
        self._placed: dict[tuple[str, str], Claim] = {}
        self._seats: dict[tuple[str, str], list[int]] | None = None
        self.matched: list[tuple[Matched | None, int | None]] = []

    def preview(self) -> RoutePreview:
        model: Any = history.model_of(KINDS.get("lead"))
        waiting = model._default_manager.filter(owner_id=None, converted_date=None)
        leads = list(waiting.order_by("created_date", "id").values("id", *_FIELDS)[:MOST])
        self.leads = leads
        self.matched = self._match(leads)
        asked = [Asked(one["id"], one["country"] or "", one["source"] or "") for one in leads]
        found = route(asked, self.rules, claim=self._claim, sellers=self._in_turn, turns=self.turns)
        lines = tuple(
            self._line(one, matched, decided, said)
            for one, (matched, _owner), (decided, said) in zip(
                leads, self.matched, found, strict=True
            )
        )
        told = [(line.lead_id, line.rep_id, line.rule) for line in lines]
        mark = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]
        return RoutePreview(lines, waiting.count(), mark)

    def _line(
        self, lead: dict[str, Any], matched: Matched | None, decided: int | None,
        said: tuple[Claim, ...],
    ) -> Routed:  # fmt: skip
        rep = said[-1].rep_id if decided is not None else None
        return Routed(
            lead["id"], lead["name"] or f"#{lead['id']}", lead["company"] or "", matched, rep,
            self._name(rep), None if decided is None else decided + 1, said,
        )  # fmt: skip

    def _name(self, rep: int | None) -> str:
        return "" if rep is None else str(self.reps.get(rep, {}).get("name") or f"#{rep}")

    # -- accounts ----------------------------------------------------------------------------------

    def _match(self, leads: Sequence[dict[str, Any]]) -> list[tuple[Matched | None, int | None]]:
        """Return (account, its owner) of each lead; Unavailable while the keys are being built."""
        with following.opened() as (index, _is_whole):
            if index is None:
                raise Unavailable(_("Keys of the records are being built: try again in a minute."))
            asking = Asking(index)
            return [_account_of(asking, lead) for lead in leads]

    # -- claims ------------------------------------------------------------------------------------

    def _claim(self, at: int, rule: RouteRule) -> Claim:
        matched, owner = self.matched[at]
        if rule.verb is RouteVerb.ACCOUNT_OWNER:
            if matched is None:
                return Claim(None, _("no account is surely its own"))
            if owner is None:
                return Claim(None, _("its account has no owner"))
            return self._there(owner, _("owner of %(account)s"), account=matched.title)
        if matched is not None:
            held = self._held(matched, rule.layer)
            if held is not None:
                return held
        return self._placed_new(self.leads[at]["country"] or "", rule.layer)

    def _there(self, rep: int, why: str, **params: str | int) -> Claim:
        """Name a rep who is there today; else say who is away."""
        if self.fte.get(rep, 0) > 0:
            return Claim(rep, why, params)
        return Claim(None, _("%(rep)s is not there today"), {"rep": self._name(rep)})

    def _held(self, matched: Matched, layer: str) -> Claim | None:
        """Name who holds the territory of an account; None where none holds it."""
        held = territories.holder(matched.account_id, self.today, Scope.company()).territories
        for one in held:
            if layer in {"", one.layer}:
                owners = [rep for rep, _name, role in one.reps if role != "overlay"]
                return self._seated(owners, one.territory)
        return None

    def _placed_new(self, country: str, layer: str) -> Claim:
        """Name who holds the territory where an account of that country would belong."""
        key = (country.casefold(), layer)
        if key not in self._placed:
            self._placed[key] = self._place(country, layer)
        return self._placed[key]

    def _place(self, country: str, layer: str) -> Claim:
        standing = territories.in_force(self.today, Scope.company())
        chosen = layer or next((one.layer for one in standing), "")
        try:
            placing = territories.place_new(
                {"country": country} if country else {}, chosen, self.today, Scope.company()
            )
        except PeriluneError:  # without a postcode, or with no territory in force, nothing is said
            return Claim(None, _("no territory is told by its country"))
        for one in standing:
            if (one.layer, one.name) == (chosen, placing.territory):
                return self._seated([r for r, _n, role in one.reps if role != "overlay"], one.name)
        return Claim(None, _("no territory is told by its country"))

    def _seated(self, owners: Sequence[int], territory: str) -> Claim:
        if not owners:
            return Claim(None, _("nobody holds %(territory)s"), {"territory": territory})
        return self._there(owners[0], _("holds %(territory)s"), territory=territory)

    # -- turns -------------------------------------------------------------------------------------

    def _in_turn(self, rule: RouteRule) -> Sequence[Seller]:
        key = (rule.team_id or 0, rule.capacity)
        if key not in self._sellers:
            self._sellers[key] = self._team(*key)
        return self._sellers[key]

    def _team(self, team: int, capacity: int) -> list[Seller]:
        """Return who sells in a team or one below it today, by number: their order in turn."""
        teams = people.teams_below(team, self.today) | {team}
        day = self.today.day
        members = sorted(
            {
                one.rep_id
                for one in people.assignments_as_of(self.today)
                if one.team_id in teams
                and one.role in SELLS
                and (one.since is None or one.since <= day)
                and (one.until is None or day <= one.until)
            }
        )
        return [
            Seller(
                rep, round(FULL * self.fte.get(rep, 0)),
                max(0, int(capacity * self.fte.get(rep, 0)) - self.before[rep])
                if capacity else None,
            )
            for rep in members
        ]  # fmt: skip


def _account_of(asking: Asking, lead: dict[str, Any]) -> tuple[Matched | None, int | None]:
    """Return the one account that a lead is surely of, with its owner; none of several equal ones.

    By the domain of its mail, its company's exact name, or a similar name with telephone.
    """
    found = [
        one
        for one in asking.like(employer(facts("lead", lead)), kind="account")
        if one.strength > Strength.POSSIBLE or {Why.DOMAIN, Why.NAME} & set(one.why)
    ]
    if not found:
        return None, None
    best = [
        one for one in found if (one.strength, one.score) == (found[0].strength, found[0].score)
    ]
    owners = {one.row["owner_id"] for one in best}
    if len(best) > 1 and len(owners) > 1:
        return None, None
    row = best[0].row
    return Matched(best[0].record, str(row["name"] or ""), best[0].why), row["owner_id"]
