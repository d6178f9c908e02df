"""What an edit may speak of within a person's scope, and how it is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from perilune.crm.queries import options, titles
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.people.contracts import RIGHTS, Person, Right
from perilune.people.queries import assignments_as_of, people, rep_choices, reps_as_of, teams_as_of
from perilune.planning.contracts import Assumption, Edit, Leave, Move
from perilune.store import queries as store

MOST_PRODUCTS = 500


@dataclass(frozen=True)
class Choices:
    """(id, name) pairs by name, and names; `is_company`: the company itself may be meant."""

    reps: tuple[tuple[int, str], ...]
    teams: tuple[tuple[int, str], ...]
    products: tuple[tuple[int, str], ...]
    segments: tuple[str, ...]
    sectors: tuple[str, ...]
    is_company: bool


@dataclass(frozen=True)
class Names:
    """How records that edits speak of are called: id to name by kind."""

    rep: Mapping[int, str] = field(default_factory=dict)
    team: Mapping[int, str] = field(default_factory=dict)
    product: Mapping[int, str] = field(default_factory=dict)
    account: Mapping[int, str] = field(default_factory=dict)


def choices(scope: Scope, as_of: AsOf) -> Choices:
    """Return what a person may put into a scenario: their scope, as known at an instant."""
    groups = store.run("planning.account_groups", {}, scope=scope, as_of=as_of).rows
    return Choices(
        reps=tuple(rep_choices(scope, with_leavers=False)),
        teams=tuple(_teams(scope, as_of)),
        products=tuple(options("product", "", scope=scope, as_of=as_of, most=MOST_PRODUCTS)),
        segments=tuple(name for what, name, _count in groups if what == "segment"),
        sectors=tuple(name for what, name, _count in groups if what == "sector"),
        is_company=scope.owners is None,
    )


def _teams(scope: Scope, as_of: AsOf) -> list[tuple[int, str]]:
    """Return the teams in which the scope's reps sell or sold, all of them for the company."""
    named = {id_: state["name"] or "" for id_, state in teams_as_of(as_of).items()}
    if scope.owners is not None:
        theirs = {held.team_id for held in assignments_as_of(as_of) if scope.sees(held.rep_id)}
        named = {id_: name for id_, name in named.items() if id_ in theirs}
    return sorted(named.items(), key=lambda pair: pair[1].casefold())


def names_of(assumptions: Iterable[Assumption], as_of: AsOf) -> Names:
    """Return the names that the sentences of edits need: whoever sees an edit sees whom it means.

    Teams and reps as known at the as-of, or by their name of today where they are later.
    """
    edits = [item.edit for item in assumptions]
    accounts = {id_ for edit in edits if isinstance(edit, Move) for id_ in edit.accounts}
    products = {id_ for edit in edits if (id_ := getattr(edit, "product_id", None)) is not None}
    return Names(
        rep={id_: state["name"] or "" for id_, state in reps_as_of(as_of).items()},
        team={id_: state["name"] or "" for id_, state in teams_as_of(as_of).items()},
        product=titles("product", products, as_of),
        account=titles("account", accounts, as_of),
    )


def reps_of(edit: Edit) -> list[int]:
    """Return the reps that an edit speaks of, hires of the scenario (ids below zero) included."""
    named = [getattr(edit, "rep_id", None)]
    if isinstance(edit, Leave | Move):
        named.append(edit.to_rep_id)
    unit = getattr(edit, "unit", "")
    if unit.startswith("rep:"):
        named.append(int(unit.removeprefix("rep:")))
    return [rep for rep in named if rep is not None]


def sharers() -> list[Person]:
    """Return the people whom a scenario can be shared with: those who could open it."""
    return [
        person
        for person in people()
        if person.is_owner or Right.MAKE_SCENARIOS in RIGHTS[person.role]
    ]
