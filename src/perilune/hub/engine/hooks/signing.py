"""How calls are signed and proved: Standard Webhooks, HubSpot v3, Pipedrive, HMAC of the body.

Sources: the Standard Webhooks specification 1.0; HubSpot's «Validating requests», version 3;
Pipedrive's «Guide for webhooks» (HTTP basic authentication).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence

from perilune.hub.contracts.hooks import Call, Forged, Refusal, Scheme, Seal

TOLERANCE_MS = 300_000
"""How far a signed time may lie from ours, either way."""

PREFIX = "whsec_"
_ID_LENGTH = 200


def key_of(secret: str) -> bytes:
    """Return the bytes of a secret: base64 behind `whsec_`, else the text itself.

    Examples
    --------
    >>> key_of("whsec_cGVyaWx1bmU="), key_of("plain")
    (b'perilune', b'plain')
    """
    if not secret.startswith(PREFIX):
        return secret.encode()
    text = secret.removeprefix(PREFIX)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return secret.encode()


def signature(secret: str, id_: str, seconds: int, body: bytes) -> str:
    """Return `v1,…` of Standard Webhooks over `id.timestamp.body`.

    Examples
    --------
    >>> signature("whsec_cGVyaWx1bmU=", "msg_1", 1_700_000_000, b"{}")[:3]
    'v1,'
    """
    return "v1," + _b64(_mac(key_of(secret), f"{id_}.{seconds}.".encode() + body))


def signatures(secrets: Sequence[str], id_: str, seconds: int, body: bytes) -> str:
    """Return one signature for each valid secret, with blanks between: either one proves it."""
    return " ".join(signature(secret, id_, seconds, body) for secret in secrets)


def proved(
    scheme: Scheme, secrets: Sequence[str], call: Call, now_ms: int, *, header: str = ""
) -> Seal:
    """Return what a call says of itself, once it is proved by one of the secrets.

    header: of the HMAC, in lower case. Forged with the reason otherwise. Comparisons take the same
    time whatever differs.
    """
    if scheme is Scheme.HMAC:
        return _hmac(secrets, call, header)
    return _PROOFS[scheme](secrets, call, now_ms)


def _standard(secrets: Sequence[str], call: Call, now_ms: int) -> Seal:
    id_, stamp, given = (
        call.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")
    )
    if not (id_ and stamp and given):
        raise Forged(Refusal.UNSIGNED)
    if not (stamp.isascii() and stamp.isdigit()) or len(id_) > _ID_LENGTH or len(stamp) > 15:
        raise Forged(Refusal.FORGED)
    texts = [text.partition(",")[2] for text in given.split()[:10] if text.startswith("v1,")]
    signed = f"{id_}.{stamp}.".encode() + call.body
    _require(any([_same(text, _mac(key_of(s), signed)) for s in secrets for text in texts]))
    return _timely(id_, int(stamp) * 1000, now_ms)


def _hubspot(secrets: Sequence[str], call: Call, now_ms: int) -> Seal:
    given = call.headers.get("x-hubspot-signature-v3", "")
    stamp = call.headers.get("x-hubspot-request-timestamp", "")
    if not (given and stamp):
        raise Forged(Refusal.UNSIGNED)
    if not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 18:
        raise Forged(Refusal.FORGED)
    found = [
        _same(given, _mac(s.encode(), f"{call.method}{at}".encode() + call.body + stamp.encode()))
        for s in secrets
        for at in call.addresses
    ]
    _require(any(found))
    # a second try of the same events is signed anew: another call, whose hints do no harm
    return _timely(_digest(call.body + stamp.encode()), int(stamp), now_ms)


def _basic(secrets: Sequence[str], call: Call, now_ms: int) -> Seal:
    kind, _blank, given = call.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic" or not given:
        raise Forged(Refusal.UNSIGNED)
    try:
        told = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Forged(Refusal.FORGED) from error
    _require(any([hmac.compare_digest(told, secret.encode()) for secret in secrets]))
    return Seal(_digest(call.body), 0)


def _hmac(secrets: Sequence[str], call: Call, header: str) -> Seal:
    given = call.headers.get(header, "").strip()
    if not given:
        raise Forged(Refusal.UNSIGNED)
    given = given.removeprefix("sha256=")
    macs = [_mac(key_of(secret), call.body) for secret in secrets]
    _require(any([_same_hex(given, mac) | _same(given, mac) for mac in macs]))
    return Seal(_digest(call.body), 0)


_PROOFS: dict[Scheme, Callable[[Sequence[str], Call, int], Seal]] = {
    Scheme.STANDARD: _standard,
    Scheme.HUBSPOT: _hubspot,
    Scheme.BASIC: _basic,
}


def _require(is_proved: bool) -> None:
    if not is_proved:
        raise Forged(Refusal.FORGED)


def _timely(id_: str, stamp_ms: int, now_ms: int) -> Seal:
    if stamp_ms < now_ms - TOLERANCE_MS:
        raise Forged(Refusal.OLD)
    if stamp_ms > now_ms + TOLERANCE_MS:
        raise Forged(Refusal.EARLY)
    return Seal(id_, stamp_ms)


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def _same(text: str, mac: bytes) -> bool:
    """Compare texts, so that base64 that merely decodes to the same is another signature."""
    return hmac.compare_digest(text.encode(), _b64(mac).encode())


def _same_hex(text: str, mac: bytes) -> bool:
    return hmac.compare_digest(text.lower().encode(), mac.hex().encode())


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# -- tries of what is sent ---------------------------------------------------------------------

WAITS_S = (5, 300, 1800, 7200, 18_000, 36_000, 36_000)
"""Between two tries, as Standard Webhooks advises; after the last a delivery is given up."""


def wait_s(tries: int) -> int | None:
    """Return how long to wait after so many tries that failed; None to give up.

    Examples
    --------
    >>> wait_s(1), wait_s(7), wait_s(8)
    (5, 36000, None)
    """
    return WAITS_S[tries - 1] if tries <= len(WAITS_S) else None
