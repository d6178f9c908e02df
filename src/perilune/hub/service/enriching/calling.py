"""An HTTP service as a source: one request a record, waits and budget kept, secrets never said."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from string import Formatter
from typing import Any
from urllib.parse import quote

import requests

from perilune.hub.contracts.enriching import Answer, ServiceSettings, Subject
from perilune.hub.engine.matching import normal
from perilune.hub.service.sync.wire import Manners, Wire
from perilune.kernel.errors import Refused, Unavailable
from perilune.kernel.kinds import FieldType, Scalar
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS

MOST_BYTES = 1_000_000
"""Of an answer: more is no answer about one record."""
_PLAIN = Manners(lambda _answer: None, lambda _answer: False)
_REDIRECTS = frozenset((301, 302, 303, 307, 308))


class ServiceSource:
    """A service that answers about one record in JSON.

    may_ask: takes one request from the day's budget, False when it is used up.
    """

    def __init__(
        self, settings: ServiceSettings, *, kind: str, headers: Mapping[str, str],
        may_ask: Callable[[], bool] = lambda: True, sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self.settings, self.may_ask = settings, may_ask
        self.types = {item.name: item.type for item in KINDS.get(kind).fields}
        self.asked = [name for _t, name, _f, _c in Formatter().parse(settings.address) if name]
        self.wire = Wire(settings.address, self._denied, sleep=sleep, manners=_PLAIN)
        self.wire.headers.update({"Accept": "application/json", **headers})
        self.left = 0

    @staticmethod
    def _denied() -> str:
        raise Refused(_("The service does not accept its headers: enter them again."))

    def answers(self, subjects: Sequence[Subject]) -> Iterator[Answer]:
        """Give what the service says. Refused where it does not let us in."""
        for subject in subjects:
            url = self.address_of(subject)
            if not url:
                continue
            if not self.may_ask():
                self.left += 1
                continue
            found = self._get(url)
            if found is not None:
                yield self._read(subject, found)

    def address_of(self, subject: Subject) -> str:
        """Return what is asked about a record, empty where it lacks what is asked by."""
        told = {name: _part(subject, name) for name in self.asked}
        if not all(told.values()):
            return ""
        return self.settings.address.format(
            **{name: quote(value, safe="") for name, value in told.items()}
        )

    def _get(self, url: str) -> Any:
        answer = self.wire.get(
            url, timeout=self.settings.timeout, allow_redirects=False, stream=True
        )
        try:
            return self._whole(answer)
        finally:
            answer.close()

    def _whole(self, answer: requests.Response) -> Any:
        if answer.status_code in (404, 204, 410):
            return None
        if answer.status_code in (401, 403):
            self._denied()
        if answer.status_code != 200:
            raise Unavailable(_("The service answered %(status)s."), status=str(answer.status_code))
        body = b""
        for block in answer.iter_content(65_536):
            body += block
            if len(body) > MOST_BYTES:
                raise Unavailable(_("The service answers more than a record."))
        try:
            return json.loads(body)
        except ValueError as error:
            raise Unavailable(_("The service does not answer in JSON.")) from error

    def _read(self, subject: Subject, found: Any) -> Answer:
        values = {}
        for name, path in self.settings.fields.items():
            value = _typed(_at(found, path), self.types.get(name, FieldType.TEXT))
            if value is not None:
                values[name] = value
        return Answer(subject.record_id, values, _day(_at(found, self.settings.dated)))


def _part(subject: Subject, name: str) -> str:
    if name == "domain":
        return normal.domain(subject.text("website")) or normal.domain(subject.text("email"))
    text = subject.text(name)
    return normal.registration(text) if name in ("siren", "siret", "vat_number") else text.strip()


def _at(found: Any, path: str) -> Any:
    """Return what stands at a path of names and numbers apart by dots, None for nothing."""
    for part in filter(None, path.split(".")):
        if isinstance(found, Mapping):
            found = found.get(part)
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found if path else None


def _typed(value: Any, type_: FieldType) -> Scalar:
    if isinstance(value, bool) or value is None:
        return None
    try:
        if type_ is FieldType.INTEGER:
            return int(value)
        if type_ is FieldType.DECIMAL:
            return float(value)
    except (TypeError, ValueError):
        return None
    return str(value).strip()[:300] or None if isinstance(value, str | int | float) else None


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return datetime.now(UTC).date()
