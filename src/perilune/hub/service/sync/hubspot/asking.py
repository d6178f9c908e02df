"""Questions to a HubSpot account, each one request; answers as HubSpot gives them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import requests

from perilune.hub.service.sync import tokens
from perilune.hub.service.sync.wire import Manners, Wire, is_loopback
from perilune.kernel.errors import NotFound, Refused, Unavailable
from perilune.kernel.messages import gettext_noop as _

ADDRESS = "https://api.hubapi.com"
SCOPES = (
    "crm.objects.deals.read crm.objects.contacts.read crm.objects.companies.read"
    " crm.objects.owners.read crm.schemas.deals.read crm.schemas.contacts.read"
    " crm.schemas.companies.read"
)
LINKS_AT_ONCE = 1_000

Json = dict[str, Any]


def _page(address: str) -> str:
    """Return the page where a person allows access: in the app of the same region."""
    host = address if is_loopback(address) else address.replace("://api", "://app", 1)
    return f"{host.replace('hubapi.com', 'hubspot.com')}/oauth/authorize"


DOORS = tokens.Doors(
    _page, lambda address: f"{address}/oauth/v1/token", SCOPES, has_proof=False,
    optional="optional_scope",
    granted=lambda address, token: f"{address}/oauth/v1/access-tokens/{token}",
)  # fmt: skip


def _usage(answer: requests.Response) -> tuple[int, int] | None:
    allowed = answer.headers.get("X-HubSpot-RateLimit-Daily", "")
    left = answer.headers.get("X-HubSpot-RateLimit-Daily-Remaining", "")
    if not (allowed.isdigit() and left.isdigit()):
        return None
    return int(allowed) - int(left), int(allowed)


def _is_over(answer: requests.Response) -> bool:
    if answer.status_code != 429:
        return False
    try:
        return str(answer.json().get("policyName", "")).upper() == "DAILY"
    except (ValueError, AttributeError):
        return False


MANNERS = Manners(_usage, _is_over)


class Asking:
    """One account's answers, with a private app's token or by OAuth."""

    def __init__(
        self,
        address: str,
        keys: Mapping[str, Any],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address, self._keys = address, keys
        self.wire = Wire(address, self._renew, sleep=sleep, manners=MANNERS)
        self.wire.token = str(keys.get("token") or "")

    def _renew(self) -> str:
        if self._keys.get("token"):
            raise Refused(_("Access was taken back at the other system. Connect again."))
        return str(tokens.renewed(self._address, self._keys, DOORS)["access_token"])

    def sent(self, verb: str, path: str, **options: Any) -> requests.Response:
        """Return the answer to a request, whatever it says; Refused where access was taken back."""
        if not self.wire.token:
            self.wire.token = self._renew()
        answer = self.wire.request(verb, self._address + path, **options)
        if answer.status_code == 401:
            raise Refused(_("Access was taken back at the other system. Connect again."))
        return answer

    def _asked(self, verb: str, path: str, absent: int = 404, **options: Any) -> Json:
        answer = self.sent(verb, path, **options)
        if answer.status_code in (403, 404, absent):
            raise NotFound(_("The other system does not show this object."))
        try:
            told = dict(answer.json())
        except ValueError as error:
            raise Unavailable(_("An answer of the other system cannot be read.")) from error
        if answer.status_code >= 400:
            why = str(told.get("message") or answer.status_code)[:200]
            raise Unavailable(_("The other system refused a question: %(why)s."), why=why)
        return told

    def clock(self) -> datetime:
        """Return the account's own time, to the second, as its answer tells it."""
        self._asked("GET", "/crm/v3/owners/", params={"limit": 1})
        return self.wire.told_at or datetime.now(UTC)

    def properties(self, name: str) -> list[Json]:
        """Return the properties of an object."""
        return list(self._asked("GET", f"/crm/v3/properties/{name}")["results"])

    def pipelines(self, name: str = "deals") -> list[Json]:
        """Return the pipelines of an object with their stages; NotFound where it has none."""
        return list(self._asked("GET", f"/crm/v3/pipelines/{name}", absent=400)["results"])

    def owners(self, after: str, *, archived: bool) -> Json:
        """Return a page of owners."""
        params = {"limit": 100, "archived": _flag(archived)} | ({"after": after} if after else {})
        return self._asked("GET", "/crm/v3/owners/", params=params)

    def campaigns(self, properties: Iterable[str], after: str, limit: int = 100) -> Json:
        """Return a page of campaigns; blank properties do not come."""
        params = {"limit": limit, "properties": ",".join(properties)}
        params |= {"after": after} if after else {}
        return self._asked("GET", "/marketing/v3/campaigns", params=params)

    def listed(  # the parts of one question
        self, name: str, properties: Iterable[str], after: str, limit: int,
        links: Iterable[str] = (), *, archived: bool = False, with_past: bool = False,
    ) -> Json:  # fmt: skip
        """Return a page of all records of an object: from the records, not from the index."""
        wanted = "propertiesWithHistory" if with_past else "properties"
        params = {"limit": limit, "archived": _flag(archived), wanted: ",".join(properties)}
        params |= {"associations": ",".join(links)} if links else {}
        params |= {"after": after} if after else {}
        return self._asked("GET", f"/crm/v3/objects/{name}", params=params)

    def found(
        self, name: str, properties: Iterable[str], filters: Sequence[Json], limit: int,
        by: str = "hs_object_id",
    ) -> Json:  # fmt: skip
        """Return the first rows of a search, by id: the index, which may lag behind the records."""
        body = {
            "filterGroups": [{"filters": list(filters)}] if filters else [],
            "sorts": [{"propertyName": by, "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": limit,
        }
        return self._asked("POST", f"/crm/v3/objects/{name}/search", json=body)

    def read(
        self, name: str, properties: Iterable[str], keys: Sequence[str], *,
        archived: bool = False, with_past: bool = False, by: str = "",
    ) -> list[Json]:  # fmt: skip
        """Return records by their ids, or the values of a unique property; absent ones left out."""
        body: Json = {
            "properties": [] if with_past else list(properties),
            "propertiesWithHistory": list(properties) if with_past else [],
            "inputs": [{"id": key} for key in keys],
        }
        body |= {"idProperty": by} if by else {}
        path = f"/crm/v3/objects/{name}/batch/read"
        params = {"archived": _flag(archived)}
        return list(self._asked("POST", path, params=params, json=body).get("results", ()))

    def links(self, name: str, to: str, keys: Sequence[str]) -> dict[str, list[Json]]:
        """Return what records are associated with: id -> [{toObjectId, associationTypes}]."""
        result: dict[str, list[Json]] = {}
        left: list[Json] = [{"id": key} for key in keys]
        while left:
            some, left = left[:LINKS_AT_ONCE], left[LINKS_AT_ONCE:]
            path = f"/crm/v4/associations/{name}/{to}/batch/read"
            for one in self._asked("POST", path, json={"inputs": some}).get("results", ()):
                key = str(one["from"]["id"])
                result.setdefault(key, []).extend(one["to"])
                after = ((one.get("paging") or {}).get("next") or {}).get("after")
                if after:
                    left.append({"id": key, "after": after})
        return result


def _flag(value: bool) -> str:
    return "true" if value else "false"
