"""Overrides: a figure that an owner or a manager puts beside the computed one, with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from perilune.forecasting.contracts.rollup import CATEGORY_LABELS, Category, UnitKey, View
from perilune.kernel.calendar import Period
from perilune.kernel.kinds import Field, FieldType, Kind
from perilune.kernel.messages import gettext_noop as _


class Level(StrEnum):
    """Who overrides: the one whose figure it is, or somebody above."""

    OWNER = "owner"
    MANAGER = "manager"


LEVEL_LABELS: dict[Level, str] = {
    Level.OWNER: _("by the owner"),
    Level.MANAGER: _("by the manager"),
}

VIEW_LABELS: dict[View, str] = {View.CUMULATIVE: _("Cumulative"), View.SINGLE: _("Single category")}

ADJUSTMENT = Kind(
    name="adjustment",
    model="forecasting.Adjustment",
    label=_("Forecast override"),
    label_plural=_("Forecast overrides"),
    title_field="author",
    owner_field="rep_id",
    fields=(
        Field("rep_id", FieldType.REFERENCE, _("Rep"), target="rep", is_listed=True),
        Field("team_id", FieldType.REFERENCE, _("Team"), target="team", is_listed=True),
        Field("period_start", FieldType.DATE, _("First day"), is_required=True, is_listed=True),
        Field("period_end", FieldType.DATE, _("Last day"), is_required=True, is_listed=True),
        Field(
            "category",
            FieldType.CHOICE,
            _("Category"),
            choices=tuple((name.value, label) for name, label in CATEGORY_LABELS.items()),
            is_required=True,
            is_listed=True,
        ),
        Field(
            "basis",
            FieldType.CHOICE,
            _("Figure"),
            choices=tuple((name.value, label) for name, label in VIEW_LABELS.items()),
            is_required=True,
            is_listed=True,
        ),
        Field(
            "level",
            FieldType.CHOICE,
            _("Level"),
            choices=tuple((name.value, label) for name, label in LEVEL_LABELS.items()),
            is_required=True,
            is_listed=True,
        ),
        Field("amount", FieldType.MONEY, _("Amount"), is_required=True, is_listed=True),
        Field("computed", FieldType.MONEY, _("Computed then"), is_listed=True),
        Field("currency", FieldType.TEXT, _("Currency")),
        Field("reason", FieldType.LONG_TEXT, _("Reason"), is_required=True, is_listed=True),
        Field("made_on", FieldType.DATE, _("Made on"), is_required=True, is_listed=True),
        Field("author", FieldType.TEXT, _("Author"), is_listed=True, is_personal=True),
        Field("author_rep_id", FieldType.REFERENCE, _("Author's rep"), target="rep"),
    ),
)
"""An override of a rep's, a team's or (neither) the company's figure. One record holds what one
level says of one figure; saying something else changes it, and its history keeps both."""


@dataclass(frozen=True)
class Cell:
    """Which figure: whose, of which category, cumulative or single."""

    unit: UnitKey
    category: Category
    view: View


@dataclass(frozen=True)
class Override:
    """What a level says of a figure; amounts in minor units of the company's currency."""

    id: int
    cell: Cell
    level: Level
    amount: int
    computed: int | None
    reason: str
    made_on: date
    author: str


@dataclass(frozen=True)
class Author:
    """Who says something: the user's name, the name to show, the rep that the user is."""

    actor: str
    name: str
    rep_id: int | None = None


@dataclass(frozen=True)
class Overriding:
    """Overrides to be made together: period, figures with what is said of them, the one reason."""

    period: Period
    amounts: tuple[tuple[Cell, int], ...]
    reason: str
