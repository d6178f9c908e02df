"""Reads of the routing of leads: its rules, what was done, whose turn it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from perilune.history import queries as history
from perilune.hub.contracts.routing import RouteRule, RouteRun, RouteVerb
from perilune.hub.models import LeadRules, LeadRun

LISTED = 20


def routing_rules() -> list[RouteRule]:
    """Return the rules in their order; none before somebody made some."""
    row = LeadRules.objects.filter(id=1).first()
    return [rule_of(item) for item in row.rules] if row is not None else []


def rule_of(item: Mapping[str, Any]) -> RouteRule:
    """Return a rule of its plain data. ValueError or KeyError for what is none."""
    team = item.get("team_id")
    return RouteRule(
        RouteVerb(item["verb"]), tuple(item.get("countries", ())), tuple(item.get("sources", ())),
        str(item.get("layer", "")), None if team is None else int(team),
        int(item.get("capacity", 0)),
    )  # fmt: skip


def plain_rule(rule: RouteRule) -> dict[str, Any]:
    """Return a rule as plain data; what it does not say is left out."""
    item = {
        "verb": rule.verb.value, "countries": list(rule.countries), "sources": list(rule.sources),
        "layer": rule.layer, "team_id": rule.team_id, "capacity": rule.capacity,
    }  # fmt: skip
    return {name: value for name, value in item.items() if value not in ([], "", None, 0)}


def route_runs(limit: int = LISTED) -> list[RouteRun]:
    """Return the routings that were done, newest first."""
    gone = set(history.hidden_sets())
    return [
        RouteRun(
            row.id, row.change_set_id, row.actor, row.at, row.given,
            row.change_set_id not in gone,
        )
        for row in LeadRun.objects.all()[:limit]
    ]  # fmt: skip


def standing_turns() -> dict[int, Counter[int]]:
    """Return what sellers have earned less what they paid, by team and rep, of what stands."""
    found: dict[int, Counter[int]] = {}
    for turns in _standing().values_list("turns", flat=True):
        for team, added in turns.items():
            mine = found.setdefault(int(team), Counter())
            for rep, value in added.items():
                mine[int(rep)] += value
    return found


def given_on(day: date) -> Counter[int]:
    """Return how many leads each rep was given in turn on a day."""
    found: Counter[int] = Counter()
    for given in _standing().filter(day=day).values_list("in_turn", flat=True):
        found.update({int(rep): count for rep, count in given.items()})
    return found


def _standing() -> Any:
    return LeadRun.objects.exclude(change_set_id__in=history.hidden_sets())
