"""The contingency of the demo: the wave of hires, prepared for a forecast that falls."""

from __future__ import annotations

from django.utils.translation import gettext

from perilune.kernel.calendar import Grain
from perilune.kernel.scope import Scope
from perilune.people.contracts import Role
from perilune.people.queries import company, people
from perilune.planning.queries import heads
from perilune.site import contingencies as model

SHARE, DIGITS = 0.9, 2
"""The trigger: so much of the forecast of the day, to so many digits."""
FIGURE = "forecast:p50"


def make_contingency() -> None:
    """Prepare it by the director, with the sales leader as its owner; none without a forecast."""
    author, owner = _named(Role.OPS_DIRECTOR), _named(Role.SALES_LEADER)
    here = company()
    shared = [head for head in heads(owner) if head.author == author]
    quarter = here.calendar.find(here.today.day, Grain.QUARTER)
    value = model.value_of(FIGURE, quarter.name, here.today, Scope.company())
    if not shared or not value:
        return
    values = {
        "name": gettext("The forecast of the quarter falls"),
        "scenario_id": shared[0].id,
        "figure": FIGURE,
        "period": quarter.name,
        "comparison": model.BELOW,
        "threshold": float(f"{SHARE * value:.{DIGITS}g}"),
        "until": quarter.end,
        "owner": owner,
        "shared_with": (),
        "first_actions": gettext(
            "Open the requisitions of the wave, then tell the heads of the two largest teams."
        ),
    }
    model.save(None, values, actor=author)


def _named(role: Role) -> str:
    return next(person.username for person in people() if person.role is role)
