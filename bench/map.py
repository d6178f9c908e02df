"""The map in a real browser by software graphics: frames of a moving map, points recoloured.

    PYTHONPATH=src .venv/bin/python bench/map.py [points ...]

The component of the product, on a page that forbids all but its own origin, with made points over
France in fifty territories; beside it the same points as a circle layer of MapLibre coloured by
feature-state, which is the usual way. Every number is one of the browser's clock, in milliseconds.
«bare» is the map without points: what the ground alone costs.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "src" / "perilune" / "ui" / "static"
COUNTS = (10_000, 100_000)
TERRITORIES, MOVED, FRAMES = 50, 1_000, 60
# stricter than the product's own: no worker from a blob
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline';"
    " script-src 'self'; worker-src 'self'"
)

HELPERS = """
const spread = (all) => {
  const sorted = [...all].sort((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] * 10) / 10;
  return { median: at(0.5), p95: at(0.95) };
};
const frames = (count, move) => new Promise((resolve) => {
  const times = [];
  let last = 0, done = 0;
  const step = (now) => {
    if (last) times.push(now - last);
    last = now;
    if (done === count) { resolve(spread(times.slice(5))); return; }
    move(done);
    done += 1;
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
});
// there and back, so that every round sees the same ground
const turn = (at) => (at % 30 < 15 ? 1 : -1);
"""

OURS = (
    "async (moved) => {"
    + HELPERS
    + """
  const map = await (await import("/static/ui/js/maps.js")).mapOf(document.querySelector(".map"));
  const ready = Math.round(performance.now());
  const along = (at) => map.panBy(12 * turn(at), 6 * turn(at));
  const pan = await frames(FRAMES, along);
  window.again = () => frames(FRAMES, along);
  const zoom = await frames(FRAMES, (at) => map.zoomBy(0.08 * turn(at)));
  const count = map.points.count, step = Math.max(1, Math.floor(count / moved));
  const some = Array.from({ length: Math.min(moved, count) }, (_, at) => at * step);
  const called = [], seen = [], selected = [];
  for (let round = 0; count && round < 10; round += 1) {
    const start = performance.now();
    map.assign(some, round);
    called.push(performance.now() - start);
    await map.settled();
    seen.push(performance.now() - start);
    const again = performance.now();
    map.select(some);
    selected.push(performance.now() - again);
    map.clear();
  }
  const recolour = performance.now();
  map.colourBy(0);
  const colour_by = Math.round((performance.now() - recolour) * 10) / 10;
  if (!count) return { ready, pan, zoom };
  const [assign, drawn, select] = [called, seen, selected].map(spread);
  return { ready, pan, zoom, assign, drawn, select, colour_by };
}"""
)

PEER = (
    "async (moved) => {"
    + HELPERS
    + """
  const library = await import("/static/ui/vendor/maplibre-gl.mjs");
  library.setWorkerUrl(new URL("/static/ui/vendor/maplibre-gl-worker.mjs", location.href).href);
  const { lon, lat, territory } = await (await fetch("/points.json")).json();
  const { features } = await import("/static/ui/js/outlines.js");
  const world = await (await fetch("/static/ui/vendor/outlines-countries.json")).json();
  const union = await (await fetch("/static/ui/vendor/outlines-states.json")).json();
  const source = (data) => ({ type: "geojson", data });
  const dots = { type: "FeatureCollection", features: lon.map((x, id) => (
    { type: "Feature", id, properties: { territory: territory[id] },
      geometry: { type: "Point", coordinates: [x, lat[id]] } })) };
  const hue = (number) => `hsl(${number * 7} 70% 45%)`;
  const cases = Array.from({ length: 50 }, (_, number) => [number, hue(number)]).flat();
  const number = ["coalesce", ["feature-state", "territory"], ["get", "territory"]];
  const map = new library.Map({ container: document.querySelector("#peer"),
    bounds: [[-4, 42.5], [8, 51]], fadeDuration: 0, attributionControl: false,
    style: { version: 8, layers: [
      { id: "land", type: "fill", source: "world", paint: {
        "fill-color": "#fff", "fill-antialias": false } },
      { id: "states", type: "line", source: "union", minzoom: 2.5,
        paint: { "line-color": "#ddd" } },
      { id: "borders", type: "line", source: "world", paint: { "line-color": "#bbb" } },
      { id: "dots", type: "circle", source: "dots", paint: { "circle-radius": 2,
        "circle-color": ["match", number, ...cases, "#888"] } } ],
      sources: { world: source(features(world, "countries")),
        union: source(features(union, "states")), dots: source(dots) } } });
  await new Promise((resolve) => map.once("idle", resolve));
  const ready = Math.round(performance.now());
  const still = { animate: false };
  const along = (at) => map.panBy([12 * turn(at), 6 * turn(at)], still);
  const pan = await frames(FRAMES, along);
  window.again = () => frames(FRAMES, along);
  const zoom = await frames(FRAMES, (at) => map.zoomTo(map.getZoom() + 0.08 * turn(at), still));
  const step = Math.max(1, Math.floor(lon.length / moved));
  const called = [], seen = [];
  for (let round = 0; round < 10; round += 1) {
    const start = performance.now();
    for (let at = 0; at < moved; at += 1)
      map.setFeatureState({ source: "dots", id: at * step }, { territory: round });
    called.push(performance.now() - start);
    await new Promise((resolve) => { map.once("idle", resolve); map.triggerRepaint(); });
    seen.push(performance.now() - start);
  }
  return { ready, pan, zoom, assign: spread(called), drawn: spread(seen) };
}"""
)


def made(count: int) -> dict[str, Any]:
    """Return points over France as the studio reads them, the same every time."""
    import numpy as np

    chance = np.random.default_rng(20260101)
    towns = chance.uniform((-1.5, 43.5), (7, 50), (60, 2))
    places = towns[chance.integers(60, size=count)] + chance.normal(0, 0.5, (count, 2))
    lon, lat = np.clip(places, (-4.5, 42.5), (8.2, 51)).round(5).T
    territory = np.minimum((lon + 4.5) // 1.28, 9) * 5 + np.minimum((lat - 42.5) // 1.71, 4)
    return {
        "lon": lon.tolist(),
        "lat": lat.tolist(),
        "territory": territory.astype(int).tolist(),
        "present": territory.astype(int).tolist(),
        "locked": [0] * count,
        "names": [f"Territory {number + 1}" for number in range(TERRITORIES)],
        "colours": list(range(TERRITORIES)),
        "attributes": [{"key": "potential", "label": "Potential", "unit": "k€"}],
        "loads": [chance.lognormal(3, 1, count).round(1).tolist()],
        "labels": [f"Account {number}" for number in range(count)],
    }


def _component() -> str:
    """Return the page of the component, by the product's own tag."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perilune.site.settings")
    import django
    from django.template import Context, Template

    from perilune.ui.contracts import Map

    django.setup()
    picture = Map("bench", "Bench", address="/points.json", can_select=True, height="large")
    source = "{% load perilune %}{% map picture %}"
    body = Template(source).render(Context({"picture": picture}))
    sheets = "".join(
        f'<link rel="stylesheet" href="/static/ui/css/{name}.css">'
        for name in ("tokens", "base", "components", "map")
    )
    return f'<!doctype html><html lang="en"><head>{sheets}</head><body>{body}</body></html>'


