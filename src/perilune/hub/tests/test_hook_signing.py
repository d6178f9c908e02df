"""Who signs is believed, whoever alters a byte is not; the standard's own library is the judge."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from perilune.hub.contracts.hooks import Call, Forged, Refusal, Scheme
from perilune.hub.engine.hooks import signing
from perilune.hub.engine.hooks.addresses import is_open
from perilune.hub.engine.hooks.naming import latest, named, rows

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
NOW = int(datetime.now(UTC).timestamp())
IDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
BODIES = st.text(max_size=80).map(lambda text: text.encode("utf-8", "ignore"))


def _call(id_: str, stamp: str, given_: str, body: bytes) -> Call:
    headers = {"webhook-id": id_, "webhook-timestamp": stamp, "webhook-signature": given_}
    return Call(("http://localhost/hooks/x/",), headers, body)


def _refused(scheme: Scheme, call: Call, now_ms: int = NOW * 1000, header: str = "") -> Refusal:
    with pytest.raises(Forged) as error:
        signing.proved(scheme, [SECRET], call, now_ms, header=header)
    return error.value.reason


@given(IDS, BODIES)
def test_either_side_takes_what_the_other_signed(id_: str, body: bytes) -> None:
    now = int(
        time.time()
    )  # the library looks at the clock: minutes may lie between import and test
    at = datetime.fromtimestamp(now, UTC)
    theirs = Webhook(SECRET).sign(id_, at, body.decode())
    # while a secret is changed, calls bear both signatures and either secret proves them
    ours = signing.signatures([OTHER, SECRET], id_, now, body)
    seal = signing.proved(
        Scheme.STANDARD, [OTHER, SECRET], _call(id_, str(now), theirs, body), now * 1000
    )
    assert seal == (id_, now * 1000)
    headers = {"webhook-id": id_, "webhook-timestamp": str(now), "webhook-signature": ours}
    for secret in (SECRET, OTHER):
        Webhook(secret).verify(body, headers, json_parse=False)


@given(IDS, st.binary(min_size=1, max_size=60), st.data())
def test_any_altered_byte_of_body_id_time_or_signature_is_refused(
    id_: str, body: bytes, data: st.DataObject
) -> None:
    texts = [id_, str(NOW), signing.signature(SECRET, id_, NOW, body)]
    parts = [*(text.encode() for text in texts), body]
    which = data.draw(st.integers(0, 3))
    raw = bytearray(parts[which])
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] = (raw[at] + data.draw(st.integers(1, 255))) % 256
    parts[which] = bytes(raw)
    id_, stamp, given_ = (part.decode("latin-1") for part in parts[:3])
    assert _refused(Scheme.STANDARD, _call(id_, stamp, given_, parts[3])) in (
        Refusal.FORGED, Refusal.OLD, Refusal.EARLY, Refusal.UNSIGNED,
    )  # fmt: skip


@pytest.mark.parametrize(("off", "reason"), [(-301, Refusal.OLD), (301, Refusal.EARLY)])
def test_a_call_is_good_for_five_minutes_either_way(off: int, reason: Refusal) -> None:
    stamp = NOW + off
    call = _call("a", str(stamp), signing.signature(SECRET, "a", stamp, b"{}"), b"{}")
    assert _refused(Scheme.STANDARD, call) is reason
    signing.proved(Scheme.STANDARD, [SECRET], call, (stamp - (1 if off > 0 else -1)) * 1000)
    stamp = int(time.time()) + 2 * off  # the library looks at the clock itself
    theirs = _call("a", str(stamp), signing.signature(SECRET, "a", stamp, b"{}"), b"{}")
    with pytest.raises(WebhookVerificationError, match="too"):
        Webhook(SECRET).verify(b"{}", dict(theirs.headers))


def test_hubspot_signs_method_address_body_and_time() -> None:
    body, stamp = b'[{"objectId":1}]', str(NOW * 1000)
    # HubSpot's documentation: base64 of HMAC-SHA256 over method + URI + body + timestamp
    text = b"POST" + b"https://crm.example/hooks/x/" + body + stamp.encode()
    mac = base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest()).decode()
    headers = {"x-hubspot-signature-v3": mac, "x-hubspot-request-timestamp": stamp}
    inside = ("http://10.0.0.2:8000/hooks/x/", "https://crm.example/hooks/x/")
    signing.proved(Scheme.HUBSPOT, [SECRET], Call(inside, headers, body), NOW * 1000)
    for altered in (
        Call(inside[:1], headers, body), Call(inside, headers, body + b" "),
        Call(inside, headers, body, "GET"),
        Call(inside, {**headers, "x-hubspot-request-timestamp": str(NOW * 1000 + 1)}, body),
    ):  # fmt: skip
        assert _refused(Scheme.HUBSPOT, altered) is Refusal.FORGED
    assert _refused(Scheme.HUBSPOT, Call(inside, {}, body)) is Refusal.UNSIGNED
    old = Call(inside, headers, body)
    assert _refused(Scheme.HUBSPOT, old, (NOW + 301) * 1000) is Refusal.OLD


def test_passwords_and_macs_of_bodies() -> None:
    body = b'{"meta":{"entity":"deal"}}'
    word = base64.b64encode(SECRET.encode()).decode()
    good = Call((), {"authorization": f"Basic {word}"}, body)
    signing.proved(Scheme.BASIC, [SECRET], good, 0)
    for text in ("Basic !!", "Basic " + word[:-4], "Basic " + word.lower()):
        assert _refused(Scheme.BASIC, Call((), {"authorization": text}, body)) is Refusal.FORGED
    mac = hmac.new(b"k" * 32, body, hashlib.sha256)
    for text in (mac.hexdigest(), "sha256=" + mac.hexdigest(),
                 base64.b64encode(mac.digest()).decode()):  # fmt: skip
        call = Call((), {"x-signature-256": text}, body)
        signing.proved(Scheme.HMAC, [SECRET], call, 0, header="x-signature-256")
        altered = Call((), {"x-signature-256": text[:-2] + "00"}, body)
        assert _refused(Scheme.HMAC, altered, header="x-signature-256") is Refusal.FORGED


def test_each_system_names_its_records_in_its_own_words() -> None:
    hubspot = [
        {"subscriptionType": "deal.propertyChange", "objectId": 5, "occurredAt": 1},
        {"subscriptionType": "object.merge", "objectTypeId": "0-1", "primaryObjectId": 1,
         "mergedObjectIds": [2, 3], "objectId": 1},
        {"subscriptionType": "ticket.creation", "objectId": 9},
    ]  # fmt: skip
    assert named("hubspot", hubspot, ["deals", "contacts"]) == {
        "deals": ["5"], "contacts": ["1", "2", "3"],
    }  # fmt: skip
    second = {"meta": {"entity": "organization", "entity_id": "7", "id": "e1f0"}, "data": {"id": 7}}
    first = {"meta": {"object": "deal", "id": 4}, "current": {}}
    assert named("pipedrive", [second, first], ["deals", "organizations"]) == {
        "organizations": ["7"], "deals": ["4"],
    }  # fmt: skip
    event = {"type": "Account.changed", "data": {"id": "001"}}
    assert named("salesforce", event, ["Account"]) == {"Account": ["001"]}
    strange: object
    for strange in (None, 3, "x", [], {}, [[]], {"object": 1, "id": True}, {"object": "Account"}):
        assert named("salesforce", strange, ["Account"]) == {}


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
))  # fmt: skip
def test_whatever_json_comes_gives_flat_rows_of_text(body: object) -> None:
    found = rows(body)
    assert all(isinstance(value, str) for row in found for value in row.values())
    assert latest(found, []) == found
    assert len(latest(found, ["id"])) <= len(found)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "::1",
     "::", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "224.0.0.1",
     "100.64.0.1", "2002:7f00:1::", "255.255.255.255"],
)  # fmt: skip
def test_addresses_inside_are_closed_until_named(address: str) -> None:
    assert not is_open(address)
    assert is_open("8.8.8.8") and is_open("2606:4700::1")
