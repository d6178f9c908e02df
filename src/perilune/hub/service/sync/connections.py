"""Verbs of connections: add one, let it in, choose its mapping, set its schedule, forget it."""

from __future__ import annotations

import re
import shutil
import time
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.signing import BadSignature, dumps, loads
from django.db import IntegrityError, transaction

from perilune.hub.contracts import FileMap, from_json, to_json
from perilune.hub.contracts.sync import Source, SyncState
from perilune.hub.engine.mapping import chosen
from perilune.hub.models import Connection, SyncRun
from perilune.hub.queries.scopes import wanted_scopes
from perilune.hub.service.sync import mapping as maps
from perilune.hub.service.sync import outbox_guard, secrets, tokens
from perilune.hub.service.sync.given import Names
from perilune.hub.service.sync.ledger import folder_of
from perilune.hub.service.sync.providers import Provider, provider_of
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS
from perilune.people import queries as people

SALT = "perilune connection"
_DOOR_SECONDS = 900


def connection_of(name: str) -> Connection:
    """Return a connection; NotFound when there is none."""
    found = Connection.objects.filter(name=name).first()
    if found is None:
        raise NotFound(_("There is no connection %(name)s."), name=name)
    return found


def connection_add(  # what a connection consists of
    name: str, address: str, client_id: str = "", client_secret: str = "", *,
    private_key: str = "", user: str = "", token: str = "", provider: str = "salesforce",
) -> int:  # fmt: skip
    """Add a connection and return its id. Invalid on a bad name or address; Refused in a demo.

    With a private key and a user no page is asked: the app signs for itself (JWT bearer); nor with
    a token that the system gave once and for all.
    """
    of = provider_of(provider)
    clean = _may_be_called(name)
    if token.strip() and not of.takes_token:
        raise Invalid(_("This system gives no tokens of its own."))
    if not client_id.strip() and not token.strip():
        raise Invalid(_("The client id is missing: it stands in the connected app."))
    if private_key and not user.strip():
        raise Invalid(_("Signing needs the user in whose name it reads."))
    keys = {
        "client_id": client_id.strip(), "client_secret": client_secret.strip(),
        "private_key": private_key, "user": user.strip(), "token": token.strip(),
    }  # fmt: skip
    address = tokens.checked_address(address.strip() or of.address, of.example)
    return _kept(clean, of, address, keys, signs_itself=bool(private_key or token.strip()))


def source_add(name: str, provider: str, address: str, keys: Mapping[str, str]) -> int:
    """Add a connection whose objects a person names, and return its id.

    keys: what lets in, as its kind wants it. Invalid where a part is wrong; nothing is asked yet.
    """
    of = provider_of(provider)
    if of.entered is None:
        raise Invalid(_("There is no kind of connection %(name)s."), name=provider)
    clean = _may_be_called(name)
    address, found = of.entered(address, keys)
    return _kept(clean, of, address, found, signs_itself=True)


def source_test(provider: str, address: str, keys: Mapping[str, str]) -> str:
    """Come in where nothing is kept yet, and return what answers; raises what is wrong."""
    of = provider_of(provider)
    if of.entered is None:
        raise Invalid(_("There is no kind of connection %(name)s."), name=provider)
    address, found = of.entered(address, keys)
    return named(of.opened(address, found, time.sleep)).greet()


def named(source: Any) -> Names:
    """Return a source as one whose objects a person names."""
    found: Names = source
    return found


def _may_be_called(name: str) -> str:
    if people.company().is_demo:
        raise Refused(
            _("This is a demo home: it never takes real data. Use «perilune init» for a company.")
        )
    clean = slug_of(name)
    if not clean:
        raise Invalid(_("A connection needs a name."))
    return clean


def _kept(
    name: str, of: Provider, address: str, keys: Mapping[str, str], *, signs_itself: bool
) -> int:
    try:
        with transaction.atomic():
            made = Connection.objects.create(
                name=name,
                provider=of.name,
                address=address,
                credentials=secrets.sealed(keys),
                health={"signs_itself": signs_itself},
            )
    except IntegrityError as error:
        raise Conflict(_("There is a connection %(name)s already."), name=name) from error
    # a ledger that another database left under this number knows nothing of this one
    shutil.rmtree(folder_of(made.id), ignore_errors=True)
    return made.id


def slug_of(name: str) -> str:
    """Return what a connection is called: letters, digits and hyphens, for addresses and files."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-zA-Z0-9-]+", "-", plain.strip()).strip("-").lower()[:60]


def connection_door(name: str, back: str, actor: str) -> tuple[str, str]:
    """Return (address where somebody allows access, verifier of the code it leads back with).

    Where something may be written, the page is asked for that too. The verifier stays with whoever
    asked; what travels is signed, names who asked and runs out.
    """
    found = connection_of(name)
    keys = secrets.opened(found.credentials)
    verifier, challenge = tokens.challenge()
    state = dumps({"connection": found.id, "actor": actor}, salt=SALT)
    address = tokens.door(
        found.address, keys["client_id"], back, state, challenge, _doors(found),
        writing=wanted_scopes(found),
    )  # fmt: skip
    return address, verifier


def connection_arrive(code: str, state: str, back: str, actor: str, verifier: str) -> str:
    """Take the code that a source gave and return the connection's name; Refused where forged."""
    try:
        told = loads(state, salt=SALT, max_age=_DOOR_SECONDS)
    except BadSignature as error:
        raise Refused(_("This answer was not asked for here, or too long ago.")) from error
    found = Connection.objects.filter(id=told["connection"]).first()
    if found is None or told["actor"] != actor or not verifier:
        raise Refused(_("This answer was not asked for here, or too long ago."))
    keys = secrets.opened(found.credentials)
    doors = _doors(found)
    given = tokens.from_code(found.address, keys, code, back, verifier, doors)
    instance = tokens.checked_address(str(given.get(doors.instance) or found.address))
    keys |= {"refresh_token": given.get("refresh_token", ""), "instance_url": instance}
    found.credentials, found.is_connected = secrets.sealed(keys), True
    found.health = {**found.health, "refused": "", **_allowed()}
    found.health.pop("scopes", None)
    scopes = tokens.granted(found.address, given, doors)
    if scopes is not None:
        found.health["scopes"] = scopes
    found.save(update_fields=["credentials", "is_connected", "health"])
    return found.name


