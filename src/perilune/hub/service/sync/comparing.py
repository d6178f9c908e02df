"""Read, compare, write: for services that take a write without any condition.

What was looked at is looked at once more immediately before the write, its stamp and its values.
What comes between that look and the write cannot be held off: a window of one request. Nothing is
sent again by itself; a write without an answer is in doubt until the record was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import requests

from perilune.hub.contracts.targets import Lost, Replied, Reply, There, Why, Write

TRIES = 5
"""How often a service may say that it is asked too much, before a batch stops."""


class Comparing(Protocol):
    """What a service is asked when records are written to it."""

    def standing(self, name: str, keys: Sequence[str], fields: Sequence[str]) -> dict[str, There]:
        """Return records as they stand."""

    def put(self, name: str, writes: Sequence[Write]) -> requests.Response:
        """Send one write, once."""

    def came(self, answer: requests.Response, writes: Sequence[Write]) -> list[Reply] | None:
        """Return what came of each write; None where the answer is for none of them."""


def write(target: Comparing, name: str, writes: Sequence[Write]) -> list[Reply]:
    """Write to records that stand as they were looked at; return what came of each."""
    replies: dict[str, Reply] = {}
    left = list(writes)
    for _try in range(TRIES):
        columns = sorted({column for one in left for column in one.was})
        there = target.standing(name, [one.key for one in left], columns)
        for one in left:
            moved = _moved(one, there.get(one.key))
            if moved is not None:
                replies[one.key] = Reply(moved)
        left = [one for one in left if one.key not in replies]
        if not left:
            break
        try:
            answer = target.put(name, left)
        except Lost:
            replies |= dict.fromkeys((one.key for one in left), Reply(Replied.DOUBTFUL))
            left = []
            break
        if answer.status_code == 429:
            continue  # it was waited for; meanwhile the records may have changed
        came = target.came(answer, left)
        if came is None:  # all were refused for the sake of some: each by itself
            came = [reply for one in left for reply in write(target, name, [one])]
        replies |= {one.key: reply for one, reply in zip(left, came, strict=True)}
        left = []
        break
    replies |= dict.fromkeys((one.key for one in left), Reply(Replied.BUSY))
    return [replies[one.key] for one in writes]


def _moved(one: Write, there: There | None) -> Replied | None:
    if there is None:
        return Replied.GONE
    is_as_seen = there.mark == one.mark and all(
        there.values.get(column, "") == was for column, was in one.was.items()
    )
    return None if is_as_seen else Replied.MOVED


def refusal(answer: requests.Response, whys: Callable[[Mapping[str, Any]], Iterable[Why]]) -> Reply:
    """Return what a refusal of one record means. whys: reads the service's words."""
    if answer.status_code in (404, 410):
        return Reply(Replied.GONE)
    try:
        told = answer.json()
    except ValueError:
        told = {}
    found = tuple(whys(told if isinstance(told, dict) else {}))
    if answer.status_code in (409, 423) and not any(why.field for why in found):
        return Reply(Replied.BUSY, found)
    return Reply(Replied.REFUSED, found or (Why("", str(answer.status_code), answer.text[:200]),))
