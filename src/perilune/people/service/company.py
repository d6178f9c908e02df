"""Verbs on the company: begin, change, note what «today» is."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from perilune.kernel.errors import Conflict, Invalid, NotFound, Problem
from perilune.kernel.memo import forget
from perilune.people.contracts import Company
from perilune.people.models import CompanySettings
from perilune.people.queries import company

CALENDAR_FIELDS = frozenset(
    {"country", "fiscal_start_month", "fiscal_pattern", "is_named_by_end", "week_start"}
    | {"short_years"}
)
CHANGEABLE = CALENDAR_FIELDS | {
    "name",
    "currency",
    "timezone",
    "language",
    "is_staff_informed",
    "is_council_consulted",
    "may_all_see_total",
    "inclusion_rule",
    "is_small_team",
}


def company_init(
    *,
    name: str = "",
    currency: str = "EUR",
    fiscal_start_month: int = 1,
    timezone: str = "Europe/Paris",
    language: str = "en",
    country: str = "FR",
    is_demo: bool = False,
    **others: Any,
) -> Company:
    """Begin the company of this home; Conflict where there is one, Invalid on a wrong setting.

    others: any further setting by its field name, such as fiscal_pattern or week_start.
    """
    if CompanySettings.objects.exists():
        raise Conflict("This home has a company already.")
    row = CompanySettings(
        id=1,
        name=name or "Perilune",
        currency=currency.upper(),
        timezone=timezone,
        language=language,
        country=country.upper(),
        fiscal_start_month=fiscal_start_month,
        is_demo=is_demo,
        **others,
    )
    _check(row)
    row.save(force_insert=True)
    forget()
    return company()


def company_change(**values: Any) -> Company:
    """Change settings by field name; a change of the calendar lets the store renew its days."""
    unknown = sorted(set(values) - CHANGEABLE)
    if unknown:
        raise Invalid("There is no setting named %(name)s.", name=unknown[0])
    with transaction.atomic():
        row = _row()
        if any(getattr(row, name) != values[name] for name in CALENDAR_FIELDS & set(values)):
            row.calendar_version += 1
        for name, value in values.items():
            setattr(row, name, value)
        _check(row)
        row.save()
    forget()
    return company()


def note_import(as_of: date | None) -> None:
    """Remember the as-of of an import: a past day makes this home an archive of that day.

    None, or the company's current day, makes it live again: its today is the clock's.
    """
    row = _row()
    clock = timezone.now().astimezone(ZoneInfo(row.timezone)).date()
    is_archive = as_of is not None and as_of < clock
    row.today_mode = CompanySettings.ARCHIVE if is_archive else CompanySettings.NOW
    row.as_of_day = as_of if is_archive else None
    row.save(update_fields=["today_mode", "as_of_day"])
    forget()


def _row() -> CompanySettings:
    row = CompanySettings.objects.first()
    if row is None:
        raise NotFound("There is no company in this home yet: run «perilune init».")
    return row


def _check(row: CompanySettings) -> None:
    problems = []
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        problems += [
            Problem(str(message), {}, field=name)
            for name, messages in error.message_dict.items()
            for message in messages
        ]
    try:
        ZoneInfo(row.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        text = "«%(zone)s» is not a time zone such as Europe/Paris."
        problems.append(Problem(text, {"zone": row.timezone}, field="timezone"))
    if len(row.currency) != 3 or not row.currency.isalpha():
        text = "«%(currency)s» is not a currency code such as EUR."
        problems.append(Problem(text, {"currency": row.currency}, field="currency"))
    if problems:
        raise Invalid("The settings were not saved.", problems=tuple(problems))
