"""Credentials at rest: encrypted with a key that the home's secret gives."""

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


def _box() -> Fernet:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"perilune connections")
    return Fernet(base64.urlsafe_b64encode(kdf.derive(str(settings.SECRET_KEY).encode())))


def sealed(values: Mapping[str, Any]) -> str:
    """Return values as encrypted text."""
    return _box().encrypt(json.dumps(dict(values)).encode()).decode()


def opened(text: str) -> dict[str, Any]:
    """Return the values of `sealed`; Unavailable where another secret sealed them."""
    if not text:
        return {}
    try:
        return dict(json.loads(_box().decrypt(text.encode())))
    except InvalidToken as error:
        raise Unavailable(
            _("The credentials were kept with another secret of this home; connect again.")
        ) from error
