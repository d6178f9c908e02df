"""What crosses the border of repairs: proposals, their rules, the company's spellings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from perilune.kernel.kinds import Scalar
from perilune.kernel.messages import gettext_noop as _

MENDED: tuple[str, ...] = ("account", "contact", "lead")
"""Kinds whose records are looked through."""


class Sure(IntEnum):
    """How far a proposal can be trusted. No probability is claimed."""

    LOOK = 1
    LIKELY = 2
    CERTAIN = 3


SURE_LABELS = {
    Sure.CERTAIN: _("same meaning"),
    Sure.LIKELY: _("likely"),
    Sure.LOOK: _("worth a look"),
}


class Rule(StrEnum):
    """The kind of a repair."""

    EMAIL = "email"
    PHONE = "phone"
    WEBSITE = "website"
    COUNTRY = "country"
    POSTCODE = "postcode"
    NUMBER = "number"
    COMPANY_FORM = "company_form"
    COMPANY_CAPITALS = "company_capitals"
    PERSON_CAPITALS = "person_capitals"
    SPACES = "spaces"
    NOTHING = "nothing"
    WEBSITE_OF_MAIL = "website_of_mail"
    COUNTRY_TOLD = "country_told"
    SIREN_TOLD = "siren_told"
    ENRICHED = "enriched"


RULE_LABELS = {
    Rule.EMAIL: _("E-mail addresses written as mail servers read them"),
    Rule.PHONE: _("Telephone numbers in one form"),
    Rule.WEBSITE: _("Web addresses in one form"),
    Rule.COUNTRY: _("Countries in one spelling"),
    Rule.POSTCODE: _("Postcodes as their country writes them"),
    Rule.NUMBER: _("Registration numbers without spaces"),
    Rule.COMPANY_FORM: _("Legal forms in their usual spelling"),
    Rule.COMPANY_CAPITALS: _("Companies named in capitals or without any"),
    Rule.PERSON_CAPITALS: _("People named in capitals or without any"),
    Rule.SPACES: _("Spaces too many"),
    Rule.NOTHING: _("Values that stand for nothing"),
    Rule.WEBSITE_OF_MAIL: _("Web sites by the e-mail addresses of the contacts"),
    Rule.COUNTRY_TOLD: _("Countries by telephone numbers and VAT numbers"),
    Rule.SIREN_TOLD: _("SIREN by the SIRET or the VAT number"),
    Rule.ENRICHED: _("What a provider says"),
}

WHYS = {
    Rule.EMAIL: _("the domain of an address has no capitals; what stands around it is left out"),
    Rule.PHONE: _("a valid number of its country, digit by digit the same"),
    Rule.WEBSITE: _("a host has no capitals; what follows a campaign is left out"),
    Rule.COUNTRY: _("the same country in the spelling of the company"),
    Rule.POSTCODE: _("the same signs as the post of the country writes them"),
    Rule.NUMBER: _("the same signs without what stands between them"),
    Rule.COMPANY_FORM: _("the same legal form in its usual spelling"),
    Rule.COMPANY_CAPITALS: _("the same letters; a brand may want its capitals"),
    Rule.PERSON_CAPITALS: _("the same letters with the capitals of a name"),
    Rule.SPACES: _("the same words, one space between them"),
    Rule.NOTHING: _("it was written because a form asked"),
    Rule.WEBSITE_OF_MAIL: _("all contacts with an address of a company share its domain"),
    Rule.COUNTRY_TOLD: _("all numbers that tell a country tell this one"),
    Rule.SIREN_TOLD: _("the first nine digits of a SIRET, the last nine of a French VAT number"),
    Rule.ENRICHED: _("a provider says so"),
}


class PhoneForm(StrEnum):
    """How telephone numbers are kept."""

    INTERNATIONAL = "international"
    E164 = "e164"
    NATIONAL = "national"


PHONE_LABELS = {
    PhoneForm.INTERNATIONAL: _("+33 1 42 27 00 00"),
    PhoneForm.E164: _("+33142270000 (E.164)"),
    PhoneForm.NATIONAL: _("01 42 27 00 00 within its country"),
}
COUNTRY_FORMS = {"en": _("English name"), "fr": _("French name"), "code": _("two letters (ISO)")}


@dataclass(frozen=True)
class Spelling:
    """What the company writes. country: «en», «fr» or «code»."""

    country: str = "en"
    phone: PhoneForm = PhoneForm.INTERNATIONAL


@dataclass(frozen=True)
class Normal:
    """A value in its normal form. rule: which made it, None where it stays as it is."""

    value: str | None
    rule: Rule | None = None
    sure: Sure = Sure.CERTAIN


@dataclass(frozen=True)
class Told:
    """What other data say of a blank field: agree of so many say the value."""

    value: str
    agree: int
    of: int


@dataclass(frozen=True)
class Proposal:
    """A field of a record that could become another: `old` and `new` as history keeps them.

    agree, of: how many of those who could tell say so (0 where the value itself tells).
    """

    kind: str
    record_id: int
    field: str
    old: Scalar
    new: Scalar
    rule: Rule
    sure: Sure
    agree: int = 0
    of: int = 0


@dataclass(frozen=True)
class MendGroup:
    """Open proposals of one kind of repair. samples: (old, new) pairs.

    origin: the provider that says so, empty for a repair. accepted, rejected: what people decided
    of this kind of repair so far.
    """

    kind: str
    rule: Rule
    origin: str
    count: int
    samples: tuple[tuple[Scalar, Scalar], ...] = ()
    accepted: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class MendRow:
    """One proposal as a person sees it. told_on: the provider's date."""

    id: int
    kind: str
    record_id: int
    title: str
    field: str
    label: str
    old: Scalar
    new: Scalar
    sure: Sure
    agree: int
    of: int
    origin: str = ""
    told_on: str = ""
    probability: float | None = None


@dataclass(frozen=True)
class Stale:
    """A proposal that was not applied, for the field was edited since: it holds `now`."""

    kind: str
    record_id: int
    field: str
    old: Scalar
    now: Scalar


@dataclass(frozen=True)
class Applied:
    """What applying did, or would do (run 0). left: open ones beyond the cap."""

    run: int
    change_set_id: int | None
    fields: int
    records: int
    stale: tuple[Stale, ...] = ()
    left: int = 0


@dataclass(frozen=True)
class MendRun:
    """Repairs that were applied as one change set. rule: empty where several were picked."""

    id: int
    change_set_id: int
    actor: str
    at: datetime
    kind: str
    rule: str
    origin: str
    fields: int
    is_standing: bool


@dataclass(frozen=True)
class Undone:
    """What taking repairs back did; kept: fields with later edits, which stand."""

    run: int
    fields: int
    kept: tuple[Stale, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What is known around a record.

    mails, phones: of an account's contacts; country: of a person's account.
    """

    mails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    country: str = ""


NO_FACTS = Facts()
TEXTS: Mapping[str, tuple[str, ...]] = {
    "account": (
        "name", "industry", "segment", "country", "region", "city", "postcode", "street",
        "website", "phone", "siren", "siret", "vat_number",
    ),
    "contact": ("name", "first_name", "last_name", "job_title", "email", "phone", "country"),
    "lead": ("name", "company", "job_title", "email", "phone", "source", "country"),
}  # fmt: skip
"""Kind: texts that are looked at."""


@dataclass(frozen=True)
class Looked:
    """What a look found. seen: records; waiting: open proposals of all kinds."""

    seen: int
    found: int
    waiting: int
    spelling: Spelling = field(default_factory=Spelling)
