"""Logged work: selling activities on the deals that ask for attention, and what is not selling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perilune.demo.engine.book import NOTHING, Presence
from perilune.demo.engine.days import Ints, Reals, day_us
from perilune.demo.engine.deals import Story, World

MEETING, CALL, EMAIL, TASK = range(4)
WEEKLY_HOURS = (35.0, 37.5, 38.0)
"""Contract hours by region."""
_OTHER_MINUTES = (60.0, 90.0, 180.0, 110.0)
_OTHER_MIX = (0.35, 0.3, 0.1, 0.25)
_MINUTE_US = 60_000_000


@dataclass(frozen=True)
class Work:
    """Activities in columns. kind: MEETING…TASK; topic: which subject; deal: index or -1."""

    kind: Ints
    topic: Ints
    owner: Ints
    deal: Ints
    starts_us: Ints
    known_us: Ints
    minutes: Ints
    is_selling: Ints
    is_done: Ints
    outcome: Ints

    def __len__(self) -> int:
        return len(self.kind)


def make_work(world: World, story: Story) -> Work:
    """Draw the activities of all (or the last) weeks, in order of week."""
    first = world.weeks.count - world.truth.activity_weeks if world.truth.activity_weeks else 0
    parts = [_week(world, story, week) for week in range(max(first, 0), world.weeks.count)]
    columns = np.concatenate(parts, axis=1)
    columns = columns[:, columns[5] < world.weeks.cut]
    return Work(*columns)


def worked_minutes(world: World, week: int) -> Reals:
    """Return the minutes at work of each seller: contract hours less holidays and absence."""
    region = np.array([rep.region for rep in world.staff.reps[: world.staff.sellers]])
    days = (world.weeks.chance[:, week, :] > 0).sum(axis=1) / 5
    hours = np.array(WEEKLY_HOURS) * days
    return np.asarray(hours[region] * 60 * world.staff.presence[:, week])


def _week(world: World, story: Story, week: int) -> Ints:
    truth, staff = world.truth, world.staff
    rng = world.streams.of("work", week)
    holders = staff.holder[:, week]
    holders = holders[holders >= 0]
    worked = worked_minutes(world, week)[holders]
    share = np.array([staff.reps[rep].selling for rep in holders])
    mean = float(np.dot(truth.activity_mix, truth.activity_minutes))
    selling = np.repeat(holders, rng.poisson(share * worked / mean))
    other_mean = float(np.dot(_OTHER_MIX, _OTHER_MINUTES))
    other = np.repeat(holders, rng.poisson(truth.other_share * worked / other_mean))
    kind = rng.choice(4, len(selling), p=truth.activity_mix)
    sold = _columns(
        world,
        story,
        week,
        rng,
        owner=selling,
        kind=kind,
        mean=np.array(truth.activity_minutes)[kind],
        is_selling=True,
    )
    topic = rng.choice(4, len(other), p=_OTHER_MIX)
    rest = _columns(
        world,
        story,
        week,
        rng,
        owner=other,
        kind=np.where(topic == 0, MEETING, TASK),
        mean=np.array(_OTHER_MINUTES)[topic],
        is_selling=False,
    )
    rest[1] = topic
    return np.concatenate([sold, rest], axis=1)


def _columns(
    world: World,
    story: Story,
    week: int,
    rng: np.random.Generator,
    *,
    owner: Ints,
    kind: Ints,
    mean: Reals,
    is_selling: bool,
) -> Ints:
    size = len(owner)
    region = np.array([rep.region for rep in world.staff.reps])[owner]
    deal = np.full(size, NOTHING)
    if is_selling:
        deal = _deals(story.presence[week], owner, rng)
    _day, starts = world.weeks.session(rng, week, region)
    minutes = np.maximum(np.round(mean * rng.gamma(4, 0.25, size)), 1).astype(np.int64)
    minutes = np.where(minutes > 20, np.round(minutes / 5) * 5, minutes).astype(np.int64)
    starts = _before_close(story, deal, starts, minutes)
    known = starts + minutes * _MINUTE_US
    planned = (known >= world.weeks.cut) & (kind == MEETING) & (deal >= 0)
    # What lies ahead in the current week was planned on the Friday before, or with a later deal.
    friday = day_us(int(world.weeks.monday[week]) - 3, 15.0)
    known = np.where(planned, np.maximum(friday, story.book["created_us"][deal] + 1), known)
    return np.stack(
        [
            kind,
            rng.integers(0, 6, size),
            owner,
            deal,
            starts,
            known,
            minutes,
            np.full(size, int(is_selling)),
            (~planned).astype(np.int64),
            rng.integers(0, 4, size),
        ]
    )


def _deals(presence: Presence, owner: Ints, rng: np.random.Generator) -> Ints:
    """Choose for each activity one of its owner's open deals, by the attention it asks for."""
    deal = np.full(len(owner), NOTHING)
    if not len(presence.deals):
        return deal
    order = np.argsort(presence.owners, kind="stable")
    owners, weights = presence.owners[order], np.cumsum(presence.weights[order])
    low = np.searchsorted(owners, owner, side="left")
    high = np.searchsorted(owners, owner, side="right")
    has = high > low
    floor = np.where(low > 0, weights[np.maximum(low - 1, 0)], 0.0)
    ceiling = weights[np.maximum(high - 1, 0)]
    at = np.searchsorted(weights, floor + rng.random(len(owner)) * (ceiling - floor), side="right")
    at = np.clip(at, low, np.maximum(high - 1, low))
    deal[has] = presence.deals[order][at[has]]
    return deal


def _before_close(story: Story, deal: Ints, starts: Ints, minutes: Ints) -> Ints:
    """Nothing is done on a deal after it closed."""
    closed = np.where(deal >= 0, story.book["closed_us"][deal], NOTHING)
    latest = closed - (minutes + 15) * _MINUTE_US
    return np.where((closed > 0) & (starts > latest), latest, starts)
