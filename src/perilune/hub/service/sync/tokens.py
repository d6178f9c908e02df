"""OAuth: the page to allow access, codes, renewals, signed assertions."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
import requests

from perilune.hub.service.sync.wire import TIMEOUT, is_loopback
from perilune.kernel.errors import Invalid, Refused, Unavailable
from perilune.kernel.messages import gettext_noop as _

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True)
class Doors:
    """Where a system lets apps in, and how they ask.

    page, token: addresses of the page that asks a person and of the tokens, from the connection's.
    has_proof: whether a code is bound to who asked (PKCE). is_basic: whether the app's keys go in
    the header. instance: what the answer calls the address that is to be asked from then on.
    optional: how the page is asked for scopes that a person may leave out, "" where it is not.
    granted: where a token says what it may, from the connection's address and the token; None where
    the answer that brings it says so.
    """

    page: Callable[[str], str]
    token: Callable[[str], str]
    scope: str
    has_proof: bool = True
    is_basic: bool = False
    instance: str = "instance_url"
    optional: str = ""
    granted: Callable[[str, str], str] | None = None


SALESFORCE = Doors(
    lambda address: f"{address}/services/oauth2/authorize",
    lambda address: f"{address}/services/oauth2/token",
    "api refresh_token",
)


def checked_address(
    address: str, example: str = "https://acme.my.salesforce.com", *, has_path: bool = False
) -> str:
    """Return a system's address; Invalid unless it is https (or http on this machine)."""
    text = address.strip().rstrip("/")
    split = urlsplit(text if "://" in text else f"https://{text}")
    is_longer = (split.path and not has_path) or split.query or split.fragment
    if not split.hostname or is_longer or split.username:
        raise Invalid(
            _("«%(text)s» is not an address such as %(example)s."), text=text, example=example
        )
    found = f"{split.scheme}://{split.netloc}{split.path}"
    if split.scheme != "https" and not is_loopback(found):
        raise Invalid(_("The address must begin with https."))
    return found


def challenge() -> tuple[str, str]:
    """Return a verifier and its challenge (RFC 7636): a stolen code opens nothing."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).decode().rstrip("=")


def door(  # noqa: PLR0917  # the parts of one address
    address: str, client_id: str, back: str, state: str, code_challenge: str,
    doors: Doors = SALESFORCE, *, writing: Sequence[str] = (),
) -> str:  # fmt: skip
    """Return the address where somebody allows access. writing: scopes that writing needs too."""
    parts = {
        "response_type": "code", "client_id": client_id, "redirect_uri": back, "state": state,
        "scope": doors.scope,
    }  # fmt: skip
    if doors.optional:
        parts[doors.optional] = " ".join(writing)
    if doors.has_proof:
        parts |= {"code_challenge": code_challenge, "code_challenge_method": "S256"}
    return f"{doors.page(address)}?{urlencode({n: v for n, v in parts.items() if v})}"


def from_code(  # noqa: PLR0917  # the parts of one question
    address: str, keys: Mapping[str, Any], code: str, back: str, verifier: str,
    doors: Doors = SALESFORCE,
) -> dict[str, Any]:  # fmt: skip
    """Return what a code gives: access_token, refresh_token, the address to ask."""
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back,
        "client_id": keys["client_id"],
    }  # fmt: skip
    if doors.has_proof:
        form["code_verifier"] = verifier
    return _asked(address, form, keys, doors)


def granted(address: str, given: Mapping[str, Any], doors: Doors) -> list[str] | None:
    """Return the scopes that came with a token; None where the system does not say."""
    told: Any = given.get("scopes") or given.get("scope")
    if not told and doors.granted is not None:
        try:
            url = doors.granted(address, str(given["access_token"]))
            told = requests.get(url, timeout=TIMEOUT).json().get("scopes")
        except (requests.RequestException, ValueError, AttributeError):
            return None  # access is given all the same; a refused write will tell
    words = told.replace(",", " ").split() if isinstance(told, str) else told
    return sorted(map(str, words)) if isinstance(words, list) else None


def renewed(address: str, keys: Mapping[str, Any], doors: Doors = SALESFORCE) -> dict[str, Any]:
    """Return a new access token; Refused where access was taken back."""
    if keys.get("private_key"):
        form = {"grant_type": JWT_GRANT, "assertion": _signed(address, keys)}
        return _asked(address, form, {}, doors)
    if not keys.get("refresh_token"):
        raise Refused(_("Nobody has allowed access yet: connect first."))
    form = {
        "grant_type": "refresh_token", "refresh_token": keys["refresh_token"],
        "client_id": keys["client_id"],
    }  # fmt: skip
    return _asked(address, form, keys, doors)


def by_client(keys: Mapping[str, Any]) -> str:
    """Return an access token that an app is given in its own name (OAuth client credentials)."""
    doors = Doors(str, str, "", is_basic=keys.get("keys_in") != "form")
    form = {"grant_type": "client_credentials", "client_id": str(keys["client_id"])}
    if keys.get("scope"):
        form["scope"] = str(keys["scope"])
    return str(_asked(str(keys["token_address"]), form, keys, doors)["access_token"])


def _signed(address: str, keys: Mapping[str, Any]) -> str:
    claims = {
        "iss": keys["client_id"], "sub": keys["user"], "aud": keys.get("audience") or address,
        "exp": datetime.now(UTC) + timedelta(minutes=3),
    }  # fmt: skip
    try:
        return jwt.encode(claims, keys["private_key"], algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        raise Invalid(_("The private key cannot be read: it must be RSA in PEM.")) from error


def _asked(
    address: str, form: Mapping[str, str], keys: Mapping[str, Any], doors: Doors
) -> dict[str, Any]:
    signed = None
    if doors.is_basic:
        signed = (str(keys["client_id"]), str(keys.get("client_secret", "")))
        form = {name: value for name, value in form.items() if name != "client_id"}
    elif keys.get("client_secret"):
        form = {**form, "client_secret": keys["client_secret"]}
    try:
        answer = requests.post(doors.token(address), data=dict(form), auth=signed, timeout=TIMEOUT)
        told = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise Unavailable(_("The other system does not answer at %(address)s."),
                          address=address) from error  # fmt: skip
    if answer.status_code >= 500:
        raise Unavailable(_("The other system does not answer at %(address)s."), address=address)
    if answer.status_code >= 400 or "access_token" not in told:
        raise Refused(
            _("Access was refused (%(why)s). Connect again."), why=str(told.get("error", ""))[:80]
        )
    return dict(told)
