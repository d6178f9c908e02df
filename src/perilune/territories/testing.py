"""Makers for tests: accounts around towns as arrays; a small company with accounts on a map."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from perilune.history.testing import made_once
from perilune.territories.contracts import Units

if TYPE_CHECKING:
    from perilune.people.testing import Cast


def made_units(n: int, seed: int = 0, attributes: int = 1, owners: int = 0) -> Units:
    """n accounts around eight towns; loads are lognormal; owners hold what is nearest to them."""
    rng = np.random.default_rng(seed)
    towns = rng.uniform(0, 300, (8, 2))
    points = towns[rng.integers(0, 8, n)] + rng.normal(0, 25, (n, 2))
    loads = rng.lognormal(0, 0.5, (n, attributes)) + 0.05
    owner = None
    if owners:
        places = points[rng.choice(n, owners, replace=False)]
        owner = ((points[:, None] - places[None]) ** 2).sum(axis=2).argmin(axis=1).astype(np.int32)
    names = ("potential", "visits", "accounts")[:attributes]
    return Units(tuple(f"A{i}" for i in range(n)), points, loads, names, owner=owner)


@dataclass(frozen=True)
class Ground:
    """A company with accounts to share out: ids by number, and who owns them."""

    cast: Cast
    accounts: tuple[int, ...]
    lost: tuple[int, ...]
    """Accounts without a place."""


@made_once
def make_ground(
    count: int = 40, lost: int = 2, segments: tuple[str, ...] = (), country: str = ""
) -> Ground:
    """Accounts from west to east in the north of France: Rita owns the first third, Rolf the
    second, Sara the last. Every tenth has an open deal of 2,000, every fifth won 500; of the open
    ones every other is in commit. segments: taken in turn; country: of all.
    """
    from perilune.crm.testing import KNOWN, make_book
    from perilune.history.service import change_set
    from perilune.people.testing import cast
    from perilune.store import service as store

    people = cast()
    who = people.organisation
    book = make_book(people, is_stored=False)
    with change_set(actor="test", title="", known_at=KNOWN) as w:
        ids = [
            w.create("account", {
                "name": f"Account {i}", "latitude": 49.0 + (i % 5) * 0.2,
                "longitude": 0.5 + i * 4.0 / count, "annual_revenue": 100_000 * (1 + i % 7),
                "currency": "EUR", "headcount": 5 + i % 3,
                "owner_id": (who.rita, who.rolf, who.sara)[min(i * 3 // count, 2)],
                **({"segment": segments[i % len(segments)]} if segments else {}),
                **({"country": country, "postcode": f"{10 + i:02d}000"} if country else {}),
            })
            for i in range(count)
        ]  # fmt: skip
        away = [w.create("account", {"name": f"Nowhere {i}", "owner_id": who.rita})
                for i in range(lost)]  # fmt: skip
        for i, account in enumerate(ids):
            facts = {"account_id": account, "pipeline_id": book.pipeline, "currency": "EUR",
                     "owner_id": (who.rita, who.rolf, who.sara)[min(i * 3 // count, 2)],
                     "created_date": date(2026, 1, 5)}  # fmt: skip
            if i % 5 == 0:
                w.create("opportunity", {"name": f"Won {i}", "amount": 50_000,
                                         "stage_id": book.won_stage,
                                         "close_date": date(2026, 4, 1), **facts})  # fmt: skip
            if i % 10 == 0:
                stage = book.proposal if i % 20 == 0 else book.prospecting
                w.create("opportunity", {"name": f"Open {i}", "amount": 200_000,
                                         "stage_id": stage,
                                         "close_date": date(2026, 12, 1), **facts})  # fmt: skip
    store.refresh()
    return Ground(people, tuple(ids), tuple(away))
