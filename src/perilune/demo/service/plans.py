"""Annual plans of the demo: this year's is published, next year's is a draft with a hire."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext, override

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.scope import Scope
from perilune.people.contracts import Role
from perilune.people.queries import company, people
from perilune.planning import queries
from perilune.planning import service as planning
from perilune.planning.contracts import Hire, PlanHead

GROWTH, OVER = 0.12, 0.08
ALL = Scope.company()


def make_plans(language: str) -> None:
    """Publish the plan of this year, by two people; begin that of the next one.

    The published one is in force from the next month on: until then the quotas that the company has
    stand. Where the data are too short for a plan nothing is made.
    """
    author, checker = _named(Role.ANALYST), _named(Role.OPS_DIRECTOR)
    here = company()
    year = here.calendar.year_of(here.today.day)
    if len(planning.months_before(year, here.today)) < planning.LEAST_HISTORY:
        return
    for each, name in ((year, "Plan %(year)s"), (here.calendar.shift(year, 1), "Plan %(year)s")):
        with override(language):
            title = gettext(name) % {"year": each.name}
        made = _made(title, each, author)
        # a draft is private to its author: the director was named
        planning.change_plan(
            made, _head(made).edition, actor=author, scope=ALL, shared_with=[checker]
        )
        if each == year:
            _publish(made, _from(here.today.day, year), author, checker)


def _made(name: str, year: Period, author: str) -> int:
    here = company()
    # this year's plan was made before the year began, from what was known then
    at = min(AsOf.end_of(year.start, here.zone), here.today, key=lambda as_of: as_of.at)
    made = planning.create_plan(
        name, int(year.name), actor=author, scope=ALL, as_of=at,
        from_last_year=planning.Proposal(GROWTH, 0.0, OVER),
    )  # fmt: skip
    if at is here.today:
        team = next(row.number for row in queries.loaded_plan(made).content.units.values()
                    if row.kind == "team" and row.parent != "company")  # fmt: skip
        planning.people_add(
            made, _head(made).edition, Hire(team, year.start, heads=2), actor=author, scope=ALL
        )
    planning.reconcile(made, _head(made).edition, actor=author, scope=ALL)
    return made


def _publish(plan: int, day: date, author: str, checker: str) -> None:
    planning.submit_plan(plan, _head(plan).edition, actor=author, scope=ALL)
    planning.approve_plan(plan, _head(plan).edition, actor=checker, scope=ALL)
    planning.publish_plan(plan, _head(plan).edition, day, actor=checker, scope=ALL)


def _from(today: date, year: Period) -> date:
    calendar = company().calendar
    following = calendar.shift(calendar.find(today, Grain.MONTH), 1).start
    return following if following in year else today


def _head(plan: int) -> PlanHead:
    return queries.loaded_plan(plan).head


def _named(role: Role) -> str:
    return next(person.username for person in people() if person.role is role)
