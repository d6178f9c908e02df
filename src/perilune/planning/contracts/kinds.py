"""The kinds of record that planning keeps, declared as data; their rows show to a circle only."""

from __future__ import annotations

from perilune.kernel.kinds import Field, FieldType, Kind
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts.edits import EDIT_LABELS, WHAT_LABELS

_TEXT, _LONG, _CHOICE = FieldType.TEXT, FieldType.LONG_TEXT, FieldType.CHOICE
_INTEGER, _DECIMAL, _MONEY = FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY
_DATE, _REFERENCE, _BOOLEAN = FieldType.DATE, FieldType.REFERENCE, FieldType.BOOLEAN

SCENARIO = Kind(
    name="scenario",
    model="planning.Scenario",
    label=_("Scenario"),
    label_plural=_("Scenarios"),
    fields=(
        Field("name", _TEXT, _("Name"), is_required=True, is_listed=True),
        Field("author", _TEXT, _("Author"), is_required=True, is_listed=True),
        Field("period", _TEXT, _("Period"), is_listed=True),
        Field("shared_with", _LONG, _("Shared with")),
        Field("edition", _INTEGER, _("Edition")),
        Field("is_reserve", _BOOLEAN, _("Shows as an unnamed reserve")),
        Field("plan_id", _INTEGER, _("Annual plan")),
        Field("plan_lines", _LONG, _("Events of the plan")),
    ),
)
"""`shared_with` holds user names, separated by spaces; every change raises `edition`.

`plan_lines` is JSON, [[edit, number in the plan], ...].
"""

ASSUMPTION = Kind(
    name="assumption",
    model="planning.Assumption",
    label=_("Assumption"),
    label_plural=_("Assumptions"),
    title_field="type",
    fields=(
        Field("scenario_id", _REFERENCE, _("Scenario"), target="scenario", is_required=True),
        Field("position", _INTEGER, _("Position")),
        Field("type", _CHOICE, _("Type"), choices=tuple(EDIT_LABELS.items()), is_required=True),
        Field("rep_id", _REFERENCE, _("Rep"), target="rep"),
        Field("to_rep_id", _REFERENCE, _("To the rep"), target="rep"),
        Field("team_id", _REFERENCE, _("Team"), target="team"),
        Field("product_id", _REFERENCE, _("Product"), target="product"),
        Field("starts", _DATE, _("From")),
        Field("ends", _DATE, _("To")),
        Field("last_day", _DATE, _("Last day")),
        Field("role", _TEXT, _("Selling role")),
        Field("heads", _INTEGER, _("Heads")),
        Field("fte", _DECIMAL, _("FTE")),
        Field("ramp_days", _INTEGER, _("Days of ramp")),
        Field("accounts", _LONG, _("Accounts")),
        Field("segment", _TEXT, _("Segment")),
        Field("sector", _TEXT, _("Sector")),
        Field("unit", _TEXT, _("Whose")),
        Field("period", _TEXT, _("Period")),
        Field("amount", _MONEY, _("Amount")),
        Field("currency", _TEXT, _("Currency")),
        Field(
            "what",
            _CHOICE,
            _("What"),
            choices=tuple((what.value, label) for what, label in WHAT_LABELS.items()),
        ),
        Field("factor", _DECIMAL, _("Factor")),
        Field("title", _TEXT, _("Title")),
        Field("elasticity", _DECIMAL, _("Elasticity")),
        Field("series", _LONG, _("Series")),
    ),
)
"""The fields of all types of edit; `accounts` and `series` are JSON."""

KINDS: tuple[Kind, ...] = (SCENARIO, ASSUMPTION)
"""What `site.wiring` registers for this capability."""
