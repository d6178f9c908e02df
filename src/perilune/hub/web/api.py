"""Duplicates for programs: is what they are about to add there already?"""

from __future__ import annotations

from typing import Any, Literal, cast

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.params.functions import Query

from perilune.hub.queries.lookalikes import document
from perilune.hub.service.lookalikes import check
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, require

router = Router(tags=["duplicates"], by_alias=True)
_TEXT = Query("", max_length=400)


class LookOut(Schema):
    """A record that looks like what was asked; strength: sure, likely or possible."""

    kind: str
    id: int
    title: str
    detail: str
    strength: str
    why: list[str]


class BeyondOut(Schema):
    """A record that the reader may not see: whom to ask."""

    kind: str
    ask: str


class LooksOut(Schema):
    """The answer; is_whole: false while the keys of large homes are being built."""

    schema_: int = Field(alias="schema")
    kind: str
    found: list[LookOut]
    elsewhere: list[BeyondOut]
    is_whole: bool


@router.get("/check", response=LooksOut, summary="Is it there already?", url_name="check")
def look(  # noqa: PLR0913, PLR0917  # every field of the address is named in the document
    request: HttpRequest,
    kind: Literal["account", "contact", "lead"] = "account",
    name: str = _TEXT,
    first_name: str = _TEXT,
    last_name: str = _TEXT,
    email: str = _TEXT,
    phone: str = _TEXT,
    website: str = _TEXT,
    company: str = _TEXT,
    street: str = _TEXT,
    postcode: str = _TEXT,
    city: str = _TEXT,
    siren: str = _TEXT,
    siret: str = _TEXT,
    vat_number: str = _TEXT,
    account_id: int | None = None,
) -> dict[str, Any]:
    """Records that look like one with these values, the likeliest first, with reasons.

    Nothing is written. Of a record that the reader may not see only whom to ask is told.
    """
    asked = cast(PageRequest, request)
    require(asked, Right.SEE_ROWS)
    values = {
        "name": name, "first_name": first_name, "last_name": last_name, "email": email,
        "phone": phone, "website": website, "company": company, "street": street,
        "postcode": postcode, "city": city, "siren": siren, "siret": siret,
        "vat_number": vat_number, "account_id": account_id,
    }  # fmt: skip
    return document(kind, check(kind, values, asked.scope))
