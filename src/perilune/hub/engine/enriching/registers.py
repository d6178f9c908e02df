"""Rows of a table of companies as values of records: the French register, or any other table.

SIRENE: the stock files of the INSEE («StockUniteLegale», «StockEtablissement») with their own
column names; employees by the INSEE's size classes (variable trancheEffectifs).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from perilune.hub.contracts.duplicates import Role
from perilune.hub.engine import mapping
from perilune.hub.engine.matching import columns
from perilune.hub.engine.values import BadDate, parse_date, parse_number
from perilune.kernel.kinds import FieldType, Kind, Scalar

BANDS = {
    "00": "0", "01": "1-2", "02": "3-5", "03": "6-9", "11": "10-19", "12": "20-49", "21": "50-99",
    "22": "100-199", "31": "200-249", "32": "250-499", "41": "500-999", "42": "1000-1999",
    "51": "2000-4999", "52": "5000-9999", "53": "10000+",
}  # fmt: skip
"""Size class of the INSEE: employees."""
_READ = frozenset((FieldType.TEXT, FieldType.INTEGER, FieldType.DECIMAL))
_ROLES = {
    Role.NAME: "name", Role.ADDRESS: "street", Role.CITY: "city", Role.POSTCODE: "postcode",
    Role.COUNTRY: "country", Role.PHONE: "phone", Role.EMAIL: "email", Role.DOMAIN: "website",
}  # fmt: skip
_DATED = frozenset(("date", "updated", "lastupdate", "asof", "maj", "datemaj", "datedemiseajour",
                    "modifiedat", "updatedat"))  # fmt: skip


class Said(NamedTuple):
    """What one row of a table says. is_seat: it speaks of the company, not of another site."""

    values: dict[str, Scalar]
    told_on: date | None = None
    is_seat: bool = True

    def text(self, name: str) -> str:
        """Return a value as text, empty for none."""
        value = self.values.get(name)
        return "" if value is None else str(value)


Reader = Callable[[Sequence[str]], Said]


def reader_of(header: Sequence[str], sample: Sequence[Sequence[str]], kind: Kind) -> Reader:
    """Return what reads a row of a table with this header. sample: its first rows."""
    at = {name: number for number, name in enumerate(header)}
    if "siren" in at and any(name.endswith("UniteLegale") for name in at):
        return lambda row: _unit(_cells(at, row))
    if "siret" in at and any(name.endswith("Etablissement") for name in at):
        return lambda row: _site(_cells(at, row))
    return _table(header, sample, kind)


def _cells(at: Mapping[str, int], row: Sequence[str]) -> Callable[[str], str]:
    def cell(name: str) -> str:
        number = at.get(name)
        text = row[number].strip() if number is not None and number < len(row) else ""
        return "" if text in ("[ND]", "NN") else text  # withheld, not known

    return cell


def _unit(cell: Callable[[str], str]) -> Said:
    person = " ".join(filter(None, (cell("prenom1UniteLegale"), cell("nomUniteLegale"))))
    born = _day(cell("dateCreationUniteLegale"))
    return Said(
        _filled(
            name=cell("denominationUniteLegale") or person, siren=cell("siren"),
            naf=cell("activitePrincipaleUniteLegale"),
            headcount_band=BANDS.get(cell("trancheEffectifsUniteLegale"), ""),
            founded_year=born.year if born and born.year > 1800 else None,
        ),
        _day(cell("dateDernierTraitementUniteLegale")),
    )  # fmt: skip


def _site(cell: Callable[[str], str]) -> Said:
    street = " ".join(
        filter(
            None,
            (
                cell("numeroVoieEtablissement"), cell("indiceRepetitionEtablissement"),
                cell("typeVoieEtablissement"), cell("libelleVoieEtablissement"),
            ),
        )
    )  # fmt: skip
    name = cell("enseigne1Etablissement") or cell("denominationUsuelleEtablissement")
    return Said(
        _filled(
            name=name, siren=cell("siren"), siret=cell("siret"),
            naf=cell("activitePrincipaleEtablissement"), street=street,
            postcode=cell("codePostalEtablissement"), city=cell("libelleCommuneEtablissement"),
            country="" if cell("libellePaysEtrangerEtablissement") else "France",
        ),
        _day(cell("dateDernierTraitementEtablissement")),
        is_seat=cell("etablissementSiege").casefold() in ("true", "1", "oui"),
    )  # fmt: skip


def _table(header: Sequence[str], sample: Sequence[Sequence[str]], kind: Kind) -> Reader:
    """Read any table: columns by their headers as an import does, else by what their cells hold."""
    read = mapping.as_kind("", header, kind.name, {kind.name: kind}).records[0]
    types = {item.name: item.type for item in kind.fields}
    placed = {one.column: one.field for one in read.fields if one.column in header}
    for number, name in enumerate(header):
        if name in placed:
            continue
        cells = [row[number] for row in sample if number < len(row)]
        role, _sure = columns.role_of(name, cells)
        field = _ROLES.get(role) if role is not None else None
        if field in types and field not in placed.values():
            placed[name] = field
    dated = next((n for n, h in enumerate(header) if mapping.plain(h) in _DATED), None)
    wanted = [
        (number, placed[name], types[placed[name]])
        for number, name in enumerate(header)
        if name in placed and types.get(placed[name]) in _READ
    ]

    def read_row(row: Sequence[str]) -> Said:
        values = {
            field: _value(row[number], type_)
            for number, field, type_ in wanted
            if number < len(row)
        }
        day = _day(row[dated]) if dated is not None and dated < len(row) else None
        return Said({name: value for name, value in values.items() if value is not None}, day)

    return read_row


def _value(text: str, type_: FieldType) -> Scalar:
    plain = " ".join(text.split())
    if not plain or type_ is FieldType.TEXT:
        return plain or None
    number = parse_number(plain)
    if number is None:
        return None
    return int(number) if type_ is FieldType.INTEGER else float(number)


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date(*map(int, re.split(r"\D", text.strip()[:10])))
    except (ValueError, TypeError):
        pass
    try:
        found = parse_date(text)
    except BadDate:
        return None
    return found.date() if isinstance(found, datetime) else found


def _filled(**values: Scalar) -> dict[str, Scalar]:
    return {name: value for name, value in values.items() if value not in (None, "")}
