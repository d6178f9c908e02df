"""Whom the company sells to: accounts with registration numbers, and their contacts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from perilune.demo.engine.days import Ints, Streams
from perilune.demo.engine.staff import slug
from perilune.demo.engine.truth import Truth
from perilune.demo.engine.words import (
    FIRST_NAMES,
    FORMS,
    HEADS,
    JOB_TITLES,
    LAST_NAMES,
    MIDDLES,
    SECTORS,
    STREETS,
    TAILS,
    TOWNS,
)


@dataclass(frozen=True)
class Firm:
    """An account as it will be entered. duplicate_of, parent: index of another firm or -1."""

    name: str
    domain: str
    seat: int
    region: int
    segment: int
    sector: int
    country: str
    town: str
    area: str
    postcode: str
    street: str
    siren: str
    siret: str
    vat: str
    headcount: int
    revenue: int
    founded: int
    phone: str
    parent: int
    duplicate_of: int
    week: int


@dataclass(frozen=True)
class Person:
    """A contact of a firm."""

    firm: int
    first: str
    last: str
    email: str
    phone: str
    title: str
    region: int


@dataclass(frozen=True)
class Market:
    """All firms and persons; of_firm[f] gives the slice of persons of firm f."""

    firms: list[Firm]
    persons: list[Person]
    first_person: Ints
    segment: Ints
    country: list[str]


def luhn_digit(digits: str) -> str:
    """Return the digit that makes the number valid by Luhn (ISO/IEC 7812-1 annex B)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def french_numbers(number: int, site: int) -> tuple[str, str, str]:
    """Return SIREN, SIRET and VAT number of an invented firm, valid by their keys.

    The VAT key is (12 + 3 x (SIREN mod 97)) mod 97 (source: article 286 ter CGI practice, BOI-TVA).
    """
    head = f"{number:08d}"
    siren = head + luhn_digit(head)
    nic = f"{site:04d}"
    siret = siren + nic + luhn_digit(siren + nic)
    return siren, siret, f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def make_market(truth: Truth, streams: Streams, seat_team: Ints, team_region: Ints) -> Market:
    """Draw the firms, seat by seat in turn, their duplicates and their contacts."""
    rng = streams.of("firms")
    names = _firm_names(rng, truth.accounts)
    numbers = rng.choice(np.arange(31_000_000, 98_000_000), truth.accounts, replace=False)
    segments = rng.choice(3, truth.accounts, p=(0.52, 0.34, 0.14))
    firms: list[Firm] = []
    for index in range(truth.accounts):
        seat = index % len(seat_team)
        team = int(seat_team[seat])
        firms.append(
            _firm(
                rng,
                _Plan(
                    seat,
                    team,
                    int(team_region[team]),
                    names[index],
                    int(numbers[index]),
                    int(segments[index]),
                ),
                firms,
                is_there=index < 3 * len(seat_team),
            )
        )
    for _ in range(round(truth.accounts * truth.duplicate_accounts)):
        firms.append(_duplicate(rng, firms, truth.accounts, len(seat_team)))
    persons, first = _persons(streams.of("contacts"), firms)
    return Market(
        firms, persons, first, np.array([f.segment for f in firms]), [f.country for f in firms]
    )


def _firm_names(rng: np.random.Generator, count: int) -> list[str]:
    """Invent roots of names, each once: head + middle + tail."""
    size = (len(HEADS), len(MIDDLES), len(TAILS))
    picks = rng.choice(int(np.prod(size)), count, replace=False)
    return [
        HEADS[a] + MIDDLES[b] + TAILS[c]
        for a, b, c in zip(*np.unravel_index(picks, size), strict=True)
    ]


class _Plan(NamedTuple):
    """What is decided before a firm is drawn."""

    seat: int
    team: int
    region: int
    root: str
    number: int
    segment: int


