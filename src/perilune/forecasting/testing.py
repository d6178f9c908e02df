"""Makers for tests: won events as arrays, a calendar of plain months, the Maven sales."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from perilune.forecasting.contracts import KINDS, By
from perilune.forecasting.engine import FOREVER, Calendar, Question, Seats, Target, Unit, Wins
from perilune.forecasting.queries import store_tables
from perilune.kernel import wiring
from perilune.store.layout import Store
from perilune.store.testing import registered, store_of

SHARED = Path(
    os.environ.get("PERILUNE_SHARED_DATA", Path(__file__).resolve().parents[4] / "shared" / "data")
)


def wins_of(
    days: Any, amounts: Any, known_from: Any = None, known_to: Any = None, unit: Any = None
) -> Wins:
    day = np.asarray(days, dtype=np.int64)
    known = day if known_from is None else np.asarray(known_from, dtype=np.int64)
    until = np.full(len(day), FOREVER) if known_to is None else np.asarray(known_to, np.int64)
    units = np.zeros(len(day), np.int64) if unit is None else np.asarray(unit, np.int64)
    return Wins(day, np.asarray(amounts, float), known, until, units)


def question_of(wins: Wins, target: Target, calendar: Calendar, **more: Any) -> Question:
    """Ask for the total and for every rep; one seat a rep, all of them in one team."""
    count = int(wins.unit.max(initial=0)) + 1
    none = np.zeros(count, dtype=np.int64)
    units = {
        By.REP: tuple(
            Unit(f"rep:{seat}", f"rep {seat}", By.REP, seat, (seat,)) for seat in range(count)
        )
    }
    total = Unit("total", "total", seats=tuple(range(count)))
    asked = {"seats": Seats(np.arange(count), none, none), "units": units, "paths": 512, **more}
    return Question(wins=wins, target=target, calendar=calendar, total=total, **asked)


def plain_calendar(first: date, years: int = 6, workdays: bool = False) -> Calendar:
    """Return calendar months from the one that holds `first`."""
    months = [
        (
            date(first.year + (first.month - 1 + k) // 12, (first.month - 1 + k) % 12 + 1, 1)
            - first
        ).days
        for k in range(12 * years)
    ]
    days = (first + timedelta(days=n) for n in range(365 * years)) if workdays else ()
    return Calendar(
        np.array(months, float), np.array([float(day.weekday() < 5) for day in days], float)
    )


def maven_sales() -> Any:
    """Return the won deals of the Maven file as a pandas table, or skip where it is absent."""
    import pandas as pd

    path = SHARED / "crm_maven" / "sales_pipeline.csv"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    deals = pd.read_csv(path, parse_dates=["close_date"])
    return deals[deals.deal_stage == "Won"]


def maven_store_rows() -> dict[str, list[dict[str, Any]]]:
    """Return the Maven file as rows of the store: each deal open from its engage date, then closed.

    Nothing leaks: amount and close date are known from the close on. Regions are top teams.
    """
    import pandas as pd

    maven_sales()  # skips where the file is absent
    folder = SHARED / "crm_maven"
    deals = pd.read_csv(folder / "sales_pipeline.csv", parse_dates=["engage_date", "close_date"])
    people = pd.read_csv(folder / "sales_teams.csv")
    regions = {name: n for n, name in enumerate(sorted(people.regional_office.unique()), 1)}
    managers = {name: n for n, name in enumerate(sorted(people.manager.unique()), 11)}
    reps = {name: n for n, name in enumerate(sorted(people.sales_agent.unique()), 101)}
    return {
        "stage": [
            {"id": 1, "name": "Engaging", "meaning": "open"},
            {"id": 2, "name": "Won", "meaning": "won"},
            {"id": 3, "name": "Lost", "meaning": "lost"},
        ],
        "team": [{"id": n, "name": name, "level": "region"} for name, n in regions.items()]
        + [
            {
                "id": managers[row.manager],
                "name": row.manager,
                "parent_id": regions[row.regional_office],
            }
            for row in people.drop_duplicates("manager").itertuples()
        ],
        "rep": [{"id": n, "name": name} for name, n in reps.items()],
        "assignment": [
            {
                "id": reps[row.sales_agent],
                "rep_id": reps[row.sales_agent],
                "team_id": managers[row.manager],
                "effective_from": date(2016, 1, 1),
            }
            for row in people.itertuples()
        ],
        "opportunity": [
            row
            for number, deal in enumerate(deals.itertuples(), 1)
            if isinstance(deal.engage_date, pd.Timestamp) and deal.engage_date is not pd.NaT
            for row in _versions(number, deal, reps)
        ],
    }


@contextmanager
def maven_store(**more: list[dict[str, Any]]) -> Iterator[Store]:
    """Build a store of the Maven file, with further rows by relation, while the block runs."""
    for kind in KINDS:
        wiring.KINDS.add(kind.name, kind)
    own = [table for table in store_tables() if table.name not in wiring.STORE_TABLES]
    with registered([*wiring.STORE_TABLES, *own]):
        # a table without rows yet: one that nobody knows of before the year 9000
        unknown = {"id": -1, "valid_from": datetime(9000, 1, 1)}
        rows = {
            table.relation: [unknown] if table.versioned else [] for table in wiring.STORE_TABLES
        }
        with store_of({**rows, **maven_store_rows(), **more}, always={"currency": "USD"}) as store:
            yield store


def maven_company() -> None:
    """Make the company of that store: an archive that stands at the end of its export."""
    from perilune.people.service import company_init

    company_init(
        name="Maven", currency="USD", timezone="UTC", country="US", today_mode="archive",
        as_of_day=date(2017, 12, 31),
    )  # fmt: skip


def _versions(number: int, deal: Any, reps: dict[str, int]) -> list[dict[str, Any]]:
    import pandas as pd

    known = {"id": number, "owner_id": reps[deal.sales_agent], "currency": "USD"}
    rows = [{**known, "stage_id": 1, "valid_from": deal.engage_date.to_pydatetime()}]
    if not pd.isna(deal.close_date):
        closed = {
            "stage_id": 2 if deal.deal_stage == "Won" else 3,
            "close_date": deal.close_date.date(),
            "amount": round(deal.close_value * 100),
            "valid_from": deal.close_date.to_pydatetime() + timedelta(hours=12),
        }
        rows.append({**known, **closed})
    return rows