@contextmanager
def _served(pages: dict[str, bytes]) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

        def do_GET(self) -> None:
            if self.path not in pages:
                self.path = self.path.removeprefix("/static")
                super().do_GET()
                return
            self.send_response(200)
            is_data = self.path.endswith("json")
            kind = "application/json" if is_data else "text/html; charset=utf-8"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(pages[self.path])

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(STATIC)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def _script_time(page: Any) -> float:
    """Return the milliseconds of script for one frame of a pan, as the browser counts them.

    Painting and the copy of the picture are not in it; a call that waits for the graphics is.
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def taken() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(float(one["value"]) for one in metrics if one["name"] == "ScriptDuration")

    start = taken()
    page.evaluate("again()")
    return round((taken() - start) * 1000 / FRAMES, 1)


def run(counts: tuple[int, ...] = COUNTS) -> Iterator[dict[str, Any]]:
    """Give one line for each number of points and each way to draw them."""
    from playwright.sync_api import sync_playwright

    sys.path.insert(0, str(ROOT))
    from conftest import CHROMIUM_ARGS

    component = _component().encode()
    sheet = '<link rel="stylesheet" href="/static/ui/vendor/maplibre-gl.css">'
    lay = '<link rel="stylesheet" href="/static/ui/css/map.css">'
    peer = f'<!doctype html>{sheet}{lay}<div id="peer" class="map-large"></div>'.encode()
    pages = {"/": component, "/peer": peer}
    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    with _served(pages) as address, sync_playwright() as playwright:
        for count in (0, *counts):
            pages["/points.json"] = json.dumps(made(count)).encode()
            ways = [("ours", "/", OURS), ("feature-state", "/peer", PEER)][: 2 if count else 1]
            for way, path, script in ways:
                browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.set_default_timeout(180_000)
                page.goto(address + path)
                figures = page.evaluate(script.replace("FRAMES", str(FRAMES)), MOVED)
                script_time = _script_time(page)
                browser.close()
                yield {
                    "points": count or "bare",
                    "way": way,
                    "megabytes": round(len(pages["/points.json"]) / 1e6, 1),
                    "load": round(os.getloadavg()[0], 1),
                    **figures,
                    "script": script_time,
                }


if __name__ == "__main__":
    for row in run(tuple(int(word) for word in sys.argv[1:]) or COUNTS):
        print(json.dumps(row), flush=True)
