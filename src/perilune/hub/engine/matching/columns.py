"""Which columns of a table to compare, and what each holds, from its header and its content."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from perilune.hub.contracts.duplicates import Field, Role
from perilune.hub.engine.matching import normal, words
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _

HEADERS: dict[Role, tuple[str, ...]] = {
    Role.NAME: (
        "name", "company", "company name", "account", "account name", "organisation",
        "organization",
        "business name", "site name", "legal name", "trade name", "customer", "nom",
        "raison sociale",
        "denomination", "enseigne", "societe", "entreprise", "nom du compte", "client", "full name",
    ),
    Role.ADDRESS: (
        "address", "addr", "street", "street address", "billing street", "address 1",
        "address line 1",
        "adresse", "rue", "voie", "billing address", "shipping street", "adresse 1",
    ),
    Role.CITY: ("city", "town", "billing city", "suburb", "ville", "commune", "localite"),
    Role.POSTCODE: (
        "zip", "zipcode", "zip code", "postcode", "post code", "postal code", "postalcode",
        "code postal", "cp", "billing postal code", "plz", "billing zip",
    ),
    Role.COUNTRY: ("country", "pays", "billing country", "country code", "code pays", "nation"),
    Role.PHONE: (
        "phone", "telephone", "tel", "phone number", "main phone", "business phone", "mobile",
        "portable", "numero de telephone", "fax",
    ),
    Role.EMAIL: ("email", "e mail", "mail", "email address", "courriel", "adresse email"),
    Role.DOMAIN: ("website", "web site", "web", "url", "domain", "homepage", "site web", "domaine",
                  "site internet"),
    Role.REGISTRATION: (
        "siret", "siren", "vat", "vat number", "tva", "numero de tva", "tva intracommunautaire",
        "registration number", "company number", "tax id", "ein", "duns", "rcs", "lei",
    ),
    Role.TEXT: (
        "first name", "given name", "last name", "surname", "family name", "prenom",
        "nom de famille",
        "date of birth", "birth date", "dob", "date de naissance",
    ),
}  # fmt: skip
"""role: headers, folded, that name it, in English and French"""

ALIASES = {
    **{role.value: role for role in Role if role is not Role.TEXT},
    **{
        header: role
        for role, headers in HEADERS.items()
        for header in headers
        if role is not Role.TEXT
    },
}
SAMPLE = 2_000
FILLED = 0.05
"""A column with fewer values, by share of rows, is not compared unless a person names it."""
ONE_OF = frozenset(Role) - {Role.TEXT}

_PHONE = re.compile(r"^[+(]?\d[\d\s().\-/]{5,20}(?:\s*(?:x|ext\.?|poste|#)\s*\d+)?$", re.IGNORECASE)
_POSTCODE = re.compile(
    r"^(?:\d{4,5}(?:-\d{4})?|"
    r"[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}|[A-Za-z]\d[A-Za-z] ?\d[A-Za-z]\d)$"
)
_DATE = re.compile(r"^\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}")
_STREET = re.compile(r"^\d+\s*(?:bis|ter)?[\s,\-]+\S*[A-Za-z]|^\d+-\d+ "
    r"|\bp\.? ?o\.? box\b|^\d+(?:st|nd|rd|th)\b",
                     re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """What a sample of a column's filled cells looks like, in shares."""

    filled: float
    distinct: float
    cells: tuple[str, ...]

    def share(self, test: Callable[[str], bool]) -> float:
        """Return the share of cells that pass."""
        return sum(map(test, self.cells)) / len(self.cells) if self.cells else 0.0


