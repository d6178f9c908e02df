"""The systems that a connection can read, and what each is asked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from perilune.hub.contracts.sync import PROVIDER_LABELS, Source
from perilune.hub.service.sync import hubspot, tokens
from perilune.hub.service.sync.salesforce import Org
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _

Sleep = Callable[[float], None]


@dataclass(frozen=True)
class Provider:
    """A kind of system.

    address: where it is reached when nobody says otherwise ("": each company has its own).
    takes_token: whether a token that it gave once and for all lets in; signs: whether an app may
    sign for itself. scopes: what an app must be allowed to read.
    """

    name: str
    opened: Callable[[str, Mapping[str, Any], Sleep], Source]
    doors: tokens.Doors
    example: str
    scopes: str
    address: str = ""
    takes_token: bool = False
    signs: bool = False

    @property
    def label(self) -> str:
        """What the system is called."""
        return PROVIDER_LABELS[self.name]


PROVIDERS = (
    Provider(
        "salesforce",
        lambda address, keys, sleep: Org(address, keys, sleep=sleep),
        tokens.SALESFORCE, "https://acme.my.salesforce.com", "api, refresh_token", signs=True,
    ),
    Provider(
        "hubspot",
        lambda address, keys, sleep: hubspot.Portal(address, keys, sleep=sleep),
        hubspot.DOORS, hubspot.ADDRESS, hubspot.SCOPES.replace(" ", ", "), hubspot.ADDRESS,
        takes_token=True,
    ),
)  # fmt: skip


def provider_of(name: str) -> Provider:
    """Return a kind of system; Invalid where there is none of that name."""
    found = next((one for one in PROVIDERS if one.name == name), None)
    if found is None:
        raise Invalid(_("There is no kind of connection %(name)s."), name=name)
    return found
