"""Drafts of the deals: first values and every change, then lines, splits, buying groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from perilune.demo.engine.book import CATEGORIES, WON
from perilune.demo.engine.days import Ints, iso
from perilune.demo.engine.deals import NO_REAL_DEAL_AT, Story, World
from perilune.demo.engine.drafts import Draft
from perilune.demo.engine.rates import CURRENCIES
from perilune.demo.engine.rows_market import campaign_starts
from perilune.demo.engine.words import (
    COMPETITORS,
    LOSS_REASONS,
    NEXT_STEPS,
    NO_REAL_DEAL,
    PRODUCTS,
    ROLES,
    SOURCES,
    TYPE_NAMES,
    TYPES,
)
from perilune.kernel.kinds import Scalar
from perilune.kernel.money import UNIT_PRICE_SCALE, split_minor

Ids = dict[str, list[int]]
_FIELDS = (
    "owner_id",
    "stage_id",
    "close_date",
    "amount",
    "competitor",
    "forecast_category",
    "next_step",
    "loss_reason",
)
_SERVICES = 5
"""Products from this index on are services: paid once."""


def reached(story: Story) -> Ints:
    """Return the highest open stage that each deal was in."""
    highest = story.book["stage"][: story.book.count].copy()
    highest[highest > 4] = 0
    moves = story.log.field("stage_id")
    for column in (2, 3):
        below = moves[:, column] <= 4
        np.maximum.at(highest, moves[below, 0], moves[below, column])
    return highest


def opportunity_drafts(world: World, story: Story, ids: Ids) -> list[Draft]:
    """All deals, in order of creation."""
    write = _writers(story, ids)
    changes = _changes(story, write)
    first = first_values(story)
    terms = _terms(world, story)
    campaigns = deal_campaigns(world, story)
    drafts = []
    for deal in range(story.book.count):
        values = _values(world, story, deal, ids, campaigns)
        for name in _FIELDS:
            values[name] = write[name](deal, int(first[name][deal]))
        mine = changes.get(deal, [])
        if deal in terms:
            closed = int(story.book["closed_us"][deal])
            mine = mine + [(closed, name, value) for name, value in terms[deal].items()]
        drafts.append(Draft(int(story.book["created_us"][deal]), values, mine))
    return drafts


def _writers(story: Story, ids: Ids) -> dict[str, Callable[[int, int], Scalar]]:
    """How the integers of the book are written, by field."""
    region = story.book["region"]
    reasons = (*LOSS_REASONS, NO_REAL_DEAL)
    assert reasons[NO_REAL_DEAL_AT] == NO_REAL_DEAL
    return {
        "owner_id": lambda deal, value: ids["rep"][value],
        "stage_id": lambda deal, value: ids["stage"][value],
        "close_date": lambda deal, value: iso(value) if value > 0 else None,
        "amount": lambda deal, value: value if value > 0 else None,
        "competitor": lambda deal, value: COMPETITORS[value] if value >= 0 else None,
        "forecast_category": lambda deal, value: CATEGORIES[value] if value >= 0 else None,
        "next_step": lambda deal, value: NEXT_STEPS[region[deal]][value] if value >= 0 else None,
        "loss_reason": lambda deal, value: reasons[value] if value >= 0 else None,
    }


def first_values(story: Story) -> dict[str, Ints]:
    """Return the fields at creation: the old value of the first change, else the last."""
    book_names = {
        "owner_id": "owner",
        "stage_id": "stage",
        "close_date": "close",
        "amount": "amount",
        "competitor": "competitor",
        "forecast_category": "category",
        "next_step": "next_step",
        "loss_reason": "loss",
    }
    first = {}
    for name, column in book_names.items():
        values = story.book[column][: story.book.count].copy()
        # Later changes first, so that the earliest of each deal is written last.
        moves = story.log.field(name)[::-1]
        values[moves[:, 0]] = moves[:, 2]
        first[name] = values
    return first


def _changes(
    story: Story, write: dict[str, Callable[[int, int], Scalar]]
) -> dict[int, list[tuple[int, str, Scalar]]]:
    parts = []
    for code, name in enumerate(_FIELDS):
        moves = story.log.field(name)
        parts.append(np.column_stack([moves, np.full(len(moves), code)]))
    every = np.concatenate(parts)
    every = every[np.lexsort((every[:, 4], every[:, 1], every[:, 0]))]
    changes: dict[int, list[tuple[int, str, Scalar]]] = {}
    for deal, us, _, new, code in every.tolist():
        name = _FIELDS[code]
        changes.setdefault(deal, []).append((us, name, write[name](deal, new)))
    return changes


def _values(world: World, story: Story, deal: int, ids: Ids, campaigns: Ints) -> dict[str, Scalar]:
    book, market = story.book, world.market
    at = {
        name: int(book[name][deal])
        for name in (
            "account",
            "type",
            "product",
            "region",
            "contact",
            "source",
            "created_day",
            "currency",
        )
    }
    campaign = int(campaigns[deal])
    words = TYPE_NAMES[at["region"]][at["type"]]
    return {
        "name": f"{market.firms[at['account']].name} – {words} {PRODUCTS[at['product']][0]}",
        "account_id": ids["account"][at["account"]],
        "pipeline_id": ids["pipeline"][0],
        "type": TYPES[at["type"]],
        "currency": CURRENCIES[at["currency"]],
        "created_date": iso(at["created_day"]),
        "first_contact_date": iso(at["created_day"] - at["contact"] % 19) if deal % 6 else None,
        "product_id": ids["product"][at["product"]],
        "contact_id": ids["contact"][at["contact"]] or None,
        "campaign_id": (ids["campaign"][campaign] or None) if campaign >= 0 else None,
        "source": SOURCES[at["source"]],
        "is_excluded": True if book["excluded"][deal] > 0 else None,
    }


def deal_campaigns(world: World, story: Story) -> Ints:
    """Return the campaign (or -1) of each deal: events always, inbound one time in three."""
    book, count = story.book, story.book.count
    starts = campaign_starts(world)
    found = np.full(count, -1)
    for index, (region, start) in enumerate(starts):
        day = book["created_day"][:count]
        near = (book["region"][:count] == region) & (day > start) & (day <= start + 91)
        found[near] = index
    source = book["source"][:count]
    counted = (source == 4) | ((source == 0) & (np.arange(count) % 3 == 0))
    return np.where(counted, found, -1)


def _terms(world: World, story: Story) -> dict[int, dict[str, Scalar]]:
    """What the contract says: recurring and one-time parts, over one or three years."""
    book = story.book
    won = np.flatnonzero(book["status"][: book.count] == WON)
    terms: dict[int, dict[str, Scalar]] = {}
    for deal in won.tolist():
        amount = int(book["amount"][deal])
        once = amount if book["product"][deal] >= _SERVICES else amount // 1000 * (deal % 4) * 50
        years = 3 if book["segment"][deal] == 2 and deal % 2 else 1
        terms[deal] = {
            "amount_recurring": amount - once,
            "amount_one_time": once,
            "amount_annual": (amount - once) // years,
        }
    return terms


def line_drafts(world: World, story: Story, ids: Ids) -> Iterator[Draft]:
    """The lines of won deals: they sum to the amount to the cent."""
    book = story.book
    for deal in np.flatnonzero(book["status"][: book.count] == WON).tolist():
        if not ids["opportunity"][deal]:
            continue
        main = int(book["product"][deal])
        products = [main, 5 + deal % 3] if deal % 5 < 2 and main < _SERVICES else [main]
        parts = split_minor(int(book["amount"][deal]), [4, 1][: len(products)])
        for product, part in zip(products, parts, strict=True):
            yield Draft(
                int(book["closed_us"][deal]),
                {
                    "opportunity_id": ids["opportunity"][deal],
                    "product_id": ids["product"][product],
                    "quantity": 1.0,
                    "unit_price": part * UNIT_PRICE_SCALE // 100,
                    "amount": part,
                    "currency": CURRENCIES[book["currency"][deal]],
                },
            )


def split_drafts(world: World, story: Story, ids: Ids) -> Iterator[Draft]:
    """Shared wins (shares sum to 10,000) and overlay credit, which stands apart."""
    book, truth = story.book, world.truth
    for deal in np.flatnonzero(book["status"][: book.count] == WON).tolist():
        rng = world.streams.of("split", int(book["created_us"][deal] // 1_000_000) % 2**31)
        if not ids["opportunity"][deal]:
            continue
        rows: list[tuple[int, int, bool]] = []
        owner, week = int(book["owner"][deal]), int(book["closed_week"][deal])
        others = [int(r) for r in world.staff.holder[:, week] if r >= 0 and r != owner]
        if others and rng.random() < truth.split_share:
            share = int(rng.integers(1, 10)) * 500
            mate = sorted(others, key=lambda r: world.staff.reps[r].key)[
                int(rng.integers(len(others)))
            ]
            rows += [(owner, 10_000 - share, False), (mate, share, False)]
        if book["segment"][deal] == 2 and rng.random() < truth.overlay_share:
            rows.append((world.staff.leads[int(book["region"][deal])] + 1, 10_000, True))
        for rep, share, is_overlay in rows:
            yield Draft(
                int(book["closed_us"][deal]),
                {
                    "opportunity_id": ids["opportunity"][deal],
                    "rep_id": ids["rep"][rep],
                    "share": share,
                    "is_overlay": is_overlay,
                },
            )


def buyer_drafts(world: World, story: Story, ids: Ids) -> Iterator[Draft]:
    """The buying group of deals that came to a solution: up to three of the account's contacts."""
    book, market = story.book, world.market
    moves = story.log.field("stage_id")
    moves = moves[moves[:, 3] == 2][::-1]
    when = dict(zip(moves[:, 0].tolist(), moves[:, 1].tolist(), strict=True))
    for deal in np.flatnonzero(reached(story) >= 2).tolist():
        if deal not in when or not ids["opportunity"][deal]:
            continue
        account, main = int(book["account"][deal]), int(book["contact"][deal])
        people = range(int(market.first_person[account]), int(market.first_person[account + 1]))
        group = [main, *[person for person in people if person != main]][
            : 2 + int(book["segment"][deal] == 2)
        ]
        for place, person in enumerate(group):
            yield Draft(
                when[deal],
                {
                    "opportunity_id": ids["opportunity"][deal],
                    "contact_id": ids["contact"][person],
                    "role": ROLES[(place + deal) % len(ROLES)],
                    "is_primary": place == 0,
                },
            )
