"""Places of addresses: the bundled table of towns and the user's table of postcodes.

Towns: GeoNames (https://www.geonames.org), CC BY 4.0, see `crm/data/manifest.json`.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from perilune.crm.contracts.places import (
    AccountPlace,
    Address,
    Commune,
    Geocoding,
    Located,
    Precision,
    Town,
)
from perilune.crm.engine.communes import read_communes
from perilune.crm.engine.geocoding import Gazetteer, gazetteer, locate
from perilune.history.queries import states_as_of
from perilune.kernel.countries import country_code
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _

TOWNS = Path(__file__).parent.parent / "data" / "towns.csv.gz"


@lru_cache(maxsize=1)
def known_towns() -> tuple[Town, ...]:
    """Return the bundled towns; read once a process."""
    with gzip.open(TOWNS, "rt", encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        return tuple(
            Town(country, admin, insee, name, int(people), float(latitude), float(longitude))
            for country, admin, insee, name, people, latitude, longitude in rows
        )


@lru_cache(maxsize=1)
def _bundled() -> Gazetteer:
    return gazetteer(known_towns())


def known_places(communes: Iterable[Commune] = ()) -> Gazetteer:
    """Return what addresses are looked up in: the bundled towns, and a user's communes first."""
    listed = tuple(communes)
    return gazetteer(known_towns(), listed) if listed else _bundled()


def communes_of(path: Path) -> tuple[tuple[Commune, ...], int]:
    """Read a user's table of postcodes; return its communes and how many rows have no place.

    Raises NotFound, or Invalid where its columns are not found.
    """
    if not path.is_file():
        raise NotFound(_("There is no file %(path)s."), path=str(path))
    return read_communes(path.read_bytes())


def country_named(text: str) -> str:
    """Return the ISO code of a country by its code or name; Invalid where there is none."""
    code = country_code(text)
    if not code:
        raise Invalid(_("There is no country “%(text)s”."), text=text)
    return code


def places(
    addresses: Iterable[Address],
    known: Gazetteer | None = None,
    *,
    country: str = "",
    coarsest: Precision = Precision.TOWN,
) -> list[Located]:
    """Return the place of each address, or why it has none; equal addresses are looked up once."""
    known = known or known_places()
    memo: dict[Address, Located] = {}
    found = []
    for address in addresses:
        if address not in memo:
            memo[address] = locate(address, known, country=country, coarsest=coarsest)
        found.append(memo[address])
    return found


def geocoding(
    communes: Iterable[Commune] = (),
    *,
    country: str = "",
    coarsest: Precision = Precision.TOWN,
) -> Geocoding:
    """Return where the accounts without coordinates are, as they stand now; nothing is written.

    country: the ISO code of accounts that name none.
    """
    states = states_as_of("account", None)
    lacking = [s for s in states.values() if s["latitude"] is None or s["longitude"] is None]
    addresses = [
        Address(
            str(s["country"] or ""),
            str(s["region"] or ""),
            str(s["city"] or ""),
            str(s["postcode"] or ""),
            s["latitude"],
            s["longitude"],
        )
        for s in lacking
    ]
    found = places(addresses, known_places(communes), country=country, coarsest=coarsest)
    accounts = tuple(
        AccountPlace(s["id"], str(s["name"] or ""), address, where)
        for s, address, where in zip(lacking, addresses, found, strict=True)
    )
    return Geocoding(len(states) - len(lacking), accounts)
