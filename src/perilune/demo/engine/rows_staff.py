"""Drafts of the organisation: teams, reps, assignments, absences, rates, quotas."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from perilune.demo.engine.days import day_us, iso, quarter_end
from perilune.demo.engine.deals import World
from perilune.demo.engine.drafts import DELETED, Draft
from perilune.demo.engine.staff import BEFORE, Rep
from perilune.demo.engine.words import (
    REGION_COUNTRY,
    REGION_CURRENCY,
    REGION_NAMES,
    REGION_TITLES,
    TEAM_NAMES,
    TEAM_REGION,
)
from perilune.demo.engine.work import WEEKLY_HOURS
from perilune.kernel.kinds import Scalar

_TITLES = {"manager": "Sales Manager", "overlay": "Solution Consultant", "sdr": "Sales Development"}


def begin_us(world: World) -> int:
    """Return when the company entered what was there before: a week before the first."""
    return day_us(int(world.weeks.monday[0]) - 7)


def _monday(world: World, week: int) -> int:
    return int(world.weeks.monday[0]) + 7 * week


def _last_day(world: World, rep: Rep) -> int:
    return _monday(world, rep.leave) - 3


def _stays(world: World, rep: Rep) -> bool:
    """Whether nobody can know of a last day yet."""
    return rep.leave > world.weeks.count + world.truth.notice_weeks + 2


def _notice_us(world: World, rep: Rep) -> int:
    return max(day_us(_last_day(world, rep) - 7 * world.truth.notice_weeks), begin_us(world))


def _hired_us(world: World, rep: Rep) -> int:
    if rep.hire == BEFORE:
        return begin_us(world)
    return max(day_us(_monday(world, rep.hire) - 14), begin_us(world))


def _hire_day(world: World, rep: Rep) -> int:
    return _monday(world, rep.ramp_from)


def used_teams(world: World) -> list[int]:
    """Return the teams that have seats."""
    return [team for team, size in enumerate(world.truth.seats) if size]


def team_drafts(world: World, region_ids: list[int]) -> Iterator[Draft]:
    """Regions (without `region_ids`), else the teams under them."""
    begin = begin_us(world)
    if not region_ids:
        yield from (Draft(begin, {"name": name, "level": "region"}) for name in REGION_NAMES)
        return
    for team in used_teams(world):
        parent = region_ids[TEAM_REGION[team]]
        yield Draft(begin, {"name": TEAM_NAMES[team], "level": "team", "parent_id": parent})


def rep_drafts(world: World) -> Iterator[Draft]:
    """Everybody of the sales force, with the notice of those who leave."""
    for rep in world.staff.reps:
        title = REGION_TITLES[rep.region] if rep.role == "seller" else _TITLES[rep.role]
        draft = Draft(
            _hired_us(world, rep),
            {
                "name": rep.name,
                "email": rep.email,
                "country": REGION_COUNTRY[rep.region],
                "title": "Head of Sales" if rep.team < 0 else title,
                "hire_date": iso(_hire_day(world, rep)),
            },
        )
        if not _stays(world, rep):
            draft.changes.append((_notice_us(world, rep), "leave_date", iso(_last_day(world, rep))))
        yield draft


def assignment_drafts(
    world: World, rep_ids: list[int], team_ids: dict[int, int], region_ids: list[int]
) -> Iterator[Draft]:
    """One assignment a rep and manager: a new manager of the team gives everybody a new one."""
    for index, rep in enumerate(world.staff.reps):
        for first, last, manager in _managed(world, index, rep):
            start = _hire_day(world, rep) if first <= max(rep.hire, 0) else _monday(world, first)
            known = _hired_us(world, rep) if first <= max(rep.hire, 0) else day_us(start - 7)
            team = region_ids[rep.region] if rep.region_wide else team_ids[rep.team]
            draft = Draft(
                known,
                {
                    "rep_id": rep_ids[index],
                    "team_id": None if rep.team < 0 else team,
                    "manager_id": None if manager < 0 else rep_ids[manager],
                    "role": rep.role,
                    "fte": rep.fte,
                    "weekly_hours": WEEKLY_HOURS[rep.region],
                    "effective_from": iso(start),
                },
            )
            if last < rep.leave:
                end = _monday(world, last) - 1
                draft.changes.append((day_us(end - 6), "effective_to", iso(end)))
            elif not _stays(world, rep):
                draft.changes.append(
                    (_notice_us(world, rep), "effective_to", iso(_last_day(world, rep)))
                )
            yield draft


def _managed(world: World, index: int, rep: Rep) -> list[tuple[int, int, int]]:
    """Return (first week, week after the last, manager index or -1) of a rep's time."""
    staff = world.staff
    begin = max(rep.hire, 0)
    if rep.team < 0:
        return [(begin, rep.leave, -1)]
    if rep.region_wide:
        lead = staff.leads[rep.region]
        return [(begin, rep.leave, staff.head if index == lead else lead)]
    if rep.role == "manager":
        return [(begin, rep.leave, staff.leads[rep.region])]
    terms = staff.managers[rep.team]
    ends = [first for first, _ in terms[1:]] + [10**7]
    spans = [
        (max(first, begin), min(end, rep.leave), manager)
        for (first, manager), end in zip(terms, ends, strict=True)
    ]
    return [span for span in spans if span[0] < span[1]]


