"""Rows into typed values, column by column: each distinct text of a column is read once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz, process

from perilune.hub.contracts import FieldMap
from perilune.hub.engine.values import (
    DAY_FIRST,
    NO,
    YES,
    BadDate,
    fold,
    parse_date,
    parse_number,
)
from perilune.kernel.kinds import Field, FieldType, Scalar
from perilune.kernel.money import UNIT_PRICE_SCALE, minor_exponent

SEPARATOR = "\x1f"
"""Joins what names a thing in two parts: pipeline and stage."""

MOST_REMEMBERED = 200_000
"""Texts of one column that are kept in memory with their value."""

BLANKS = frozenset({"", "null", "none", "n/a", "na", "#n/a", "nan", "-", "--", "#ref!", "#value!"})
_LONGEST_BLANK = max(map(len, BLANKS))
_LONGEST_PLAIN = 12
_ABSURD = Decimal(10) ** 13
_YEARS = (1901, 2199)
_DEAL_YEARS = (1970, 2100)
_SHIFTING = frozenset({"created_date", "converted_date", "effective_from", "effective_to"})
_CLOSE_DATES = frozenset({"created_date", "close_date", "first_contact_date", "converted_date"})
_GROUPED = frozenset({FieldType.MONEY, FieldType.UNIT_PRICE, FieldType.DECIMAL, FieldType.INTEGER})


@dataclass(frozen=True)
class Format:
    """How a column writes its values."""

    decimal: str = "."
    order: str = DAY_FIRST


@dataclass
class Column:
    """Reads one column: texts to encoded scalars, remembering each text and what is doubtful in it.

    doubts: text -> (code, suggestion). repairs: text -> the text that is meant.
    """

    field: Field
    source: FieldMap
    format: Format
    zone: ZoneInfo
    repairs: Mapping[str, str] = dataclasses.field(default_factory=dict)
    exponent: int = 2
    memo: dict[str, Scalar] = dataclasses.field(default_factory=dict)
    doubts: dict[str, tuple[str, str]] = dataclasses.field(default_factory=dict)

    def read(self, texts: Sequence[str]) -> list[Scalar]:
        """Return the values of texts; doubtful ones are found in `doubts`."""
        if len(self.memo) > MOST_REMEMBERED and self.field.type is not FieldType.REFERENCE:
            self.memo, self.doubts = {}, {}
        memo = self.memo
        plain = None if self.repairs else self._plain(texts)
        if plain is not None:
            return plain
        fresh = set(texts).difference(memo)
        if fresh and not self.repairs:
            fresh -= self._read_plain(fresh)
        for text in fresh:
            memo[text] = self._one(text)
        return list(map(memo.__getitem__, texts))

    def known(self, texts: Sequence[str]) -> list[Scalar] | None:
        """Return the values of texts that were all seen before; None where one was not."""
        try:
            return list(map(self.memo.__getitem__, texts))
        except KeyError:
            return None

    def _plain(self, texts: Sequence[str]) -> list[Scalar] | None:
        """Read a column that is plain all through without remembering it; None where it is not.

        Titles and amounts are hardly ever alike: to remember each costs more than to look again.
        """
        if not texts:
            return []
        shortest, longest = min(map(len, texts)), max(map(len, texts))
        if self.field.type is FieldType.TEXT:
            is_whole = shortest > _LONGEST_BLANK and "\ufffd" not in "".join(texts)
            stripped = map(str.strip, texts)
            return list(texts) if is_whole and all(map(str.__eq__, texts, stripped)) else None
        if self.field.type is FieldType.MONEY and self.source.scale == 1:
            joined = "".join(texts)
            if shortest and longest < _LONGEST_PLAIN and joined.isascii() and joined.isdigit():
                unit = 10**self.exponent
                return [int(text) * unit for text in texts]
        return None

    def _read_plain(self, texts: set[str]) -> set[str]:
        """Read what is surely plain (whole numbers, untouched texts) by the thousand; return it."""
        kind = self.field.type
        if kind is FieldType.TEXT:
            plain = {
                t for t in texts if len(t) > _LONGEST_BLANK and t == t.strip() and "\ufffd" not in t
            }
            self.memo.update(zip(plain, plain, strict=True))
            return plain
        if kind is FieldType.MONEY and self.source.scale == 1:
            plain = {t for t in texts if t.isascii() and t.isdigit() and len(t) < _LONGEST_PLAIN}
            unit = 10**self.exponent
            self.memo.update((t, int(t) * unit) for t in plain)
            return plain
        return set()

    def read_money(self, texts: Sequence[str], currencies: Sequence[Scalar]) -> list[Scalar]:
        """Return amounts in minor units, each in its row's currency."""
        result: list[Scalar] = []
        for text, currency in zip(texts, currencies, strict=True):
            exponent = minor_exponent(str(currency)) if currency else self.exponent
            result.append(self._one(text, exponent))
        return result

    def learn(self, found: Mapping[str, tuple[int | None, str, str]]) -> None:
        """Remember what references stand for: text -> (id or None, suggestion, code of a doubt)."""
        for text, (record_id, suggestion, code) in found.items():
            self.memo[text] = record_id
            if code:
                self.doubts[text] = (code, suggestion)

    def strange(self, texts: Sequence[str]) -> set[str]:
        """Return the distinct texts that are references not yet known."""
        if len(self.memo) > MOST_REMEMBERED:
            self.memo, self.doubts = {}, {}
        return {t for t in set(texts).difference(self.memo) if self._is_filled(t)}

    def _is_filled(self, text: str) -> bool:
        if text.strip().casefold() in BLANKS:
            self.memo[text] = None
            return False
        return True

    def _one(self, text: str, exponent: int | None = None) -> Scalar:
        meant = self.repairs.get(text, text).strip()
        if not meant or (meant.casefold() in BLANKS and self.field.name != "name"):
            return None
        kind = self.field.type
        if kind in _GROUPED:
            return self._number(text, meant, self.exponent if exponent is None else exponent)
        return _READERS.get(kind, Column._text)(self, text, meant)

    def _text(self, text: str, meant: str) -> Scalar:
        if "\ufffd" in meant:
            self.doubts[text] = ("unreadable_text", "")
        return meant

    def _number(self, text: str, meant: str, exponent: int) -> Scalar:
        number = parse_number(meant, self._decimal_sign(meant))
        if number is None:
            self.doubts[text] = ("not_a_number", "")
            return None
        number *= self.source.scale
        kind = self.field.type
        if abs(number) >= _ABSURD or not self.field.allows(float(number)):
            is_bounded = self.field.bounds is not None
            self.doubts[text] = ("out_of_bounds" if is_bounded else "absurd_amount", "")
            return None
        if kind is FieldType.DECIMAL:
            return float(number)
        if number < 0 and kind is not FieldType.INTEGER:
            self.doubts[text] = ("negative_amount", str(-number))
        if kind is FieldType.INTEGER:
            return round(number)
        if kind is FieldType.UNIT_PRICE:
            return _half_up(number * UNIT_PRICE_SCALE)
        return _half_up(number.scaleb(exponent))

    def _decimal_sign(self, text: str) -> str:
        """Return the decimal sign: 48.857 is a latitude even where amounts group thousands so."""
        if not self.field.is_small:
            return self.format.decimal
        return "," if "," in text and "." not in text else "."

    def _date(self, text: str, meant: str) -> Scalar:
        found = self._when(text, meant)
        if isinstance(found, datetime):
            is_shifted = self.field.name in _SHIFTING and found.tzinfo is not None and found.time()
            found = (found.astimezone(self.zone) if is_shifted else found).date()
        if found is None:
            return None
        first, last = _DEAL_YEARS if self.field.name in _CLOSE_DATES else _YEARS
        if not first <= found.year <= last:
            self.doubts[text] = ("date_out_of_range", "")
            return None
        return found.isoformat()

    def _when(self, text: str, meant: str) -> date | datetime | None:
        try:
            return parse_date(meant, self.format.order)
        except BadDate as bad:
            self.doubts[text] = ("impossible_date" if bad.is_shape else "not_a_date", "")
        except (ValueError, OverflowError):
            self.doubts[text] = ("not_a_date", "")
        return None

    def _instant(self, text: str, meant: str) -> Scalar:
        found = self._when(text, meant)
        if found is None:
            return None
        if not isinstance(found, datetime):
            found = datetime(found.year, found.month, found.day)
        if not _YEARS[0] <= found.year <= _YEARS[1]:
            self.doubts[text] = ("date_out_of_range", "")
            return None
        return utc_text(found, self.zone)

    def _boolean(self, text: str, meant: str) -> Scalar:
        word = meant.casefold()
        if word in YES or word in NO:
            return word in YES
        self.doubts[text] = ("not_yes_or_no", "")
        return None

    def _choice(self, text: str, meant: str) -> Scalar:
        found = choice_of(meant, self.field.choices)
        if found is None:
            self.doubts[text] = ("not_a_choice", "")
        return found


