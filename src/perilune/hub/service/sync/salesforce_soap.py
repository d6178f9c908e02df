"""The one word of Salesforce's SOAP API that its REST API lacks: undelete."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from perilune.hub.contracts.targets import Replied, Reply, Why
from perilune.hub.service.sync.salesforce import Org

_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:urn="urn:partner.soap.sforce.com"><soapenv:Header><urn:SessionHeader>'
    "<urn:sessionId>{session}</urn:sessionId></urn:SessionHeader></soapenv:Header>"
    "<soapenv:Body><urn:undelete><urn:ids>{key}</urn:ids></urn:undelete></soapenv:Body>"
    "</soapenv:Envelope>"
)
_TELLS = re.compile(r"<(?:\w+:)?(success|statusCode|message|faultcode|faultstring)>([^<]*)<")
"""What is read of an answer: flat words between tags; no parser is given foreign XML."""


def undelete(org: Org, key: str) -> Reply:
    """Take a record out of the recycle bin."""
    org.clock()  # renews the token where it ran out: SOAP would answer as if it had broken down
    told, status = _asked(org, key)
    if told.get("success") == "true":
        return Reply(Replied.WRITTEN)
    code = told.get("statusCode") or told.get("faultcode") or str(status)
    text = told.get("message") or told.get("faultstring") or ""
    is_gone = code in ("ENTITY_IS_DELETED", "INVALID_ID_FIELD")
    return Reply(Replied.GONE if is_gone else Replied.REFUSED, (Why("", code[:80], text[:500]),))


def _asked(org: Org, key: str) -> tuple[dict[str, str], int]:
    base = urlsplit(org.client.base_url)
    version = base.path.rstrip("/").rpartition("/v")[2]
    body = _ENVELOPE.format(session=escape(org.wire.token), key=escape(key))
    answer = org.wire.request(
        "POST", f"{base.scheme}://{base.netloc}/services/Soap/u/{version}", data=body.encode(),
        headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"undelete"'},
    )  # fmt: skip
    found: dict[str, str] = {}
    for name, text in _TELLS.findall(answer.text):
        found.setdefault(name, unescape(text))
    return found, answer.status_code
