"""What other data say of a blank field: only where all that could tell say one thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from perilune.hub.contracts.mending import Told
from perilune.hub.engine.matching import normal
from perilune.hub.engine.mending.places import siren_in, vat_country
from perilune.hub.engine.mending.reach import phone_country

ALONE = 2
"""Addresses that must agree where the domain does not resemble the company's name."""


def website_of(mails: Sequence[str], name: str) -> Told | None:
    """Return the domain that all addresses of a company's contacts share, free mail left out.

    One address is enough where its domain resembles the company's name.
    """
    found = Counter(domain for mail in mails if (domain := normal.domain(normal.email(mail))))
    told = _one(found)
    if told is None or (told.of < ALONE and not _resembles(told.value, name)):
        return None
    return told


def _resembles(domain: str, name: str) -> bool:
    label = "".join(c for c in domain.rpartition(".")[0].rpartition(".")[2] if c.isalnum())
    plain = normal.name(name).replace(" ", "")
    return len(label) > 3 and (label in plain or (len(plain) > 3 and plain in label))


def country_of(vats: Iterable[str], phones: Iterable[str]) -> Told | None:
    """Return the ISO country that VAT numbers and numbers with a country's code tell."""
    said = [vat_country(one) for one in vats if one] + [phone_country(one) for one in phones if one]
    return _one(Counter(one for one in said if one))


def siren_of(siret: str, vat: str) -> Told | None:
    """Return the SIREN that a SIRET and a French VAT number hold."""
    found = siren_in(siret, vat)
    if len(found) != 1:
        return None
    count = len(siren_in(siret, "")) + len(siren_in("", vat))
    return Told(found.pop(), count, count)


def _one(found: Counter[str]) -> Told | None:
    """Return what all say; None where nobody tells or two tell another thing."""
    if len(found) != 1:
        return None
    ((value, agree),) = found.items()
    return Told(value, agree, agree)
