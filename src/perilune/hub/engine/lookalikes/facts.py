"""A record's values in the normal spelling that keys and reasons are made of. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from perilune.hub.contracts.duplicates import Role
from perilune.hub.contracts.lookalikes import Facts
from perilune.hub.engine.matching import normal, words

_FRENCH_VAT = re.compile(r"^fr[0-9a-z]{2}(\d{9})$")


def facts(kind: str, values: Mapping[str, Any]) -> Facts:
    """Return what a record of a kind says of itself. values: by field name, any may be missing."""
    return _organisation(values) if kind == "account" else _person(kind, values)


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return str(value) if value else ""


def _said(text: str) -> str:
    return "" if text in normal.EMPTY else text


def _organisation(values: Mapping[str, Any]) -> Facts:
    siret = normal.registration(_text(values, "siret"))
    vat = normal.registration(_text(values, "vat_number"))
    french = _FRENCH_VAT.match(vat)
    siren = normal.registration(_text(values, "siren"))
    siren = siren or siret[:9] or (french.group(1) if french else "")
    return Facts(
        "account",
        name=_said(normal.name(_text(values, "name"))),
        domain=normal.domain(_text(values, "website")),
        phone=normal.phone(_text(values, "phone")),
        street=_said(normal.address(_text(values, "street"))),
        postcode=normal.postcode(_text(values, "postcode")),
        city=_said(normal.NORMAL[Role.CITY](_text(values, "city"))),
        siren=siren, siret=siret, vat=vat,
    )  # fmt: skip


def _person(kind: str, values: Mapping[str, Any]) -> Facts:
    name = _text(values, "name") or " ".join(
        part for part in (_text(values, "first_name"), _text(values, "last_name")) if part
    )
    email = normal.email(_text(values, "email"))
    account = values.get("account_id")
    return Facts(
        kind,
        name=_said(words.fold(name[: normal.MOST])),
        email=email,
        domain=normal.domain(email),
        phone=normal.phone(_text(values, "phone")),
        company=_said(normal.name(_text(values, "company"))),
        account=account if isinstance(account, int) else None,
    )


def employer(person: Facts) -> Facts:
    """Return what a person says of the organisation where they work, to look for its account."""
    return Facts("account", name=person.company, domain=person.domain, phone=person.phone)
