"""The company's routing server, and the ways that it told of a draft's design."""

from __future__ import annotations

import numpy as np

from perilune.kernel.keeping import Kept
from perilune.territories.contracts import WHOLE, Loaded
from perilune.territories.contracts.routing import Router, Server, Ways
from perilune.territories.models import DraftEdit, DraftTravel, RoutingServer
from perilune.territories.models.packing import unpack_one

TIMEOUT, ATTEMPTS = 8.0, 3
"""Seconds of a question and how often it is asked: a step of a job waits no longer."""

_ways: Kept[Ways] = Kept(4)


def routing_server() -> Server | None:
    """Return the server that designs ask for travel times; None: they go by straight lines."""
    row = RoutingServer.objects.first()
    if row is None:
        return None
    return Server(Router(row.kind), row.url, row.profile, row.most, TIMEOUT, ATTEMPTS)


def shown_server(server: Server) -> str:
    """Return a server as pages name it."""
    return f"{server.kind.value.upper()} {server.url}"


def ways_of(found: Loaded) -> Ways | None:
    """Return the ways of a draft's last design; None without, or once territories are others."""
    row = DraftTravel.objects.defer("minutes").filter(draft_id=found.head.id, is_done=True).first()
    if row is None:
        return None
    edits = DraftEdit.objects.filter(draft_id=found.head.id)
    changed = edits.filter(
        kind__in=[kind.value for kind in WHOLE], is_undone=False, number__gt=row.edition
    ).exists()
    if changed or edits.filter(number=row.edition, is_undone=True).exists():
        return None

    def read() -> Ways:
        full = DraftTravel.objects.get(id=row.pk)
        assert full.minutes is not None
        return Ways(full.server, full.day, unpack_one(full.units), unpack_one(full.numbers),
                    unpack_one(full.minutes))  # fmt: skip

    return _ways.get((row.pk, found.snapshot_digest), read)


def mean_minutes(found: Loaded, ways: Ways, number: int) -> float | None:
    """Return the mean way to the accounts in a territory, by what is balanced first.

    Of those that the server knows a way to from its centre; None where there is none.
    """
    column = np.flatnonzero(ways.numbers == number)
    if not len(column):
        return None
    inside = found.territory[ways.units] == number
    minutes = ways.minutes[inside, column[0]].astype(float)
    weight = found.accounts.loads[ways.units[inside], 0]
    known = np.isfinite(minutes)
    if not known.any():
        return None
    weight = weight if weight[known].sum() > 0 else np.ones(len(weight))
    return float(np.average(minutes[known], weights=weight[known]))
