"""A territory plan of the demo: next year's, begun from the accounts as they are."""

from __future__ import annotations

from django.utils.translation import gettext, override

from perilune.kernel.scope import Scope
from perilune.people.contracts import Role
from perilune.people.queries import company, people
from perilune.territories import service as territories
from perilune.territories.contracts import Attribute

TOLERANCE = 0.1


def make_territories(language: str) -> None:
    """Begin the plan of next year, by the analyst; nothing is designed or published."""
    author = next(person.username for person in people() if person.role is Role.ANALYST)
    here = company()
    with override(language):
        name = gettext("Territories %(year)s") % {"year": here.today.day.year + 1}
    territories.create_draft(
        name,
        [Attribute("accounts", TOLERANCE), Attribute("bookings", 3 * TOLERANCE)],
        actor=author,
        scope=Scope.company(),
    )
