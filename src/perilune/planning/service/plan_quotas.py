"""The quotas that a plan writes on its day, whole months and the month under way in part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from perilune.kernel.calendar import Period
from perilune.kernel.kinds import Scalar
from perilune.people.queries import company, quota_spans
from perilune.planning.contracts import COMPANY, Level, LoadedPlan, UnitRow

Owner = tuple[int | None, int | None, str]
"""(rep, team, level)."""
Days = tuple[date, date]


def quotas_of(found: LoadedPlan, day: date) -> tuple[list[dict[str, Scalar]], tuple[str, ...]]:
    """Return the values of quota records, and what stands of the year outside the plan.

    A record for each rep, team and the company, level and month from the day on. Where a quota of a
    longer span of whole months is in force it is written anew as the sum of its months, so that no
    older figure outlives the plan. The month of the day has the days before it at the old quota's
    rate and those from it on at the plan's, to the cent in every unit.
    """
    calendar = company().calendar
    months = calendar.months(found.head.year)
    standing = quota_spans(company().today, day, found.head.currency)
    values: list[dict[str, Scalar]] = []
    owners = set()
    for row in found.content.units.values():
        if row.kind == "segment" or row.number < 0:
            continue  # people's quotas have no segments; a planned hire is nobody yet
        for level in _levels(row, found):
            owner = _owner(row, level)
            owners.add(owner)
            spans = standing.get(owner, {})
            amounts = {
                month: _amount(month, minor, day, spans)
                for place, month in enumerate(months, 1)
                if month.end >= day
                and (minor := found.content.amount(level, row.unit, place)) is not None
            }
            for span, minor in _spans(amounts, months, spans).items():
                values.append(_record(owner, span, minor, found.head.currency, day))
    outside = {
        _label(owner)
        for owner, spans in standing.items()
        if owner not in owners and any(first >= months[0].start and last <= months[-1].end
                                       and last >= day for first, last in spans)
    }  # fmt: skip
    return values, tuple(sorted(outside))


def _levels(row: UnitRow, found: LoadedPlan) -> list[Level]:
    return [level for level in Level if found.content.year(level, row.unit) is not None]


def _owner(row: UnitRow, level: Level) -> Owner:
    rep = row.number if row.level is Level.STREET else None
    team = row.number if row.kind == "team" else None
    return rep, team, level.value


def _label(owner: Owner) -> str:
    rep, team, level = owner
    unit = f"rep:{rep}" if rep else f"team:{team}" if team else COMPANY
    return f"{unit} {level}"


def _amount(month: Period, minor: int, day: date, spans: Mapping[Days, int]) -> int:
    """Return a month's amount; of the month under way the old quota counts until the day."""
    if month.start >= day:
        return minor
    before = _over(spans, month)
    if before is None:
        return minor
    old_days = (day - month.start).days
    doubled = 2 * (before * old_days + minor * (month.days - old_days))
    return (doubled + month.days) // (2 * month.days)


def _over(spans: Mapping[Days, int], month: Period) -> int | None:
    """Return what quotas say of a month: its own, else its days' share of the shortest around."""
    own = spans.get((month.start, month.end))
    if own is not None:
        return own
    around = [(last - first, first, last) for first, last in spans
              if first <= month.start and month.end <= last]  # fmt: skip
    if not around:
        return None
    _length, first, last = min(around)
    days = (last - first).days + 1
    return (2 * spans[first, last] * month.days + days) // (2 * days)


def _spans(
    amounts: Mapping[Period, int], months: Sequence[Period], spans: Mapping[Days, int]
) -> dict[Days, int]:
    """Return what is written by span: the months, and longer spans that stand and would differ."""
    found = {(month.start, month.end): minor for month, minor in amounts.items()}
    for first, last in spans:
        inside = [month for month in months if first <= month.start and month.end <= last]
        is_whole = inside and inside[0].start == first and inside[-1].end == last
        if not is_whole or len(inside) < 2 or not any(month in amounts for month in inside):
            continue
        parts = [amounts[m] if m in amounts else _over(spans, m) for m in inside]
        known = [part for part in parts if part is not None]
        if len(known) == len(parts):
            found[first, last] = sum(known)
    return found


def _record(owner: Owner, span: Days, minor: int, currency: str, day: date) -> dict[str, Scalar]:
    rep, team, level = owner
    values: dict[str, Any] = {
        "starts": span[0].isoformat(),
        "ends": span[1].isoformat(),
        "amount": minor,
        "currency": currency,
        "level": level,
        "effective_from": day.isoformat(),
    }
    if rep is not None:
        values["rep_id"] = rep
    if team is not None:
        values["team_id"] = team
    return values
