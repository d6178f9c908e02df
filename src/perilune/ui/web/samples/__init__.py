"""What the gallery shows: each component in its states, with long French words among them."""

from __future__ import annotations

from perilune.ui.contracts import PageHeader
from perilune.ui.web.samples.doing import doing
from perilune.ui.web.samples.grids import grids
from perilune.ui.web.samples.kinds import Group
from perilune.ui.web.samples.lists import lists, next_step
from perilune.ui.web.samples.maps import maps
from perilune.ui.web.samples.numbers import numbers
from perilune.ui.web.samples.telling import explanation, telling

__all__ = ["HEADER", "explanation", "groups", "next_step"]

HEADER = PageHeader(
    "Gallery of components",
    "Every component in its states: default, empty, loading, in trouble, with long French words.",
)


def groups() -> list[Group]:
    """Return the samples in the order of the sheet."""
    return [*numbers(), *lists(), *grids(), *maps(), *doing(), *telling()]
