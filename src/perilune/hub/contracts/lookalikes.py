"""What crosses the border of prevention: what is typed or arrives, and the records that look so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from perilune.kernel.messages import gettext_noop as _


class Why(StrEnum):
    """One way in which two records agree."""

    NUMBER = "number"
    EMAIL = "email"
    DOMAIN = "domain"
    PHONE = "phone"
    NAME = "name"
    NEAR_NAME = "near_name"
    COMPANY = "company"
    ADDRESS = "address"
    PLACE = "place"
    BEGINS = "begins"


WHY_LABELS = {
    Why.NUMBER: _("same registration number"),
    Why.EMAIL: _("same e-mail address"),
    Why.DOMAIN: _("same web domain"),
    Why.PHONE: _("same telephone"),
    Why.NAME: _("same name"),
    Why.NEAR_NAME: _("similar name"),
    Why.COMPANY: _("same company"),
    Why.ADDRESS: _("same address"),
    Why.PLACE: _("same place"),
    Why.BEGINS: _("name begins so"),
}
"""Ways to agree, in words (msgids)."""


class Strength(IntEnum):
    """How much speaks for two records being one. No probability is claimed."""

    NONE = 0
    POSSIBLE = 1
    LIKELY = 2
    SURE = 3


STRENGTH_LABELS = {
    Strength.POSSIBLE: _("possible"),
    Strength.LIKELY: _("likely"),
    Strength.SURE: _("sure"),
}


class Choice(StrEnum):
    """What becomes of a row of an import that looks like a record, or like another row."""

    WRITE = "write"
    LEAVE_OUT = "leave-out"
    UPDATE = "update"


CHOICE_LABELS = {
    Choice.WRITE: _("Write the row anyway"),
    Choice.LEAVE_OUT: _("Leave the row out"),
    Choice.UPDATE: _("Take the row as an update"),
}

LIKE_RECORD = "like_record"
ALIKE_CODES = (LIKE_RECORD, "like_row")
"""Doubts of rows that look like a record that exists, and like an earlier row of the import."""

LOOKED: tuple[str, ...] = ("account", "contact", "lead")
"""Kinds whose records are looked for."""

ASKED: Mapping[str, tuple[str, ...]] = {
    "account": ("account",),
    "contact": ("contact", "lead", "account"),
    "lead": ("lead", "contact", "account"),
}
"""Kind of what is typed: kinds of records that it may be, or belong to, in the order shown."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "account": (
        "name", "website", "phone", "street", "postcode", "city", "country", "siren", "siret",
        "vat_number",
    ),
    "contact": ("name", "first_name", "last_name", "email", "phone", "account_id"),
    "lead": ("name", "company", "email", "phone", "country"),
}  # fmt: skip
"""Kind: fields that a check reads."""


@dataclass(frozen=True)
class Facts:
    """What is known of a record in its normal spelling; empty where nothing is.

    numbers: registration numbers as (SIREN or company number, SIRET); company: where a person
    works, in normal spelling; account: the id of the account where they do.
    """

    kind: str
    name: str = ""
    email: str = ""
    domain: str = ""
    phone: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    siren: str = ""
    siret: str = ""
    vat: str = ""
    company: str = ""
    account: int | None = None


@dataclass(frozen=True)
class Look:
    """A record that looks like what was asked about, the likeliest first in an answer."""

    kind: str
    id: int
    title: str
    detail: str
    strength: Strength
    why: tuple[Why, ...]


@dataclass(frozen=True)
class Beyond:
    """A record that the reader may not see: all that is told is whom to ask (rule 35)."""

    kind: str
    ask: str


@dataclass(frozen=True)
class Looks:
    """An answer. is_whole: every record of the home was looked at; False while keys are built."""

    found: tuple[Look, ...] = ()
    beyond: tuple[Beyond, ...] = ()
    is_whole: bool = True
