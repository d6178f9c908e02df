"""Questions to a REST interface, each one request: who asks, what is too long."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import orjson
import requests

from perilune.hub.service.sync import tokens
from perilune.hub.service.sync.wire import Manners, Wire
from perilune.kernel.errors import Invalid, Refused, Unavailable
from perilune.kernel.messages import gettext_noop as _

MOST_BYTES = 128_000_000
"""How long an answer may be: a longer one is refused by name before it fills the memory."""

LOGINS = {
    "none": _("None"),
    "token": _("Token (Authorization: Bearer)"),
    "header": _("Token in a header of its own"),
    "basic": _("User and password"),
    "client": _("OAuth client credentials"),
}
"""How a REST interface may be let in by."""


def checked(keys: Mapping[str, str]) -> dict[str, str]:
    """Return what a login consists of; Invalid where a part is missing."""
    login = keys.get("login") or "none"
    wanted = {
        "none": (), "token": ("token",), "header": ("header", "token"), "basic": ("user",),
        "client": ("token_address", "client_id", "client_secret"),
    }  # fmt: skip
    if login not in wanted:
        raise Invalid(_("There is no such way to be let in."))
    if any(not keys.get(name, "").strip() for name in wanted[login]):
        raise Invalid(_("Something is missing to be let in: look at the fields below."))
    found = {name: value.strip() for name, value in keys.items() if value.strip()}
    if login == "header" and not found["header"].replace("-", "").isalnum():
        raise Invalid(_("«%(name)s» is no name of a header."), name=found["header"][:40])
    if login == "client":
        found["token_address"] = tokens.checked_address(
            found["token_address"], "https://login.example/oauth/token", has_path=True
        )
    return {**found, "login": login}


class Asking:
    """The answers of one interface, as JSON."""

    def __init__(
        self, address: str, keys: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._address, self._keys = address.rstrip("/"), keys
        self._login = str(keys.get("login") or "none")
        manners = Manners(lambda _answer: None, lambda _answer: False, self._signed)
        self.wire = Wire(
            self._address, self._renew, sleep=sleep, manners=manners, most_bytes=MOST_BYTES
        )
        self.wire.token = self._secret()

    def _secret(self) -> str:
        if self._login == "basic":
            pair = f"{self._keys.get('user', '')}:{self._keys.get('password', '')}"
            return base64.b64encode(pair.encode()).decode()
        return str(self._keys.get("token") or "") if self._login in ("token", "header") else ""

    def _signed(self, token: str) -> dict[str, str]:
        if self._login == "header":
            return {str(self._keys["header"]): token}
        return {"Authorization": f"{'Basic' if self._login == 'basic' else 'Bearer'} {token}"}

    def _renew(self) -> str:
        if self._login != "client":
            raise Refused(_("The interface does not let us in (401): look at the login."))
        return tokens.by_client(self._keys)

    def greet(self) -> str:
        """Come in at the address and return what it says; Refused where it does not let in."""
        if self._login == "client":
            self.wire.token = self._renew()
        answer = self.wire.request("GET", self._address, allow_redirects=False)
        if answer.status_code in (401, 403):
            self._checked(answer, urlsplit(self._address).path or "/")
        return f"HTTP {answer.status_code}"

    def clock(self) -> datetime:
        """Return the interface's time as its last answer told it, ours where none did."""
        return self.wire.told_at or datetime.now(UTC)

    def place(self, text: str, base: str = "") -> str:
        """Return the whole address of a path, or of a link in an answer; Unavailable elsewhere.

        A link is followed only on the same machine: what lets us in is sent to nobody else.
        """
        found = urljoin(base, text) if base else f"{self._address}/{text.lstrip('/')}"
        ours, theirs = urlsplit(self._address), urlsplit(found)
        if theirs.hostname != ours.hostname or (theirs.port or 0) != (ours.port or 0):
            raise Unavailable(
                _("An answer leads to another machine (%(host)s): it is not followed."),
                host=str(theirs.netloc)[:80],
            )
        return theirs._replace(scheme=ours.scheme, netloc=ours.netloc).geturl()

    def get(
        self, place: str, params: Mapping[str, Any] | None = None, *, may_miss: bool = False
    ) -> tuple[Any, requests.Response] | None:
        """Return an answer and what it came in, None for one that is not there and may miss."""
        if self._login == "client" and not self.wire.token:
            self.wire.token = self._renew()
        split = urlsplit(place)
        query = [*parse_qsl(split.query, keep_blank_values=True), *(params or {}).items()]
        url = split._replace(query=urlencode(dict(query))).geturl()
        answer = self.wire.request(
            "GET", url, allow_redirects=False, headers={"Accept": "application/json"}
        )
        if may_miss and answer.status_code in (404, 410):
            return None
        self._checked(answer, split.path)
        try:
            return orjson.loads(answer.content), answer
        except orjson.JSONDecodeError as error:
            raise Unavailable(_("The answer of %(path)s is not JSON."), path=split.path) from error

    @staticmethod
    def _checked(answer: requests.Response, path: str) -> None:
        code = answer.status_code
        if code in (401, 403):
            raise Refused(
                _("The interface does not let us in at %(path)s (%(code)s): look at the login."),
                path=path, code=code,
            )  # fmt: skip
        if code in (404, 410):
            raise Unavailable(_("There is nothing at %(path)s (%(code)s)."), path=path, code=code)
        if 300 <= code < 400:
            raise Unavailable(
                _("%(path)s leads elsewhere (%(code)s): give the address that it leads to."),
                path=path, code=code,
            )  # fmt: skip
        if code >= 400:
            raise Unavailable(
                _("The interface refused a question of %(path)s (%(code)s): %(why)s."),
                path=path, code=code, why=answer.text[:120].replace("\n", " "),
            )  # fmt: skip
