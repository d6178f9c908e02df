"""What allauth may do here: sign people in, never up."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # published without types
    """Users are added by those who manage people."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The user name or the password is not right."),
        "email_password_mismatch": _("The e-mail address or the password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/settings/me/"

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        # «signed in as …» says nothing that the page does not show; the password page says its own
        template = kwargs.get("message_template") or (args[2] if len(args) > 2 else "")
        if "password" in str(template):
            super().add_message(*args, **kwargs)
