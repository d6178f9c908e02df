"""The projection of territories, seats and memberships to now; pages read the history or store."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from perilune.history.models import Record


def _reference(to: str) -> models.ForeignKey[Any, Any]:
    # history decides what exists, in any order of arrival
    return models.ForeignKey(
        to,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )


class Territory(Record):
    """One row is a territory as it stands now."""

    name = models.TextField(null=True)
    code = models.TextField(null=True)
    parent = _reference("territories.Territory")
    layer = models.TextField(null=True)
    type = models.TextField(null=True)
    plan = models.TextField(null=True)
    effective_from = models.DateField(null=True)
    effective_to = models.DateField(null=True)

    def __str__(self) -> str:
        return self.name or ""


class TerritorySeat(Record):
    """One row is a rep's seat in a territory, from when to when."""

    territory = _reference("territories.Territory")
    rep = _reference("people.Rep")
    role = models.TextField(null=True)
    effective_from = models.DateField(null=True)
    effective_to = models.DateField(null=True)


class TerritoryAccount(Record):
    """One row is an account's place in a territory, from when to when."""

    territory = _reference("territories.Territory")
    account = _reference("crm.Account")
    origin = models.TextField(null=True)
    effective_from = models.DateField(null=True)
    effective_to = models.DateField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(name="territory_of_account", fields=["account"])]
