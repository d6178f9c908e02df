"""The systems that a connection can read, and what each is asked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from perilune.hub.contracts.sources import SQL_EXAMPLE, Given, RestObject, SqlObject
from perilune.hub.contracts.sync import PROVIDER_LABELS, Source
from perilune.hub.contracts.targets import Target
from perilune.hub.service.sync import hubspot, pipedrive, rest, tokens
from perilune.hub.service.sync.salesforce import Org
from perilune.hub.service.sync.salesforce_writes import OrgTarget
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _

Sleep = Callable[[float], None]


@dataclass(frozen=True)
class Provider:
    """A kind of system.

    address: where it is reached when nobody says otherwise ("": each company has its own).
    takes_token: whether a token that it gave once and for all lets in; signs: whether an app may
    sign for itself. scopes: what an app must be allowed to read. keeps: how long the place in an
    answer stays good for a run that goes on. target: of a source, what writes to it; None where
    nothing is written back yet. entered: of a kind whose objects a person names, what makes an
    address and keys of what was typed in; given: what such an object is.
    """

    name: str
    opened: Callable[[str, Mapping[str, Any], Sleep], Source]
    doors: tokens.Doors | None
    example: str
    scopes: str = ""
    address: str = ""
    takes_token: bool = False
    signs: bool = False
    keeps: timedelta = timedelta(hours=6)
    target: Callable[[Any], Target] | None = None
    entered: Callable[[str, Mapping[str, str]], tuple[str, dict[str, str]]] | None = None
    given: type[Given] = Given

    @property
    def label(self) -> str:
        """What the system is called."""
        return PROVIDER_LABELS[self.name]


def _reader(address: str, keys: Mapping[str, Any], sleep: Sleep) -> Source:
    from perilune.hub.service.sync.sql import Reader

    return Reader(address, keys, sleep=sleep)


def _database(address: str, keys: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    from perilune.hub.service.sync import sql

    found, password = sql.checked_url(address)
    return found, {"password": keys.get("password", "") or password}


def _interface(address: str, keys: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    return tokens.checked_address(address, REST_EXAMPLE, has_path=True), rest.checked(keys)


REST_EXAMPLE = "https://crm.example/api/v2"

PROVIDERS = (
    Provider(
        "salesforce",
        lambda address, keys, sleep: Org(address, keys, sleep=sleep),
        tokens.SALESFORCE, "https://acme.my.salesforce.com", "api, refresh_token", signs=True,
        target=OrgTarget,
    ),
    Provider(
        "hubspot",
        lambda address, keys, sleep: hubspot.Portal(address, keys, sleep=sleep),
        hubspot.DOORS, hubspot.ADDRESS, hubspot.SCOPES.replace(" ", ", "), hubspot.ADDRESS,
        takes_token=True, target=hubspot.PortalTarget,
    ),
    Provider(
        "pipedrive",
        lambda address, keys, sleep: pipedrive.Account(address, keys, sleep=sleep),
        pipedrive.DOORS, "https://acme.pipedrive.com", "deals:read, contacts:read, users:read",
        takes_token=True, keeps=timedelta(hours=48), target=pipedrive.AccountTarget,
    ),
    Provider(
        "sql", _reader, None, SQL_EXAMPLE, entered=_database, given=SqlObject,
    ),
    Provider(
        "rest", lambda address, keys, sleep: rest.Reader(address, keys, sleep=sleep), None,
        REST_EXAMPLE, entered=_interface, given=RestObject,
    ),
)  # fmt: skip


def provider_of(name: str) -> Provider:
    """Return a kind of system; Invalid where there is none of that name."""
    found = next((one for one in PROVIDERS if one.name == name), None)
    if found is None:
        raise Invalid(_("There is no kind of connection %(name)s."), name=name)
    return found
