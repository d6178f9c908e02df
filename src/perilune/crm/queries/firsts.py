"""Where the data of a home begin."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.store import queries as store

_SQL = """
    SELECT MIN(x.since) AS since
    FROM (
        SELECT MIN(v.valid_from) AS since FROM opportunity_version AS v
        UNION ALL
        SELECT MIN(v.valid_from) AS since FROM account_version AS v
    ) AS x"""


def first_day_known(today: AsOf, zone: ZoneInfo) -> date | None:
    """Return the first day on which a deal or an account was known; None without any.

    Of an earlier as-of nothing is known (rule 4): not «nothing happened».
    """
    found = store.run_sql(_SQL, scope=Scope.company(), as_of=today).scalar()
    if not isinstance(found, datetime):
        return None
    return found.replace(tzinfo=UTC).astimezone(zone).date()  # the store keeps UTC
