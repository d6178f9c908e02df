"""The whole company: the world is drawn, its story runs, and the story is told in batches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from perilune.demo.engine import rows_deals, rows_market, rows_staff, rows_work
from perilune.demo.engine.days import Streams, history_start, make_weeks
from perilune.demo.engine.deals import Story, World, run
from perilune.demo.engine.drafts import Batch, Desk, IdsFor
from perilune.demo.engine.market import make_market
from perilune.demo.engine.rates import make_rates
from perilune.demo.engine.staff import make_staff
from perilune.demo.engine.truth import Truth
from perilune.demo.engine.words import TEAM_REGION
from perilune.demo.engine.work import Work, make_work


@dataclass(frozen=True)
class Told:
    """A company: the world, what happened in it, the work that was logged."""

    world: World
    story: Story
    work: Work

    @property
    def rows(self) -> int:
        """About how many change rows it will be, for a progress bar."""
        story, world = self.story, self.world
        changes = sum(len(story.log.field(name)) for name in list(story.log.parts))
        # A deal brings its creation and terms, leads, lines and buyers; people change hands.
        around = (
            5.2 * story.book.count + 2 * len(world.market.persons) + 2 * len(world.market.firms)
        )
        return int(changes + around) + len(self.work) + 2 * len(story.calls.rows)


def tell(truth: Truth, seed: int, today: date, start: date | None = None) -> Told:
    """Draw a company and let it live until `today`. The same arguments give the same company.

    start: first day of the history, by default the quarter start `truth.years` and a quarter back.
    With one start, an earlier `today` gives the beginning of the same story.
    """
    weeks = make_weeks(start or history_start(today, truth.years), today)
    streams = Streams(seed)
    staff = make_staff(truth, weeks, streams)
    market = make_market(truth, streams, staff.seat_team, np.array(TEAM_REGION))
    world = World(truth, weeks, streams, staff, market, make_rates(weeks, streams))
    story = run(world)
    return Told(world, story, make_work(world, story))


def batches(told: Told, ids_for: IdsFor) -> Iterator[Batch]:
    """Give the change rows in order of dependency; every record is whole within one batch."""
    world, story = told.world, told.story
    desk = Desk(world.weeks.cut, ids_for)
    ids = desk.ids
    yield from desk.write("team", rows_staff.team_drafts(world, []))
    regions = ids["team"]
    yield from desk.write("team", rows_staff.team_drafts(world, regions))
    teams = dict(zip(rows_staff.used_teams(world), ids["team"], strict=True))
    ids["team"] = regions + ids["team"]
    yield from desk.write("rep", rows_staff.rep_drafts(world))
    reps = ids["rep"]
    yield from desk.write("assignment", rows_staff.assignment_drafts(world, reps, teams, regions))
    yield from desk.write("absence", rows_staff.absence_drafts(world, reps))
    yield from desk.write("rate", rows_staff.rate_drafts(world))
    yield from desk.write("quota", rows_staff.quota_drafts(world, reps, teams, regions))
    yield from _market(told, desk)
    yield from desk.write("opportunity", rows_deals.opportunity_drafts(world, story, ids))
    yield from desk.write("lead", rows_work.lead_drafts(world, story, ids))
    yield from desk.write("opportunity_line", rows_deals.line_drafts(world, story, ids))
    yield from desk.write("opportunity_split", rows_deals.split_drafts(world, story, ids))
    yield from desk.write("opportunity_contact", rows_deals.buyer_drafts(world, story, ids))
    yield from desk.write("campaign_member", rows_work.member_drafts(world, story, ids))
    yield from desk.write("case", rows_work.case_drafts(world, story, ids))
    yield from desk.write("activity", rows_work.activity_drafts(world, story, told.work, ids))
    yield from desk.write("submission", rows_work.submission_drafts(world, story, ids))


def _market(told: Told, desk: Desk) -> Iterator[Batch]:
    world, ids = told.world, desk.ids
    yield from desk.write("pipeline", rows_market.pipeline_drafts(world))
    yield from desk.write("stage", rows_market.stage_drafts(world, ids["pipeline"][0]))
    yield from desk.write("product", rows_market.product_drafts(world))
    yield from desk.write("price_book", rows_market.price_book_drafts(world))
    yield from desk.write(
        "price_book_entry", rows_market.price_drafts(world, ids["price_book"], ids["product"])
    )
    yield from desk.write("campaign", rows_market.campaign_drafts(world, ids["rep"]))
    accounts = list(rows_market.account_drafts(world, ids["rep"]))
    # The ids are given by `write`, the rows are made when they are asked for: parents fit between.
    rows = desk.write("account", accounts)
    rows_market.link_parents(world, accounts, ids["account"])
    yield from rows
    yield from desk.write("contact", rows_market.contact_drafts(world, ids["account"], accounts))


def digest(told: Iterable[Batch]) -> str:
    """Return a digest of batches: equal companies have equal ones."""
    state = hashlib.sha256()
    for batch in told:
        state.update(repr(batch).encode())
    return state.hexdigest()
