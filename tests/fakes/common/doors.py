"""OAuth of a fake: a page to allow access, codes that are good once, refresh tokens."""

from __future__ import annotations

import base64
import html
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from tests.fakes.common.serving import Answer

CLIENT, SECRET = "fake-client", "fake-secret"


@dataclass
class Doors:
    """Who may come in: tokens, codes; `more` is said beside each token.

    scopes: what a token or code may, all where it is not named. withheld: optional scopes that the
    person does not grant.
    """

    tokens: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    codes: dict[str, str] = field(default_factory=dict)
    scopes: dict[str, frozenset[str]] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()

    def is_open(self, token: str) -> bool:
        """Tell whether a token is good."""
        return token in self.tokens

    def may(self, token: str, scope: str) -> bool:
        """Tell whether a token was granted a scope."""
        return token not in self.scopes or scope in self.scopes[token]

    def expire(self, token: str) -> None:
        """Let an access token run out; its refresh token stays good."""
        self.tokens.discard(token)

    def revoke(self) -> None:
        """Take all access back."""
        self.tokens.clear()
        self.refresh.clear()

    def session(self) -> tuple[str, str]:
        """Return a good access token and a refresh token."""
        access, refresh = f"at-{secrets.token_hex(12)}", f"rt-{secrets.token_hex(12)}"
        self.tokens.add(access)
        self.refresh.add(refresh)
        return access, refresh

    def page(self, form: dict[str, str]) -> Answer:
        """Answer the page that asks a person."""
        from tests.fakes.common.serving import Answer, answered

        if form.get("client_id") != CLIENT:
            return answered({"status": "error", "message": "unknown client"}, 400)
        back = {"state": form.get("state", "")}
        if form.get("allow"):
            code = secrets.token_hex(16)
            self.codes[code] = form.get("redirect_uri", "")
            optional = {*form.get("optional_scope", "").split()} - self.withheld
            if form.get("scope"):
                self.scopes[code] = frozenset({*form["scope"].split(), *optional})
            back["code"] = code
        elif form.get("deny"):
            back["error"] = "access_denied"
        else:
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
        to = form.get("redirect_uri", "") + "?" + urlencode(back)
        return Answer(302, b"", "text/html", {"Location": to})

    def token(self, form: dict[str, str], basic: str, more: dict[str, Any]) -> Answer:
        """Answer a question for a token; the app's keys are in the form or in the header."""
        from tests.fakes.common.serving import answered

        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        is_known = (
            basic == f"Basic {wanted}"
            if basic
            else (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        )
        given = form.get("grant_type", "")
        is_good = is_known and (
            (given == "refresh_token" and form.get("refresh_token") in self.refresh)
            or (
                given == "authorization_code"
                and self.codes.pop(form.get("code", ""), None) == form.get("redirect_uri", "-")
            )
        )
        if not is_good:
            return answered({"error": "invalid_grant", "message": "not taken"}, 400)
        access, refresh = self.session()
        came_by = form.get("refresh_token") or form.get("code", "")
        if came_by in self.scopes:
            self.scopes[access] = self.scopes[refresh] = self.scopes[came_by]
        if given == "refresh_token":
            self.refresh.discard(refresh)
            refresh = form["refresh_token"]
        told = {"access_token": access, "refresh_token": refresh, "expires_in": 1800,
                "token_type": "bearer"}  # fmt: skip
        return answered(told | more)
