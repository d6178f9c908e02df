"""The rules that ship: what any sales team asks of its records. The company may change each."""

from __future__ import annotations

from typing import Any

from perilune.crm.contracts import Condition
from perilune.hub.contracts.quality import QUALIFIED, QualityRule, QualityTest

_T = QualityTest
_OPEN = (Condition("meaning", "in", ("open",)),)
_LOST = (Condition("meaning", "in", ("lost",)),)
_WAITING = (Condition("converted_date", "empty"),)
_STALE_DAYS, _FAR_DAYS = 60, 730


def shipped() -> tuple[QualityRule, ...]:
    """Return the rules of version 0, in the order in which they are shown."""
    return (*_deals(), *_accounts(), *_people())


def _deals() -> tuple[QualityRule, ...]:
    def rule(key: str, test: QualityTest, field: str, weight: int, **more: Any) -> QualityRule:
        return QualityRule(f"deal_{key}", "opportunity", test, field, weight=weight, **more)

    return (
        rule("account", _T.LINKED, "account_id", 3),
        rule("owner", _T.OWNED, "owner_id", 3),
        rule("owner_here", _T.OWNER_HERE, "owner_id", 3, conditions=_OPEN),
        rule("stage", _T.LINKED, "stage_id", 3),
        rule("close_date", _T.FILLED, "close_date", 3, conditions=_OPEN),
        rule("overdue", _T.OVERDUE, "close_date", 3, conditions=_OPEN),
        rule("close_far", _T.NEAR, "close_date", 1, conditions=_OPEN, most=float(_FAR_DAYS)),
        rule("amount", _T.FILLED, "amount", 3, conditions=_OPEN, stage=QUALIFIED),
        rule("next_step", _T.FILLED, "next_step", 1, conditions=_OPEN, stage=QUALIFIED),
        rule("contact", _T.LINKED, "contact_id", 2, conditions=_OPEN, stage=QUALIFIED),
        rule("amount_range", _T.BETWEEN, "amount", 2, least=0.0),
        rule("won_amount", _T.WON_AMOUNT, "amount", 3),
        rule("closed_ahead", _T.CLOSED_AHEAD, "close_date", 3),
        rule("closes_early", _T.CLOSES_EARLY, "close_date", 2),
        rule("stale", _T.STALE, "next_step", 2, conditions=_OPEN, days=_STALE_DAYS),
        rule("currency", _T.CURRENCY, "currency", 1),
        rule("lines", _T.LINES, "amount", 2),
        rule("loss_reason", _T.FILLED, "loss_reason", 1, conditions=_LOST),
    )


def _accounts() -> tuple[QualityRule, ...]:
    def rule(key: str, test: QualityTest, field: str, weight: int, **more: Any) -> QualityRule:
        return QualityRule(f"account_{key}", "account", test, field, weight=weight, **more)

    return (
        rule("owner", _T.OWNED, "owner_id", 2),
        rule("owner_here", _T.OWNER_HERE, "owner_id", 2),
        rule("country", _T.FILLED, "country", 1),
        rule("industry", _T.FILLED, "industry", 1),
        rule("headcount", _T.BETWEEN, "headcount", 1, least=0.0, most=5_000_000.0),
        rule("website", _T.URL, "website", 1),
        rule("phone", _T.PHONE, "phone", 1),
        rule("phone_country", _T.PHONE_COUNTRY, "phone", 1),
        rule("postcode", _T.POSTCODE, "postcode", 1),
        rule("siren", _T.SIREN, "siren", 2),
        rule("siret", _T.SIRET, "siret", 2),
        rule("vat", _T.VAT, "vat_number", 2),
        rule("siret_siren", _T.SIRET_SIREN, "siret", 2),
        rule("vat_siren", _T.VAT_SIREN, "vat_number", 2),
    )


def _people() -> tuple[QualityRule, ...]:
    return (
        QualityRule("contact_account", "contact", _T.LINKED, "account_id", weight=2),
        QualityRule("contact_owner_here", "contact", _T.OWNER_HERE, "owner_id"),
        QualityRule("contact_email", "contact", _T.FILLED, "email"),
        QualityRule("contact_email_form", "contact", _T.EMAIL, "email", weight=2),
        QualityRule("contact_phone", "contact", _T.PHONE, "phone"),
        QualityRule("contact_phone_country", "contact", _T.PHONE_COUNTRY, "phone"),
        QualityRule("lead_owner", "lead", _T.OWNED, "owner_id", conditions=_WAITING, weight=2),
        QualityRule("lead_email_form", "lead", _T.EMAIL, "email", weight=2),
        QualityRule("lead_source", "lead", _T.FILLED, "source"),
        QualityRule("stage_chance", "stage", _T.BETWEEN, "probability", least=0.0, most=1.0),
    )
