"""OAuth of the fake org: a page to allow access, codes, refresh tokens, signed assertions."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.fakes import common
from tests.fakes.common import Answer, answered

CLIENT, SECRET = "3MVG9fakeclient", "fakesecret"


@dataclass
class Doors(common.Doors):
    """Who may come in: tokens, codes, keys of apps that sign."""

    challenged: dict[str, tuple[str, str]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    users: set[str] = field(default_factory=lambda: {"ops@acme.example"})


def answer(  # noqa: C901, PLR0911  # a table of grants
    doors: Doors, address: str, path: str, form: dict[str, str]
) -> Answer:
    """Answer a request below /services/oauth2/."""
    if path.endswith("/authorize"):
        return _authorize(doors, form)
    if path.endswith("/revoke"):
        doors.refresh.discard(form.get("token", ""))
        return answered({})
    if not path.endswith("/token"):
        return answered({"error": "not_found"}, 404)
    given = form.get("grant_type", "")
    if given == "urn:ietf:params:oauth:grant-type:jwt-bearer":
        return _signed(doors, address, form.get("assertion", ""))
    if form.get("client_id") != CLIENT or form.get("client_secret", SECRET) != SECRET:
        return _refused("invalid_client_id", "client identifier invalid")
    if given == "refresh_token":
        if form.get("refresh_token") not in doors.refresh:
            return _refused("invalid_grant", "expired access/refresh token")
        return _opened(doors, address)
    if given == "authorization_code":
        challenge, back = doors.challenged.pop(form.get("code", ""), ("", ""))
        verifier = form.get("code_verifier", "")
        is_proven = not challenge or challenge == _challenge(verifier)
        if back != form.get("redirect_uri") or not is_proven:
            return _refused("invalid_grant", "invalid authorization code")
        return _opened(doors, address, with_refresh=True)
    return _refused("unsupported_grant_type", "grant type not supported")


def _authorize(doors: Doors, form: dict[str, str]) -> Answer:
    back = form.get("redirect_uri", "")
    if form.get("client_id") != CLIENT:
        return answered({"error": "invalid_client_id"}, 400)
    if form.get("allow"):
        code = secrets.token_hex(16)
        doors.challenged[code] = (form.get("code_challenge", ""), back)
        to = back + "?" + urlencode({"code": code, "state": form.get("state", "")})
        return Answer(302, b"", "text/html", {"Location": to})
    if form.get("deny"):
        parts = {"error": "access_denied", "state": form.get("state", "")}
        return Answer(302, b"", "text/html", {"Location": back + "?" + urlencode(parts)})
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(n)}" value="{html.escape(v)}">'
        for n, v in form.items()
    )
    page = (
        "<!doctype html><title>Allow access?</title><h1>Allow access?</h1>"
        f'<form method="get">{hidden}<button name="allow" value="1">Allow</button>'
        '<button name="deny" value="1">Deny</button></form>'
    )
    return Answer(200, page.encode(), "text/html; charset=utf-8")


def _signed(doors: Doors, address: str, assertion: str) -> Answer:
    import jwt

    try:
        claims: dict[str, Any] = jwt.decode(assertion, options={"verify_signature": False})
        key = doors.keys[claims["iss"]]
        jwt.decode(assertion, key, algorithms=["RS256"], audience=address)
    except (jwt.PyJWTError, KeyError) as error:
        return _refused("invalid_grant", f"invalid assertion: {error}")
    if claims.get("sub") not in doors.users:
        return _refused("invalid_grant", "user hasn't approved this consumer")
    return _opened(doors, address)


def _opened(doors: Doors, address: str, *, with_refresh: bool = False) -> Answer:
    access, refresh = doors.session()
    told = {
        "access_token": access, "instance_url": address, "token_type": "Bearer",
        "id": f"{address}/id/00Dfake/005fake", "scope": "api refresh_token",
    }  # fmt: skip
    return answered(told | ({"refresh_token": refresh} if with_refresh else {}))


def _refused(error: str, why: str) -> Answer:
    return Answer(400, json.dumps({"error": error, "error_description": why}).encode())


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
