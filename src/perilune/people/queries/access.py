"""The gate's answers: who may do what, and whose rows each person sees. Rights are today's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from perilune.kernel.asof import AsOf
from perilune.kernel.memo import remember
from perilune.kernel.scope import Scope
from perilune.people import engine
from perilune.people.contracts import (
    RIGHTS,
    SMALLEST_GROUP_PERSONAL,
    SMALLEST_GROUP_VIEWER,
    Company,
    Holding,
    Person,
    Right,
    Role,
)
from perilune.people.models import Assignment, Rep, Team, User
from perilune.people.queries.company import company

FRENCH, ENGLISH = "fr", "en"
FRENCH_AT_WORK = frozenset({"FR"})
"""Countries of employment where people are written to in French (rule 28)."""
PRIVATE_TO_REPS = frozenset({("rep", "leave_date"), ("rep", "phone")})
"""A colleague's departure is private until it is told (rule 24)."""


def rights_of(user: User | AnonymousUser) -> frozenset[Right]:
    """Return what a user may do; nothing for somebody who is not signed in or was deactivated."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    if user.is_owner:
        return frozenset(Right)
    # whoever looks after people's data need not work in sales operations
    more = {Right.PROTECT_PEOPLE} if user.is_data_officer else set()
    return RIGHTS[Role(user.role)] | more


def person(user: User | AnonymousUser) -> int | None:
    """Return the id of the rep that a user is, or None."""
    return user.rep_id if isinstance(user, User) else None


def scope_for(user: User | AnonymousUser, as_of: AsOf | None = None) -> Scope:
    """Return whose rows a user sees. Nothing at all for somebody not signed in.

    The subtree of a manager is that of the company's today, whatever `as_of` is asked: rights are
    today's (DESIGN «One gate»); the store then matches owners at the as-of. A sales leader above
    everybody who sells sees the company.
    """
    rights = rights_of(user)
    if not isinstance(user, User) or not rights:
        return Scope(label="mine", owners=frozenset(), aggregates_only=True)
    if Right.SEE_COMPANY_ROWS in rights:
        return Scope.company()
    role = Role(user.role)
    if role is Role.VIEWER:
        return Scope(
            label="company",
            aggregates_only=True,
            smallest_group=SMALLEST_GROUP_VIEWER,
            hidden=PRIVATE_TO_REPS,
        )
    if role is Role.SALES_LEADER and user.rep_id is None:
        return Scope.company()
    if role is Role.REP or user.rep_id is None:
        own = frozenset() if user.rep_id is None else frozenset({user.rep_id})
        return Scope(label="mine", owners=own, hidden=PRIVATE_TO_REPS)
    return _subtree(user.rep_id, leads_all=role is Role.SALES_LEADER)


def total_scope_for(user: User | AnonymousUser) -> Scope | None:
    """Return the scope of the company's totals without rows, or None where they are not granted.

    For whoever sees the company's rows this is the company; for others an aggregate (rule 10).
    """
    scope = scope_for(user)
    if scope.owners is None:
        return scope
    rights = rights_of(user)
    granted = Right.SEE_COMPANY_TOTALS in rights or (bool(rights) and company().may_all_see_total)
    if not granted:
        return None
    return Scope(label="company", aggregates_only=True, smallest_group=SMALLEST_GROUP_VIEWER)


def personal_scope_for(user: User | AnonymousUser) -> Scope:
    """Return whose personal measures (selling time, reliability of calls) may be named (rule 26).

    One's own always; a direct manager's reps once the company has recorded that staff were informed
    and the works council consulted; groups of five or more for everybody else.
    """
    own = person(user)
    seen = set() if own is None else {own}
    found = company()
    if own is not None and found.is_staff_informed and found.is_council_consulted:
        day = found.today.day
        current = engine.current_holdings(holdings(), day)
        seen |= {h.rep_id for h in current if h.manager_id == own}
    return Scope(label="mine", owners=frozenset(seen), smallest_group=SMALLEST_GROUP_PERSONAL)


def holdings() -> list[Holding]:
    """Return every assignment as it stands now, for the engine."""
    rows = Assignment.objects.values_list(
        "rep_id", "team_id", "manager_id", "role", "fte", "effective_from", "effective_to", "id"
    )
    return [
        Holding(
            rep_id=rep,
            team_id=team,
            manager_id=manager,
            role=role or "seller",
            fte=1.0 if fte is None else fte,
            since=since,
            until=until,
            assignment_id=assignment,
        )
        for rep, team, manager, role, fte, since, until, assignment in rows
        if rep is not None
    ]


def _subtree(rep_id: int, *, leads_all: bool) -> Scope:
    """Return the scope of a manager: the people below, and the teams whose totals are theirs.

    leads_all: a leader of everybody who sells has the company for a scope.
    """
    day = company().today.day
    teams = {row.id: row for row in Team.objects.all()}
    parents = {row.id: row.parent_id for row in teams.values()}
    current = engine.current_holdings(holdings(), day)
    owners = engine.reps_under(rep_id, current, parents, day)
    roots = engine.topmost(
        (team for rep in owners for team in engine.managed_teams(rep, current, day)), parents
    )
    below = engine.team_subtree(roots, parents)
    if leads_all and all(h.rep_id in owners or h.team_id in below for h in current):
        return Scope.company()
    led = engine.managed_teams(rep_id, current, day) or roots
    names = ", ".join(sorted(str(teams[team]) for team in led if team in teams))
    # who leads people but no team sees more than deals of their own, and less than the company
    several = "people" if owners - {rep_id} else "mine"
    return Scope(label=f"team:{names}" if names else several, owners=owners, teams=roots)


# -- users ---------------------------------------------------------------------------------------


def people(*, with_inactive: bool = False) -> list[Person]:
    """Return the users by name."""
    rows = User.objects.order_by("username")
    return [_person(row) for row in (rows if with_inactive else rows.filter(is_active=True))]


def person_names() -> dict[str, str]:
    """Return the name of every user by user name, of those who left too."""
    return remember(
        "person names", lambda: {one.username: one.name for one in people(with_inactive=True)}
    )


def person_named(username: str) -> Person | None:
    """Return the user of that name, or None."""
    row = User.objects.filter(username=username).first()
    return _person(row) if row else None


def users_behind(rep_ids: Sequence[int], user_ids: Sequence[int] = ()) -> list[Person]:
    """Return the users who are these reps, and those of these numbers."""
    rows = User.objects.filter(Q(rep_id__in=list(rep_ids)) | Q(pk__in=list(user_ids)))
    return [_person(row) for row in rows.order_by("id")]


def user_named(username: str) -> User | None:
    """Return the user record of that name: for `--as USER` and sign-in, never for values."""
    return User.objects.filter(username=username).first()


def home_owner() -> User | None:
    """Return the owner of the home, whom the command line acts for."""
    return User.objects.filter(is_owner=True, is_active=True).order_by("id").first()


def who_can(right: Right, limit: int = 3) -> list[str]:
    """Return names of people who have a right: whom to ask."""
    named = Q(role__in=[role.value for role, rights in RIGHTS.items() if right in rights])
    if right is Right.PROTECT_PEOPLE:
        named |= Q(is_data_officer=True)
    rows = User.objects.filter(named, is_active=True).order_by("-is_owner", "id")[:limit]
    return [str(row) for row in rows]


def rep_choices(scope: Scope, *, with_leavers: bool = True) -> list[tuple[int, str]]:
    """Return (id, name) of the reps that a scope sees, by name: for filters and forms."""
    rows = Rep.objects.order_by("name").values_list("id", "name", "leave_date")
    today: Company | None = None if with_leavers else company()
    return [
        (rep, name or "")
        for rep, name, left in rows
        if scope.sees(rep) and (today is None or left is None or left >= today.today.day)
    ]


def work_language(country: str | None) -> str:
    """Return the language of work in a country of employment, the company's if unknown."""
    return FRENCH if (country or company().country).upper() in FRENCH_AT_WORK else ENGLISH


def rep_languages() -> dict[int, str]:
    """Return the language in which each rep is written to: chosen, else that of work there."""
    found = {
        rep: work_language(country) for rep, country in Rep.objects.values_list("id", "country")
    }
    chosen = User.objects.filter(rep_id__isnull=False, is_active=True).exclude(language="")
    for rep, language in chosen.values_list("rep_id", "language"):
        if rep is not None:
            found[rep] = language
    return found


def _person(row: User) -> Person:
    facts: dict[str, Any] = {
        "user_id": row.pk,
        "username": row.username,
        "name": str(row),
        "email": row.email,
        "role": Role(row.role),
        "rep_id": row.rep_id,
        "language": row.language,
        "is_owner": row.is_owner,
        "is_active": row.is_active,
        "is_data_officer": row.is_data_officer,
    }
    return Person(**facts)
