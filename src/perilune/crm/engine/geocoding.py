"""From an address to a place, offline: the user's table of postcodes, then the table of towns.

The nearest that is known wins: own coordinates, the commune of the postcode, the town, the region.
A town is never taken where the postcode's department or the region says otherwise, unless it
lies within BORDER_KM of a town there (some communes are served from the department next door).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from perilune.crm.contracts.places import (
    CORSICA,
    MAINLAND,
    Address,
    Commune,
    Located,
    Missing,
    Place,
    Precision,
    Town,
    Unplaced,
)
from perilune.crm.engine import postcodes
from perilune.crm.engine.regions import EXONYMS, region_code
from perilune.crm.engine.spelling import ARRONDISSEMENTS, Named, key_of, readings
from perilune.kernel.countries import country_code

BORDER_KM = 15.0
SAME_KM = 10.0
"""Towns of one name nearer than this are one place."""

WIDEST_POSTCODE_KM = 40.0
"""Communes of one postcode that lie further apart have no common place."""

_REGION = "region "  # 11 is the Aude, region 11 is Île-de-France
_EARTH_KM = 6371.0
_CORSICAN = ((41.3, 43.1), (8.5, 9.6))
_SPLIT = {"750": "paris", "690": "lyon", "130": "marseille"}


@dataclass
class Gazetteer:
    """Towns and communes by what they are looked up by. Build it with `gazetteer`."""

    by_name: dict[tuple[str, str], list[Town]] = field(default_factory=dict)
    by_area: dict[tuple[str, str], list[Town]] = field(default_factory=dict)
    """(country, department, or first level after _REGION) -> its towns, the largest first."""
    by_postcode: dict[str, list[Commune]] = field(default_factory=dict)
    by_insee: dict[str, list[Commune]] = field(default_factory=dict)
    communes: dict[tuple[str, str], list[Commune]] = field(default_factory=dict)
    """(department, key of the name) -> communes of the user's table."""


@dataclass(frozen=True)
class _Asked:
    """An address once read: codes instead of words."""

    country: str
    names: Sequence[Named]
    postcode: str
    department: str
    region: str
    insee: str

    @property
    def area(self) -> str:
        return self.department or _REGION + self.region

    @property
    def part(self) -> str:
        code = self.department or ("2A" if (self.country, self.region) == ("FR", "94") else "")
        return postcodes.part(code)


def gazetteer(towns: Iterable[Town], communes: Iterable[Commune] = ()) -> Gazetteer:
    """Index towns, and the communes of a user's table, by names, areas, postcodes, INSEE codes."""
    names: defaultdict[tuple[str, str], list[Town]] = defaultdict(list)
    areas: defaultdict[tuple[str, str], list[Town]] = defaultdict(list)
    for raw in sorted(towns, key=lambda t: (-t.population, t)):
        is_overseas = raw.country in postcodes.OVERSEAS
        town = raw._replace(country="FR") if is_overseas else raw
        names[town.country, key_of(town.name)].append(town)
        areas[town.country, _REGION + town.admin].append(town)
        if town.country == "FR":
            areas["FR", _department_of(raw)].append(town)
    found = Gazetteer(by_name=dict(names), by_area=dict(areas))
    _take_communes(found, communes)
    return found


def _take_communes(into: Gazetteer, communes: Iterable[Commune]) -> None:
    for raw in sorted(set(communes)):
        code = postcodes.french(raw.postcode)
        row = raw._replace(postcode=code)
        if code:
            into.by_postcode.setdefault(code, []).append(row)
        if row.insee:
            into.by_insee.setdefault(row.insee, []).append(row)
        area = postcodes.of_insee(row.insee) if row.insee else postcodes.department(code)
        if area and row.town:
            into.communes.setdefault((area, key_of(row.town)), []).append(row)


def _department_of(town: Town) -> str:
    if town.country in postcodes.OVERSEAS:
        return postcodes.OVERSEAS[town.country]
    return postcodes.of_insee(town.insee)


