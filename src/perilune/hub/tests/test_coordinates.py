"""Coordinates of accounts: their headers, their decimal signs, their bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from perilune.history import queries as history
from perilune.hub import queries
from perilune.hub.engine.mapping import propose
from perilune.hub.testing import imported, write
from perilune.kernel.wiring import KINDS

pytestmark = pytest.mark.django_db(databases=["default", "queue"])


def _places() -> dict[str, tuple[object, object]]:
    accounts = history.states_as_of("account", None).values()
    return {a["name"]: (a["latitude"], a["longitude"]) for a in accounts}


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("BillingLatitude", "BillingLongitude"),
        ("Billing Latitude", "Billing Longitude"),
        ("Latitude", "Longitude"),
        ("LAT", "LON"),
        ("lat", "lng"),
        ("Lat", "Long"),
        ("Latitude GPS", "Longitude GPS"),
    ],
)
def test_columns_of_coordinates_are_known_by_their_usual_names(
    latitude: str, longitude: str
) -> None:
    header = ["Account ID", "Account Name", "Industry", "Ville", latitude, longitude]
    mapping = propose("accounts.csv", header, {k.name: k for k in KINDS})
    fields = {f.column: f.field for f in mapping.records[0].fields}
    assert mapping.kinds == ("account",)
    assert (fields[latitude], fields[longitude]) == ("latitude", "longitude")


def test_coordinates_of_a_french_file_keep_their_decimals_where_amounts_group_thousands(
    company: None, tmp_path: Path
) -> None:
    imported(
        write(
            tmp_path,
            "comptes.csv",
            "Id;Raison sociale;Secteur;Chiffre d'affaires;Latitude;Longitude\n"
            "1;Virgule;Énergie;1.234.567,00;48,857;2,352\n"
            "2;Point;Énergie;2.345;43.297;-5.381\n"
            "3;Rien;Énergie;2.345;;\n",
        )
    )
    assert _places() == {
        "Virgule": (48.857, 2.352),
        "Point": (43.297, -5.381),
        "Rien": (None, None),
    }


def test_a_latitude_beyond_the_poles_is_told_and_stays_empty(company: None, tmp_path: Path) -> None:
    text = "Id,Account Name,Industry,Latitude,Longitude\n1,Acme,Retail,91.5,2.35\n"
    run = imported(write(tmp_path, "accounts.csv", text))
    assert {g.code: g.count for g in queries.problem_groups(run.id)} == {"out_of_bounds": 1}
    assert _places() == {"Acme": (None, 2.35)}
