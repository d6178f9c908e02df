"""The deals behind a range."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class LargeDeal:
    """One of the largest deals of a period; value in minor units of the company's currency."""

    id: int
    name: str
    is_won: bool
    close_date: date
    stage: str
    type: str
    value: int


@dataclass(frozen=True)
class Behind:
    """The deals behind a period: the largest won and open ones, and what all of them come to.

    deals: empty where the scope may see totals only. Values in minor units. new_won: of won_value,
    what deals of type «new» brought; None where no won deal has a type.
    """

    deals: tuple[LargeDeal, ...]
    won_deals: int
    won_value: int
    new_won: int | None
    open_deals: int
    open_value: int
    is_withheld: bool = False