def locate(
    address: Address, known: Gazetteer, *, country: str = "", coarsest: Precision = Precision.TOWN
) -> Located:
    """Return the place of an address, or why it has none.

    country: the ISO code of addresses that name none. coarsest: the least precision that counts.
    """
    own = _own(address, country)
    if own is not None:
        return own
    asked = _read(address, country)
    if isinstance(asked, Missing):
        return asked
    return _by_commune(asked, known) or _by_town(asked, known) or _by_area(asked, known, coarsest)


def _own(address: Address, country: str) -> Located | None:
    latitude, longitude = address.latitude, address.longitude
    if latitude is None and longitude is None:
        return None
    if latitude is None or longitude is None or not _on_globe(latitude, longitude):
        return Missing(Unplaced.HALF)
    asked = _read(address, country)
    part = asked.part if isinstance(asked, _Asked) else MAINLAND
    (south, north), (west, east) = _CORSICAN
    is_corsican = south <= latitude <= north and west <= longitude <= east
    if is_corsican and (isinstance(asked, Missing) or asked.country == "FR"):
        part = CORSICA
    return Place(latitude, longitude, Precision.GIVEN, part, address.city)


def _on_globe(latitude: float, longitude: float) -> bool:
    return -90 <= latitude <= 90 and -180 <= longitude <= 180


def _read(address: Address, default: str) -> _Asked | Missing:
    texts = (address.region, address.city, address.postcode, address.insee)
    if not any(text.strip() for text in texts):
        return Missing(Unplaced.EMPTY)
    if not address.country.strip() and not default:
        return Missing(Unplaced.NO_COUNTRY)
    country = country_code(address.country) if address.country.strip() else default
    if not country:
        return Missing(Unplaced.UNKNOWN_COUNTRY)
    overseas = postcodes.OVERSEAS.get(country, "")
    country = "FR" if overseas else country
    names = readings(address.city)
    if country != "FR":
        also = EXONYMS.get(country, {})
        named = [Named(also.get(name.key, name.key)) for name in names]
        region = region_code(country, address.region)
        return _Asked(country, named, address.postcode.strip(), "", region, "")
    postcode, insee = postcodes.french(address.postcode), address.insee.strip()
    area = postcodes.of_insee(insee) if insee else overseas or postcodes.department(postcode)
    if area == "MC":
        return _Asked("MC", names, "", "", "", "")
    if not area:  # a region may be an overseas part too
        area = postcodes.OVERSEAS.get(country_code(address.region), "")
    city, number = _arrondissement(postcode)
    if number:
        names = [n._replace(number=n.number or number) if n.key == city else n for n in names]
    return _Asked("FR", names, postcode, area, region_code("FR", address.region), insee)


def _arrondissement(postcode: str) -> tuple[str, int]:
    """Return the city and arrondissement of a postcode: 75008 is the 8th of Paris; else 0."""
    if postcode == "75116":
        return "paris", 16
    city = _SPLIT.get(postcode[:3], "")
    number = int(postcode[3:]) if city else 0
    return (city, number) if 1 <= number <= ARRONDISSEMENTS.get(city, 0) else ("", 0)


# -- the user's table ----------------------------------------------------------------------------


def _by_commune(asked: _Asked, known: Gazetteer) -> Place | None:
    """Return the commune of the INSEE code or the postcode, else the one of that name near by."""
    if asked.country != "FR":
        return None
    if asked.insee in known.by_insee:
        return _middle(known.by_insee[asked.insee], asked, Precision.POSTCODE)
    rows = known.by_postcode.get(asked.postcode, [])
    for name in asked.names:
        own = [row for row in rows if _is_named(row, name)]
        if own:
            return _middle(own, asked, Precision.POSTCODE)
    if rows and (place := _middle(rows, asked, Precision.POSTCODE)):
        return place
    for name in asked.names:  # a CEDEX is no commune's postcode: the name and department tell
        numbered = known.communes.get((asked.department, f"{name.key}{name.number:02d}"), [])
        own = numbered or known.communes.get((asked.department, name.key), [])
        if own and (place := _middle(own, asked, Precision.TOWN)):
            return place
    return None


def _is_named(row: Commune, name: Named) -> bool:
    key = key_of(row.town)
    return key == name.key or (name.number > 0 and key == f"{name.key}{name.number:02d}")


