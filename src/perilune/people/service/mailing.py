"""The one way out for mail: packs, workbooks; by the mail server of the settings, or not at all."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

_TIMEOUT_SECONDS = 15


@dataclass(frozen=True)
class Outgoing:
    """A mail. key: of its Message-ID, the same again if a step is repeated, so that one is shown.

    html: beside the text, empty for none. files: (name, content, type). reply_to: empty for none.
    """

    key: str
    to: str
    subject: str
    text: str
    language: str
    html: str = ""
    files: Sequence[tuple[str, bytes, str]] = ()
    reply_to: str = ""


def has_mail_server() -> bool:
    """Tell whether anything can be sent."""
    return bool(settings.EMAIL_HOST)


def deliver(mail: Outgoing) -> str:
    """Hand a mail to the server; return why it was not taken, empty where it was."""
    message = EmailMultiAlternatives(
        subject=" ".join(mail.subject.split()),
        body=mail.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={
            "Message-ID": f"<{mail.key}@perilune>",
            "Content-Language": mail.language,
            "Auto-Submitted": "auto-generated",
        },
        connection=get_connection(timeout=_TIMEOUT_SECONDS),
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for name, content, kind in mail.files:
        message.attach(name, content, kind)
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:
        text = getattr(error, "strerror", None) or str(error)
        return f"{type(error).__name__}: {text}"[:200]
    return ""


def site_url() -> str:
    """Return the address of the site without its last slash; empty where it does not know it."""
    return str(getattr(settings, "PERILUNE_URL", "")).rstrip("/")
