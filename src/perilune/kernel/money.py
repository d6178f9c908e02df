"""Money: an exact decimal amount in one currency, kept in records as integer minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from perilune.kernel.errors import Invalid

# ISO 4217 exponents that are not 2 (source: ISO 4217 table A.1, active codes).
_WITHOUT_CENTS = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip
_THREE_DECIMALS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_EXPONENTS = dict.fromkeys(_WITHOUT_CENTS, 0) | dict.fromkeys(_THREE_DECIMALS, 3)

UNIT_PRICE_SCALE = 10_000
"""Unit prices are kept in 1/10,000 of the major unit."""


def minor_exponent(currency: str) -> int:
    """Return the number of decimals of a currency's minor unit (2 for EUR, 0 for JPY)."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, order=False)
class Money:
    """An amount in a currency; adding two currencies is an error, never a guess."""

    amount: Decimal
    currency: str

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Money:
        """Return the money of an integer of minor units (cents)."""
        return cls(Decimal(minor).scaleb(-minor_exponent(currency)), currency)

    def minor(self) -> int:
        """Return the amount as an integer of minor units, halves rounded away from zero."""
        scaled = self.amount.scaleb(minor_exponent(self.currency))
        return int(scaled.to_integral_value(rounding=ROUND_HALF_UP))

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def convert(self, rate: Decimal, currency: str) -> Money:
        """Return this money in another currency; rate: units of `currency` for one of ours."""
        exponent = Decimal(1).scaleb(-minor_exponent(currency))
        return Money((self.amount * rate).quantize(exponent, rounding=ROUND_HALF_EVEN), currency)

    def split(self, weights: Sequence[Decimal | int]) -> list[Money]:
        """Split exactly by weights (largest remainder): the parts sum to the whole to the cent.

        Raises Invalid when there is no weight, a negative one, or they sum to zero.
        """
        return [
            Money.from_minor(part, self.currency) for part in split_minor(self.minor(), weights)
        ]

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise Invalid(
                "Amounts in %(one)s and %(other)s cannot be combined without a rate.",
                one=self.currency,
                other=other.currency,
            )


def split_minor(total: int, weights: Sequence[Decimal | int]) -> list[int]:
    """Split an integer by weights (largest remainder, ties to the first); the parts sum to it."""
    whole = sum((Decimal(w) for w in weights), Decimal(0))
    if not weights or whole <= 0 or any(w < 0 for w in weights):
        raise Invalid("Shares must be positive and there must be at least one.")
    sign, size = (-1, -total) if total < 0 else (1, total)
    exact = [Decimal(size) * Decimal(w) / whole for w in weights]
    parts = [int(share) for share in exact]
    left = size - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[:left]:
        parts[i] += 1
    return [sign * part for part in parts]
