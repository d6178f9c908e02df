"""What crosses the border of data quality: rules as data, scores, rows to mend, exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from perilune.crm.contracts import Condition
from perilune.kernel.kinds import FieldType
from perilune.kernel.messages import gettext_noop as _

KINDS_JUDGED = ("opportunity", "account", "contact", "lead", "activity", "case", "stage")
"""Kinds of record that rules may be made for, in the order of their importance to a forecast."""
QUALIFIED = "qualified"
"""The stage from which the company counts a deal as qualified, whatever its name."""
MOST_WEIGHT = 10
MOST_RULES = 60
"""Of one kind at a time: what one query answers."""
LONGEST_NAME = 120
LONGEST_REASON = 300


class Check(StrEnum):
    """The six families of rules."""

    REQUIRED = "required"
    FORMAT = "format"
    RANGE = "range"
    FRESHNESS = "freshness"
    CONSISTENCY = "consistency"
    ORPHAN = "orphan"


CHECK_LABELS: dict[Check, str] = {
    Check.REQUIRED: _("Required"),
    Check.FORMAT: _("Form"),
    Check.RANGE: _("Bounds"),
    Check.FRESHNESS: _("Freshness"),
    Check.CONSISTENCY: _("Consistency"),
    Check.ORPHAN: _("Orphans"),
}


class QualityTest(StrEnum):
    """What exactly a rule asks of a record."""

    FILLED = "filled"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    POSTCODE = "postcode"
    SIREN = "siren"
    SIRET = "siret"
    VAT = "vat"
    BETWEEN = "between"
    NEAR = "near"
    STALE = "stale"
    OVERDUE = "overdue"
    WON_AMOUNT = "won_amount"
    CLOSED_AHEAD = "closed_ahead"
    CLOSES_EARLY = "closes_early"
    CURRENCY = "currency"
    LINES = "lines"
    PHONE_COUNTRY = "phone_country"
    SIRET_SIREN = "siret_siren"
    VAT_SIREN = "vat_siren"
    LINKED = "linked"
    OWNED = "owned"
    OWNER_HERE = "owner_here"


_TEXTS = (FieldType.TEXT, FieldType.LONG_TEXT)
_NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.UNIT_PRICE)
_DEAL, _ACCOUNT = ("opportunity",), ("account",)


@dataclass(frozen=True)
class TestFacts:
    """What a test is for. sentence: a msgid with %(field)s, %(least)s, %(most)s, %(days)s.

    kinds: empty for all. types: of the field that it is asked of. field: the one that it is always
    asked of, "" where the rule names it. takes: parameters of a rule that it reads.
    """

    __test__ = False

    check: Check
    label: str
    sentence: str
    kinds: tuple[str, ...] = ()
    types: tuple[FieldType, ...] = ()
    field: str = ""
    takes: tuple[str, ...] = ()


T, F = QualityTest, TestFacts
TESTS: dict[QualityTest, TestFacts] = {
    T.FILLED: F(Check.REQUIRED, _("is filled"), _("“%(field)s” is filled"),
                types=tuple(one for one in FieldType if one is not FieldType.REFERENCE)),
    T.LINKED: F(Check.ORPHAN, _("names a record"), _("“%(field)s” names a record"),
                types=(FieldType.REFERENCE,)),
    T.EMAIL: F(Check.FORMAT, _("is an e-mail address"),
               _("“%(field)s” is an e-mail address where it is filled"), types=_TEXTS),
    T.PHONE: F(Check.FORMAT, _("is a telephone number"),
               _("“%(field)s” is a telephone number where it is filled"), types=_TEXTS),
    T.URL: F(Check.FORMAT, _("is a web address"),
             _("“%(field)s” is a web address where it is filled"), types=_TEXTS),
    T.POSTCODE: F(Check.FORMAT, _("has the form of its country’s postcodes"),
                  _("“%(field)s” has the form of its country’s postcodes"),
                  kinds=_ACCOUNT, types=_TEXTS),
    T.SIREN: F(Check.FORMAT, _("is a SIREN whose key holds"),
               _("“%(field)s” is a SIREN whose key holds, where it is filled"), types=_TEXTS),
    T.SIRET: F(Check.FORMAT, _("is a SIRET whose key holds"),
               _("“%(field)s” is a SIRET whose key holds, where it is filled"), types=_TEXTS),
    T.VAT: F(Check.FORMAT, _("is a VAT number whose key holds"),
             _("“%(field)s” is a VAT number whose key holds, where it is filled"), types=_TEXTS),
    T.BETWEEN: F(Check.RANGE, _("lies between two numbers"),
                 _("“%(field)s” lies between %(least)s and %(most)s"),
                 types=_NUMBERS, takes=("least", "most")),
    T.NEAR: F(Check.RANGE, _("lies within a number of days of today"),
              _("“%(field)s” lies from %(least)s to %(most)s days after today"),
              types=(FieldType.DATE,), takes=("least", "most")),
    T.STALE: F(Check.FRESHNESS, _("was changed or worked on lately"),
               _("something was changed or done within %(days)s days"),
               types=tuple(FieldType), takes=("days",)),
    T.OVERDUE: F(Check.FRESHNESS, _("has not passed"), _("“%(field)s” has not passed"),
                 types=(FieldType.DATE,)),
    T.WON_AMOUNT: F(Check.CONSISTENCY, _("a won deal has an amount"),
                    _("a won deal has an amount other than zero"), kinds=_DEAL, field="amount"),
    T.CLOSED_AHEAD: F(Check.CONSISTENCY, _("a closed deal has closed"),
                      _("the close date of a closed deal does not lie in the future"),
                      kinds=_DEAL, field="close_date"),
    T.CLOSES_EARLY: F(Check.CONSISTENCY, _("closes after it was created"),
                      _("the close date does not lie before the creation"),
                      kinds=_DEAL, field="close_date"),
    T.CURRENCY: F(Check.CONSISTENCY, _("has its account’s currency"),
                  _("the currency is that of the account, where both say one"),
                  kinds=_DEAL, field="currency"),
    T.LINES: F(Check.CONSISTENCY, _("is the sum of its lines"),
               _("the amount is the sum of the lines, where all of them have one"),
               kinds=_DEAL, field="amount"),
    T.PHONE_COUNTRY: F(Check.CONSISTENCY, _("begins with the code of its country"),
                       _("a telephone number with a country code has that of the country"),
                       kinds=("account", "contact"), field="phone"),
    T.SIRET_SIREN: F(Check.CONSISTENCY, _("SIRET begins with the SIREN"),
                     _("the SIRET begins with the SIREN"), kinds=_ACCOUNT, field="siret"),
    T.VAT_SIREN: F(Check.CONSISTENCY, _("VAT number holds the SIREN"),
                   _("a French VAT number ends with the SIREN"),
                   kinds=_ACCOUNT, field="vat_number"),
    T.OWNED: F(Check.ORPHAN, _("has an owner"), _("it has an owner"), field="owner_id"),
    T.OWNER_HERE: F(Check.ORPHAN, _("its owner is still here"),
                    _("its owner is a rep who has not left"), field="owner_id"),
}  # fmt: skip


@dataclass(frozen=True)
class QualityRule:
    """One version of a rule: what records of a kind must satisfy, and from when to when.

    key: the same for all versions. conditions: all must hold for the rule to apply, as in lists.
    stage: a deal's stage from which it applies: "" for any, `QUALIFIED`, or the id of a stage.
    least, most: bounds, both allowed; of money in major units of the record's own currency, of
    `NEAR` in days from today. weight: 1 to `MOST_WEIGHT`, how much a break weighs in a score.
    active_from, active_until: days of the first and the last application. version: 0 is how it was
    shipped; at: since when this version is in force, None for always. name: the company's own.
    """

    key: str
    kind: str
    test: QualityTest
    field: str
    conditions: tuple[Condition, ...] = ()
    stage: str = ""
    least: float | None = None
    most: float | None = None
    days: int = 0
    weight: int = 1
    active_from: date | None = None
    active_until: date | None = None
    name: str = ""
    version: int = 0
    actor: str = ""
    at: datetime | None = None

    @property
    def check(self) -> Check:
        """The family of the rule."""
        return TESTS[self.test].check

    def is_active(self, day: date) -> bool:
        """Tell whether the rule applies on a day."""
        is_begun = self.active_from is None or self.active_from <= day
        return is_begun and (self.active_until is None or day <= self.active_until)


@dataclass(frozen=True)
class Score:
    """How many checks of some rules on some records passed, weighted.

    checked: pairs of a rule and a record that it applies to; broken: those that fail. share: sum of
    weights that passed over sum of weights, 0 to 1; None where nothing was checked.
    """

    checked: int
    broken: int
    share: float | None


@dataclass(frozen=True)
class RuleScore:
    """What a rule found. accepted: rows that fail it and were accepted as they are, so not broken.

    is_unused: it asks for a field that no record that it applies to has filled.
    """

    rule: QualityRule
    score: Score
    accepted: int = 0
    is_unused: bool = False


@dataclass(frozen=True)
class GroupScore:
    """The score of an owner, a team or a source. people: how many owners stand behind it.

    id: of the rep or team, None for nobody; label: "" where there is none. is_withheld: the group
    is too small to be shown to who asks (rule 26); its score is then that of nothing.
    """

    id: int | None
    label: str
    score: Score
    people: int = 0
    is_withheld: bool = False


@dataclass(frozen=True)
class Overview:
    """The score as of an instant, as a whole and by rule, rules that break most weight first."""

    score: Score
    rules: tuple[RuleScore, ...]
    records: int
    with_breaks: int
    is_then: bool
    """Whether the rules are those that were in force at the as-of, else today's."""


