"""`territories design` with containers, levels, layers, seats, a matrix and a routing server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils.translation import override
from typer.testing import CliRunner

from perilune.kernel.errors import Invalid, NotFound, PeriluneError, Unavailable
from perilune.territories.cli import app
from perilune.territories.testing import made_units
from perilune.territories.tests.routing_server import Roads, rounded, routing_server

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

N = 120
SQUARES = 6


def place(x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude of km east and north."""
    return 46 + y / 111, 2 + x / 77


def table(tmp_path: Path, **columns: list[str]) -> Path:
    units = made_units(N, 3, owners=3)
    assert units.owner is not None
    head = ["id", "latitude", "longitude", "potential", "owner", "cell", "visits", *columns]
    lines = [",".join(head)]
    for i, one in enumerate(units.ids):
        north, east = place(*units.points[i])
        cell = f"{int(units.points[i, 0] // 60)}-{int(units.points[i, 1] // 60)}"
        cells = [one, f"{north:.4f}", f"{east:.4f}", f"{units.loads[i, 0]:.4f}",
                 f"rep {'abc'[units.owner[i]]}", cell, "12"]  # fmt: skip
        lines.append(",".join([*cells, *(values[i] for values in columns.values())]))
    path = tmp_path / "accounts.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def squares(tmp_path: Path, most: int = SQUARES) -> Path:
    """Squares of 60 km; those beyond the first `most` columns are left out."""
    features = []
    for x in range(-2, most):
        for y in range(-2, 8):
            ring = [place(60 * (x + a), 60 * (y + b))[::-1]
                    for a, b in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]  # fmt: skip
            features.append({"type": "Feature", "properties": {"nom": f"{x}-{y}"},
                             "geometry": {"type": "Polygon", "coordinates": [ring]}})  # fmt: skip
    path = tmp_path / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def run(*words: str | Path) -> Any:
    return CliRunner().invoke(app, ["design", *map(str, words)])


def said(*words: str | Path, code: int | None = 0) -> dict[str, Any]:
    answer = run(*words, "--balance", "potential:25%", "--json")
    if code is not None:
        assert answer.exit_code == code, (answer.output, answer.exception)
    told: dict[str, Any] = json.loads(answer.stdout)
    return told


def in_both_languages(*words: str | Path, kind: type[PeriluneError] = Invalid) -> Iterator[str]:
    texts = []
    for language in ("en", "fr"):
        with override(language):
            answer = run(*words, "--balance", "potential:25%")
            assert isinstance(answer.exception, kind), (answer.output, answer.exception)
            from django.utils.translation import gettext

            told = answer.exception
            text = gettext(told.message) % told.params if told.params else gettext(told.message)
            texts.append(text + answer.output)
    assert texts[0] != texts[1]
    yield from texts


def test_containers_of_a_column_are_not_torn_apart(tmp_path: Path) -> None:
    told = said(table(tmp_path), "--k", "3", "--container", "cell", code=None)
    where: dict[str, set[str]] = {}
    rows = (tmp_path / "accounts.csv").read_text().splitlines()[1:]
    for row in rows:
        cells = row.split(",")
        where.setdefault(cells[5], set()).add(told["plan"][cells[0]])
    assert all(len(found) == 1 for found in where.values())
    assert told["containers"]["count"] == len(where)
    assert told["containers"]["outside"] == []


def test_polygons_hold_accounts_follow_borders_and_come_out_with_their_territory(
    tmp_path: Path,
) -> None:
    out = tmp_path / "plan.geojson"
    told = said(table(tmp_path), "--k", "3", "--areas", squares(tmp_path, 4), "--out", out,
                code=None)  # fmt: skip
    assert told["containers"]["outside"]
    assert any("unit of its own" in note for note in told["summary"]["notes"])
    assert any("passed through" in note for note in told["summary"]["notes"])
    drawn = json.loads(out.read_text())["features"]
    shapes = {f["properties"]["area"]: f["properties"]["territory"] for f in drawn
              if "area" in f["properties"]}  # fmt: skip
    inside = [f["properties"] for f in drawn if f["properties"].get("container")]
    assert inside
    assert all(shapes[one["container"]] == one["territory"] for one in inside)
    gone = said(tmp_path / "accounts.csv", "--k", "3", "--areas", tmp_path / "areas.geojson",
                "--leave-out", code=None)  # fmt: skip
    assert gone["containers"]["outside"] == told["containers"]["outside"]
    assert set(gone["plan"]).isdisjoint(gone["containers"]["outside"])


