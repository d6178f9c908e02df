"""The kinds of record that territories keep in the history: published truth, dated."""

from __future__ import annotations

from perilune.kernel.kinds import Field, FieldType, Kind
from perilune.kernel.messages import gettext_noop as _

_TEXT, _CHOICE, _DATE, _REFERENCE = (
    FieldType.TEXT, FieldType.CHOICE, FieldType.DATE, FieldType.REFERENCE,
)  # fmt: skip

SEAT_ROLES = (("owner", _("Owner")), ("overlay", _("Overlay")))
"""An owner's seat decides who owns the accounts; an overlay's only says who works on them, too."""

ORIGINS = (("plan", _("Plan")), ("rule", _("Rule")), ("manual", _("By hand")))

REGION = "region"
"""Type of a territory that is the parent of others and holds no account of its own."""

TERRITORY = Kind(
    "territory",
    "territories.Territory",
    _("Territory"),
    _("Territories"),
    (
        Field("name", _TEXT, _("Name"), is_required=True, is_listed=True),
        Field("code", _TEXT, _("Code"), is_listed=True),
        Field("parent_id", _REFERENCE, _("Parent territory"), target="territory", is_listed=True),
        Field("layer", _TEXT, _("Layer"), is_listed=True),
        Field("type", _TEXT, _("Type"), is_listed=True),
        Field("plan", _TEXT, _("Territory plan")),
        Field("effective_from", _DATE, _("In force from"), is_required=True, is_listed=True),
        Field("effective_to", _DATE, _("In force to"), is_listed=True),
    ),
    known_by=(
        ("effective_from", ("name", "code", "parent_id", "layer", "type", "plan",
                            "effective_from")),
        ("effective_to", ("effective_to",)),
    ),
)  # fmt: skip
"""`layer` is empty for the main one, whose seats own accounts; `plan` is the id of the draft that
made it."""

TERRITORY_SEAT = Kind(
    "territory_seat",
    "territories.TerritorySeat",
    _("Territory seat"),
    _("Territory seats"),
    (
        Field("territory_id", _REFERENCE, _("Territory"), target="territory", is_required=True,
              is_listed=True),
        Field("rep_id", _REFERENCE, _("Rep"), target="rep", is_required=True, is_listed=True),
        Field("role", _CHOICE, _("Role in the territory"), choices=SEAT_ROLES, is_listed=True),
        Field("effective_from", _DATE, _("From"), is_required=True, is_listed=True),
        Field("effective_to", _DATE, _("To"), is_listed=True),
    ),
    title_field="territory_id",
    owner_field="rep_id",
    known_by=(
        ("effective_from", ("territory_id", "rep_id", "role", "effective_from")),
        ("effective_to", ("effective_to",)),
    ),
)  # fmt: skip

TERRITORY_ACCOUNT = Kind(
    "territory_account",
    "territories.TerritoryAccount",
    _("Account in a territory"),
    _("Accounts in territories"),
    (
        Field("territory_id", _REFERENCE, _("Territory"), target="territory", is_required=True,
              is_listed=True),
        Field("account_id", _REFERENCE, _("Account"), target="account", is_required=True,
              is_listed=True),
        Field("origin", _CHOICE, _("Origin"), choices=ORIGINS, is_listed=True),
        Field("effective_from", _DATE, _("From"), is_required=True, is_listed=True),
        Field("effective_to", _DATE, _("To"), is_listed=True),
    ),
    title_field="account_id",
    known_by=(
        ("effective_from", ("territory_id", "account_id", "origin", "effective_from")),
        ("effective_to", ("effective_to",)),
    ),
    once_by=("account_id",),
)  # fmt: skip
"""Seen by those who see the account."""

KINDS: tuple[Kind, ...] = (TERRITORY, TERRITORY_SEAT, TERRITORY_ACCOUNT)
"""What `site.wiring` registers for this capability."""

PARENTS = {"territory_account": ("account", "account_id")}
"""Kinds without an owner of their own, seen by those who see the record they belong to."""
