"""Golden: real tables beside what peers reach on them without labels (bench/README.md)."""

import csv
import itertools
import os
from collections import defaultdict
from pathlib import Path

import pytest

from perilune.hub.engine.matching.columns import recognised
from perilune.hub.engine.matching.finding import find

pytestmark = pytest.mark.engine
ROOT = Path(__file__).resolve().parents[5]
SHARED = Path(os.environ.get("PERILUNE_SHARED", ROOT / "shared"))
DATA = SHARED / "data" / "dedupe"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data sets are not here")


def f1(groups, truth):
    def pairs(of):
        members = defaultdict(list)
        for row, group in enumerate(of):
            members[group].append(row)
        return {p for rows in members.values() for p in itertools.combinations(rows, 2)}

    found, true = pairs(list(groups)), pairs(truth)
    return 2 * len(found & true) / (len(found) + len(true))


@needs_data
def test_sites_of_chicago_are_found_better_than_by_splink():
    """Source: Splink 5.0.0, run_splink.py chicago, its best: 0.892 by pair, 0.864 by cluster."""
    with (DATA / "chicago_sites.csv").open(encoding="latin-1", newline="") as file:
        rows = list(csv.DictReader(file))
    table = {column: [row[column] for row in rows] for column in rows[0] if column != "True Id"}
    fields = [f for f in recognised(table, "Id") if f.column != "Center Director"]
    assert {f.column for f in fields} == {"Site name", "Address", "Zip", "Phone"}
    answer = find(table["Id"], fields, [table[f.column] for f in fields])
    assert f1(answer.group, [row["True Id"] for row in rows]) > 0.91


@needs_data
def test_restaurants_are_found_as_well_as_by_recordlinkage():
    """Source: recordlinkage 0.16, run_recordlinkage.py restaurants, ECM: 0.923."""
    with (DATA / "restaurants" / "restaurantProfiles.csv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="|"))
    truth = {row["id"]: row["id"] for row in rows}
    for line in (DATA / "restaurants" / "duplicates.csv").read_text().split():
        one, two = line.split("|")
        truth = {row: truth[one] if head == truth[two] else head for row, head in truth.items()}
    table = {column: [row[column] for row in rows] for column in rows[0]}
    fields = recognised(table, "id")
    assert [f.role.value for f in fields] == ["name", "address", "phone", "city"]
    answer = find(table["id"], fields, [table[f.column] for f in fields])
    assert f1(answer.group, list(truth.values())) > 0.923