def test_a_container_above_a_territory_is_named_and_split_on_demand(tmp_path: Path) -> None:
    path = table(tmp_path, zone=["big"] * 80 + [f"z{i}" for i in range(40)])
    told = said(path, "--k", "4", "--container", "zone", code=3)
    assert told["containers"]["heavy"] == ["big"]
    assert "big" in told["summary"]["blocked_by"]
    split = said(path, "--k", "4", "--container", "zone", "--split-heavy")
    assert split["containers"]["split"] == ["big"]
    assert split["summary"]["tolerance_met"]


def test_containers_keep_their_present_owner_and_moves_are_those_of_accounts(
    tmp_path: Path,
) -> None:
    told = said(table(tmp_path), "--k", "3", "--container", "cell", "--current", "owner",
                code=None)  # fmt: skip
    rows = [row.split(",") for row in (tmp_path / "accounts.csv").read_text().splitlines()[1:]]
    moved = {row[0] for row in rows if told["plan"][row[0]] != row[4]}
    assert {move["id"] for move in told["moves"]} == moved
    assert told["summary"]["moved_accounts"] == len(moved)


def test_each_account_gets_all_its_levels(tmp_path: Path) -> None:
    out = tmp_path / "plan.geojson"
    told = said(table(tmp_path), "--level", "regions:2:10%", "--level", "areas:6", "--out", out)
    assert [level["level"] for level in told["levels"]] == ["regions", "areas"]
    assert sum(told["levels"][1]["areas"].values()) == 6
    for both in told["levels_of"].values():
        assert both["areas"].startswith(f"{both['regions']}.")
    drawn = json.loads(out.read_text())["features"][0]["properties"]
    assert told["levels_of"][drawn["id"]] == {k: drawn[k] for k in ("regions", "areas")}
    whole = said(tmp_path / "accounts.csv", "--level", "regions:2:30%", "--level", "areas:4",
                 "--container", "cell", code=None)  # fmt: skip
    assert set(whole["levels_of"]) == set(told["levels_of"])


def test_layers_are_plans_of_their_own_for_some_of_the_accounts(tmp_path: Path) -> None:
    path = table(tmp_path, product=["X|Y", "Y", "Z"] * 40)
    told = said(path, "--layer", "field:3", "--layer", "specialists:2:product=X|Z")
    assert len(told["layers"]["field"]["plan"]) == N
    assert set(told["layers"]["specialists"]["plan"]) == {f"A{i}" for i in range(N) if i % 3 != 1}
    assert told["layers"]["specialists"]["summary"]["territories"] == 2


