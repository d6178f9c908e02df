"""Goals of Pipedrive as quotas: what a person is to win in each interval; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from perilune.history.contracts import from_us
from perilune.hub.engine.sync.cells import digest_us
from perilune.hub.service.sync.pipedrive.rows import text_of

Json = dict[str, Any]
_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
MOST = 600
"""Intervals of one goal that are read: weeks of more than ten years."""


def rows_of(goal: Json, currencies: Mapping[str, str], today: date) -> Iterator[dict[str, str]]:
    """Give a goal as rows, one for each interval: its target is asked for in every one.

    A goal of anything but a person's won revenue in all pipelines gives one row without an amount,
    an interval that its first or last day cuts one too: the target is not that of a part. One
    without an end goes on to the end of this year, or of that in which it begins.

    currencies: codes by their ids.
    """
    first, last = (_day((goal.get("duration") or {}).get(part)) for part in ("start", "end"))
    last = last or date(max(today, first or today).year, 12, 31)
    outcome = goal.get("expected_outcome") or {}
    currency = currencies.get(text_of(outcome.get("currency_id")), "")
    interval = str(goal.get("interval"))
    if (
        first is None
        or not (currency and _is_revenue(goal))
        or interval not in (*_MONTHS, "weekly")
    ):
        yield _row(goal, str(goal["id"]), first, last, "", currency)
        return
    for _number in range(MOST):
        begin, end = _around(first, interval)
        is_whole = begin == first and end <= last
        amount = text_of(outcome.get("target")) if is_whole else ""
        yield _row(goal, f"{goal['id']}:{first}", first, min(end, last), amount, currency)
        first = end + timedelta(days=1)
        if first > last:
            return


def _is_revenue(goal: Json) -> bool:
    of, who = goal.get("type") or {}, goal.get("assignee") or {}
    metric = (goal.get("expected_outcome") or {}).get("tracking_metric")
    told = (who.get("type"), of.get("name"), metric)
    is_whole = not (of.get("params") or {}).get("pipeline_id")
    return is_whole and told == ("person", "deals_won", "sum")


def _around(day: date, interval: str) -> tuple[date, date]:
    """Return the first and last day of the calendar's interval around a day; weeks from Monday."""
    if interval == "weekly":
        begin = day - timedelta(days=day.weekday())
        return begin, begin + timedelta(days=6)
    size = _MONTHS[interval]
    month = (day.month - 1) // size * size
    after = day.year * 12 + month + size
    return date(day.year, month + 1, 1), date(after // 12, after % 12 + 1, 1) - timedelta(days=1)


def _row(  # noqa: PLR0917  # the parts of one row
    goal: Json, key: str, first: date | None, last: date, amount: str, currency: str
) -> dict[str, str]:
    cells = {
        "title": text_of(goal.get("title")), "starts": str(first or ""), "ends": str(last),
        "rep_id": text_of((goal.get("assignee") or {}).get("id")), "amount": amount,
        "currency": currency,
    }  # fmt: skip
    stamp = from_us(digest_us(cells.values())).isoformat()
    born = f"{first}T00:00:00Z" if first else ""
    return {**cells, "id": key, "add_time": born, "update_time": stamp}


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
