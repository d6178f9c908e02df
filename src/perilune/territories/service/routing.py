"""Ask the user's own routing server for travel times: OSRM or Valhalla, in batches.

Sources: OSRM HTTP API, table service (github.com/Project-OSRM/osrm-backend, docs/http.md): at most
`--max-table-size` locations a question, 100 unless told otherwise; null where there is no way.
Valhalla, Time-Distance Matrix (docs/api/matrix/api-reference.md): times in seconds, null where
there is no way; error codes of docs/api/turn-by-turn/api-reference.md. A server that does not
answer is an error: nothing falls back to straight lines by itself.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from datetime import date
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import numpy as np

from perilune.kernel.errors import Invalid, Unavailable
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts.routing import Asked, Router, Server
from perilune.territories.contracts.units import FloatArray

Tell = Callable[[float], None]
Sleep = Callable[[float], None]
Numbers = np.ndarray[Any, np.dtype[Any]]

MOST = {Router.OSRM: 100, Router.VALHALLA: 50}
"""Locations a question as the servers come: OSRM together, Valhalla of each kind."""
PROFILE = {Router.OSRM: "driving", Router.VALHALLA: "auto"}
BUSY = frozenset({429, 502, 503, 504})
OFF_ROAD = frozenset({"NoSegment", "171"})
"""A place that lies at no road: it is sought out and named."""
NO_WAY = frozenset({"NoTable", "170", "442"})
TOO_BIG = frozenset({"TooBig", "150"})
TOO_FAR = "154"
LARGEST = 64 * 1024 * 1024
LONGEST_WAIT = 30.0
EARTH_KM = 6371.0088


class _Refusal(Exception):
    """The server understood and said no."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


def travel_times(  # noqa: PLR0917  # what is asked, of whom, when
    server: Server,
    places: FloatArray,
    centres: FloatArray,
    ids: Sequence[str],
    centre_ids: Sequence[str],
    today: date,
    tell: Tell | None = None,
    sleep: Sleep = time.sleep,
) -> Asked:
    """Return minutes from each centre to each place.

    places (n, 2), centres (k, 2): latitude and longitude. Raises Invalid for an address that is
    none, Unavailable where the server does not answer or cannot be understood.
    """
    desk = _Desk(server, places, centres, (tuple(ids), tuple(centre_ids)), sleep)
    blocks = desk.blocks()
    for at, (rows, columns) in enumerate(blocks, 1):
        desk.fill(rows, columns)
        if tell:
            tell(at / len(blocks))
    minutes = np.where(np.isfinite(desk.seconds), desk.seconds / 60, np.inf)
    return Asked(minutes, desk.shown, today, desk.questions, tuple(desk.refused.items()))


