"""Who sits where on a day, and whom of it a scope may see: the rows of a roll-up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from perilune.forecasting.contracts import UnitKey
from perilune.forecasting.queries.seating import subtree
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.store import queries as store

MANAGER, SELLER = "manager", "seller"


@dataclass(frozen=True)
class Organisation:
    """The organisation on a day, whole: what of it is shown is the scope's affair.

    parents: team to parent. seats: employed sellers, rep to team. leads: team to the reps who lead
    it. labels: names of reps and teams, also of those who left.
    """

    parents: dict[int, int | None]
    seats: dict[int, int | None]
    leads: dict[int, list[int]]
    labels: dict[UnitKey, str]

    def subtree(self, team: int) -> frozenset[int]:
        """Return a team and all below it; rings end."""
        return subtree(self.parents, team)

    def members(self, team: int) -> set[int]:
        """Return who sells in a team and all below it, and who leads there."""
        teams = self.subtree(team)
        sellers = {rep for rep, seat in self.seats.items() if seat in teams}
        return sellers | {rep for each in teams for rep in self.leads.get(each, ())}

    def is_whole(self, team: int, scope: Scope) -> bool:
        """Tell whether a scope sees everybody in a team: its own figures may then be shown."""
        return scope.owners is None or scope.owners >= self.members(team)

    def is_all(self, scope: Scope) -> bool:
        """Tell whether a scope sees everybody who sells or leads."""
        leads = {rep for led in self.leads.values() for rep in led}
        return scope.owners is None or scope.owners >= set(self.seats) | leads

    def led_by(self, rep: int) -> list[int]:
        """Return the teams that a rep leads, those highest up first."""
        led = [team for team, leads in self.leads.items() if rep in leads]
        return sorted(led, key=lambda team: (-len(self.subtree(team)), team))

    def people_of(self, unit: UnitKey) -> list[int]:
        """Return the reps whose own a unit's figures are: the rep, or who leads the team."""
        kind, id_ = unit
        if kind == "rep":
            return [id_] if id_ else []
        return list(self.leads.get(id_, ())) if kind == "team" else []


def organisation(as_of: AsOf, until: date) -> Organisation:
    """Return the organisation on a day, as known at the as-of.

    It is read whole, whoever asks: who sits in which team is no secret, and a team of which only
    some are seen must be told from one that is seen whole.
    """
    everyone = Scope.company()
    labels = {
        (str(row["kind"]), int(row["id"])): str(row["name"] or f"#{row['id']}")
        for row in store.run("forecasting.units", scope=everyone, as_of=as_of).dicts()
    }
    parents = _parents(
        store.run("forecasting.seats", {"until": until}, scope=everyone, as_of=as_of).dicts()
    )
    seats: dict[int, int | None] = {}
    leads: dict[int, list[int]] = defaultdict(list)
    held = store.run("forecasting.rollup_seats", {"until": until}, scope=everyone, as_of=as_of)
    for row in held.dicts():
        if row["role"] == MANAGER and row["team_id"] is not None:
            leads[row["team_id"]].append(row["rep_id"])
        elif row["role"] == SELLER:
            seats[row["rep_id"]] = row["team_id"]
    return Organisation(parents, seats, dict(leads), labels)


def _parents(rows: Iterable[dict[str, object]]) -> dict[int, int | None]:
    return {
        int(str(row["id"])): None if row["team_id"] is None else int(str(row["team_id"]))
        for row in rows
        if row["kind"] == "team"
    }