def look(cells: Sequence[str]) -> Look:
    """Look at a column: the whole for how full it is, a spread sample for what it holds."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    sample = filled[:: max(1, len(filled) // SAMPLE)][:SAMPLE]
    return Look(
        len(filled) / len(cells) if cells else 0.0,
        len(set(sample)) / len(sample) if sample else 0.0,
        tuple(cell[: normal.MOST] for cell in sample),
    )


def _is_street(cell: str) -> bool:
    if _DATE.match(cell) or _PHONE.match(cell):
        return False
    kinds = words.KINDS_OF_STREET - {"st"}
    found = words.fold(cell).split()
    return bool(_STREET.search(cell)) or (
        len(found) > 2 and any(words.STREETS.get(w, w) in kinds for w in found[:3])
    )


def _is_host(cell: str) -> bool:
    return (
        " " not in cell and "@" not in cell and bool(re.search(r"[a-z]\.[a-z]{2,}", cell.lower()))
    )


def _is_words(cell: str) -> bool:
    letters = sum(c.isalpha() for c in cell)
    return letters >= 0.5 * len(cell.replace(" ", "")) and "@" not in cell and len(cell) < 200


_FITS: dict[Role, Callable[[str], bool]] = {
    Role.NAME: _is_words,
    Role.ADDRESS: _is_street,
    Role.CITY: lambda c: _is_words(c) and not any(map(str.isdigit, c.replace("CEDEX", ""))),
    Role.POSTCODE: lambda c: bool(_POSTCODE.match(c)),
    Role.COUNTRY: lambda c: _is_words(c) and len(c) < 40,
    Role.PHONE: lambda c: bool(_PHONE.match(c)) and not _DATE.match(c) and len(normal.phone(c)) > 5,
    Role.EMAIL: lambda c: bool(normal.email(c)),
    Role.DOMAIN: _is_host,
    Role.REGISTRATION: lambda c: bool(normal.registration(c)) and any(map(str.isdigit, c)),
    Role.TEXT: lambda c: len(c) < 200,
}
_BY_CONTENT = (Role.EMAIL, Role.DOMAIN, Role.PHONE, Role.ADDRESS)
"""What is told by its cells alone. A name or a town is not: its header must say so."""


def header_of(column: str) -> str:
    """Return a header folded: BillingPostalCode, billing_postal_code are billing postal code."""
    return words.fold(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column.replace("_", " ")))


def named(column: str) -> tuple[Role | None, float]:
    """Return the role that a header names, and how surely: 1 where it is such a header."""
    header = header_of(column)
    best: tuple[Role | None, float] = (None, 0.0)
    for role, headers in HEADERS.items():
        for one in headers:
            if header == one:
                # the earlier of a role's headers is the more usual: fax comes after phone
                return role, 1.0 - 0.01 * headers.index(one)
            if header.endswith(" " + one) or header.startswith(one + " "):
                sure = 0.3 + 0.3 * len(one) / len(header) - (0.25 if one == "fax" else 0)
                best = max(best, (role, sure), key=lambda pair: pair[1])
    return best


def role_of(column: str, cells: Sequence[str]) -> tuple[Role | None, float]:
    """Return what a column holds and how surely, 0 to 2; None where it is nothing to compare."""
    seen = look(cells)
    if not seen.cells:
        return None, 0.0
    role, sure = named(column)
    if role is not None:
        fits = _is_words if role is Role.ADDRESS and sure > 0.8 else _FITS[role]
        fit = max(seen.share(fits), seen.share(_FITS[role]))
        if fit >= 0.6:
            return role, sure * fit + 0.3 * seen.distinct
    if header_of(column).split()[-1:] in (["id"], ["key"], ["code"]):
        return None, 0.0
    for role in _BY_CONTENT:
        fit = seen.share(_FITS[role])
        if fit >= 0.8:
            return role, 0.5 * fit
    return None, 0.0


def recognised(table: Mapping[str, Sequence[str]], leave: str = "") -> list[Field]:
    """Return the columns to compare: of each kind the surest one, and parts of a person's name.

    table: column: cells. leave: the column of ids. Raises Invalid when nothing is recognised.
    """
    best: dict[Role, tuple[float, str]] = {}
    texts: list[str] = []
    for column, cells in table.items():
        if column == leave:
            continue
        role, sure = role_of(column, cells)
        if role is None or look(cells).filled < FILLED:
            continue
        if role is Role.TEXT:
            texts.append(column)
        elif role not in best or sure > best[role][0]:
            best[role] = (sure, column)
    found = {column: role for role, (_sure, column) in best.items()} | dict.fromkeys(
        texts, Role.TEXT
    )
    fields = [Field(column, found[column]) for column in table if column in found]
    if not fields:
        raise Invalid(
            _("No column holds a name, an address, a phone or the like; name some with --fields."),
        )
    return fields


def chosen(
    table: Mapping[str, Sequence[str]], wanted: Sequence[str], leave: str = ""
) -> list[Field]:
    """Return the columns that a person names: by header, by kind (name, zip) or as kind=header.

    Raises Invalid for one that is not there.
    """
    fields: list[Field] = []
    for text in wanted:
        fields.append(_one(table, text.strip(), leave))
    repeated = {f.column for f in fields if [g.column for g in fields].count(f.column) > 1}
    if repeated:
        raise Invalid(_("The column %(name)s is named twice."), name=min(repeated))
    return fields


def _one(table: Mapping[str, Sequence[str]], text: str, leave: str) -> Field:
    kind, _equals, header = text.rpartition("=")
    headers = {header_of(column): column for column in reversed(list(table))}
    column = header if header in table else headers.get(header_of(header), "")
    if kind:
        role = ALIASES.get(header_of(kind)) or (
            Role.TEXT if kind.strip() == Role.TEXT.value else None
        )
        if role is None or not column:
            raise _absent(table, text if role is None else header)
        return Field(column, role)
    if column:
        role, _sure = role_of(column, table[column])
        return Field(column, role or Role.TEXT)
    role = ALIASES.get(header_of(header))
    if role is None:
        raise _absent(table, text)
    ranked = [
        (sure, column)
        for column, cells in table.items()
        for found, sure in [role_of(column, cells)]
        if found is role and column != leave
    ]
    if not ranked:
        raise _absent(table, text)
    return Field(max(ranked, key=lambda pair: pair[0])[1], role)


def _absent(table: Mapping[str, Sequence[str]], text: str) -> Invalid:
    return Invalid(
        _("There is no column “%(name)s”. The file has: %(columns)s."),
        name=text,
        columns=", ".join(list(table)[:40]),
    )
