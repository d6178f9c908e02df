"""What crosses the border of `demo`: its logins and the report of a build."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from perilune.people.contracts import ROLE_LABELS, Role

PASSWORD = "perilune-demo"
"""The password of every demo login; set in demo homes only."""

ROLES: dict[str, Role] = {
    "director": Role.OPS_DIRECTOR,
    "manager": Role.OPS_MANAGER,
    "analyst": Role.ANALYST,
    "assistant": Role.OPS_REP,
    "leader": Role.SALES_LEADER,
    "teamlead": Role.SALES_MANAGER,
    "rep": Role.REP,
    "viewer": Role.VIEWER,
}
"""The role of each demo login."""

LOGINS: dict[str, str] = {username: ROLE_LABELS[role] for username, role in ROLES.items()}
"""The label (English msgid) of the role of each demo login."""

SOURCE = "demo"
"""The source and the actor of everything that the demo writes."""

DEFAULT_SEED = 20

OnProgress = Callable[[str, float], None]
"""Called with an English msgid that says what is being done, and the share done (0 to 1)."""


@dataclass(frozen=True)
class Report:
    """What a build made: numbers of records and change rows, and the seconds its parts took."""

    today: date
    seed: int
    records: dict[str, int]
    rows: int
    seconds: dict[str, float]
