"""Questions to a Pipedrive account, each one request; answers as Pipedrive gives them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import requests

from perilune.hub.service.sync import tokens
from perilune.hub.service.sync.wire import Manners, Wire, is_loopback
from perilune.kernel.errors import NotFound, Refused, Unavailable
from perilune.kernel.messages import gettext_noop as _

PAGE, IDS_AT_ONCE = 500, 100
_DAY_FROM = 120
"""Seconds to wait from which on a 429 means the budget of the day, not the burst of two seconds."""

Json = dict[str, Any]


def _oauth(address: str) -> str:
    return address if is_loopback(address) else "https://oauth.pipedrive.com"


DOORS = tokens.Doors(
    lambda address: f"{_oauth(address)}/oauth/authorize",
    lambda address: f"{_oauth(address)}/oauth/token",
    "",
    has_proof=False,
    is_basic=True,
    instance="api_domain",
)


def _is_over(answer: requests.Response) -> bool:
    wait = answer.headers.get("Retry-After", "")
    return answer.status_code == 429 and wait.isdigit() and int(wait) > _DAY_FROM


def _own_token(token: str) -> dict[str, str]:
    return {"x-api-token": token}


BY_OAUTH = Manners(lambda _answer: None, _is_over)
BY_TOKEN = Manners(lambda _answer: None, _is_over, _own_token)


class Asking:
    """One account's answers, with a user's API token or by OAuth."""

    def __init__(
        self,
        address: str,
        keys: Mapping[str, Any],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._door, self._keys = address, keys
        self._address = str(keys.get("instance_url") or address)
        manners = BY_TOKEN if keys.get("token") else BY_OAUTH
        self.wire = Wire(self._address, self._renew, sleep=sleep, manners=manners)
        self.wire.token = str(keys.get("token") or "")

    def _renew(self) -> str:
        if self._keys.get("token"):
            raise Refused(_("Access was taken back at the other system. Connect again."))
        return str(tokens.renewed(self._door, self._keys, DOORS)["access_token"])

    def sent(self, verb: str, path: str, **options: Any) -> requests.Response:
        """Return the answer to a request, whatever it says; Refused where access was taken back."""
        if not self.wire.token:
            self.wire.token = self._renew()
        answer = self.wire.request(verb, self._address + path, **options)
        if answer.status_code == 401:
            raise Refused(_("Access was taken back at the other system. Connect again."))
        return answer

    def _asked(self, path: str, **params: Any) -> Json:
        given = {name: value for name, value in params.items() if value not in (None, "")}
        answer = self.sent("GET", path, params=given)
        if answer.status_code in (403, 404, 410):
            raise NotFound(_("The other system does not show this object."))
        try:
            told = dict(answer.json())
        except ValueError as error:
            raise Unavailable(_("An answer of the other system cannot be read.")) from error
        if answer.status_code >= 400 or not told.get("success", True):
            why = str(told.get("error") or answer.status_code)[:200]
            raise Unavailable(_("The other system refused a question: %(why)s."), why=why)
        return told

    def clock(self) -> datetime:
        """Return the account's own time, to the second, as its answer tells it."""
        self._asked("/api/v1/users/me")
        return self.wire.told_at or datetime.now(UTC)

    def listed(
        self, name: str, cursor: str, *, since: str = "", status: str = "",
        keys: Sequence[str] = (), limit: int = PAGE,
    ) -> tuple[list[Json], str]:  # fmt: skip
        """Return a page of a list, by id, and where the next one begins ("" at the end)."""
        told = self._asked(
            f"/api/v2/{name}", limit=limit, cursor=cursor, updated_since=since, status=status,
            ids=",".join(keys), sort_by="id", sort_direction="asc",
        )  # fmt: skip
        return list(told.get("data") or ()), _next(told)

    def lines(self, deals: Sequence[str]) -> list[Json]:
        """Return what is sold in some deals, at most a hundred."""
        rows: list[Json] = []
        cursor = ""
        while True:
            told = self._asked(
                "/api/v2/deals/products", deal_ids=",".join(deals), limit=PAGE, cursor=cursor
            )
            rows += told.get("data") or ()
            after = _next(told)
            if not after or after == cursor:
                return rows
            cursor = after

    def leads(self, start: int, limit: int, *, is_archived: bool = False) -> tuple[list[Json], int]:
        """Return a page of leads (v1 alone lists them) and where the next begins, 0 at the end."""
        path = "/api/v1/leads/archived" if is_archived else "/api/v1/leads"
        told = self._asked(path, start=start, limit=limit, sort="add_time ASC")
        place = (told.get("additional_data") or {}).get("pagination") or {}
        after = int(place.get("next_start") or 0) if place.get("more_items_in_collection") else 0
        return list(told.get("data") or ()), after

    def lead(self, key: str) -> Json | None:
        """Return a lead as it stands; None where it is not there any more."""
        try:
            return dict(self._asked(f"/api/v1/leads/{key}").get("data") or {}) or None
        except NotFound:
            return None

    def record(self, name: str, key: str) -> Json | None:
        """Return a record as it stands; None where it is not there any more."""
        try:
            one = dict(self._asked(f"/api/v2/{name}/{key}").get("data") or {})
        except NotFound:
            return None
        return None if not one or one.get("is_deleted") else one

    def every(self, name: str) -> list[Json]:
        """Return a short list whole: pipelines, stages, fields."""
        rows, cursor = self.listed(name, "")
        while cursor:
            more, cursor = self.listed(name, cursor)
            rows += more
        return rows

    def searched(self, name: str, text: str) -> list[str]:
        """Return the ids of records that have exactly a text in a field of the company's own."""
        told = self._asked(
            f"/api/v2/{name}/search", term=text, fields="custom_fields", exact_match="true"
        )
        items = (told.get("data") or {}).get("items") or ()
        return [str(one["item"]["id"]) for one in items]

    def changed(self, name: str, since: str) -> list[Json]:
        """Return all records that changed from an instant on: the records, not an index."""
        rows, cursor = self.listed(name, "", since=since)
        while cursor:
            more, cursor = self.listed(name, cursor, since=since)
            rows += more
        return rows

    def users(self) -> list[Json]:
        """Return all users, those who were deactivated too."""
        return list(self._asked("/api/v1/users").get("data") or ())

    def goals(self) -> list[Json]:
        """Return all goals, those that are over too."""
        rows: list[Json] = []
        for is_active in ("true", "false"):
            told = self._asked("/api/v1/goals/find", is_active=is_active).get("data") or {}
            rows += told.get("goals") or ()
        return rows

    def currencies(self) -> dict[str, str]:
        """Return the codes of currencies by their ids."""
        told = self._asked("/api/v1/currencies").get("data") or ()
        return {str(one["id"]): str(one["code"]) for one in told}

    def one(self, name: str, key: str) -> Json | None:
        """Return a record though it is deleted; None where nothing is known of it any more."""
        try:
            return dict(self._asked(f"/api/v1/{name}/{key}").get("data") or {}) or None
        except NotFound:
            return None

    def changes(self, key: str) -> list[Json]:
        """Return what was changed of a deal, oldest first."""
        rows: list[Json] = []
        cursor = ""
        while True:
            told = self._asked(f"/api/v1/deals/{key}/changelog", limit=PAGE, cursor=cursor)
            rows += told.get("data") or ()
            after = _next(told)
            if not after or after == cursor:
                break
            cursor = after
        return sorted(reversed(rows), key=lambda change: str(change["time"]))


def _next(told: Json) -> str:
    return str((told.get("additional_data") or {}).get("next_cursor") or "")
