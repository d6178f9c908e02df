"""Drafts of what is sold and to whom: pipeline, products, prices, campaigns, accounts, contacts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from perilune.demo.engine.days import day_us, iso, quarter_start
from perilune.demo.engine.deals import World, regime_week
from perilune.demo.engine.drafts import Draft
from perilune.demo.engine.market import Firm
from perilune.demo.engine.places import places_of
from perilune.demo.engine.rates import CURRENCIES
from perilune.demo.engine.rows_staff import begin_us
from perilune.demo.engine.words import (
    BANDS,
    CAMPAIGN_NAMES,
    CAMPAIGN_TYPES,
    CURRENCY,
    PIPELINE,
    PRODUCTS,
    REGION_CURRENCY,
    SECTORS,
    SEGMENT_NAMES,
    STAGES,
)
from perilune.kernel.kinds import Scalar
from perilune.kernel.money import UNIT_PRICE_SCALE

_PRICE_FACTOR = {"EUR": 1.0, "GBP": 0.86, "CHF": 0.95}
LANGUAGES = ("fr", "en", "de")


def pipeline_drafts(world: World) -> Iterator[Draft]:
    """The one pipeline."""
    yield Draft(begin_us(world), {"name": PIPELINE, "position": 1})


def stage_drafts(world: World, pipeline_id: int) -> Iterator[Draft]:
    """Its stages, in order."""
    for position, (name, meaning, category, probability, qualified) in enumerate(STAGES, 1):
        yield Draft(
            begin_us(world),
            {
                "name": name,
                "pipeline_id": pipeline_id,
                "position": position,
                "meaning": meaning,
                "category": category,
                "probability": probability,
                "is_qualified": qualified,
            },
        )


def product_drafts(world: World) -> Iterator[Draft]:
    """Products; the list rises with the change of regime."""
    for name, code, family, price in PRODUCTS:
        draft = Draft(
            begin_us(world),
            {
                "name": name,
                "code": code,
                "family": family,
                "currency": "EUR",
                "is_active": True,
                "list_price": price * UNIT_PRICE_SCALE,
            },
        )
        draft.changes += _price_rise(world, "list_price", price * UNIT_PRICE_SCALE)
        yield draft


def _price_rise(world: World, name: str, before: int) -> list[tuple[int, str, Scalar]]:
    week = regime_week(world.truth, world.weeks)
    if week >= world.weeks.count:
        return []
    new = round(before * world.truth.regime_price / UNIT_PRICE_SCALE) * UNIT_PRICE_SCALE
    return [(day_us(int(world.weeks.monday[week])), name, new)]


def price_book_drafts(world: World) -> Iterator[Draft]:
    """A price book a currency."""
    first = iso(int(world.weeks.monday[0]))
    for currency in CURRENCIES:
        yield Draft(
            begin_us(world),
            {
                "name": f"Standard {currency}",
                "currency": currency,
                "is_standard": currency == "EUR",
                "effective_from": first,
            },
        )


def price_drafts(world: World, book_ids: list[int], product_ids: list[int]) -> Iterator[Draft]:
    """The price of every product in every book."""
    for book, currency in zip(book_ids, CURRENCIES, strict=True):
        for product, (_, _, _, price) in zip(product_ids, PRODUCTS, strict=True):
            unit = round(price * _PRICE_FACTOR[currency]) * UNIT_PRICE_SCALE
            draft = Draft(
                begin_us(world), {"price_book_id": book, "product_id": product, "unit_price": unit}
            )
            draft.changes += _price_rise(world, "unit_price", unit)
            yield draft


def campaign_starts(world: World) -> list[tuple[int, int]]:
    """Return (region, first ordinal day) of the campaigns: one a region and quarter."""
    first = quarter_start(date.fromordinal(int(world.weeks.monday[0]) + 6))
    starts = []
    day = first
    while day <= world.weeks.today:
        starts += [(region, day.toordinal() + 14 + 7 * region) for region in range(3)]
        day = quarter_start(day + timedelta(days=100))
    return starts


def campaign_drafts(world: World, rep_ids: list[int]) -> Iterator[Draft]:
    """Campaigns, planned a month before they start, done a month later."""
    for index, (region, start) in enumerate(campaign_starts(world)):
        flavour = index // 3 % 4
        day = date.fromordinal(start)
        name = f"{CAMPAIGN_NAMES[region][flavour]} {(day.month - 1) // 3 + 1}/{day.year}"
        draft = Draft(
            max(day_us(start - 30), begin_us(world)),
            {
                "name": name,
                "type": CAMPAIGN_TYPES[flavour],
                "status": "planned",
                "start_date": iso(start),
                "end_date": iso(start + 30),
                "budget": (8 + 4 * flavour) * 100_000,
                "currency": REGION_CURRENCY[region],
                "owner_id": rep_ids[world.staff.leads[region] + 2],
            },
        )
        draft.changes += [
            (day_us(start), "status", "active"),
            (day_us(start + 31), "status", "done"),
        ]
        yield draft


def account_drafts(world: World, rep_ids: list[int]) -> Iterator[Draft]:
    """Accounts with every change of owner; a vacant seat's accounts wait with the manager."""
    first = int(world.weeks.monday[0])
    owners = [_owners(world, seat) for seat in range(len(world.staff.seat_team))]
    places = places_of(world.market.firms, world.streams.of("places"))
    for at, firm in enumerate(world.market.firms):
        entered = max(firm.week, 0)
        known = begin_us(world) if firm.week < 0 else day_us(first + 7 * firm.week, 6.5)
        spans = owners[firm.seat]
        now = [rep for week, rep in spans if week <= entered][-1]
        place = {"latitude": float(places[at, 0]), "longitude": float(places[at, 1])}
        draft = Draft(known, _account_values(firm) | place | {"owner_id": rep_ids[now]})
        for week, rep in spans:
            if week > entered:
                draft.changes.append(
                    (day_us(int(world.weeks.monday[week]), 5.0), "owner_id", rep_ids[rep])
                )
        yield draft


