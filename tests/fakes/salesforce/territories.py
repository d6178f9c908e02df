"""Territories as an org with Enterprise Territory Management shows them once it is switched on.

Their rows tell no creation, and those of two objects no deletion: what is deleted is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fakes.salesforce.org import Org, text_of
from tests.fakes.salesforce.schema import Field, Kind, _kind


def _to(name: str, kind: str) -> Field:
    return Field(name, "reference", refers_to=kind)


def _untold(name: str, prefix: str, *fields: Field, lacks: tuple[str, ...]) -> Kind:
    found = _kind(name, prefix, *fields)
    found.fields = {n: one for n, one in found.fields.items() if n not in lacks}
    return found


def kinds() -> tuple[Kind, ...]:
    """Return the objects, with the fields of the object reference that matter here."""
    born, gone = ("CreatedDate", "CreatedById"), ("CreatedDate", "CreatedById", "IsDeleted")
    return (
        _kind("Territory2Model", "0MA", Field("Name"), Field("State", "picklist"),
              Field("ActivatedDate", "datetime"), Field("DeactivatedDate", "datetime")),
        _kind("Territory2Type", "0MT", Field("MasterLabel"), Field("Priority", "int")),
        _untold("Territory2", "0MI", Field("Name"), Field("DeveloperName"),
                _to("ParentTerritory2Id", "Territory2"), _to("Territory2ModelId",
                "Territory2Model"), _to("Territory2TypeId", "Territory2Type"), lacks=gone),
        _untold("UserTerritory2Association", "0MU", _to("Territory2Id", "Territory2"),
                _to("UserId", "User"), Field("RoleInTerritory2", "picklist"),
                Field("IsActive", "boolean"), lacks=gone),
        _untold("ObjectTerritory2Association", "0MY", _to("Territory2Id", "Territory2"),
                Field("ObjectId", "reference"), Field("AssociationCause", "picklist"), lacks=born),
    )  # fmt: skip


@dataclass(frozen=True)
class Design:
    """A model of territories: its id, the territory above, and those below it."""

    model: str
    top: str
    below: tuple[str, ...]


def switched_on(org: Org) -> Org:
    """Let an org have territories; return it."""
    for kind in kinds():
        org.show(kind)
    org.create("Territory2Type", MasterLabel="Geographic", Priority=1)
    return org


def designed(org: Org, name: str, count: int = 2) -> Design:
    """Design a model in planning: a territory above `count` others, each with user and account.

    The last one holds a lead besides, as orgs may since 2022.
    """
    of = next(iter(org.rows["Territory2Type"]))
    model = org.create("Territory2Model", Name=name, State="Planning")
    shared: dict[str, Any] = {"Territory2ModelId": model, "Territory2TypeId": of}
    top = org.create("Territory2", Name=f"{name} all", DeveloperName=f"{name}_all", **shared)
    below = tuple(
        org.create(
            "Territory2", Name=f"{name} {i}", DeveloperName=f"{name}_{i}", ParentTerritory2Id=top,
            **shared,
        )
        for i in range(count)
    )  # fmt: skip
    users = [k for k, row in org.rows["User"].items() if row["UserRoleId"]]
    for territory, user, account in zip(below, users, org.rows["Account"], strict=False):
        org.create("UserTerritory2Association", Territory2Id=territory, UserId=user, IsActive=True)
        org.create(
            "ObjectTerritory2Association", Territory2Id=territory, ObjectId=account,
            AssociationCause="Territory2AssignmentRule",
        )  # fmt: skip
    org.create(
        "ObjectTerritory2Association", Territory2Id=below[-1], ObjectId="00QFk0000000001AAA",
        AssociationCause="Territory2Manual",
    )  # fmt: skip
    return Design(model, top, below)


def activate(org: Org, design: Design) -> None:
    """Put a model in force; the one before is archived, and no territory of either is stamped."""
    now = text_of(org.clock())
    for key, row in list(org.rows["Territory2Model"].items()):
        if row["State"] == "Active":
            org.update("Territory2Model", key, State="Archived", DeactivatedDate=now)
    org.update("Territory2Model", design.model, State="Active", ActivatedDate=now)
