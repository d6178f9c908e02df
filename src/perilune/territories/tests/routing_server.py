"""A routing server on the loopback that speaks OSRM's and Valhalla's documented protocols.

The way between two places is twice the straight line at 60 km/h; what it does not know, refuses or
is too busy for is set by the test. Shapes: docs/http.md of OSRM, api-reference.md of Valhalla.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import asin, cos, radians, sin, sqrt
from typing import Any
from urllib.parse import parse_qs, urlsplit

Place = tuple[float, float]


class Roads:
    """What the server knows. Places are (latitude, longitude), rounded to 4 digits."""

    def __init__(self) -> None:
        self.most = 100
        self.island: set[Place] = set()
        self.at_sea: set[Place] = set()
        self.busy: list[int] = []
        self.farthest = 1e9
        self.silent = 0.0
        self.broken = False
        self.asked: list[str] = []

    def seconds(self, one: Place, other: Place) -> float | None:
        if (one in self.island) != (other in self.island):
            return None
        return round(2 * km(one, other) * 60, 1)


def km(one: Place, other: Place) -> float:
    north, east = radians(one[0] - other[0]), radians(one[1] - other[1])
    half = sin(north / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(east / 2) ** 2
    return 2 * 6371.0088 * asin(sqrt(half))


def rounded(north: float, east: float) -> Place:
    return round(float(north), 4), round(float(east), 4)


class _Handler(BaseHTTPRequestHandler):
    roads: Roads

    def log_message(self, *words: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self._is_away():
            return
        parts = urlsplit(self.path)
        service, version, profile, text = parts.path.strip("/").split("/")[-4:]
        if (service, version) != ("table", "v1") or profile not in {"driving", "car"}:
            self._answer(400, {"code": "InvalidUrl", "message": "URL string malformed"})
            return
        places = [rounded(*reversed(pair.split(","))) for pair in text.split(";")]  # type: ignore[arg-type]
        asked = parse_qs(parts.query)
        rows, columns = ([int(n) for n in asked[name][0].split(";")]
                         for name in ("sources", "destinations"))  # fmt: skip
        if len(places) > self.roads.most:
            self._answer(400, {"code": "TooBig", "message": "Too many table coordinates"})
            return
        for at, place in enumerate(places):
            if place in self.roads.at_sea:
                words = f"Could not find a matching segment for coordinate {at}"
                self._answer(400, {"code": "NoSegment", "message": words})
                return
        table = [[self.roads.seconds(places[r], places[c]) for c in columns] for r in rows]
        points = [{"hint": "", "name": "", "location": [p[1], p[0]]} for p in places]
        self._answer(200, {
            "code": "Ok", "durations": table, "sources": [points[r] for r in rows],
            "destinations": [points[c] for c in columns],
        })  # fmt: skip

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._is_away():
            return
        asked = json.loads(body)
        origins, goals = ([rounded(p["lat"], p["lon"]) for p in asked[name]]
                          for name in ("sources", "targets"))  # fmt: skip
        if self.path != "/sources_to_targets" or asked["costing"] not in {"auto", "truck"}:
            self._refuse(125, "No costing method found")
        elif max(len(origins), len(goals)) > self.roads.most:
            self._refuse(150, "Exceeded max locations")
        elif any(place in self.roads.at_sea for place in [*origins, *goals]):
            self._refuse(171, "No suitable edges near location")
        elif any(km(o, g) > self.roads.farthest for o in origins for g in goals):
            self._refuse(154, "Path distance exceeds the max distance limit")
        else:
            table = [
                [self._cell(o, g, r, c) for c, g in enumerate(goals)] for r, o in enumerate(origins)
            ]
            self._answer(200, {"sources_to_targets": table, "units": "kilometers"})

    def _cell(self, one: Place, other: Place, row: int, column: int) -> dict[str, Any]:
        time = self.roads.seconds(one, other)
        far = None if time is None else round(2 * km(one, other), 3)
        return {"distance": far, "time": time, "to_index": column, "from_index": row}

    def _is_away(self) -> bool:
        self.roads.asked.append(self.path)
        if self.roads.silent:
            threading.Event().wait(self.roads.silent)
        if self.roads.busy:
            code = self.roads.busy.pop(0)
            self.send_response(code)
            self.send_header("Retry-After", "3")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return True
        if self.roads.broken:
            body = b"<html>It works</html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return True
        return False

    def _refuse(self, code: int, words: str) -> None:
        self._answer(400, {"error_code": code, "error": words, "status_code": 400,
                           "status": "Bad Request"})  # fmt: skip

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def routing_server(roads: Roads) -> Iterator[str]:
    """Serve on a free port of the loopback; gives the address."""
    handler = type("Handler", (_Handler,), {"roads": roads})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
