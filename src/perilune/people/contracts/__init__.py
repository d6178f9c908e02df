"""What crosses the border of `people`: roles, rights, the company and the kinds it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import FiscalCalendar
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts.kinds import (
    ABSENCE,
    ASSIGNMENT,
    KINDS,
    QUOTA,
    QUOTA_LEVELS,
    RATE,
    REP,
    TEAM,
)

__all__ = [
    "ABSENCE",
    "ASSIGNMENT",
    "COOLING",
    "KINDS",
    "QUOTA",
    "QUOTA_LEVELS",
    "RATE",
    "REP",
    "RIGHTS",
    "RIGHT_LABELS",
    "ROLE_LABELS",
    "SMALLEST_GROUP_PERSONAL",
    "SMALLEST_GROUP_VIEWER",
    "TEAM",
    "Company",
    "Finding",
    "Holding",
    "Person",
    "Right",
    "Role",
    "Target",
    "TeamLoad",
]


COOLING = timedelta(minutes=15)
"""How long an author of a small team waits before approving what is theirs (rule 27)."""


class Role(StrEnum):
    """What a user does; sales operations first, then the sales force, then those who only look."""

    OPS_DIRECTOR = "ops_director"
    OPS_MANAGER = "ops_manager"
    ANALYST = "analyst"
    OPS_REP = "ops_rep"
    SALES_LEADER = "sales_leader"
    SALES_MANAGER = "sales_manager"
    REP = "rep"
    VIEWER = "viewer"


ROLE_LABELS: dict[Role, str] = {
    Role.OPS_DIRECTOR: _("Sales operations director"),
    Role.OPS_MANAGER: _("Sales operations manager"),
    Role.ANALYST: _("Sales operations analyst"),
    Role.OPS_REP: _("Sales operations representative"),
    Role.SALES_LEADER: _("Sales leader"),
    Role.SALES_MANAGER: _("Sales manager"),
    Role.REP: _("Sales rep"),
    Role.VIEWER: _("Viewer"),
}
"""English msgids of the roles."""


class Right(StrEnum):
    """One thing that a role may do. What rows a person sees is the Scope's affair."""

    SEE_ROWS = "see_rows"  # lists, records, drill-down: everyone but the viewer
    SEE_COMPANY_ROWS = "see_company_rows"
    SEE_COMPANY_TOTALS = "see_company_totals"
    EDIT_RECORDS = "edit_records"
    EXPORT_DATA = "export_data"
    IMPORT_DATA = "import_data"
    MANAGE_QUOTAS = "manage_quotas"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_SETTINGS = "manage_settings"
    MANAGE_SCHEDULES = "manage_schedules"
    WRITE_BACK = "write_back"  # into connected systems: look, confirm, take back
    RUN_FORECAST = "run_forecast"
    SUBMIT_FORECAST = "submit_forecast"
    CLOSE_PERIOD = "close_period"
    MAKE_SCENARIOS = "make_scenarios"  # private to their author and those named (rule 24)
    DESIGN_TERRITORIES = "design_territories"  # within what the scope covers
    PUBLISH_TERRITORIES = "publish_territories"  # approve, put in force, take back
    MAKE_PLANS = "make_plans"  # annual plans, within what the scope covers
    PUBLISH_PLANS = "publish_plans"  # approve, put in force, take back
    SEE_AUDIT = "see_audit"
    PROTECT_PEOPLE = "protect_people"  # find, export and erase a person: data protection officers


RIGHT_LABELS: dict[Right, str] = {
    Right.SEE_ROWS: _("see records"),
    Right.SEE_COMPANY_ROWS: _("see the records of the whole company"),
    Right.SEE_COMPANY_TOTALS: _("see the company's totals"),
    Right.EDIT_RECORDS: _("change records"),
    Right.EXPORT_DATA: _("export data"),
    Right.IMPORT_DATA: _("import data"),
    Right.MANAGE_QUOTAS: _("set quotas"),
    Right.MANAGE_PEOPLE: _("manage users, reps and teams"),
    Right.MANAGE_SETTINGS: _("change the company's settings"),
    Right.MANAGE_SCHEDULES: _("change schedules"),
    Right.WRITE_BACK: _("write to connected systems"),
    Right.RUN_FORECAST: _("run the forecast"),
    Right.SUBMIT_FORECAST: _("submit and override forecasts"),
    Right.CLOSE_PERIOD: _("close a period"),
    Right.MAKE_SCENARIOS: _("make scenarios"),
    Right.DESIGN_TERRITORIES: _("design territories"),
    Right.PUBLISH_TERRITORIES: _("approve territories and put them in force"),
    Right.MAKE_PLANS: _("make annual plans"),
    Right.PUBLISH_PLANS: _("approve annual plans and put them in force"),
    Right.SEE_AUDIT: _("see the audit trail"),
    Right.PROTECT_PEOPLE: _("look after people's data"),
}
"""English msgids that complete «you may …»."""