class _Desk:
    """One matrix in the making; nan: not asked yet or no way."""

    def __init__(
        self,
        server: Server,
        places: FloatArray,
        centres: FloatArray,
        ids: tuple[tuple[str, ...], tuple[str, ...]],
        sleep: Sleep,
    ) -> None:
        parts = urlsplit(server.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise Invalid(
                _("“%(text)s” is no address of a server, such as http://localhost:5000."),
                text=_without_secret(server.url),
            )
        self.server, self.base = server, server.url.rstrip("/")
        self.shown = f"{server.kind.value.upper()} {_without_secret(self.base)}"
        self.most = server.most or MOST[server.kind]
        self.places, self.centres, self.ids = places, centres, ids
        self.seconds = np.full((len(places), len(centres)), np.nan)
        self.refused: dict[str, str] = {}
        self.off: tuple[set[int], set[int]] = (set(), set())
        self.questions, self.sleep = 0, sleep

    def blocks(self) -> list[tuple[Numbers, Numbers]]:
        """Return which places and centres go into one question, neighbours together."""
        k = len(self.centres)
        order = np.lexsort((self.places[:, 1], np.round(self.places[:, 0], 1)))
        if self.server.kind is Router.OSRM:
            wide = min(k, max(1, self.most // 2))
            tall = max(1, self.most - wide)
        else:
            wide, tall = min(k, self.most), self.most
        if self.server.reach:
            found = []
            for a in range(k):
                near = order[_km(self.places[order], self.centres[a]) <= self.server.reach]
                tall = self.most - 1 if self.server.kind is Router.OSRM else self.most
                found += [(near[at : at + tall], np.array([a])) for at in range(0, len(near), tall)]
            return found
        return [
            (order[row : row + tall], np.arange(column, min(column + wide, k)))
            for row in range(0, len(order), tall)
            for column in range(0, k, wide)
        ]

    def fill(self, rows: Numbers, columns: Numbers) -> None:
        """Ask for a block; on a refusal seek out which place or centre is meant."""
        rows = np.array([i for i in rows if i not in self.off[0]], int)
        columns = np.array([a for a in columns if a not in self.off[1]], int)
        if not len(rows) or not len(columns):
            return
        try:
            self.seconds[np.ix_(rows, columns)] = self.ask(
                self.centres[columns], self.places[rows]
            ).T
            return
        except _Refusal as refusal:
            if not self._go_on(rows, columns, refusal):
                return
        if len(rows) == len(columns) == 1:
            self.fill(rows, columns)  # what was off the road is out by now
        elif len(rows) >= len(columns):
            self.fill(rows[: len(rows) // 2], columns)
            self.fill(rows[len(rows) // 2 :], columns)
        else:
            self.fill(rows, columns[: len(columns) // 2])
            self.fill(rows, columns[len(columns) // 2 :])

    def _go_on(self, rows: Numbers, columns: Numbers, refusal: _Refusal) -> bool:
        """Return whether parts of a refused block are worth asking. Raises Unavailable if none."""
        single = len(rows) == len(columns) == 1
        if refusal.code in NO_WAY:
            return not single
        if refusal.code in OFF_ROAD:
            if len(rows) == 1:
                self._seek_out(rows, columns, refusal)
            return True
        if refusal.code in TOO_BIG and not single:
            return True
        message = (
            _("%(server)s takes no pairs so far apart; limit them with --reach: %(words)s")
            if refusal.code == TOO_FAR
            else _("%(server)s refused: %(words)s")
        )
        raise Unavailable(message, server=self.shown, words=refusal.words)

    def _seek_out(self, rows: Numbers, columns: Numbers, refusal: _Refusal) -> None:
        """Ask for each by itself; raise where none of them is what the server means."""
        found = False
        sides = ((0, rows, self.places), (1, columns, self.centres))
        for which, numbers, points in sides:
            for i in numbers.tolist():
                try:
                    self.ask(points[[i]], points[[i]])
                except _Refusal as told:
                    if told.code not in OFF_ROAD:
                        raise Unavailable(
                            _("%(server)s refused: %(words)s"), server=self.shown, words=told.words
                        ) from None
                    self.off[which].add(i)
                    self.refused[self.ids[which][i]] = told.words
                    found = True
        if not found:
            raise Unavailable(
                _("%(server)s refused: %(words)s"), server=self.shown, words=refusal.words
            )

    def ask(self, origins: FloatArray, goals: FloatArray) -> FloatArray:
        """Return seconds (o, g), nan for no way. Raises _Refusal, Unavailable."""
        if self.server.kind is Router.OSRM:
            told = self._said(self._osrm(origins, goals))
            cells = told.get("durations")
        else:
            told = self._said(self._valhalla(origins, goals))
            cells = told.get("sources_to_targets")
            if isinstance(cells, dict):  # the short form of newer versions
                cells = cells.get("durations")
            elif isinstance(cells, list):
                cells = [
                    [cell.get("time") if isinstance(cell, dict) else cell for cell in row]
                    for row in cells
                    if isinstance(row, list)
                ]
        try:
            found = np.array(
                [[np.nan if one is None else float(one) for one in row] for row in cells or ()]
            )
        except (TypeError, ValueError):
            found = np.zeros((0, 0))
        if found.shape != (len(origins), len(goals)):
            raise Unavailable(
                _("%(server)s answered something that is no table of travel times."),
                server=self.shown,
            )
        return found

    def _osrm(self, origins: FloatArray, goals: FloatArray) -> urllib.request.Request:
        points = np.concatenate([origins, goals])
        text = ";".join(f"{east:.6f},{north:.6f}" for north, east in points)
        first = ";".join(map(str, range(len(origins))))
        last = ";".join(map(str, range(len(origins), len(points))))
        profile = quote(self.server.profile or PROFILE[Router.OSRM], safe="")
        return urllib.request.Request(
            f"{self.base}/table/v1/{profile}/{text}?sources={first}&destinations={last}"
        )

    def _valhalla(self, origins: FloatArray, goals: FloatArray) -> urllib.request.Request:
        def listed(points: FloatArray) -> list[dict[str, float]]:
            return [{"lat": round(north, 6), "lon": round(east, 6)} for north, east in points]

        document = {
            "sources": listed(origins),
            "targets": listed(goals),
            "costing": self.server.profile or PROFILE[Router.VALHALLA],
        }
        return urllib.request.Request(
            f"{self.base}/sources_to_targets",
            data=json.dumps(document).encode(),
            headers={"Content-Type": "application/json"},
        )

    def _said(self, question: urllib.request.Request) -> dict[str, Any]:
        """Return the answer; asked again, later and later, while the server is busy or silent."""
        self.questions += 1
        why = ""
        for attempt in range(self.server.attempts):
            wait = 0.5 * 2**attempt
            try:
                with urllib.request.urlopen(question, timeout=self.server.timeout) as answer:
                    return self._read(answer.read(LARGEST + 1))
            except urllib.error.HTTPError as error:
                if error.code not in BUSY:
                    self._refuse(error)
                why = f"HTTP {error.code}"
                asked = error.headers.get("Retry-After", "")
                wait = max(wait, float(asked) if asked.isdigit() else 0.0)
            except urllib.error.URLError as error:
                why = str(error.reason)
            except (OSError, HTTPException) as error:
                why = str(error) or type(error).__name__
            if attempt + 1 < self.server.attempts:
                self.sleep(min(wait, LONGEST_WAIT))
        raise Unavailable(
            _("%(server)s does not answer (%(why)s; asked %(count)s times)."),
            server=self.shown, why=why, count=self.server.attempts,
        )  # fmt: skip

    def _read(self, body: bytes) -> dict[str, Any]:
        try:
            told = json.loads(body) if len(body) <= LARGEST else None
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise Unavailable(
                _("%(server)s answered something that is no table of travel times."),
                server=self.shown,
            )
        code = told.get("code")
        if code is not None and code != "Ok":
            raise _Refusal(str(code), str(told.get("message") or code))
        return told

    def _refuse(self, error: urllib.error.HTTPError) -> None:
        try:
            told = json.loads(error.read(LARGEST))
        except (ValueError, OSError):
            told = {}
        if not isinstance(told, dict):
            told = {}
        code = str(told.get("code") or told.get("error_code") or f"HTTP {error.code}")
        words = str(told.get("message") or told.get("error") or error.reason)
        raise _Refusal(code, f"{code}: {words}")


def _without_secret(url: str) -> str:
    """Return an address without the name and password that it may hold."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _km(places: FloatArray, centre: FloatArray) -> FloatArray:
    north, east = np.radians(places[:, 0]), np.radians(places[:, 1])
    lat, lon = np.radians(centre)
    half = (
        np.sin((north - lat) / 2) ** 2 + np.cos(north) * np.cos(lat) * np.sin((east - lon) / 2) ** 2
    )
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
