"""Providers are kept: their settings, what they may do, their headers encrypted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from string import Formatter
from urllib.parse import urlsplit

from django.db import transaction

from perilune.history.queries import all_fields, sources
from perilune.hub.contracts.enriching import ENRICHED, Form, Policy, ServiceSettings
from perilune.hub.models import Provider, RepairProposal
from perilune.hub.queries.enriching import provider, readable
from perilune.hub.service.sync.secrets import sealed
from perilune.hub.service.sync.wire import is_loopback
from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import company

PLACES = frozenset(("siren", "siret", "vat_number", "domain", "name", "country", "email"))
"""What an address may ask by."""
_NAME = re.compile(r"^[a-z0-9][a-z0-9-]{1,39}$")


def provider_set(
    name: str, *, actor: str, kind: str = "account", threshold: float | None = None,
    form: Form = Form.FILE,
) -> int:  # fmt: skip
    """Keep a provider by its name, which is also the source in the history; returns its id.

    Invalid for a name that a source of imports or a connection has, or that is none. Refused in a
    demo home.
    """
    if company().is_demo:
        raise Refused(
            _("This is a demo home: it never takes real data. Use «perilune init» for a company.")
        )
    if not _NAME.match(name) or name == "local":
        raise Invalid(_("A name is small letters, digits and hyphens, 2 to 40."))
    if kind not in ENRICHED:
        raise Invalid(_("Records of this kind are not enriched."))
    if threshold is not None and not 0.5 <= threshold <= 1:
        raise Invalid(_("The threshold lies between 0.5 and 1."))
    found = Provider.objects.filter(name=name).first()
    if found is None and any(name in sources(one) for one in ENRICHED):
        raise Invalid(_("A source has this name already."))
    row = found or Provider(name=name, form=form.value, kind=kind, actor=actor)
    if threshold is not None:
        row.threshold = threshold
    row.save()
    return row.id


def service_set(
    name: str, settings: ServiceSettings, *, actor: str, kind: str = "account",
    headers: Mapping[str, str] | None = None,
) -> int:  # fmt: skip
    """Keep how an HTTP service is asked; headers None leaves those that are kept.

    Invalid unless it is https (or http on this machine), asks by what records have, and tells
    fields that there are.
    """
    _require(settings, kind)
    with transaction.atomic():
        row = Provider.objects.get(id=provider_set(name, actor=actor, kind=kind, form=Form.SERVICE))
        row.form, row.kind = Form.SERVICE.value, kind
        row.settings = {**asdict(settings), "fields": dict(settings.fields)}
        if headers is not None:
            row.credentials = sealed(headers) if headers else ""
        row.save()
    return row.id


def _require(settings: ServiceSettings, kind: str) -> None:
    split = urlsplit(settings.address)
    if not split.hostname or split.username or "{" in split.netloc:
        raise Invalid(_("The address must name its host."))
    if split.scheme != "https" and not is_loopback(settings.address):
        raise Invalid(_("The address must begin with https."))
    try:
        asked = {name for _t, name, _f, _c in Formatter().parse(settings.address) if name}
    except ValueError:
        asked = {"?"}
    if not asked or not asked <= PLACES:
        raise Invalid(
            _("The address must ask by one of: %(names)s."),
            names=", ".join(f"{{{one}}}" for one in sorted(PLACES)),
        )
    unknown = set(settings.fields) - set(readable(kind))
    if unknown or not settings.fields:
        raise Invalid(_("Name at least one field, and only those that there are."))
    if not 0 < settings.timeout <= 60 or settings.budget < 0:
        raise Invalid(_("A timeout is 1 to 60 seconds, a budget no less than nothing."))


def policies_set(name: str, policies: Mapping[str, Policy]) -> None:
    """Say what a provider may do to each field; one that is not named is only filled."""
    row = provider(name)
    known = {item.name for item in all_fields(row.kind)}
    unknown = sorted(set(policies) - known)
    if unknown:
        raise Invalid(_("There is no field named %(name)s."), name=unknown[0])
    Provider.objects.filter(id=row.id).update(
        policies={field: policy.value for field, policy in policies.items()}
    )


def provider_remove(name: str) -> None:
    """Forget a provider and what waits of it; what was accepted stays, with its name."""
    row = provider(name)
    with transaction.atomic():
        RepairProposal.objects.filter(origin=name, state__in=("open", "stale")).delete()
        Provider.objects.filter(id=row.id).delete()
