"""Drafts around the deals: leads, activities, campaign members, cases, forecast calls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from perilune.demo.engine.arrivals import NEW
from perilune.demo.engine.book import WON
from perilune.demo.engine.days import DAY_US, HOUR_US, day_us, instant, iso, quarter_start
from perilune.demo.engine.deals import Story, World
from perilune.demo.engine.drafts import Draft
from perilune.demo.engine.rows_deals import Ids, deal_campaigns, first_values
from perilune.demo.engine.rows_staff import begin_us, used_teams
from perilune.demo.engine.staff import slug
from perilune.demo.engine.words import (
    CASE_SUBJECTS,
    FIRST_NAMES,
    HEADS,
    JOB_TITLES,
    LAST_NAMES,
    MIDDLES,
    OTHER_SUBJECTS,
    REGION_COUNTRY,
    SOURCES,
    SUBJECTS,
    TAILS,
)
from perilune.demo.engine.work import CALL, EMAIL, MEETING, Work

_TYPES = ("meeting", "call", "email", "task")
_CALL_OUTCOMES = ("connected", "connected", "voicemail", "no_answer")


def lead_drafts(world: World, story: Story, ids: Ids) -> Iterator[Draft]:
    """Leads that became deals, and those that did not."""
    rng = world.streams.of("leads")
    book, count = story.book, story.book.count
    owners = first_values(story)["owner_id"]
    fresh = np.flatnonzero(book["type"][:count] == NEW)
    converted = fresh[rng.random(len(fresh)) < 0.4]
    for deal in converted.tolist():
        yield _converted(
            world, story, ids, deal, owner=int(owners[deal]), days=int(rng.integers(3, 40))
        )
    others = round(count * world.truth.lead_rate) - len(converted)
    for _ in range(max(others, 0)):
        yield _unconverted(world, ids, rng)


def _converted(world: World, story: Story, ids: Ids, deal: int, *, owner: int, days: int) -> Draft:
    book, market = story.book, world.market
    person = market.persons[int(book["contact"][deal])]
    firm = market.firms[person.firm]
    created_us = int(book["created_us"][deal])
    day = int(book["created_day"][deal]) - days
    draft = Draft(
        max(day_us(day, 9.0), begin_us(world)),
        {
            "name": f"{person.first} {person.last}",
            "company": firm.name,
            "email": person.email,
            "job_title": person.title,
            "status": "new",
            "source": SOURCES[book["source"][deal]],
            "owner_id": ids["rep"][owner],
            "country": firm.country,
            "created_date": iso(day),
        },
    )
    if ids["opportunity"][deal]:
        draft.changes += [
            (draft.known_us + DAY_US, "status", "working"),
            (created_us + 1, "status", "converted"),
            (created_us + 1, "converted_date", iso(int(book["created_day"][deal]))),
            (created_us + 1, "account_id", ids["account"][int(book["account"][deal])]),
            (created_us + 1, "contact_id", ids["contact"][int(book["contact"][deal])] or None),
            (created_us + 1, "opportunity_id", ids["opportunity"][deal]),
        ]
    return draft


def _unconverted(world: World, ids: Ids, rng: np.random.Generator) -> Draft:
    seat = int(rng.integers(len(world.staff.seat_team)))
    week = int(rng.integers(world.weeks.count))
    holder = int(world.staff.holder[seat, week])
    rep = holder if holder >= 0 else world.staff.manager_at(int(world.staff.seat_team[seat]), week)
    region = world.staff.reps[rep].region
    first = str(rng.choice(FIRST_NAMES[region]))
    last = str(rng.choice(LAST_NAMES[region]))
    root = str(rng.choice(HEADS)) + str(rng.choice(MIDDLES)) + str(rng.choice(TAILS))
    day = int(world.weeks.monday[week]) + int(rng.integers(5))
    known = day_us(day, 8 + float(rng.random()) * 8)
    end = str(rng.choice(("disqualified", "disqualified", "qualified", "working")))
    return Draft(
        known,
        {
            "name": f"{first} {last}",
            "company": root,
            "status": "new",
            "email": f"{slug(first)}.{slug(last)}@{slug(root)}.example",
            "job_title": str(rng.choice(JOB_TITLES[region])),
            "source": str(rng.choice(SOURCES)),
            "owner_id": ids["rep"][rep],
            "country": REGION_COUNTRY[region],
            "created_date": iso(day),
        },
        [
            (known + int(rng.integers(1, 5)) * DAY_US, "status", "working"),
            (known + int(rng.integers(6, 40)) * DAY_US, "status", end),
        ],
    )


def activity_drafts(world: World, story: Story, work: Work, ids: Ids) -> Iterator[Draft]:
    """Activities as they were logged."""
    book = story.book
    for kind, topic, owner, deal, starts, known, minutes, selling, done, outcome in zip(
        *(getattr(work, name).tolist() for name in Work.__dataclass_fields__), strict=True
    ):
        region = world.staff.reps[owner].region
        subjects = SUBJECTS[region][kind] if selling else OTHER_SUBJECTS[region]
        values = {
            "type": _TYPES[kind],
            "subject": subjects[topic % len(subjects)],
            "owner_id": ids["rep"][owner],
            "starts_at": instant(starts),
            "minutes": float(minutes),
            "is_done": bool(done),
            "is_selling": bool(selling),
        }
        if deal >= 0 and ids["opportunity"][deal]:
            values["opportunity_id"] = ids["opportunity"][deal]
            values["account_id"] = ids["account"][int(book["account"][deal])]
            if kind != 3:
                values["contact_id"] = ids["contact"][int(book["contact"][deal])]
        if kind in (CALL, EMAIL):
            values["direction"] = "in" if outcome == 1 else "out"
        if kind == CALL:
            values["outcome"] = _CALL_OUTCOMES[outcome]
            # Voicemail and unanswered calls are not selling (rule 14).
            values["is_selling"] = bool(selling) and outcome < 2
        elif kind == MEETING and done:
            values["outcome"] = "held"
        yield Draft(known, values)


def member_drafts(world: World, story: Story, ids: Ids) -> Iterator[Draft]:
    """Who came to a campaign: the contacts of the deals that it brought."""
    campaigns = deal_campaigns(world, story)
    book = story.book
    for deal in np.flatnonzero(campaigns >= 0).tolist():
        campaign = ids["campaign"][int(campaigns[deal])]
        if campaign and ids["opportunity"][deal]:
            yield Draft(
                int(book["created_us"][deal]) - HOUR_US,
                {
                    "campaign_id": campaign,
                    "contact_id": ids["contact"][int(book["contact"][deal])],
                    "status": "responded",
                },
            )


def case_drafts(world: World, story: Story, ids: Ids) -> Iterator[Draft]:
    """Support cases of customers."""
    rng = world.streams.of("cases")
    book = story.book
    for deal in np.flatnonzero(book["status"][: book.count] == WON).tolist():
        chance, days, hours = rng.random(), int(rng.integers(10, 300)), int(rng.integers(4, 300))
        if chance >= world.truth.case_rate:
            continue
        opened = int(book["closed_us"][deal]) + days * DAY_US
        region = int(book["region"][deal])
        known = opened + 60_000_000
        closed = opened + hours * HOUR_US
        yield Draft(
            known,
            {
                "subject": CASE_SUBJECTS[region][deal % 4],
                "status": "open",
                "category": "support",
                "account_id": ids["account"][int(book["account"][deal])],
                "contact_id": ids["contact"][int(book["contact"][deal])],
                "owner_id": ids["rep"][int(book["owner"][deal])],
                "priority": ("low", "normal", "normal", "high")[deal % 4],
                "opened_at": instant(opened),
            },
            [(closed, "status", "closed"), (closed, "closed_at", instant(closed))],
        )


def submission_drafts(world: World, story: Story, ids: Ids) -> Iterator[Draft]:
    """The weekly commit of all; of teams and above also the call and the best case."""
    truth, weeks, staff = world.truth, world.weeks, world.staff
    since = weeks.count - truth.submission_weeks if truth.submission_weeks else 0
    team_at = {team: 3 + place for place, team in enumerate(used_teams(world))}
    for week, level, unit, author, call, won in story.calls.rows:
        if week < since:
            continue
        end = int(weeks.quarter_end[week])
        start = _quarter_begin(end)
        of: dict[str, int] = {}
        if level == "rep":
            of = {"rep_id": ids["rep"][unit]}
        elif level != "company":
            of = {"team_id": ids["team"][team_at[unit] if level == "team" else unit]}
        rest = call - won
        amounts = {"commit": won + rest * truth.commit_cut}
        if level != "rep":
            amounts |= {"call": call, "best_case": won + rest * truth.best_case_lift}
        monday = int(weeks.monday[week])
        for category, amount in amounts.items():
            yield Draft(
                day_us(monday, 6.0),
                {
                    **of,
                    "period_start": iso(start),
                    "period_end": iso(end),
                    "made_on": iso(monday),
                    "category": category,
                    "amount": round(amount / 100_000) * 100_000,
                    "currency": "EUR",
                    "author": staff.reps[author].name,
                },
            )


def _quarter_begin(end: int) -> int:
    return quarter_start(date.fromordinal(end)).toordinal()
