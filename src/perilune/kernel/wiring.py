"""Empty registries, filled in one readable list in `perilune.site.wiring`.

What must travel upward (a forecast panel on the crm page, a store table, a job) goes through here:
the lower room asks the registry, the higher room is named only in `site`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.kinds import Kind
from perilune.kernel.ranges import Range
from perilune.kernel.scope import Scope

T = TypeVar("T")

_filling = threading.RLock()


class Registry(Generic[T]):
    """Named things in order of registration; a second thing of one name is an error."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._items: dict[str, T] = {}
        self._later: list[Callable[[], None]] = []
        self._is_filling = False

    def later(self, fill: Callable[[], None]) -> None:
        """Have `fill` register things when somebody first asks for one.

        For what takes long to load and most commands never ask for; filling twice must be harmless.
        """
        if fill not in self._later:
            self._later.append(fill)

    def add(self, name: str, item: T) -> T:
        """Register; Invalid when the name is taken by something else."""
        if name in self._items and self._items[name] != item:
            raise Invalid("The %(what)s %(name)s is registered twice.", what=self._what, name=name)
        self._items[name] = item
        return item

    def get(self, name: str) -> T:
        """Return the thing of that name; NotFound otherwise."""
        found = self._all()
        if name not in found:
            raise NotFound("There is no %(what)s named %(name)s.", what=self._what, name=name)
        return found[name]

    def __contains__(self, name: str) -> bool:
        return name in self._all()

    def __iter__(self) -> Iterator[T]:
        return iter(self._all().values())

    def names(self) -> list[str]:
        """Return the names in order of registration."""
        return list(self._all())

    def clear(self) -> None:
        """Forget everything; for tests that fill a registry of their own."""
        self._later.clear()
        self._items.clear()

    def _all(self) -> dict[str, T]:
        if self._later:
            with _filling:  # who comes second waits for the whole
                if not self._is_filling:
                    self._fill()
        return self._items

    def _fill(self) -> None:
        self._is_filling = True
        try:
            for fill in self._later:
                fill()
            self._later.clear()
        finally:
            self._is_filling = False


Columns = tuple[tuple[str, str], ...]
"""(name, DuckDB type) pairs; BIGINT, INTEGER, DOUBLE, BOOLEAN, VARCHAR, DATE or TIMESTAMP (UTC)."""


@dataclass(frozen=True)
class StoreTable:
    """A table that a capability derives from its records for the analytical store.

    columns: the columns, or a function giving them where custom fields come and go; the first is
        the integer key that overlays replace by.
    touched: from a cursor to (keys touched since, None meaning «all»; new cursor). The first cursor
        is 0, and a table that is built anew asks `rows(None)` whatever the keys were.
    rows: batches (lists of tuples in column order) of the given keys, or of all for None.
    kind: the name of the relation that named SQL reads; the table's own name if empty. Of a
        versioned table there are two: `<kind>` as of an instant and `<kind>_version`.
    owner_column: the rep whose row it is; the gate cuts by it.
    parent: (kind, key column) of the rows that decide instead: a line is seen with its opportunity.
        With neither, the table is a reference that everybody reads.
    versioned: has valid_from and valid_to, so a query's as-of cuts it.
    """

    name: str
    columns: Columns | Callable[[], Columns]
    touched: Callable[[int], tuple[Sequence[int] | None, int]]
    rows: Callable[[Sequence[int] | None], Iterable[Sequence[tuple[Any, ...]]]]
    owner_column: str = ""
    kind: str = ""
    versioned: bool = True
    parent: tuple[str, str] = ("", "")

    def shape(self) -> Columns:
        """Return the columns as they are declared now."""
        return self.columns() if callable(self.columns) else self.columns

    @property
    def relation(self) -> str:
        """The name under which named SQL knows the table's rows as of an instant."""
        return self.kind or self.name.removesuffix("_version")


@dataclass(frozen=True)
class JobKind:
    """A long job as a chain of short steps.

    step: takes (params, cursor) and returns a StepResult within about 30 seconds; it is called
    again with the cursor it returned until done. At least once: a step must be safe to repeat.
    cancelled: takes (params, cursor) when the job is cancelled between two steps, to clean up.
    """

    name: str
    label: str
    step: Callable[[Mapping[str, Any], Mapping[str, Any]], StepResult]
    cancelled: Callable[[Mapping[str, Any], Mapping[str, Any]], None] | None = None


@dataclass(frozen=True)
class StepResult:
    """What a step leaves behind: where to go on, how far it is, what it says, what came out."""

    cursor: Mapping[str, Any]
    is_done: bool
    done: int = 0
    total: int = 0
    message: str = ""
    message_params: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Panel:
    """A piece of one capability's page on another's: `render(request, context)` gives HTML."""

    name: str
    place: str
    order: int
    render: Callable[[Any, Mapping[str, Any]], str]


@dataclass(frozen=True)
class Foretold:
    """What is forecast of a period, minor units: the mean is won + open deals + new business.

    open_deals: of what is still to come, what open deals bring on average; new: what is not created
    yet; None where the model does not tell them apart, then `new` holds both.
    """

    won: float
    open_deals: float | None
    new: float
    range: Range


