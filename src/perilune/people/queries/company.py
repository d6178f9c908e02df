"""The company of this home and its calendar."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import FiscalCalendar, Pattern
from perilune.kernel.errors import NotFound
from perilune.kernel.memo import remember
from perilune.people.contracts import Company
from perilune.people.models import CompanySettings


def company() -> Company:
    """Return the company of this home; NotFound before it was initialised."""
    found = company_or_none()
    if found is None:
        raise NotFound("There is no company in this home yet: run «perilune init».")
    return found


def company_or_none() -> Company | None:
    """Return the company of this home, or None before it was initialised."""
    return remember("company", _company)


def _company() -> Company | None:
    row = CompanySettings.objects.first()
    if row is None:
        return None
    zone = ZoneInfo(row.timezone)
    today, clock = _today(row, zone), timezone.now().astimezone(zone).date()
    return Company(
        name=row.name,
        currency=row.currency,
        zone=zone,
        calendar=_calendar(row),
        language=row.language,
        is_demo=row.is_demo,
        today=today,
        is_archive=today.day < clock,
        country=row.country,
        may_all_see_total=row.may_all_see_total,
        is_staff_informed=row.is_staff_informed,
        is_council_consulted=row.is_council_consulted,
        inclusion_rule=row.inclusion_rule,
        is_small_team=row.is_small_team,
    )


def settings_values() -> dict[str, object]:
    """Return the raw settings as forms and `company_change` name them; empty before the start."""
    found = CompanySettings.objects.values().first()
    return dict(found) if found else {}


def writing_time() -> datetime | None:
    """Return the known_at of a local edit: None is now; in an archive the end of its «today».

    Without this an edit in an archive would lie in the future of every page.
    """
    found = company_or_none()
    if found is None or found.today.at >= timezone.now():
        return None
    return found.today.at


def calendar_version() -> int:
    """Return a number that grows whenever the calendar changes: the store's cursor; 0 before."""
    return remember("calendar version", _calendar_version)


def _calendar_version() -> int:
    row = CompanySettings.objects.only("calendar_version").first()
    return row.calendar_version if row else 0


def _today(row: CompanySettings, zone: ZoneInfo) -> AsOf:
    # the end of the day and not this instant: results are cached by as-of
    if row.today_mode == CompanySettings.ARCHIVE and row.as_of_day:
        return AsOf.end_of(row.as_of_day, zone)
    return AsOf.end_of(timezone.now().astimezone(zone).date(), zone)


def _calendar(row: CompanySettings) -> FiscalCalendar:
    return FiscalCalendar(
        start_month=row.fiscal_start_month,
        pattern=Pattern(row.fiscal_pattern),
        named_by_end=row.is_named_by_end,
        week_start=row.week_start,
        short_years=tuple(
            (int(name), date.fromisoformat(first), date.fromisoformat(last))
            for name, first, last in row.short_years
        ),
    )
