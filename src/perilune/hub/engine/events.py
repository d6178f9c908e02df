"""Histories of a source's own: logs of stage events, and field-by-field changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from perilune.hub.contracts import Draft
from perilune.hub.engine.known import LOST_WORDS, STAGE_ORDER, WON_WORDS
from perilune.hub.engine.proof import StageFact, final
from perilune.hub.engine.values import fold
from perilune.kernel.kinds import Scalar


class StageEvent(NamedTuple):
    """A case entered a stage: when (microseconds), which stage, whose hands, what amount."""

    us: int
    stage: int
    owner: int | None
    amount: int | None


class FieldEvent(NamedTuple):
    """A field went from old to new at an instant, in encoded scalars."""

    us: int
    field: str
    old: Scalar
    new: Scalar


def meaning_of(name: str) -> str:
    """Tell whether a stage's name says won, lost or open."""
    text = fold(name).replace("_", " ")
    words = text.replace(" ", "")
    if text.startswith(("o ", "w ")):  # an offer's or a task's step, not the deal's
        return "open"
    if any(word in words for word in LOST_WORDS):
        return "lost"
    return "won" if any(word in words for word in WON_WORDS) else "open"


def in_order(names: Iterable[str]) -> list[str]:
    """Return stage names in the order that deals pass them: open as usual, then won, then lost."""

    def rank(item: tuple[int, str]) -> tuple[int, int, int]:
        position, name = item
        ending = {"open": 0, "won": 1, "lost": 2}[meaning_of(name)]
        text = fold(name).replace("_", "")
        usual = (
            i
            for i, word in enumerate(STAGE_ORDER)
            if word.replace(" ", "") in text.replace(" ", "")
        )
        return ending, next(usual, len(STAGE_ORDER) // 2), position

    return [name for _i, name in sorted(enumerate(dict.fromkeys(names)), key=rank)]


def fold_case(
    events: Sequence[StageEvent],
    stages: Mapping[int, StageFact],
    day_of: Callable[[int], str],
    *,
    closed_is_final: bool,
) -> tuple[int, dict[str, Scalar], list[tuple[int, str, Scalar]]]:
    """Return (birth, values at birth, later values) of a case from its events in order of time.

    Events of one instant make one step. Where closed_is_final, nothing moves a closed case.
    """
    values: dict[str, Scalar] = {}
    birth_us = events[0].us
    birth: dict[str, Scalar] = {}
    later: list[tuple[int, str, Scalar]] = []
    is_closed = False
    for us, group in groupby(events, key=lambda event: event.us):
        step: dict[str, Scalar] = {}
        for event in group:
            if is_closed and closed_is_final:
                break
            meaning = stages[event.stage].meaning
            is_closed = meaning != "open"
            step["stage_id"] = event.stage
            step["close_date"] = day_of(us) if is_closed else None
            if event.owner is not None:
                step["owner_id"] = event.owner
            if event.amount is not None:
                step["amount"] = event.amount
        news = {n: v for n, v in step.items() if values.get(n) != v}
        if us == birth_us:
            birth["created_date"] = day_of(us)
            birth.update((n, v) for n, v in news.items() if v is not None)
        else:
            later += [(us, name, value) for name, value in news.items()]
        values.update(news)
    return birth_us, birth, later


def overlay(draft: Draft, events: Sequence[FieldEvent], as_of_us: int) -> Draft:
    """Return a draft whose tracked fields follow their history and end at what is said now."""
    if not events:
        return draft
    now = final(draft)
    tracked = {event.field for event in events}
    birth = {n: v for n, v in draft.birth.items() if n not in tracked}
    later = [step for step in draft.later if step[1] not in tracked]
    ordered = sorted(events, key=lambda event: event.us)
    birth_us = min(draft.birth_us, ordered[0].us)
    for name in tracked:
        own = [event for event in ordered if event.field == name]
        if own[0].old is not None:
            birth[name] = own[0].old
        value = own[0].old
        for event in own:
            if event.new != value:
                later.append((event.us, name, event.new))
                value = event.new
        if value != now.get(name):
            later.append((max(as_of_us, own[-1].us), name, now.get(name)))
    return draft._replace(birth_us=birth_us, birth=birth, later=sorted(later, key=lambda s: s[0]))


def begun(draft: Draft) -> Draft:
    """Return a draft that is born with what its history tells of the very instant of its birth."""
    birth = dict(draft.birth)
    later = []
    for us, name, value in draft.later:
        if us > draft.birth_us:
            later.append((us, name, value))
        elif value is None:
            birth.pop(name, None)
        else:
            birth[name] = value
    return draft._replace(birth=birth, later=later)