def absence_drafts(world: World, rep_ids: list[int]) -> Iterator[Draft]:
    """Dates and FTE; holidays are known three weeks before, a long absence on its first day."""
    for index, rep in enumerate(world.staff.reps):
        for first, last, fte in rep.absences:
            notice = 21 if last - first < 40 else 0
            known = max(day_us(first - notice), _hired_us(world, rep))
            yield Draft(
                known,
                {
                    "rep_id": rep_ids[index],
                    "first_day": iso(first),
                    "last_day": iso(last),
                    "fte": fte,
                },
            )


def rate_drafts(world: World) -> Iterator[Draft]:
    """The rates as they were entered; older budget rates came in at the beginning."""
    for row in sorted(world.rates.rows, key=lambda item: item.known_us):
        yield Draft(
            max(row.known_us, begin_us(world)) if row.rate_set == "budget" else row.known_us,
            {
                "rate_set": row.rate_set,
                "currency": row.currency,
                "starts": iso(row.starts),
                "value": row.value,
            },
        )


# -- quotas ------------------------------------------------------------------------------------


def quota_drafts(
    world: World, rep_ids: list[int], team_ids: dict[int, int], region_ids: list[int]
) -> Iterator[Draft]:
    """Quotas of a year, set on 10 December before it; of new hires when they are hired."""
    for quarter in _quarters(world):
        yield from _rep_quotas(world, quarter, rep_ids)
        yield from _team_quotas(world, quarter, team_ids, region_ids)


def _quarters(world: World) -> list[date]:
    """The first days of all quarters up to the end of the year after `today`'s."""
    first = date.fromordinal(int(world.weeks.monday[0]) + 6)
    quarters = [
        date(year, month, 1)
        for year in range(first.year, world.weeks.today.year + 2)
        for month in (1, 4, 7, 10)
    ]
    return [day for day in quarters if quarter_end(day) >= first]


