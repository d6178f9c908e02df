"""Makers for tests: a small company, its organisation, and one user of every role.

North region          Team North: Nora leads; Rita and Rolf sell
South region          Team South: Sami leads; Sara sells (outsiders for Nora)
Lea leads the North region, above Nora.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password

from perilune.history.service import change_set
from perilune.history.testing import made_once
from perilune.people import service
from perilune.people.contracts import Company, Role
from perilune.people.models import User
from perilune.people.queries import company_or_none

PASSWORD = "orbit-low-42"
START = date(2020, 1, 1)
KNOWN = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Organisation:
    """Record ids of the small company."""

    north_region: int
    south_region: int
    north: int
    south: int
    lea: int
    nora: int
    rita: int
    rolf: int
    sami: int
    sara: int


@dataclass(frozen=True)
class Cast:
    """One user of every role; `organisation` holds the reps behind the sellers."""

    director: User
    ops_manager: User
    analyst: User
    ops_rep: User
    sales_leader: User
    sales_manager: User
    rep: User
    viewer: User
    outsider: User
    organisation: Organisation

    def by_role(self) -> dict[Role, User]:
        """Return one user for every role."""
        return {
            Role.OPS_DIRECTOR: self.director,
            Role.OPS_MANAGER: self.ops_manager,
            Role.ANALYST: self.analyst,
            Role.OPS_REP: self.ops_rep,
            Role.SALES_LEADER: self.sales_leader,
            Role.SALES_MANAGER: self.sales_manager,
            Role.REP: self.rep,
            Role.VIEWER: self.viewer,
        }


def make_company(**settings: Any) -> Company:
    """Return the company of the test's home, made with these settings unless there is one."""
    found = company_or_none()
    if found is not None:
        return found
    return service.company_init(**{"name": "Acme", "currency": "EUR", **settings})


def make_rep(name: str, **values: Any) -> int:
    """Return the id of a new rep, known since 2020."""
    with change_set(actor="test", title=name, known_at=KNOWN) as w:
        return w.create("rep", {"name": name, "hire_date": START, **values})


def make_team(name: str, parent_id: int | None = None, level: str = "team") -> int:
    """Return the id of a new team, known since 2020."""
    with change_set(actor="test", title=name, known_at=KNOWN) as w:
        return w.create("team", {"name": name, "parent_id": parent_id, "level": level})


def make_assignment(
    rep_id: int, team_id: int | None, *, since: date | None = START, **values: Any
) -> int:
    """Return the id of a new assignment, known since 2020."""
    with change_set(actor="test", title="assignment", known_at=KNOWN) as w:
        first = {
            "rep_id": rep_id,
            "team_id": team_id,
            "role": "seller",
            "fte": 1.0,
            "effective_from": since,
        }
        return w.create("assignment", {**first, **values})


def make_organisation() -> Organisation:
    """Return a company of two regions with one team each."""
    north_region = make_team("North region", level="region")
    south_region = make_team("South region", level="region")
    north = make_team("North", north_region)
    south = make_team("South", south_region)
    people = {name: make_rep(name) for name in ("Lea", "Nora", "Rita", "Rolf", "Sami", "Sara")}
    make_assignment(people["Lea"], north_region, role="manager")
    make_assignment(people["Nora"], north, role="manager", manager_id=people["Lea"])
    make_assignment(people["Rita"], north, manager_id=people["Nora"])
    make_assignment(people["Rolf"], north, manager_id=people["Nora"])
    make_assignment(people["Sami"], south, role="manager")
    make_assignment(people["Sara"], south, manager_id=people["Sami"])
    ids = {name.lower(): rep for name, rep in people.items()}
    return Organisation(north_region, south_region, north, south, **ids)


def make_user(role: Role | str, username: str = "", **values: Any) -> User:
    """Return a user of a role, with the password of all tests."""
    name = username or Role(role).value
    service.user_add(name, role, **values)
    # hashing is slow on purpose: once for all users of all tests
    User.objects.filter(username=name).update(password=_hashed())
    return User.objects.get(username=name)


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


@made_once
def cast(**company_settings: Any) -> Cast:
    """Make a company, its organisation and one user of every role; the director owns the home."""
    make_company(**company_settings)
    who = make_organisation()
    return Cast(
        director=make_user(Role.OPS_DIRECTOR, "director", is_owner=True),
        ops_manager=make_user(Role.OPS_MANAGER),
        analyst=make_user(Role.ANALYST),
        ops_rep=make_user(Role.OPS_REP),
        sales_leader=make_user(Role.SALES_LEADER, rep_id=who.lea),
        sales_manager=make_user(Role.SALES_MANAGER, rep_id=who.nora),
        rep=make_user(Role.REP, rep_id=who.rita),
        viewer=make_user(Role.VIEWER),
        outsider=make_user(Role.REP, "outsider", rep_id=who.sara),
        organisation=who,
    )


def login(client: Any, role: Role | str) -> User:
    """Sign a test client in as the cast's user of a role (or as the user of that name)."""
    wanted = User.objects.filter(username=str(role)).first()
    user = wanted or User.objects.filter(role=str(role)).order_by("id")[0]
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user