@dataclass(frozen=True)
class BrokenRow:
    """A record that breaks a rule. value: of the rule's field, as the store has it.

    snoozed: until when and why it is left in peace, for who asks for those too.
    """

    rule: QualityRule
    id: int
    title: str
    owner_id: int | None
    owner: str
    value: object = None
    currency: str = ""
    snoozed: QualityException | None = None


class Verdict(StrEnum):
    """What was decided of a record that breaks a rule."""

    ACCEPT = "accept"
    SNOOZE = "snooze"


VERDICT_LABELS: dict[Verdict, str] = {
    Verdict.ACCEPT: _("accepted as it is"),
    Verdict.SNOOZE: _("put off"),
}


@dataclass(frozen=True)
class QualityException:
    """A record is let off a rule. until: the last day, None for good (accepted ones only).

    What is accepted counts as passed; what is put off is left out of worklists and still counts.
    """

    id: int
    rule: str
    kind: str
    record_id: int
    verdict: Verdict
    reason: str
    until: date | None
    actor: str
    at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""


class Implied(StrEnum):
    """How the data imply a field."""

    EMPTY = "empty"
    RARE = "rare"
    MOSTLY = "mostly"
    CONSTANT = "constant"
    COPY = "copy"
    LOOKUP = "lookup"
    UNREAD = "unread"


