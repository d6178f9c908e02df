"""What no design can be asked for is refused before it begins; what a rep has to give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import MOST_TERRITORIES, Asked, Effort, Loaded, Working
from perilune.territories.queries.asking import problem

WORKLOAD = "workload:"
MOST_IN_REGIONS = 40_000
"""Accounts or containers of a design in regions: all of it is one step of a job, about 20 s."""


def effort(found: Loaded, chosen: np.ndarray[Any, Any]) -> Effort:
    """Return the visits and hours of accounts, of the draft's workload; Invalid without one."""
    at = next((t for t, a in enumerate(found.attributes) if a.key.startswith(WORKLOAD)), None)
    if at is None:
        raise Invalid(
            _("The hours of reps find the number of territories only where a workload is balanced.")
        )
    length = float(found.attributes[at].key.split(":")[2]) / 60
    hours = found.accounts.loads[chosen, at]
    return Effort(visits=hours / length, hours=np.full(len(hours), length))


def working(asked: Asked) -> Working:
    """Return what a rep has to give."""
    return Working(hours=asked.hours)


def check(found: Loaded, asked: Asked) -> None:
    """Refuse what no design can be asked for."""
    if not asked.k and asked.hours <= 0:
        raise Invalid(_("Say how many territories, or how many hours a rep has in a year."))
    if asked.k < 0 or asked.k > MOST_TERRITORIES:
        raise Invalid(_("A plan has between 1 and %(most)s territories."), most=MOST_TERRITORIES)
    if asked.stay < 0 or not np.isfinite(asked.stay):
        raise Invalid(_("What keeps accounts where they are cannot be below zero."))
    if not found.accounts.placed.any():
        raise Invalid(_("No account has a place yet: give accounts their coordinates first."))
    if asked.regions:
        _check_regions(found, asked)
    elif asked.k:
        problem(found, asked.k, asked)
    else:
        effort(found, np.flatnonzero(found.accounts.placed))


def _check_regions(found: Loaded, asked: Asked) -> None:
    if not asked.k:
        raise Invalid(_("Regions need a number of territories: the hours of reps do not find it."))
    if not 0 <= asked.region_tolerance <= 1:
        raise Invalid(_("The tolerance of regions lies between 0 %% and 100 %%."))
    made = problem(found, asked.k, asked)
    if len(made.units.ids) > MOST_IN_REGIONS:
        raise Invalid(
            _("A design in regions takes at most %(most)s accounts or containers; here are "
              "%(count)s: hand containers out whole."),
            most=MOST_IN_REGIONS, count=len(made.units.ids),
        )  # fmt: skip
    if not 2 <= asked.regions <= made.request.k:
        raise Invalid(
            _("There are between 2 regions and as many as free territories (%(k)s)."),
            k=made.request.k,
        )
    if any(
        one is not None for one in (made.request.locked, made.request.pinned, made.request.allowed)
    ):
        raise Invalid(
            _("A design in regions knows no locked accounts, pinned centres or rules of what a "
              "territory may hold: lift them first, or lock whole territories.")
        )  # fmt: skip


def readable(error: Invalid) -> Invalid:
    """Return the first thing that the engine found wrong: a job has one sentence to say it."""
    if not error.problems:
        return error
    first: Sequence[Any] = error.problems
    return Invalid(first[0].message, **first[0].params)