def _owners(world: World, seat: int) -> list[tuple[int, int]]:
    """Return (first week, rep index) of who looks after a seat's accounts."""
    spans: list[tuple[int, int]] = []
    team = int(world.staff.seat_team[seat])
    for week, holder in enumerate(world.staff.holder[seat]):
        rep = int(holder) if holder >= 0 else world.staff.manager_at(team, week)
        if not spans or spans[-1][1] != rep:
            spans.append((week, rep))
    return spans


def _account_values(firm: Firm) -> dict[str, Scalar]:
    sector, naf, _ = SECTORS[firm.sector]
    return {
        "name": firm.name,
        "industry": sector,
        "segment": SEGMENT_NAMES[firm.segment],
        "headcount": firm.headcount,
        "annual_revenue": firm.revenue,
        "headcount_band": next(text for below, text in BANDS if firm.headcount < below),
        "currency": CURRENCY[firm.country],
        "founded_year": firm.founded,
        "country": firm.country,
        "region": firm.area,
        "city": firm.town,
        "postcode": firm.postcode,
        "street": firm.street,
        "website": f"https://{firm.domain}",
        "phone": firm.phone or None,
        "siren": firm.siren or None,
        "siret": firm.siret or None,
        "vat_number": firm.vat or None,
        "naf": naf if firm.country == "FR" else None,
        "nace": naf[:5],
    }


def link_parents(world: World, drafts: list[Draft], account_ids: list[int]) -> None:
    """Name the parents, once the ids are known; duplicates have none."""
    for firm, draft in zip(world.market.firms, drafts, strict=True):
        if firm.parent >= 0 and account_ids[firm.parent]:
            draft.values["parent_id"] = account_ids[firm.parent]


def contact_drafts(world: World, account_ids: list[int], accounts: list[Draft]) -> Iterator[Draft]:
    """Contacts, entered with their account; the owner is the account's."""
    for person in world.market.persons:
        firm = world.market.firms[person.firm]
        account = accounts[person.firm]
        draft = Draft(
            account.known_us,
            {
                "name": f"{person.first} {person.last}",
                "first_name": person.first,
                "last_name": person.last,
                "email": person.email,
                "phone": person.phone or None,
                "job_title": person.title,
                "account_id": account_ids[person.firm] or None,
                "owner_id": account.values["owner_id"],
                "language": LANGUAGES[person.region],
                "country": firm.country,
            },
        )
        draft.changes += [change for change in account.changes if change[1] == "owner_id"]
        yield draft
