"""Columns of amounts on the pages of annual plans."""

from __future__ import annotations

from perilune.ui.contracts import Column, Format


def money(
    name: str, label: str, currency: str, decimals: int = 0, *, is_minor: bool = False
) -> Column:
    """Return a column of amounts in a currency."""
    return Column(
        name, label, Format.MONEY, currency=currency, decimals=decimals, is_minor=is_minor
    )


def percent(name: str, label: str, *, is_minor: bool = False) -> Column:
    """Return a column of whole percents."""
    return Column(name, label, Format.PERCENT, decimals=0, is_minor=is_minor)
