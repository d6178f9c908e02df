"""Verbs of objects that a person names: look at one, keep it, leave it out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from perilune.hub.contracts import to_json
from perilune.hub.contracts.sources import Given, Probe, given_of
from perilune.hub.contracts.sync import Closes, SyncState
from perilune.hub.models import Connection, Proof, SyncRun
from perilune.hub.service.sync import mapping as maps
from perilune.hub.service.sync.connections import connection_of, named, slug_of, source_of
from perilune.hub.service.sync.providers import provider_of
from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS

OFFERED = (
    "opportunity", "account", "contact", "lead", "product", "rep", "activity", "campaign", "case",
    "opportunity_line", "quota", "quote", "quote_line", "contract",
)  # fmt: skip
"""The kinds of record that rows of a database or an interface may become."""


def object_given(name: str, object_name: str) -> Given:
    """Return what is said of an object; NotFound where nobody named it."""
    found = connection_of(name)
    kept = found.objects_read.get(object_name, {})
    if not kept.get("given"):
        raise NotFound(_("There is no object %(name)s."), name=object_name)
    return given_of(provider_of(found.provider).given, kept["given"])


def object_probe(
    name: str, told: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep
) -> Probe:
    """Look at an object as somebody describes it, without keeping anything.

    Invalid where the description does not fit; Unavailable or Refused where nobody answers.
    """
    found = connection_of(name)
    one = _checked(found, given_of(provider_of(found.provider).given, told))
    source = source_of(found, sleep=sleep)
    try:
        return named(source).probe(one)
    finally:
        if isinstance(source, Closes):
            source.close()


def object_set(
    name: str,
    told: Mapping[str, Any],
    *,
    was: str = "",
    sleep: Callable[[float], None] = time.sleep,
) -> Probe:
    """Look at an object and keep it, with how it is best read; the next run reads all of it.

    was: the name of the object that it takes the place of.
    """
    found = connection_of(name)
    if was and was != slug_of(str(told.get("name", ""))):
        raise Invalid(_("An object keeps its name: leave it out and add another one."))
    probe = object_probe(name, told, sleep=sleep)
    one = probe.given
    kept = found.objects_read.get(one.name, {})
    if kept and not was:
        raise Conflict(_("There is an object %(name)s already."), name=one.name)
    if kept.get("given", {}).get("kind", one.kind) != one.kind:
        raise Invalid(_("An object keeps its kind: leave it out and add another one."))
    key = kept.get("given", {}).get("key", one.key)
    is_same = kept.get("given") == asdict(one)
    found.objects_read[one.name] = {"on": True, **kept, "given": asdict(one)}
    if not is_same:
        found.objects_read[one.name] |= {"is_full_due": True}
    source = source_of(found, sleep=sleep)
    try:
        fields = source.describe(one.name)
    finally:
        if isinstance(source, Closes):
            source.close()
    kept = found.objects_read[one.name]
    kept |= maps.shape_of(fields)
    if not kept.get("mapping") or key != one.key:
        kept["mapping"] = to_json(maps.proposed(one.item(), fields))
    _ordered(found, source.objects())
    found.save(update_fields=["objects_read"])
    return probe


def object_drop(name: str, object_name: str) -> None:
    """Leave an object out of a connection; the records that it brought stay."""
    found = connection_of(name)
    object_given(name, object_name)
    if SyncRun.objects.filter(connection=found, state=SyncState.RUNNING.value).exists():
        raise Conflict(_("A sync is under way; cancel it first."))
    del found.objects_read[object_name]
    found.save(update_fields=["objects_read"])
    Proof.objects.filter(connection=found, object=object_name).delete()


def _ordered(found: Connection, objects: Any) -> None:
    """Show objects in the order in which they are read."""
    names = [item.name for item in objects]
    read = found.objects_read
    found.objects_read = {n: read[n] for n in (*names, *read) if n in read}


def _checked(found: Connection, one: Given) -> Given:
    name = re.sub(r"[^a-z0-9-]", "-", slug_of(one.name))
    if not name:
        raise Invalid(_("An object needs a name."))
    if one.kind not in OFFERED or one.kind not in {kind.name for kind in KINDS}:
        raise Invalid(_("Say which records its rows become."))
    for other, kept in found.objects_read.items():
        if other != name and kept.get("given", {}).get("kind") == one.kind:
            raise Conflict(
                _("%(object)s becomes these records already: join both in one SELECT or one list."),
                object=other,
            )  # fmt: skip
    return replace(one, name=name)