def _allowed() -> dict[str, str]:
    return {"granted_at": datetime.now(UTC).isoformat()}


def connection_sign_in(name: str) -> None:
    """Sign in with a private key or a token; Refused where the source does not take it."""
    found = connection_of(name)
    keys = secrets.opened(found.credentials)
    if _of(found).entered is not None:
        named(_of(found).opened(found.address, keys, time.sleep)).greet()
    elif keys.get("token"):
        _of(found).opened(found.address, keys, time.sleep).clock()
    else:
        given = tokens.renewed(found.address, keys, _doors(found))
        instance = tokens.checked_address(str(given.get("instance_url") or found.address))
        found.credentials = secrets.sealed({**keys, "instance_url": instance})
    found.is_connected, found.health = True, {**found.health, **_allowed()}
    found.save(update_fields=["credentials", "is_connected", "health"])


def connection_forget(name: str) -> None:
    """Forget a connection and its keys; the records that it brought stay."""
    found = connection_of(name)
    if SyncRun.objects.filter(connection=found, state=SyncState.RUNNING.value).exists():
        raise Conflict(_("A sync is under way; cancel it first."))
    with transaction.atomic():
        outbox_guard.require_not_written(found)
    folder = folder_of(found.id)
    found.delete()
    shutil.rmtree(folder, ignore_errors=True)


def source_of(found: Connection, *, sleep: Callable[[float], None] = time.sleep) -> Source:
    """Return the source that a connection reads."""
    keys = secrets.opened(found.credentials)
    if not found.is_connected:
        raise Refused(_("Nobody has allowed access yet: connect first."))
    return _of(found).opened(found.address, keys | _said(found), sleep)


def _said(found: Connection) -> dict[str, Any]:
    """Return what a person said of objects, their fields, and those of them that are read."""
    read = {name: kept for name, kept in found.objects_read.items() if kept.get("given")}
    if not read:
        return {}
    shapes = {
        name: {field: told[0] for field, told in kept.get("shape", {}).items()
               if told[0] != maps.SYSTEM}
        for name, kept in read.items()
    }  # fmt: skip
    mapped = {name: maps.used(one) for name, kept in read.items() if (one := maps.kept(kept))}
    given = {name: kept["given"] for name, kept in read.items()}
    return {"objects": given, "shapes": shapes, "mapped": mapped}


def _of(found: Connection) -> Provider:
    return provider_of(found.provider)


def _doors(found: Connection) -> tokens.Doors:
    doors = _of(found).doors
    if doors is None:
        raise Invalid(_("This system has no page to allow access."))
    return doors


# -- mapping -----------------------------------------------------------------------------------


def connection_look(name: str) -> None:
    """Look at every object's shape and propose how it is read, where nothing was chosen yet."""
    found = connection_of(name)
    source = source_of(found)
    for item in source.objects():
        first = maps.at_first(found.objects_read, item)
        kept = found.objects_read.setdefault(item.name, first)
        try:
            fields = source.describe(item.name)
        except NotFound:
            kept |= {"on": False, "shape": {}}
            continue
        kept |= maps.shape_of(fields)
        if not kept.get("mapping"):
            kept["mapping"] = to_json(maps.proposed(item, fields))
    found.save(update_fields=["objects_read"])


def connection_choose(name: str, object_name: str, columns: Mapping[str, str], on: bool) -> None:
    """Take the fields that a person chose for an object's columns (column -> field).

    What was mapped anew is read anew: the next run reads the object from its beginning.
    """
    found = connection_of(name)
    kept = found.objects_read.get(object_name)
    if kept is None or not kept.get("mapping"):
        raise NotFound(_("There is no object %(name)s."), name=object_name)
    before = from_json(kept["mapping"])
    after = before
    if len(before.records) == 1 and columns:
        kind = KINDS.get(before.records[0].kind)
        strange = sorted(set(columns) - set(kept["shape"]))
        if strange:
            raise Invalid(_("%(object)s has no field %(field)s."), object=object_name,
                          field=strange[0])  # fmt: skip
        after = chosen(before, columns, before.records[0].key[0], kind)
    if (to_json(after), on) != (kept["mapping"], bool(kept.get("on"))):
        kept["is_full_due"] = True
    kept["mapping"], kept["on"] = to_json(after), on
    found.save(update_fields=["objects_read"])


def mapping_of(found: Connection, object_name: str) -> FileMap:
    """Return how an object is read."""
    return from_json(found.objects_read[object_name]["mapping"])
