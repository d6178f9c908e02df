"""Providers as pages and jobs read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models import Count

from perilune.history.queries import all_fields
from perilune.hub.contracts.enriching import Form, Policy, ProviderInfo, ServiceSettings
from perilune.hub.models import Provider, RepairProposal
from perilune.hub.queries.mending import is_running
from perilune.kernel.errors import NotFound
from perilune.kernel.kinds import FieldType
from perilune.kernel.messages import gettext_noop as _

_READ = frozenset((FieldType.TEXT, FieldType.INTEGER, FieldType.DECIMAL))


def readable(kind: str) -> list[str]:
    """Return the fields of a kind that a provider may speak of: texts and plain numbers."""
    return [item.name for item in all_fields(kind) if item.type in _READ]


def providers() -> list[ProviderInfo]:
    """Return all providers by name."""
    waiting: dict[str, int] = dict(
        RepairProposal.objects.filter(state="open")
        .exclude(origin="")
        .values_list("origin")
        .annotate(count=Count("id"))
        .order_by()
    )
    return [_info(row, waiting.get(row.name, 0)) for row in Provider.objects.all()]


def provider(name: str) -> ProviderInfo:
    """Return a provider; NotFound when there is none."""
    row = Provider.objects.filter(name=name).first()
    if row is None:
        raise NotFound(_("There is no provider named %(name)s."), name=name)
    return _info(row, RepairProposal.objects.filter(state="open", origin=name).count())


def _info(row: Provider, waiting: int) -> ProviderInfo:
    kept: dict[str, Any] = row.settings
    is_today = row.day == datetime.now(UTC).date()
    return ProviderInfo(
        row.id, row.name, Form(row.form), row.kind, ServiceSettings(**kept) if kept else None,
        {field: Policy(policy) for field, policy in row.policies.items()}, row.threshold,
        row.used if is_today else 0, row.asked_at, row.counts, waiting,
        row.job_id if row.job_id is not None and is_running(row.job_id) else None,
    )  # fmt: skip
