"""What is looked for, while it must be remembered: encrypted with the home's secret."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from perilune.kernel.errors import Unavailable
from perilune.kernel.messages import gettext_noop as _


def _derived(info: bytes) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=info)
    return kdf.derive(str(settings.SECRET_KEY).encode())


def hash_key() -> bytes:
    """Return the key of hashes of values: who lacks the home's secret cannot try values out."""
    return _derived(b"perilune suppression")


def sealed(values: Mapping[str, Any]) -> str:
    """Return values as encrypted text."""
    box = Fernet(base64.urlsafe_b64encode(_derived(b"perilune dossiers")))
    return box.encrypt(json.dumps(dict(values)).encode()).decode()


def opened(text: str) -> dict[str, Any]:
    """Return the values of `sealed`; Unavailable where another secret sealed them."""
    if not text:
        return {}
    box = Fernet(base64.urlsafe_b64encode(_derived(b"perilune dossiers")))
    try:
        return dict(json.loads(box.decrypt(text.encode())))
    except InvalidToken as error:
        raise Unavailable(
            _("What is looked for was kept with another secret of this home; begin again.")
        ) from error
