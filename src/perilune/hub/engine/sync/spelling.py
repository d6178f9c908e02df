"""A value in the words of a service: the inverse of reading it, and by the same rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as set_by
from decimal import Decimal
from zoneinfo import ZoneInfo

from perilune.hub.contracts import FieldMap
from perilune.hub.contracts.targets import TargetField
from perilune.hub.contracts.writing import STRANGE
from perilune.hub.engine.rows import BLANKS, Column, Format, choice_of
from perilune.hub.engine.values import fold
from perilune.kernel.kinds import Field, FieldType, Scalar
from perilune.kernel.money import UNIT_PRICE_SCALE

Ids = Mapping[str, int]

_NUMBERS = frozenset({"currency", "double", "int", "percent", "long"})
_TEXTS = frozenset({
    "string", "textarea", "picklist", "multipicklist", "combobox", "url", "email", "phone",
    "encryptedstring",
})  # fmt: skip
_NUMERIC = frozenset({
    FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.UNIT_PRICE,
})  # fmt: skip
_TAKEN_BY: dict[FieldType, frozenset[str]] = {
    FieldType.TEXT: _TEXTS,
    FieldType.LONG_TEXT: _TEXTS,
    FieldType.CHOICE: _TEXTS,
    FieldType.INTEGER: _NUMBERS,
    FieldType.DECIMAL: _NUMBERS,
    FieldType.MONEY: _NUMBERS,
    FieldType.UNIT_PRICE: _NUMBERS,
    FieldType.DATE: frozenset({"date", "day_or_instant"}),
    FieldType.INSTANT: frozenset({"datetime", "day_or_instant"}),
    FieldType.BOOLEAN: frozenset({"boolean"}),
    FieldType.REFERENCE: frozenset({"reference", "picklist"}),
}


class Unsayable(ValueError):
    """A value that the service has no word for; `code` says why (`contracts.writing.WHYS`)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Speller:
    """Says values of one field as a service reads them, and reads what it says.

    names, ids: of a reference, what each record is called there (its key; of a stage, its name),
    and what that means here. is_by_key: stages are called by ids there too. is_new:
    the values are those of a new record.
    """

    field: Field
    source: FieldMap
    target: TargetField
    zone: ZoneInfo
    exponent: int = 2
    names: dict[int, str] = set_by(default_factory=dict)
    ids: dict[str, int] = set_by(default_factory=dict)
    is_by_key: bool = False
    is_new: bool = False

    def refusal(self) -> str:
        """Return why the field cannot be written at all, "" where it can."""
        if not (self.target.at_birth if self.is_new else self.target.is_writable):
            return "not_writable"
        return "" if self.target.type in _TAKEN_BY[self.field.type] else "wrong_type"

    def text(self, value: Scalar, exponent: int | None = None) -> str:
        """Return the text of a value, "" for none. Unsayable where there is no word for it.

        exponent: of the currency of the record, where it is not the company's.
        """
        why = self.refusal()
        if why:
            raise Unsayable(why)
        kind = self.field.type
        if value is None:
            return ""
        if kind is FieldType.REFERENCE:
            return self._named(int(str(value)))
        if kind is FieldType.CHOICE:
            return self._chosen(str(value))
        if kind in _NUMERIC:
            return self._number(value, self.exponent if exponent is None else exponent)
        if kind is FieldType.BOOLEAN:
            return "true" if value else "false"
        return self._when(str(value))

    def value(self, text: str, exponent: int | None = None, ids: Ids | None = None) -> Scalar:
        """Return what a text of the service means here, by the rules of reading it.

        ids: of a reference, where not all of them are meant. A text that means nothing here is
        returned behind a mark: it is no value, and not empty.
        """
        if not text.strip() or (text.strip().casefold() in BLANKS and self.field.name != "name"):
            return None
        if self.field.type is FieldType.REFERENCE:
            found = (self.ids if ids is None else ids).get(self.plain(text))
            return STRANGE + text if found is None else found
        column = Column(
            self.field, self.source, Format(), self.zone,
            exponent=self.exponent if exponent is None else exponent,
        )  # fmt: skip
        read = column.read([text])[0]
        return STRANGE + text if read is None else read

    def plain(self, text: str) -> str:
        """Return a name of a record there as `ids` has it."""
        is_named = self.field.target == "stage" and not self.is_by_key
        return fold(text) if is_named else text.strip()

    # -- parts of it -----------------------------------------------------------------------

    def _named(self, record_id: int) -> str:
        name = self.names.get(record_id)
        if not name:
            raise Unsayable("unknown_there")
        if self.target.choices:
            meant = [one for one in self.target.choices if self.plain(one) == self.plain(name)]
            if not meant:
                raise Unsayable("no_choice")
            return meant[0]
        return name

    def _when(self, text: str) -> str:
        if self.field.type is FieldType.INSTANT:
            return text.replace("+00:00", "Z")
        if self.field.type is FieldType.DATE and self.target.type == "day_or_instant":
            return f"{text}T12:00:00Z"  # noon is the same day from Hawaii to Sydney
        return text

    def _chosen(self, value: str) -> str:
        for one in self.target.choices:
            if choice_of(one, self.field.choices) == value:
                return one
        if self.target.choices:
            raise Unsayable("no_choice")
        return str(dict(self.field.choices).get(value, value))

    def _number(self, value: Scalar, exponent: int) -> str:
        number = Decimal(str(value)) / self.source.scale
        if self.field.type is FieldType.MONEY:
            number = number.scaleb(-exponent)
        if self.field.type is FieldType.UNIT_PRICE:
            number /= UNIT_PRICE_SCALE
        text = format(number, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