IMPLIED_LABELS: dict[Implied, str] = {
    Implied.EMPTY: _("never filled"),
    Implied.RARE: _("hardly ever filled"),
    Implied.MOSTLY: _("nearly always the same"),
    Implied.CONSTANT: _("always the same"),
    Implied.COPY: _("equal to another field"),
    Implied.LOOKUP: _("follows from another field"),
    Implied.UNREAD: _("read by nothing known here"),
}


@dataclass(frozen=True)
class ImpliedField:
    """A field that other data imply, with the evidence.

    by: the field that implies it, `account_id.country` through a reference; "" for none. value: of
    a constant, or of nearly one. rows: records; filled: those that hold a value of it (a zero or a
    «no» is one) and, where there is one, of `by`; agree: of those judged, where the rule holds;
    gaps: records that do not fill it and could be filled by it.
    """

    kind: str
    field: str
    how: Implied
    by: str = ""
    value: str = ""
    rows: int = 0
    filled: int = 0
    agree: int = 0
    gaps: int = 0
    values: Mapping[str, str] | None = None

    @property
    def judged(self) -> int:
        """How many records the rule is judged by: those that fill it; of an empty field all."""
        return self.rows if self.how in (Implied.EMPTY, Implied.RARE) else self.filled

    @property
    def exceptions(self) -> int:
        """How many records say otherwise."""
        return self.judged - self.agree

    @property
    def share(self) -> float:
        """Share of the records that it is judged by for which the rule holds, 0 to 1."""
        return self.agree / self.judged if self.judged else 1.0
