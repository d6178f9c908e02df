"""The user's table of postcodes and communes, as La Poste, INSEE or a spreadsheet writes it."""

from __future__ import annotations

import csv
import math
import re

from perilune.crm.contracts.places import Commune
from perilune.crm.engine.spelling import fold
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _

_HEADERS = {
    "postcode": "postcode codepostal cp zip zipcode postalcode codepostale codespostaux",
    "insee": "insee codeinsee codecommune codecommuneinsee inseecode codegeo codgeo com",
    "town": "town city ville commune nomcommune nomdelacommune libelle libellecommune nom name"
    " nomcommunecomplet nomstandard nomdecommune libgeo libelledacheminement",
    "latitude": "latitude lat ylat latitudecentre latitudemairie",
    "longitude": "longitude long lon lng xlong xlon longitudecentre longitudemairie",
    "point": "geolocalisation geopoint coordonneesgps geopoint2d coordonneesgeographiques",
}
_PLAIN = re.compile(r"[^a-z0-9]")


def read_communes(content: bytes) -> tuple[tuple[Commune, ...], int]:
    """Read a CSV of communes (UTF-8 or Windows; comma, semicolon, tab; English or French headers).

    Latitude and longitude stand in two columns, or in one as «48.85, 2.35». Returns the communes
    and the number of rows left out for want of coordinates or of postcode, INSEE code and town.
    Raises Invalid where a needed column is missing.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    separator = max(";\t,", key=first.count)
    rows = csv.reader(text.splitlines(), delimiter=separator)
    at = _columns(next(rows, []))
    found, left_out = [], 0
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        commune = _commune(row, at)
        if commune is None:
            left_out += 1
        else:
            found.append(commune)
    return tuple(found), left_out


def _columns(header: list[str]) -> dict[str, int]:
    plain = [_PLAIN.sub("", fold(name)) for name in header]
    at = {}
    for role, words in _HEADERS.items():
        index = next((plain.index(word) for word in words.split() if word in plain), None)
        if index is not None:
            at[role] = index
    has_place = "point" in at or {"latitude", "longitude"} <= set(at)
    if not has_place or not {"postcode", "insee"} & set(at):
        raise Invalid(
            _("The table needs a postcode or an INSEE code, a latitude and a longitude as columns.")
        )
    return at


def _commune(row: list[str], at: dict[str, int]) -> Commune | None:
    def cell(role: str) -> str:
        index = at.get(role, len(row))
        return row[index].strip() if index < len(row) else ""

    if "latitude" in at and "longitude" in at:
        latitude, longitude = _degrees(cell("latitude")), _degrees(cell("longitude"))
    else:
        one, _comma, other = cell("point").partition(",")
        latitude, longitude = _degrees(one), _degrees(other)
    postcode, insee = cell("postcode"), cell("insee").upper()
    insee = insee.zfill(5) if insee else ""
    if not (postcode or insee) or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return Commune(postcode, insee, cell("town"), latitude, longitude)


def _degrees(text: str) -> float:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return math.nan