_EVERYTHING = frozenset(Right)
_SELLING = frozenset({Right.SEE_ROWS, Right.EDIT_RECORDS, Right.EXPORT_DATA})

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OPS_DIRECTOR: _EVERYTHING,
    Role.OPS_MANAGER: _EVERYTHING,
    Role.ANALYST: _EVERYTHING
    - {
        Right.MANAGE_PEOPLE,
        Right.MANAGE_SETTINGS,
        Right.WRITE_BACK,
        Right.CLOSE_PERIOD,
        Right.PUBLISH_TERRITORIES,
        Right.PUBLISH_PLANS,
        Right.PROTECT_PEOPLE,
    },
    Role.OPS_REP: _SELLING | {Right.SEE_COMPANY_ROWS, Right.SEE_COMPANY_TOTALS, Right.IMPORT_DATA},
    Role.SALES_LEADER: _SELLING
    | {
        Right.SEE_COMPANY_TOTALS,
        Right.SUBMIT_FORECAST,
        Right.MAKE_SCENARIOS,
        Right.DESIGN_TERRITORIES,
        Right.PUBLISH_TERRITORIES,
        Right.MAKE_PLANS,
        Right.PUBLISH_PLANS,
    },
    Role.SALES_MANAGER: _SELLING
    | {
        Right.SUBMIT_FORECAST,
        Right.MAKE_SCENARIOS,
        Right.DESIGN_TERRITORIES,
        Right.MAKE_PLANS,
    },
    Role.REP: _SELLING | {Right.SUBMIT_FORECAST},
    Role.VIEWER: frozenset({Right.SEE_COMPANY_TOTALS}),
}
"""What each role may do; the owner of the home may do everything."""

SMALLEST_GROUP_VIEWER = 3
"""A viewer is shown no figure about fewer people than this (DESIGN «One gate»)."""
SMALLEST_GROUP_PERSONAL = 5
"""Personal measures of others show only for groups of at least this size (rule 26)."""


@dataclass(frozen=True)
class Company:
    """The company of this home.

    today: the as-of that pages open with; of an archive the date of its last import, else now.
    may_all_see_total: company totals are granted as aggregates to everyone (rule 10).
    is_staff_informed, is_council_consulted: recorded steps that open personal measures to the
    direct manager (rule 26).
    is_small_team: an author may approve what is theirs, after a cooling-off step and marked so
    (rule 27).
    is_archive: today lies before the calendar's; pages say at which day the data stand.
    """

    name: str
    currency: str
    zone: ZoneInfo
    calendar: FiscalCalendar
    language: str
    is_demo: bool
    today: AsOf
    country: str = "FR"
    may_all_see_total: bool = False
    is_staff_informed: bool = False
    is_council_consulted: bool = False
    inclusion_rule: str = ""
    is_small_team: bool = False
    is_archive: bool = False

    @property
    def tells_its_day(self) -> bool:
        """Whether each page tells at which day the data stand; a demo's label says it is made."""
        return self.is_archive and not self.is_demo


@dataclass(frozen=True)
class Person:
    """A user as others see them; `rep_id` links to the rep they are, None for everybody else."""

    user_id: int
    username: str
    name: str
    email: str
    role: Role
    rep_id: int | None
    language: str
    is_owner: bool = False
    is_active: bool = True
    is_data_officer: bool = False


@dataclass(frozen=True)
class Holding:
    """One effective-dated assignment of a rep, plain enough for the engine.

    Both dates are included; `since` None is «always», `until` None is open-ended. product_family:
    what alone is sold in it, empty where the records do not say.
    """

    rep_id: int
    team_id: int | None
    manager_id: int | None
    role: str
    fte: float
    since: date | None
    until: date | None = None
    assignment_id: int | None = None
    product_family: str = ""


@dataclass(frozen=True)
class Target:
    """The quota of a scope in a period: minor units, currency, the level it was agreed at."""

    minor: int
    currency: str
    level: str
    label: str


@dataclass(frozen=True)
class Finding:
    """Something about people that wants an act: what (msgid), how many, and which of them.

    cases: (record id, name) of kind `kind`, all of them; empty where the company itself is meant.
    """

    name: str
    label: str
    hint: str
    count: int
    kind: str = ""
    cases: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class TeamLoad:
    """A team in a period: people, their FTE on average, managers, and who comes and goes.

    fte counts absence out; coming and leaving are hires and last days inside the period;
    depth is the place in the tree, 0 at the top.
    """

    team_id: int
    name: str
    depth: int
    reps: int
    fte: float
    managers: tuple[str, ...]
    coming: int
    leaving: int
    away: int

    @property
    def span(self) -> float | None:
        """Reps per manager; None without a manager."""
        return self.reps / len(self.managers) if self.managers else None
