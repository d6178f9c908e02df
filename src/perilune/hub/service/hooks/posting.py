"""A call of another system's address: checked when it is looked up, no redirect is followed."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import urllib3
from django.conf import settings

from perilune.hub.engine.hooks.addresses import is_open
from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.messages import gettext_noop as _

TIMEOUT = urllib3.Timeout(connect=5.0, read=10.0)
_KEPT = 300
_LONGEST = 500


class Answer(NamedTuple):
    """What was answered: the status (0 where nobody did), the beginning of the text, seconds."""

    status: int
    text: str

    @property
    def is_taken(self) -> bool:
        """Whether the other system took it."""
        return 200 <= self.status < 300


def checked(address: str) -> str:
    """Return an address that may be called as it stands; Invalid where it is none."""
    text = address.strip()
    try:
        split = urlsplit(text)
        port = split.port
    except ValueError:
        split, port = urlsplit(""), None
    if split.scheme not in ("http", "https") or not split.hostname or port == 0:
        raise Invalid(_("«%(text)s» is not a web address."), text=text)
    if split.username or split.fragment or len(text) > _LONGEST:
        raise Invalid(_("The address takes no user, no password and no fragment."))
    return text


def door(address: str) -> str:
    """Return the IP address that a web address leads to; Refused where none may be called.

    Every one that the name has must be open: a name that leads inside as well is no public one.
    """
    split = urlsplit(address)
    port = split.port or (443 if split.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(split.hostname, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Refused(_("%(host)s is not found."), host=str(split.hostname)) from error
    addresses = [str(one[4][0]) for one in found]
    allowed = settings.PERILUNE_HOOKS_ALLOW
    if not addresses or not all(is_open(one, allowed) for one in addresses):
        raise Refused(
            _("%(host)s lies in a private network. An administrator may allow it"
              " (PERILUNE_HOOKS_ALLOW)."),
            host=str(split.hostname),
        )  # fmt: skip
    return addresses[0]


def post(address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a body and return the answer; Refused where the address may not be called.

    The connection goes to the very IP address that was checked: a name that leads elsewhere the
    next moment gains nothing.
    """
    split = urlsplit(checked(address))
    ip = door(address)
    host = str(split.hostname)
    more: dict[str, Any] = {}
    kind: type[urllib3.HTTPConnectionPool] = urllib3.HTTPConnectionPool
    if split.scheme == "https":
        kind = urllib3.HTTPSConnectionPool
        more = {"server_hostname": host, "assert_hostname": host, "cert_reqs": "CERT_REQUIRED"}
    path = (split.path or "/") + (f"?{split.query}" if split.query else "")
    with kind(ip, split.port, timeout=TIMEOUT, retries=False, maxsize=1, **more) as pool:
        try:
            answer = pool.request(
                "POST", path, body=body, redirect=False, preload_content=False,
                headers={**headers, "Host": split.netloc},
            )  # fmt: skip
            try:
                text = answer.read(_KEPT, decode_content=False).decode("utf-8", "replace")
            finally:
                answer.close()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return Answer(0, type(error).__name__)
    return Answer(answer.status, text.replace("\x00", ""))