_READERS = {
    FieldType.DATE: Column._date,
    FieldType.INSTANT: Column._instant,
    FieldType.BOOLEAN: Column._boolean,
    FieldType.CHOICE: Column._choice,
}


def _half_up(number: Decimal) -> int:
    from decimal import ROUND_HALF_UP

    return int(number.to_integral_value(rounding=ROUND_HALF_UP))


def utc_text(at: datetime, zone: ZoneInfo) -> str:
    """Return an instant as UTC ISO text; one without an offset is the company's local time."""
    from datetime import UTC

    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC).isoformat()


_CHOICE_WORDS = {
    "existing business": "expansion", "existing customer - upgrade": "expansion",
    "existing customer - replacement": "renewal", "new customer": "new", "newbusiness": "new",
    "existingbusiness": "expansion", "nouveau client": "new", "nouvelle affaire": "new",
    "renouvellement": "renewal", "extension": "expansion", "upsell": "expansion",
    "forecast": "commit", "bestcase": "best_case", "mostlikely": "most_likely", "engage": "commit",
    "inbound": "in", "outbound": "out", "entrant": "in", "sortant": "out", "mail": "email",
    "courriel": "email", "appel": "call", "reunion": "meeting", "rendez-vous": "meeting",
    "tache": "task", "todo": "task", "event": "meeting",
}  # fmt: skip


