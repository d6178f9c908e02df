"""Addresses and the places that they name: degrees of WGS 84."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Precision(StrEnum):
    """How near a place is to its address, the nearest first."""

    GIVEN = "given"  # the record's own coordinates
    POSTCODE = "postcode"  # the commune of that postcode, by the user's table
    TOWN = "town"  # the town's centre
    REGION = "region"  # the largest town of the department or region


class Unplaced(StrEnum):
    """Why an address has no place."""

    HALF = "half"  # one coordinate of two, or beyond the globe: a person decides which is wrong
    EMPTY = "empty"  # neither town, postcode nor region
    NO_COUNTRY = "no_country"
    UNKNOWN_COUNTRY = "unknown_country"
    UNKNOWN_TOWN = "unknown_town"  # and nothing else that says where
    UNKNOWN_AREA = "unknown_area"  # no town, and a postcode or region that says nothing here
    ELSEWHERE = "elsewhere"  # the town exists, but not where postcode or region say
    COARSE = "coarse"  # only the region is known, and that is not near enough


MAINLAND, CORSICA = "mainland", "corsica"
"""Parts of a country; the others are the codes of overseas departments, 971 to 988."""


class Address(NamedTuple):
    """What a record says of where it is; empty texts for what it does not say.

    insee: the code of the French commune, where it is known.
    """

    country: str = ""
    region: str = ""
    city: str = ""
    postcode: str = ""
    latitude: float | None = None
    longitude: float | None = None
    insee: str = ""


class Town(NamedTuple):
    """A row of the table of towns. country: ISO; admin: GeoNames' first level; insee: "" abroad."""

    country: str
    admin: str
    insee: str
    name: str
    population: int
    latitude: float
    longitude: float


class Commune(NamedTuple):
    """A row of the user's table of postcodes; texts may be empty, coordinates are there."""

    postcode: str
    insee: str
    town: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Place:
    """Where an address is.

    town: the town that was taken. part: mainland, corsica or the code of an overseas department.
    rivals: other towns of that name which nothing ruled out; the largest was taken, those overseas
    last.
    """

    latitude: float
    longitude: float
    precision: Precision
    part: str = MAINLAND
    town: str = ""
    rivals: int = 0


@dataclass(frozen=True)
class Missing:
    """An address that has no place. nearest: the place of that name that was not taken, or ""."""

    reason: Unplaced
    nearest: str = ""


Located = Place | Missing


@dataclass(frozen=True)
class AccountPlace:
    """An account without coordinates, and where its address is."""

    id: int
    name: str
    address: Address
    found: Located


@dataclass(frozen=True)
class Geocoding:
    """What geocoding found for the accounts without coordinates; `given` others have theirs."""

    given: int
    accounts: tuple[AccountPlace, ...]

    @property
    def placed(self) -> tuple[tuple[AccountPlace, Place], ...]:
        """The accounts that have a place now."""
        return tuple((one, one.found) for one in self.accounts if isinstance(one.found, Place))

    @property
    def missing(self) -> tuple[tuple[AccountPlace, Missing], ...]:
        """The accounts that have none, and why."""
        return tuple((one, one.found) for one in self.accounts if isinstance(one.found, Missing))
