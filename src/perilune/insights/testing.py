"""Makers for other capabilities' tests: models on record, learnt once and put there again."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import suppress

from perilune.insights import service
from perilune.insights.models import OutlookModel
from perilune.kernel.asof import AsOf
from perilune.store import service as store

_learnt: dict[Hashable, list[OutlookModel]] = {}


class _Enough(Exception):
    """So many models are learnt."""


def learn_latest(as_of: AsOf, count: int) -> int:
    """Put the latest `count` models behind an as-of on record, and return how many there are."""
    key = (store.current().path, as_of.at, count)
    if key not in _learnt:
        left = count

        def tell(_done: int, _wanted: int) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise _Enough

        with suppress(_Enough):
            service.learn(as_of, tell=tell)
        _learnt[key] = list(OutlookModel.objects.all())
    else:
        again = [
            OutlookModel(digest=one.digest, day=one.day, payload=one.payload)
            for one in _learnt[key]
        ]
        OutlookModel.objects.bulk_create(again, ignore_conflicts=True)
    return len(_learnt[key])