def choice_of(text: str, choices: Sequence[tuple[str, str]]) -> str | None:
    """Return the choice a text means: its value, its label, or what CRMs call it (rule 21)."""
    word = fold(text)
    for value, label in choices:
        if word in {value, fold(label), value.replace("_", " ")}:
            return value
    meant = _CHOICE_WORDS.get(word)
    return meant if meant in {value for value, _label in choices} else None


def nearest(text: str, names: Sequence[str]) -> str:
    """Return the known name that a text probably means, or an empty text."""
    if not names:
        return ""
    folded = {name: fold(name).replace(" ", "") for name in names}
    best: Any = process.extractOne(
        fold(text).replace(" ", ""), folded, scorer=fuzz.ratio, score_cutoff=80
    )
    return str(best[2]) if best else ""


def meant_by(text: str, repairs: Mapping[str, str]) -> str:
    """Return what a text means where it was repaired; of `pipeline SEP stage` the stage was."""
    pipeline, between, last = text.rpartition(SEPARATOR)
    meant = repairs.get(last)
    return text if meant is None else pipeline + between + meant


def fitted(
    lines: Sequence[int], rows: Sequence[list[str]], width: int
) -> tuple[list[list[str]], list[int], list[int]]:
    """Fit ragged rows to the header: (rows, positions too short, positions too long to trust)."""
    if set(map(len, rows)) == {width}:
        return list(rows), [], []
    result, short, long = [], [], []
    for position, row in enumerate(rows):
        if len(row) < width:
            short.append(position)
        elif any(cell.strip() for cell in row[width:]):
            long.append(position)
        result.append(row[:width] + [""] * (width - len(row)))
    return result, short, long
