"""What one run has decided for all of its files."""

from __future__ import annotations

import hashlib
import marshal
import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from perilune.history import queries as history
from perilune.history.contracts import to_us
from perilune.history.service import reserve_ids
from perilune.hub.contracts import Notice
from perilune.hub.engine.proof import Clock
from perilune.hub.engine.values import (
    BadDate,
    parse_date,
    parse_number,
)
from perilune.kernel.asof import end_of_day
from perilune.kernel.kinds import Scalar
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import minor_exponent
from perilune.kernel.wiring import KINDS

LONGEST_KEY = 190
_REMEMBERED = 200_000
"""Texts of instants and days that are kept in memory with their value."""

ARCHIVE_AFTER = timedelta(days=31)
"""A file whose last event lies further back is an archive: its as-of is that event."""


def digest_text(text: str) -> int:
    """Return a stable 63-bit number of a text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def digest_of(columns: Mapping[str, Sequence[Scalar]]) -> list[int]:
    """Return a digest of each row of converted columns: what the source says, field by field.

    The order in which a mapping lists its fields says nothing.
    """
    columns = {name: columns[name] for name in sorted(columns)}
    head = repr(tuple(columns)).encode()
    hashed, dumps = hashlib.blake2b(head, digest_size=8), marshal.dumps
    result = bytearray()
    for values in zip(*columns.values(), strict=True):
        own = hashed.copy()
        own.update(dumps(values, 2))  # version 2 writes equal values alike
        result += own.digest()
    return [number >> 1 for number in struct.unpack(f">{len(result) // 8}Q", result)]


# -- what the run decided ----------------------------------------------------------------------


@dataclass
class Settings:
    """The decisions of one run that hold for all of its files."""

    source: str
    title: str
    zone: ZoneInfo
    currency: str
    now: datetime
    known_kinds: frozenset[str]
    as_of: datetime | None = None
    last_as_of: datetime | None = None
    period_of: Callable[[str], tuple[str, str] | None] = lambda text: None
    repairs: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    unconfirmed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    early: dict[str, dict[str, int]] = field(default_factory=dict)
    has_history: bool = False
    first_day: str = ""
    total_rows: int = 0
    _ends: dict[str, int] = field(default_factory=dict)
    _instants: dict[str, int | None] = field(default_factory=dict)
    _days: dict[int, str] = field(default_factory=dict)
    _spare: dict[str, list[int]] = field(default_factory=dict)

    @property
    def clock_day(self) -> date:
        """Today, in the company's zone."""
        return self.now.astimezone(self.zone).date()

    @property
    def as_of_day(self) -> str:
        """The day of the export as ISO text."""
        return (self.as_of or self.now).astimezone(self.zone).date().isoformat()

    @property
    def clock(self) -> Clock:
        """When things are known."""
        return Clock(to_us(self.as_of or self.now), self.as_of_day, self.end_us)

    def end_us(self, text: str) -> int:
        """Return the last microsecond of a day in the company's zone; an instant as it is."""
        found = self._ends.get(text)
        if found is None:
            if len(text) > 10:
                found = to_us(datetime.fromisoformat(text))
            else:
                found = to_us(end_of_day(date.fromisoformat(text), self.zone))
            if len(self._ends) > _REMEMBERED:
                self._ends.clear()
            self._ends[text] = found
        return found

    def decide_as_of(self, last: date | None, notices: list[Notice]) -> None:
        """Take the export's day as given, else an archive's last event, else now."""
        if self.as_of is not None:
            return
        if last is not None and self.clock_day - last > ARCHIVE_AFTER:
            self.as_of = end_of_day(last, self.zone)
            notices.append(
                Notice(
                    _(
                        "The export is taken as of %(day)s, its last event:"
                        " name its day if that is another."
                    ),
                    {"day": last.isoformat()},
                )
            )
        elif last is None and self.last_as_of is not None and self.last_as_of < self.now:
            self.as_of = self.last_as_of
        else:
            self.as_of = self.now
        if self.last_as_of is not None and self.last_as_of > self.as_of:
            self.as_of = min(self.last_as_of, self.now)

    def instant_us(self, text: str) -> int | None:
        """Return the microseconds of an instant or day (its end); None when it is none."""
        if len(text) > 19 and text[-1] == "Z" and text[10] == "T" and text[7] == text[4] == "-":
            with suppress(ValueError):  # as systems write it: hardly ever twice, so not remembered
                return to_us(datetime.fromisoformat(text))
        found = self._instants.get(text, 0)
        if found == 0:
            if len(self._instants) > _REMEMBERED:
                self._instants.clear()
            found = self._instants[text] = self._read_instant(text)
        return found

    def _read_instant(self, text: str) -> int | None:
        try:
            found = parse_date(text)
        except (BadDate, ValueError, OverflowError):
            return None
        if not isinstance(found, datetime):
            return to_us(end_of_day(found, self.zone))
        return to_us(found if found.tzinfo else found.replace(tzinfo=self.zone))

    def day_of(self, us: int) -> str:
        """Return the company's day of an instant as ISO text."""
        if us not in self._days:
            if len(self._days) > _REMEMBERED:
                self._days.clear()
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
            self._days[us] = at.astimezone(self.zone).date().isoformat()
        return self._days[us]

    def amount(self, text: str) -> int | None:
        """Return an amount in minor units of the company's currency; None when it is none."""
        number = parse_number(text)
        return None if number is None else round(number.scaleb(minor_exponent(self.currency)))

    def ids_for(
        self, kind: str, keys: Sequence[str], sent: Mapping[str, tuple[int, int]]
    ) -> list[int]:
        """Return the record id of each key: the one it has, else a new one."""
        early = self.early.get(kind)
        if early:
            sent = {**{key: (early[key], 0) for key in keys if key in early}, **sent}
        spare = self._spare.setdefault(kind, [])
        missing = len(keys) - sum(key in sent for key in keys) if sent else len(keys)
        if missing > len(spare):
            # by the thousand: each reservation is a transaction of its own
            block = min(max(1_000, self.total_rows // 8), 20_000)
            spare[:0] = reversed(reserve_ids(kind, max(missing - len(spare), block)))
        if not sent:
            return [spare.pop() for _key in keys]
        return [sent[key][0] if key in sent else spare.pop() for key in keys]

    def has_any(self, kind: str) -> bool:
        """Tell whether this home has records of a kind."""
        return history.model_of(KINDS.get(kind))._default_manager.exists()

    def state(self) -> dict[str, Any]:
        """Return what was decided on the way, as plain data."""
        return {
            "as_of": self.as_of.isoformat() if self.as_of else "",
            "first_day": self.first_day,
            "total_rows": self.total_rows,
            "has_history": self.has_history,
            "early": self.early,
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from `state`."""
        self.as_of = datetime.fromisoformat(state["as_of"]) if state["as_of"] else None
        self.first_day, self.total_rows = state["first_day"], state["total_rows"]
        self.has_history, self.early = state["has_history"], state["early"]
