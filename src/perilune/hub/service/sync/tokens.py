"""OAuth with a Salesforce: the page to allow access, codes, renewals, signed assertions."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
import requests

from perilune.hub.service.sync.wire import TIMEOUT, is_loopback
from perilune.kernel.errors import Invalid, Refused, Unavailable
from perilune.kernel.messages import gettext_noop as _

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def checked_address(address: str) -> str:
    """Return an org's address; Invalid unless it is https (or http on this machine)."""
    text = address.strip().rstrip("/")
    split = urlsplit(text if "://" in text else f"https://{text}")
    if not split.hostname or split.path or split.query or split.username:
        raise Invalid(
            _("«%(text)s» is not an address such as https://acme.my.salesforce.com."), text=text
        )
    found = f"{split.scheme}://{split.netloc}"
    if split.scheme != "https" and not is_loopback(found):
        raise Invalid(_("The address must begin with https."))
    return found


def challenge() -> tuple[str, str]:
    """Return a verifier and its challenge (RFC 7636): a stolen code opens nothing."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).decode().rstrip("=")


def door(address: str, client_id: str, back: str, state: str, code_challenge: str) -> str:
    """Return the address where somebody allows access."""
    parts = {
        "response_type": "code", "client_id": client_id, "redirect_uri": back, "state": state,
        "scope": "api refresh_token", "code_challenge": code_challenge,
        "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{address}/services/oauth2/authorize?{urlencode(parts)}"


def from_code(
    address: str, keys: Mapping[str, Any], code: str, back: str, verifier: str
) -> dict[str, Any]:
    """Return what a code gives: access_token, instance_url, refresh_token."""
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back,
        "client_id": keys["client_id"], "code_verifier": verifier,
    }  # fmt: skip
    return _asked(address, form, keys)


def renewed(address: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return a new access token; Refused where access was taken back."""
    if keys.get("private_key"):
        return _asked(address, {"grant_type": JWT_GRANT, "assertion": _signed(address, keys)}, {})
    if not keys.get("refresh_token"):
        raise Refused(_("Nobody has allowed access yet: connect first."))
    form = {
        "grant_type": "refresh_token", "refresh_token": keys["refresh_token"],
        "client_id": keys["client_id"],
    }  # fmt: skip
    return _asked(address, form, keys)


def _signed(address: str, keys: Mapping[str, Any]) -> str:
    claims = {
        "iss": keys["client_id"], "sub": keys["user"], "aud": keys.get("audience") or address,
        "exp": datetime.now(UTC) + timedelta(minutes=3),
    }  # fmt: skip
    try:
        return jwt.encode(claims, keys["private_key"], algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        raise Invalid(_("The private key cannot be read: it must be RSA in PEM.")) from error


def _asked(address: str, form: Mapping[str, str], keys: Mapping[str, Any]) -> dict[str, Any]:
    if keys.get("client_secret"):
        form = {**form, "client_secret": keys["client_secret"]}
    try:
        answer = requests.post(f"{address}/services/oauth2/token", data=dict(form), timeout=TIMEOUT)
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
