"""Read what people type into grids and forms."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import Money


def amount_of(text: str, currency: str) -> int:
    """Read a typed amount in major units, such as `2 500 000` or `2,5e6`; Invalid otherwise."""
    plain = text.replace("\u202f", "").replace("\u00a0", "").replace(" ", "").replace("'", "")
    if plain.count(",") == 1 and "." not in plain and len(plain.rpartition(",")[2]) != 3:
        plain = plain.replace(",", ".")
    plain = plain.replace(",", "")
    try:
        amount = Decimal(plain)
        if not amount.is_finite():
            raise InvalidOperation
        return Money(amount, currency).minor()
    except InvalidOperation:
        raise Invalid(_("«%(text)s» is not an amount such as 2500000."), text=text[:40]) from None