def test_without_a_map_balance_alone_counts_and_owners_stay(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    lines = [f"N{i},{1 + i % 5},{'ab'[i % 3 == 0]},{'g' + str(i // 2)}" for i in range(60)]
    path.write_text("\n".join(["id,potential,owner,parent", *lines]))
    told = said(path, "--k", "2", "--no-map", "--current", "owner", "--container", "parent")
    assert told["summary"]["costs"] == {"by": "balance alone"}
    assert told["summary"]["inertia_km2"] is None
    assert all(told["plan"][f"N{i}"] == told["plan"][f"N{i + 1}"] for i in range(0, 60, 2))
    plain = said(path, "--k", "2", "--no-map", "--current", "owner")
    assert plain["summary"]["moved_workload"] == pytest.approx(
        plain["summary"]["moved_floor"], abs=0.03
    )
    text = run(path, "--k", "2", "--no-map", "--balance", "potential:25%")
    assert "balance alone" in " ".join(text.stdout.split())


def test_seats_pin_centres_share_unequally_and_say_what_they_may_hold(tmp_path: Path) -> None:
    path = table(tmp_path, segment=["smb", "mid", "large"] * 40, language=["fr", "fr|nl"] * 60)
    seats = tmp_path / "seats.csv"
    seats.write_text(
        "territory;latitude;longitude;share;segment;language\n"
        "Key;;;0,5;large;\n"
        f"North;{place(150, 250)[0]};{place(150, 250)[1]};1;!large;nl\n"
        "South;;;1;smb|mid;\nEast;;;1;;\n"
    )
    told = said(path, "--territories", seats, code=None)
    assert [row["territory"] for row in told["territories"]] == ["Key", "North", "South", "East"]
    kinds = {f"A{i}": (("smb", "mid", "large")[i % 3], i % 2) for i in range(N)}
    for one, territory in told["plan"].items():
        segment, bilingual = kinds[one]
        assert territory != "Key" or segment == "large"
        assert territory != "North" or (segment != "large" and bilingual)
        assert territory != "South" or segment != "large"
    targets = {r["territory"]: r["loads"]["potential"] / (1 + r["off_target"]["potential"])
               for r in told["territories"]}  # fmt: skip
    assert targets["North"] == pytest.approx(2 * targets["Key"], rel=1e-4)


def test_pairs_come_from_files(tmp_path: Path) -> None:
    path = table(tmp_path)
    (tmp_path / "together.csv").write_text("one,other\nA1,A2\nA2,A3\n")
    (tmp_path / "apart.csv").write_text("one,other\nA4,A5\n")
    told = said(path, "--k", "3", "--together", tmp_path / "together.csv", "--apart",
                tmp_path / "apart.csv")  # fmt: skip
    assert len({told["plan"][one] for one in ("A1", "A2", "A3")}) == 1
    assert told["plan"]["A4"] != told["plan"]["A5"]


def test_a_matrix_of_a_file_is_followed_and_named(tmp_path: Path) -> None:
    path, units = table(tmp_path), made_units(N, 3)
    gap = np.sqrt(((units.points[:, None] - units.points[None]) ** 2).sum(axis=2))
    np.save(tmp_path / "costs.npy", gap)
    told = said(path, "--k", "3", "--matrix", tmp_path / "costs.npy")
    assert told["summary"]["costs"]["by"] == "travel time"
    assert told["summary"]["costs"]["source"] == str(tmp_path / "costs.npy")
    assert told["summary"]["costs"]["day"] is None
    assert told["summary"]["tolerance_met"]
    rows = ["id,centre,minutes"]
    rows += [f"A{i},A{c},{gap[i, c]:.3f}" for i in range(N) for c in (5, 50, 100, 7)]
    (tmp_path / "long.csv").write_text("\n".join(rows))
    long = said(path, "--k", "3", "--matrix", tmp_path / "long.csv")
    assert {row["centre"] for row in long["territories"]} <= {"A5", "A50", "A100", "A7"}
    straight = said(path, "--k", "3")
    assert straight["summary"]["costs"] == {"by": "straight line"}


@pytest.mark.parametrize("option", ["--osrm", "--valhalla"])
def test_a_server_fills_the_matrix_and_what_it_does_not_know_is_named(
    tmp_path: Path, option: str
) -> None:
    path, units, roads, kept = table(tmp_path), made_units(N, 3), Roads(), tmp_path / "kept.csv"
    roads.at_sea = {rounded(*np.round(place(*units.points[17]), 4))}
    roads.island = {rounded(*np.round(place(*units.points[31]), 4))}
    with routing_server(roads) as url:
        told = said(path, "--k", "3", option, url, "--matrix-out", kept, code=None)
    costs = told["summary"]["costs"]
    assert costs["source"] == f"{option[2:].upper()} {url}"
    assert costs["day"]
    assert costs["questions"] == len(roads.asked)
    assert costs["no_way_from_own_centre"] == ["A17", "A31"]
    assert list(costs["refused"]) == ["A17"]
    assert all(row["road_hours"] > 0 for row in told["territories"])
    again = said(path, "--k", "3", "--matrix", kept, code=None)
    assert again["plan"] == told["plan"]
    with routing_server(roads) as url:
        text = run(path, "--k", "3", option, url, "--balance", "potential:25%")
    assert f"{option[2:].upper()} {url}" in text.stdout
    assert "A31" in text.output


def test_containers_are_asked_for_by_their_middle(tmp_path: Path) -> None:
    path, roads = table(tmp_path), Roads()
    with routing_server(roads) as url:
        told = said(path, "--k", "3", "--container", "cell", "--osrm", url, "--current", "owner",
                    code=None)  # fmt: skip
    assert told["summary"]["costs"]["by"] == "travel time"
    assert {row["centre"] for row in told["territories"]} <= {
        row.split(",")[5] for row in path.read_text().splitlines()[1:]
    }


def test_a_server_that_does_not_answer_is_no_straight_line(tmp_path: Path) -> None:
    roads = Roads()
    roads.broken = True
    with routing_server(roads) as url:
        answer = run(table(tmp_path), "--k", "3", "--osrm", url, "--balance", "potential:25%")
    assert isinstance(answer.exception, Unavailable)
    assert url in str(answer.exception)


BAD = {
    "no.geojson": ("--areas", None, NotFound, "no.geojson"),
    "words.geojson": ("--areas", "{}", Invalid, "words.geojson"),
    "line.geojson": (
        "--areas",
        '{"features": [{"properties": {"name": "Rhine"}, "geometry":'
        ' {"type": "LineString", "coordinates": []}}]}',
        Invalid,
        "Rhine",
    ),
    "short.geojson": (
        "--areas",
        '{"features": [{"properties": {"name": "Bit"}, "geometry":'
        ' {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}}]}',
        Invalid,
        "Bit",
    ),
    "nameless.geojson": ("--areas", '{"features": [{"geometry": null}]}', Invalid, "1"),
    "strange.csv": ("--together", "a,b\nA1,Z9\n", Invalid, "Z9"),
    "self.csv": ("--apart", "a,b\nA1,A1\n", Invalid, "A1"),
    "seats.csv": ("--territories", "territory,colour\nOne,red\n", Invalid, "colour"),
    "twice.csv": ("--territories", "territory\nOne\nOne\n", Invalid, "One"),
    "shares.csv": ("--territories", "territory,share\nOne,-1\n", Invalid, "One"),
    "unknown.csv": ("--matrix", "id,A1,Z9\nA1,1,2\n", Invalid, "Z9"),
    "few.csv": ("--matrix", "id,A1,A2,A3\nA1,1,2,3\n", Invalid, "A0"),
    "text.csv": ("--matrix", "id,A1\nA1,far\n", Invalid, "A1 – A1"),
    "shape.npy": ("--matrix", None, NotFound, "shape.npy"),
}


@pytest.mark.parametrize("name", BAD)
def test_files_that_cannot_be_taken_are_named_in_both_languages(tmp_path: Path, name: str) -> None:
    option, text, kind, word = BAD[name]
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    for told in in_both_languages(table(tmp_path), "--k", "3", option, path, kind=kind):
        assert word in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--level", "regions:many"), "regions:many"),
        (("--layer", "field"), "field"),
        (("--level", "a:4", "--level", "b:2"), "b"),
        (("--level", "a:2", "--k", "3"), "--level"),
        (("--level", "a:2", "--current", "owner"), "--level"),
        (("--layer", "a:2:product=X", "--k", "2"), "--layer"),
        (("--layer", "a:2:cell=none"), "a"),
        (("--k", "3", "--container", "town"), "town"),
        (("--k", "3", "--osrm", "nowhere"), "nowhere"),
        (("--k", "3", "--osrm", "http://a", "--valhalla", "http://a"), ""),
        (("--k", "3", "--no-map", "--osrm", "http://a"), "--no-map"),
    ],
)
def test_options_that_do_not_go_together_say_so_in_both_languages(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    for text in in_both_languages(table(tmp_path), *words):
        assert told in text


def test_a_file_without_places_asks_whether_it_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("id,potential\nA,1\nB,2\n")
    for text in in_both_languages(path, "--k", "2"):
        assert "--no-map" in text
