"""Makers for tests: a small book of business beside the cast of `people`.

Rita (Team North) owns two deals and an account, Sara (Team South) one of each; one deal is won.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from perilune.history.service import change_set
from perilune.history.testing import made_once
from perilune.people.service import note_import
from perilune.people.testing import Cast
from perilune.store import service as store

KNOWN = datetime(2026, 1, 5, 9, tzinfo=UTC)
TODAY = date(2026, 6, 30)
"""The small company is an archive of this day, so that tests do not depend on the clock."""
LATER = datetime(2026, 3, 10, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Book:
    """Record ids. Amounts in euro: alpha 1,000, beta 2,500, gamma 4,000, won 700."""

    pipeline: int
    prospecting: int
    proposal: int
    won_stage: int
    lost_stage: int
    product: int
    north_account: int
    south_account: int
    contact: int
    alpha: int
    beta: int
    gamma: int
    won: int
    line: int
    activity: int


def make_record(kind: str, values: dict[str, Any], known_at: datetime = KNOWN) -> int:
    """Return the id of a new record, known since January 2026."""
    with change_set(actor="test", title=kind, known_at=known_at) as w:
        return w.create(kind, values)


@made_once
def make_book(cast: Cast, *, is_stored: bool = True) -> Book:
    """Return a small pipeline; in March 2026 alpha went from 1,000 and prospecting to proposal.

    is_stored: whether the store is built; not for who writes more and builds it then.
    """
    org = cast.organisation
    note_import(TODAY)
    pipeline = make_record("pipeline", {"name": "New business", "position": 1})

    def stage(position: int, name: str, meaning: str, category: str) -> int:
        facts = {"pipeline_id": pipeline, "position": position, "meaning": meaning}
        return make_record("stage", {"name": name, "category": category, **facts})

    prospecting = stage(1, "Prospecting", "open", "pipeline")
    proposal = stage(2, "Proposal", "open", "commit")
    won_stage = stage(3, "Signed", "won", "closed")
    lost_stage = stage(4, "Gone", "lost", "omitted")
    product = make_record(
        "product", {"name": "Probe", "list_price": 5_000_000, "currency": "EUR", "is_active": True}
    )
    north = make_record(
        "account",
        {"name": "Ariane Nord", "owner_id": org.rita, "siren": "732829320", "city": "Lille"},
    )
    south = make_record(
        "account", {"name": "Sud Aviation", "owner_id": org.sara, "siren": "404833048"}
    )
    contact = make_record(
        "contact",
        {
            "name": "Anne Martin",
            "email": "anne@ariane.example",
            "phone": "+33 1 23 45 67 89",
            "account_id": north,
            "owner_id": org.rita,
        },
    )

    def deal(  # noqa: PLR0917  # a maker of tests names each field
        name: str, owner: int, account: int, minor: int, stage_id: int, close: date
    ) -> int:
        return make_record(
            "opportunity",
            {
                "name": name,
                "owner_id": owner,
                "account_id": account,
                "amount": minor,
                "currency": "EUR",
                "stage_id": stage_id,
                "pipeline_id": pipeline,
                "product_id": product,
                "created_date": date(2026, 1, 2),
                "close_date": close,
                "next_step": "Call",
            },
        )

    alpha = deal("Alpha", org.rita, north, 80_000, prospecting, date(2027, 3, 1))
    beta = deal("Beta", org.rita, north, 250_000, prospecting, date(2027, 2, 1))
    gamma = deal("Gamma", org.sara, south, 400_000, prospecting, date(2027, 1, 15))
    won = deal("Omega", org.rita, north, 70_000, won_stage, date(2026, 5, 4))
    line = make_record(
        "opportunity_line",
        {"opportunity_id": alpha, "product_id": product, "quantity": 2.0, "amount": 80_000},
    )
    activity = make_record(
        "activity",
        {
            "subject": "First call",
            "type": "call",
            "owner_id": org.rita,
            "opportunity_id": alpha,
            "account_id": north,
            "starts_at": KNOWN,
            "minutes": 20.0,
        },
    )
    with change_set(actor="rep", title="", known_at=LATER) as w:
        w.change("opportunity", alpha, {"amount": 100_000, "stage_id": proposal})
    if is_stored:
        store.rebuild()
    return Book(
        pipeline, prospecting, proposal, won_stage, lost_stage, product, north, south, contact,
        alpha, beta, gamma, won, line, activity,
    )  # fmt: skip