def _firm(rng: np.random.Generator, plan: _Plan, before: list[Firm], *, is_there: bool) -> Firm:
    seat, team, region, root, number, segment = plan
    town, prefix, country, area = TOWNS[team][int(rng.integers(len(TOWNS[team])))]
    sector = int(rng.integers(len(SECTORS)))
    low, high = ((4, 60), (60, 600), (600, 12000))[segment]
    headcount = int(np.exp(rng.uniform(np.log(low), np.log(high))))
    parent = -1
    if segment and before and rng.random() < 0.08:
        parent = int(rng.integers(len(before)))
        parent = parent if before[parent].country == country and before[parent].parent < 0 else -1
    siren, siret, vat = _registration(country, number, int(rng.integers(1, 90)))
    form = FORMS[country][int(rng.integers(3))]
    return Firm(
        name=f"{root} {SECTORS[sector][2][region]} {form}",
        domain=f"{slug(root)}.example",
        seat=seat,
        region=region,
        segment=segment,
        sector=sector,
        country=country,
        town=town,
        area=area,
        postcode=_postcode(rng, prefix, country),
        street=f"{int(rng.integers(1, 180))} {STREETS[region][int(rng.integers(5))]}",
        siren=siren,
        siret=siret,
        vat=vat,
        headcount=headcount,
        revenue=int(headcount * rng.uniform(90_000, 260_000)) * 100,
        founded=int(rng.integers(1921, 2023)),
        phone=_phone(rng, country),
        parent=parent,
        duplicate_of=-1,
        week=-1 if is_there or rng.random() < 0.7 else int(rng.integers(0, 130)),
    )


def _registration(country: str, number: int, site: int) -> tuple[str, str, str]:
    if country == "FR":
        return french_numbers(number, site)
    vat = {
        "GB": f"GB{number:09d}",
        "DE": f"DE{number:09d}",
        "AT": f"ATU{number:08d}",
        "IE": "",
        "CH": "",
    }
    return "", "", vat[country]


def _postcode(rng: np.random.Generator, prefix: str, country: str) -> str:
    if country in ("GB", "IE"):
        letter = "ABDEFGHJ"[int(rng.integers(8))]
        return f"{prefix}{int(rng.integers(1, 20))} {int(rng.integers(1, 9))}{letter}X"
    return prefix + f"{int(rng.integers(1, 99)):02d}" + ("0" if country in ("FR", "DE") else "")


def _phone(rng: np.random.Generator, country: str) -> str:
    """Numbers kept for fiction by Arcep, Ofcom and Bundesnetzagentur; none elsewhere."""
    last = int(rng.integers(0, 100))
    if country == "FR":
        return f"+33 1 99 00 {int(rng.integers(0, 100)):02d} {last:02d}"
    if country == "GB":
        return f"+44 20 7946 0{int(rng.integers(0, 10))}{last:02d}"
    return f"+49 30 23125 {int(rng.integers(0, 10))}{last:02d}" if country == "DE" else ""


def _duplicate(rng: np.random.Generator, firms: list[Firm], originals: int, seats: int) -> Firm:
    """A second entry of the same firm by somebody else: other spelling, often without numbers."""
    at = int(rng.integers(originals))
    firm = firms[at]
    plain = slug(firm.name.rsplit(" ", 1)[0]).replace(".", " ")
    name = (plain.upper(), plain.title(), firm.name.replace(" ", "  ", 1))[int(rng.integers(3))]
    same = rng.random() < 0.4
    return Firm(
        **{
            **{slot: getattr(firm, slot) for slot in firm.__dataclass_fields__},
            "name": name,
            "seat": int(rng.integers(seats)),
            "duplicate_of": at,
            "parent": -1,
            "siren": firm.siren if same else "",
            "siret": "",
            "vat": "",
            "phone": "",
            "week": int(rng.integers(10, 120)),
        }
    )


def _persons(rng: np.random.Generator, firms: list[Firm]) -> tuple[list[Person], Ints]:
    persons: list[Person] = []
    first = np.zeros(len(firms) + 1, dtype=np.int64)
    for index, firm in enumerate(firms):
        for _ in range(1 + int(rng.integers(0, 3 + firm.segment))):
            given = FIRST_NAMES[firm.region][int(rng.integers(len(FIRST_NAMES[firm.region])))]
            family = LAST_NAMES[firm.region][int(rng.integers(len(LAST_NAMES[firm.region])))]
            persons.append(
                Person(
                    index,
                    given,
                    family,
                    f"{slug(given)}.{slug(family)}@{firm.domain}",
                    _phone(rng, firm.country),
                    JOB_TITLES[firm.region][int(rng.integers(5))],
                    firm.region,
                )
            )
        first[index + 1] = len(persons)
    return persons, first
