"""Requests to another system: tokens renewed, limits waited for, no secret ever said."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from perilune.hub.contracts.targets import Lost
from perilune.kernel.errors import Unavailable
from perilune.kernel.messages import gettext_noop as _

log = logging.getLogger(__name__)

TRIES = 6
TIMEOUT = (10, 120)
LONGEST_WAIT = 20.0
_PASSING = frozenset({429, 500, 502, 503, 504})


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _salesforce_usage(answer: requests.Response) -> tuple[int, int] | None:
    usage = answer.headers.get("Sforce-Limit-Info", "").partition("api-usage=")[2]
    used, _sign, allowed = usage.partition(";")[0].partition("/")
    return (int(used), int(allowed)) if used.isdigit() and allowed.isdigit() else None


def _is_salesforce_over(answer: requests.Response) -> bool:
    return answer.status_code == 403 and _code(answer) == "REQUEST_LIMIT_EXCEEDED"


@dataclass(frozen=True)
class Manners:
    """How a system is spoken to and speaks of its limits.

    signed: the headers that a token makes. usage: (used, allowed) of the day, where an answer tells
    it. is_over: whether an answer says that the day's requests are used up.
    """

    usage: Callable[[requests.Response], tuple[int, int] | None]
    is_over: Callable[[requests.Response], bool]
    signed: Callable[[str], dict[str, str]] = _bearer


SALESFORCE = Manners(_salesforce_usage, _is_salesforce_over)


class _Plain(HTTPAdapter):
    """Speaks http to the loopback, where a client insists on https: a trial without an account."""

    def send(self, request: Any, *args: Any, **options: Any) -> requests.Response:
        request.url = str(request.url).replace("https://", "http://", 1)
        return super().send(request, *args, **options)


class Wire(requests.Session):
    """A session that renews its token, backs off, and gives an answer only where it is whole.

    renew: returns a new access token; Refused where access was taken back. most_bytes: how long an
    answer may be, 0 for any. sleep and clock are given by tests.
    """

    def __init__(
        self,
        address: str,
        renew: Callable[[], str],
        *,
        sleep: Callable[[float], None] = time.sleep,
        manners: Manners = SALESFORCE,
        most_bytes: int = 0,
    ) -> None:
        super().__init__()
        self._most_bytes = most_bytes
        self._renew, self._sleep, self._manners = renew, sleep, manners
        self.token = ""
        self.used, self.allowed = 0, 0
        self.told_at: datetime | None = None
        self.read_at: datetime | None = None
        self.waits = 0
        self._around: dict[tuple[Any, ...], Any] = {}
        if is_loopback(address):
            self.mount_plain(address)

    def mount_plain(self, address: str) -> None:
        """Speak http to an address of this machine, whatever the client asks."""
        self.mount("https://" + urlsplit(address).netloc, _Plain())

    def merge_environment_settings(self, url: Any, *given: Any) -> Any:
        """Ask the environment for proxies and certificates once a host: it costs a millisecond."""
        place = urlsplit(str(url))
        asked = (place.scheme, place.netloc, *map(repr, given))
        if asked not in self._around:
            self._around[asked] = super().merge_environment_settings(url, *given)
        found = self._around[asked]
        return {**found, "proxies": {**found["proxies"]}}

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        """Send a request until its answer is whole, or the tries are over (Unavailable).

        is_once (an option): it writes without a precondition, and is not sent again by itself: Lost
        where it may have taken place, an answer of 429 once it was waited for.
        """
        options.setdefault("timeout", TIMEOUT)
        is_once = bool(options.pop("is_once", False))
        options.setdefault("stream", bool(self._most_bytes))
        is_renewed = False
        for number in range(TRIES):
            if self.token:
                options["headers"] = {
                    **(options.get("headers") or {}), **self._manners.signed(self.token),
                }  # fmt: skip
            try:
                answer = _whole(super().request(method, url, *args, **options), self._most_bytes)
            except (
                requests.ConnectionError,
                requests.Timeout,
                requests.exceptions.ChunkedEncodingError,
                requests.exceptions.ContentDecodingError,
            ) as error:
                log.info("sync: the connection failed (%s), try %s", type(error).__name__, number)
                self._wait(number, None)
                self._require_repeatable(is_once)
                continue
            self._note(answer)
            if answer.status_code == 401 and not is_renewed:
                self.token, is_renewed = self._renew(), True
                continue
            if self._manners.is_over(answer):
                raise Unavailable(
                    _("The daily limit of requests is used up (%(used)s of %(allowed)s)."
                      " The next run goes on where this one stopped."),
                    used=self.used, allowed=self.allowed,
                )  # fmt: skip
            if answer.status_code in _PASSING:
                self._wait(number, answer.headers.get("Retry-After"))
                if is_once and answer.status_code == 429:
                    return answer
                self._require_repeatable(is_once)
                continue
            return answer
        raise Unavailable(
            _("The other system does not answer (%(tries)s tries). The next run goes on here."),
            tries=TRIES,
        )

    def _require_repeatable(self, is_once: bool) -> None:
        if is_once:
            raise Lost(_("The other system did not answer a write; it is looked at again."))

    def _wait(self, number: int, asked: str | None) -> None:
        self.waits += 1
        seconds = min(0.5 * 2**number, LONGEST_WAIT)
        if asked is not None:
            seconds = min(_seconds(asked, seconds), LONGEST_WAIT)
        self._sleep(seconds)

    def _note(self, answer: requests.Response) -> None:
        self.read_at = datetime.now(UTC)
        told = answer.headers.get("Date")
        if told:
            try:
                self.told_at = parsedate_to_datetime(told)
            except ValueError:
                self.told_at = None
        self.used, self.allowed = self._manners.usage(answer) or (self.used, self.allowed)


def _seconds(asked: str, otherwise: float) -> float:
    """Return how long to wait as an answer asks it: seconds, or an instant as HTTP writes them."""
    if asked.strip().isdigit():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return otherwise


def _whole(answer: requests.Response, most: int) -> requests.Response:
    """Read an answer whole; Unavailable where it is larger than what is taken at once (0: any)."""
    if not most:
        return answer
    parts, size = [], 0
    for part in answer.iter_content(262_144):
        parts.append(part)
        size += len(part)
        if size > most:
            answer.close()
            raise Unavailable(
                _("An answer is larger than %(size)s MB: ask for smaller pages, or without the"
                  " field that is so long."),
                size=most // 1_000_000,
            )  # fmt: skip
    answer._content = b"".join(parts)
    return answer


def _code(answer: requests.Response) -> str:
    if answer.status_code < 400:
        return ""
    try:
        told = answer.json()
    except ValueError:
        return ""
    first = told[0] if isinstance(told, list) and told else told
    return str(first.get("errorCode", "")) if isinstance(first, dict) else ""


def is_loopback(address: str) -> bool:
    """Tell whether an address is plain http on this machine, the only place where it is allowed."""
    split = urlsplit(address)
    return split.scheme == "http" and split.hostname in ("127.0.0.1", "localhost", "::1")
