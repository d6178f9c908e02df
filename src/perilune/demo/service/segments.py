"""The segmentation of the demo: by headcount, approved by another person, applied."""

from __future__ import annotations

from django.utils.translation import gettext, override

from perilune.demo.engine.words import SEGMENT_NAMES
from perilune.kernel.scope import Scope
from perilune.people.contracts import Role
from perilune.people.queries import people
from perilune.planning import service as planning
from perilune.planning.contracts import Channel, GoToMarket
from perilune.planning.queries.segments import segmentation

ALL = Scope.company()
EDGES = (50.0, 500.0)
"""Employees; the story's are 60 and 600, so some accounts move up a segment."""
MARKETS = (
    (Channel.INSIDE, "seller", 90.0),
    (Channel.FIELD, "seller", 45.0),
    (Channel.FIELD, "seller", 18.0),
)
"""Channel, role and accounts per FTE, the smallest segment first."""


def make_segments(language: str) -> None:
    """Cut the accounts by headcount, say how each segment is sold to, and put it in force."""
    author, checker = _named(Role.ANALYST), _named(Role.OPS_DIRECTOR)
    with override(language):
        name = gettext("Segments by headcount")
    made = planning.create_segmentation(name, actor=author, scope=ALL)
    planning.put_bands(
        made, _edition(made), "headcount", EDGES, SEGMENT_NAMES, actor=author, scope=ALL
    )
    markets = [
        GoToMarket(segment, channel, role, ratio)
        for segment, (channel, role, ratio) in zip(SEGMENT_NAMES, MARKETS, strict=True)
    ]
    planning.put_markets(made, _edition(made), markets, actor=author, scope=ALL)
    planning.submit_segmentation(made, _edition(made), actor=author, scope=ALL)
    planning.approve_segmentation(made, _edition(made), actor=checker, scope=ALL)
    planning.apply_segmentation(made, _edition(made), actor=checker, scope=ALL)


def _edition(number: int) -> int:
    return segmentation(number).edition


def _named(role: Role) -> str:
    return next(person.username for person in people() if person.role is role)