Foretell = Callable[[Period, AsOf, Scope], Foretold | None]
"""None where there is too little history, or no range for the period."""


@dataclass(frozen=True)
class SearchEntry:
    """A page, measure or verb that is offered by its label (an English msgid).

    route: the name of its address, args: what the address names, query: what follows its «?».
    right: the right that opens it, empty for everybody. icon: what kind of thing it is.
    """

    label: str
    route: str
    right: str = ""
    args: tuple[str, ...] = ()
    query: str = ""
    icon: str = "file-text"


@dataclass(frozen=True)
class Credit:
    """How lists of a kind learn what stands behind a figure of a higher room, and what it counts.

    kind: of the rows. keys: parameters of an address that name a figure; the first marks it.
    cases: (values of the keys, scope, as_of) gives what every case counts, in company minor units
        by id, also of those that the gate does not show.
    won: (first day, last day, scope, as_of) gives the same of what was won between two days.
    label: (values of the keys, scope, as_of) names the figure in the reader's language.
    """

    kind: str
    keys: tuple[str, ...]
    cases: Callable[[Sequence[str], Scope, AsOf], Mapping[int, int]]
    won: Callable[[date, date, Scope, AsOf], Mapping[int, int]]
    label: Callable[[Sequence[str], Scope, AsOf], str]


@dataclass(frozen=True)
class YearPlan:
    """An annual plan as lower rooms tell whose quotas they show, cut to what one sees of it.

    name: empty for one that is not theirs to see. state: where it stands, an English msgid.
    starts, ends: of its fiscal year. quotas: of each rep for the year, minor units of the company's
    currency.
    """

    name: str
    state: str
    starts: date
    ends: date
    is_in_force: bool
    quotas: Mapping[int, int]


@dataclass(frozen=True)
class Tally:
    """What is counted for a measure among some records: part of whole (1 for a sum), of cases."""

    part: float
    whole: float
    cases: int


Count = tuple[date, AsOf, AsOf, Scope]
"""What a counter is asked: first day of the window, its end (or the as-of in it), as of, scope."""


@dataclass(frozen=True)
class Counter:
    """How a room above answers for a measure whose cases are no deals.

    measure: its name. tallies: by the rep who holds the records, None for nobody's; None alone
    where nothing was known yet (rule 4). parts: what the figure is made of, named in the reader's
    language. sql: what was asked. url: of the page where the
    rows are, for (scope, rights); empty where these do not open it.
    """

    measure: str
    tallies: Callable[[Count], Mapping[int | None, Tally] | None]
    parts: Callable[[Count], Sequence[tuple[str, Tally]]]
    sql: Callable[[Count], str]
    url: Callable[[Scope, Collection[str]], str]


COUNTERS: Registry[Counter] = Registry("counter")
KINDS: Registry[Kind] = Registry("kind of record")
STORE_TABLES: Registry[StoreTable] = Registry("store table")
SQL_FOLDERS: Registry[Path] = Registry("folder of named SQL")
JOB_KINDS: Registry[JobKind] = Registry("job")
CREDITS: Registry[Credit] = Registry("credit")
YEAR_PLANS: Registry[Callable[[date, Scope, str], YearPlan | None]] = Registry("annual plan")
"""Of (day, scope, username): the plan of the day's fiscal year that says most, in force first."""
LEAVERS: Registry[Callable[[Scope, str], Mapping[int, date]]] = Registry("departures")
"""Of (scope, username): last days of reps who leave, as far as it shows to them (rule 24)."""
PANELS: Registry[Panel] = Registry("panel")
FORETELLERS: Registry[Foretell] = Registry("forecast")
"""Who foretells bookings to those who are below the forecast in the house."""
DEMO_MAKERS: Registry[Callable[[], None]] = Registry("part of the demo")
"""What rooms above the demo add to a demo company, called last and in its language."""
SEARCH: Registry[SearchEntry] = Registry("search entry")
SETTINGS_PAGES: Registry[SearchEntry] = Registry("settings page")
"""Pages of higher rooms that stand among the settings."""


@dataclass(frozen=True)
class Feed:
    """What a room above tells subscriptions: numbered things of a person, as that person sees them.

    type: of its events. head: (owner) gives the latest number; since: (owner, number) gives (latest
    number, the numbers after it); told: (owner, number) gives what is said, None for nothing.
    """

    name: str
    type: str
    head: Callable[[str], int]
    since: Callable[[str, int], tuple[int, Sequence[int]]]
    told: Callable[[str, int], dict[str, Any] | None]


HIDDEN: Registry[Callable[[str], Collection[str]]] = Registry("choice of hidden fields")
"""Of a kind of record: fields that the company does not want on record pages and forms."""
NEWS: Registry[Feed] = Registry("feed")


@dataclass(frozen=True)
class WhyDoor:
    """What a room above offers beside a figure of deals: «Reconcile with another system».

    label: an English msgid. right: what opens it. url: from the figure's filters (period, stage,
    owner, title), those that it has.
    """

    name: str
    label: str
    right: str
    url: Callable[[Mapping[str, str]], str]


WHY_DOORS: Registry[WhyDoor] = Registry("door")
ON_COMMITTED: Registry[Callable[[int], None]] = Registry("listener")
"""Called with the id of a change set after it was completed or retracted and committed."""