def full_quota(world: World, quarter: date) -> float:
    """Return the street quota in EUR of a fully ramped rep in a quarter."""
    truth = world.truth
    years = quarter.year - date.fromordinal(int(world.weeks.monday[0]) + 6).year
    share = truth.quota_by_quarter[(quarter.month - 1) // 3]
    return truth.quota_year / 4 * share * (1 + truth.quota_growth) ** years


def _decided_us(world: World, quarter: date) -> int:
    return max(day_us(date(quarter.year - 1, 12, 10).toordinal()), begin_us(world))


def _rep_quotas(world: World, quarter: date, rep_ids: list[int]) -> Iterator[Draft]:
    last = quarter_end(quarter).toordinal()
    ramp = np.array(world.truth.ramp)
    for index, rep in enumerate(world.staff.reps[: world.staff.sellers]):
        hired = _hire_day(world, rep)
        weeks = np.arange(quarter.toordinal() + 3, last + 1, 7)
        months = np.clip((weeks - hired) / 30.4375, 0, len(ramp) - 1).astype(np.int64)
        share = float(np.where(weeks < hired, 0, ramp[months]).mean()) * rep.fte
        if share <= 0 or (
            _last_day(world, rep) < quarter.toordinal() and _leaves_before(world, rep, quarter)
        ):
            continue
        known = max(_decided_us(world, quarter), _hired_us(world, rep))
        draft = _quota(
            world,
            quarter,
            full_quota(world, quarter) * share,
            rep.region,
            known=known,
            level="street",
        )
        draft.values["rep_id"] = rep_ids[index]
        if not _stays(world, rep) and _last_day(world, rep) < last:
            draft.changes.append(_after_notice(world, rep, quarter, draft))
        yield draft


def _leaves_before(world: World, rep: Rep, quarter: date) -> bool:
    """Whether the notice came before the quotas of the year were set."""
    return _notice_us(world, rep) < _decided_us(world, quarter)


def _after_notice(world: World, rep: Rep, quarter: date, draft: Draft) -> tuple[int, str, Scalar]:
    notice = max(_notice_us(world, rep), draft.known_us + 1)
    stays = (_last_day(world, rep) - quarter.toordinal() + 1) / (
        (quarter_end(quarter) - quarter).days + 1
    )
    if stays <= 0:
        return notice, DELETED, True
    return notice, "amount", int(int(str(draft.values["amount"])) * stays) // 10_000 * 10_000


def _quota(
    world: World, quarter: date, eur: float, region: int, *, known: int, level: str
) -> Draft:
    currency = REGION_CURRENCY[region] if region >= 0 else "EUR"
    at = min(
        max((quarter.toordinal() - int(world.weeks.monday[0])) // 7 + 1, 0), world.weeks.count - 1
    )
    rate = world.rates.budget[at][1] if currency == "GBP" else 1.0
    return Draft(
        known,
        {
            "starts": quarter.isoformat(),
            "ends": quarter_end(quarter).isoformat(),
            "amount": round(eur / rate / 100) * 10_000,
            "currency": currency,
            "level": level,
            "effective_from": quarter.isoformat(),
        },
    )


def _team_quotas(
    world: World, quarter: date, team_ids: dict[int, int], region_ids: list[int]
) -> Iterator[Draft]:
    """Operating plans of teams and regions; of the company also board plan and street."""
    truth, staff = world.truth, world.staff
    middle = (quarter.toordinal() + 45 - int(world.weeks.monday[0])) // 7
    planned = np.bincount(staff.seat_team[staff.opens < middle], minlength=len(TEAM_NAMES))
    # A planned seat is worth nine tenths: vacancies and ramp are part of the plan.
    street = planned * full_quota(world, quarter) * 0.9
    known = _decided_us(world, quarter)
    for team in used_teams(world):
        draft = _quota(
            world,
            quarter,
            street[team] * truth.operating_cut,
            TEAM_REGION[team],
            known=known,
            level="operating",
        )
        draft.values["team_id"] = team_ids[team]
        yield draft
    for region, region_id in enumerate(region_ids):
        mine = sum(street[t] for t in used_teams(world) if TEAM_REGION[t] == region)
        draft = _quota(
            world, quarter, mine * truth.operating_cut, region, known=known, level="operating"
        )
        draft.values["team_id"] = region_id
        yield draft
    levels = (("street", 1.0), ("operating", truth.operating_cut), ("board", truth.board_cut))
    for level, cut in levels:
        yield _quota(world, quarter, float(street.sum()) * cut, -1, known=known, level=level)