def _middle(rows: Sequence[Commune], asked: _Asked, precision: Precision) -> Place | None:
    """Return the middle of communes, None where they lie too far apart to have one."""
    latitude = sum(row.latitude for row in rows) / len(rows)
    longitude = sum(row.longitude for row in rows) / len(rows)
    far = max(_km(latitude, longitude, row.latitude, row.longitude) for row in rows)
    if far > WIDEST_POSTCODE_KM:
        return None
    insee = {postcodes.of_insee(row.insee) for row in rows if row.insee}
    part = postcodes.part(insee.pop()) if len(insee) == 1 else asked.part
    return Place(round(latitude, 5), round(longitude, 5), precision, part, rows[0].town)


# -- the table of towns --------------------------------------------------------------------------


def _by_town(asked: _Asked, known: Gazetteer) -> Place | None:
    for name in asked.names:
        numbered = known.by_name.get((asked.country, f"{name.key}{name.number:02d}"), [])
        towns = numbered or known.by_name.get((asked.country, name.key), [])
        fitting = _fitting(towns, asked, known)
        if fitting:
            best = fitting[0]
            return _at(best, asked, Precision.TOWN, _rivals(fitting))
    if asked.department == "75" and not asked.names:  # the department is the town
        return _at(known.by_area["FR", "75"][0], asked, Precision.TOWN, 0)
    return None


def _fitting(towns: Sequence[Town], asked: _Asked, known: Gazetteer) -> list[Town]:
    """Return the towns that lie where postcode or region say, the largest first."""
    if asked.department:
        inside = [town for town in towns if _own_department(town) == asked.department]
        return inside or _across_the_border(towns, asked, known)
    if asked.region:
        return [town for town in towns if town.admin == asked.region]
    # who means La Réunion says so: «Saint-Denis, France» is the one beside Paris
    return sorted(towns, key=lambda town: len(_own_department(town)) == 3)


def _own_department(town: Town) -> str:
    return postcodes.of_insee(town.insee)


def _across_the_border(towns: Sequence[Town], asked: _Asked, known: Gazetteer) -> list[Town]:
    there = known.by_area.get((asked.country, asked.department), [])

    def off(town: Town) -> float:
        return min(
            (_km(town.latitude, town.longitude, t.latitude, t.longitude) for t in there),
            default=math.inf,
        )

    return sorted((town for town in towns if off(town) <= BORDER_KM), key=off)[:1]


def _rivals(towns: Sequence[Town]) -> int:
    """Count the other towns of the name that are not the same place as the first."""
    first = towns[0]
    return sum(
        _km(first.latitude, first.longitude, town.latitude, town.longitude) > SAME_KM
        for town in towns[1:]
    )


def _by_area(asked: _Asked, known: Gazetteer, coarsest: Precision) -> Located:
    """Return the largest town of the department or region where that is near enough."""
    there = known.by_area.get((asked.country, asked.area), [])
    if there and coarsest is Precision.REGION:
        return _at(there[0], asked, Precision.REGION, 0)
    anywhere = [t for n in asked.names for t in known.by_name.get((asked.country, n.key), [])]
    if anywhere:
        town = anywhere[0]
        return Missing(Unplaced.ELSEWHERE, f"{town.name} ({_own_department(town) or town.admin})")
    if asked.names and not there:
        return Missing(Unplaced.UNKNOWN_TOWN)
    return Missing(Unplaced.COARSE if there else Unplaced.UNKNOWN_AREA)


def _at(town: Town, asked: _Asked, precision: Precision, rivals: int) -> Place:
    part = postcodes.part(_own_department(town)) if town.country == "FR" else asked.part
    return Place(town.latitude, town.longitude, precision, part, town.name, rivals)


def _km(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Return the distance in km on a sphere (haversine)."""
    one, other = math.radians(latitude), math.radians(to_latitude)
    north, east = other - one, math.radians(to_longitude - longitude)
    half = math.sin(north / 2) ** 2 + math.cos(one) * math.cos(other) * math.sin(east / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(half, 1.0)))
