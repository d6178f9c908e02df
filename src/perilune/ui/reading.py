"""Read what people type into grids and forms."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.formats import get_format
from django.utils.translation import gettext

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import Money

_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'\u2019")
_THOUSAND = 3


def number_of(text: str, mark: str = "") -> Decimal:
    """Read a typed number: `2 500 000`, `2,5e6`, `1 234,50`, `1,234.50`; Invalid otherwise.

    Where both marks stand the last one is the decimal mark. One comma before three digits parts
    thousands, as it does in a column of amounts, unless `mark`, the reader's decimal mark, is the
    comma. Groups that are no thousands are refused, as they may be slips.
    """
    plain = text.translate(_SPACES)
    marks = [each for each in plain if each in ",."]
    decimal = ""
    if len(set(marks)) > 1:
        decimal = marks[-1]
    elif len(marks) == 1:
        rest = plain.rpartition(",")[2]
        is_parting = marks[0] == "," != mark and len(rest) == _THOUSAND and rest.isdigit()
        decimal = "" if is_parting else marks[0]
    whole, _mark, rest = plain.rpartition(decimal) if decimal else (plain, "", "")
    groups = re.split("[,.]", whole.lstrip("+-"))
    is_parted = all(len(each) == _THOUSAND for each in groups[1:])
    try:
        if not is_parted or (len(groups) > 1 and not 0 < len(groups[0]) <= _THOUSAND):
            raise InvalidOperation
        sign = "-" if whole.startswith("-") else ""
        found = Decimal(sign + "".join(groups) + (f".{rest}" if decimal else ""))
        if not found.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise Invalid(_("«%(text)s» is not an amount such as 2500000."), text=text[:40]) from None
    return found


def amount_of(text: str, currency: str) -> int:
    """Read a typed amount in major units as `number_of` does; return minor units."""
    return Money(number_of(text), currency).minor()


class NumberField(forms.DecimalField):
    """A number typed as people write it, in either language: spaces, comma or point."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Return the number; a ValidationError names what is none."""
        if value in self.empty_values:
            return None
        if isinstance(value, int | float | Decimal):
            return Decimal(str(value))
        try:
            return number_of(str(value), get_format("DECIMAL_SEPARATOR"))
        except Invalid as error:
            raise forms.ValidationError(gettext(error.message) % error.params) from None
