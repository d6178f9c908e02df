"""Addresses become places: golden towns, French spellings, Corsica, overseas, the user's table.

Golden coordinates are GeoNames' (https://www.geonames.org, CC BY 4.0), rounded. The table of
communes has the columns of La Poste's «Base officielle des codes postaux»; its rows are real
communes at rounded coordinates, written for these tests.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perilune.crm.contracts.places import (
    CORSICA,
    MAINLAND,
    Address,
    Commune,
    Located,
    Missing,
    Place,
    Precision,
    Unplaced,
)
from perilune.crm.engine.communes import read_communes
from perilune.crm.engine.postcodes import department, french
from perilune.crm.engine.spelling import key_of, normal
from perilune.crm.queries import known_places, places
from perilune.kernel.errors import Invalid

TABLE = (
    "Code_commune_INSEE;Nom_commune;Code_postal;Libellé_d_acheminement;coordonnees_gps\n"
    "75108;PARIS 08;75008;PARIS;48.8727, 2.3125\n"
    "92026;COURBEVOIE;92400;COURBEVOIE;48.8985, 2.2557\n"
    "48030;CANS ET CEVENNES;48400;CANS ET CEVENNES;44.2667, 3.6000\n"
    "48061;FLORAC TROIS RIVIERES;48400;FLORAC TROIS RIVIERES;44.3240, 3.5930\n"
    "2A041;BONIFACIO;20169;BONIFACIO;41.3870, 9.1590\n"
    "97411;ST DENIS;97400;ST DENIS;-20.8789, 55.4481\n"
    "99999;SANS LIEU;99999;SANS LIEU;\n"
)


def place(country: str = "FR", region: str = "", city: str = "", postcode: str = "") -> Located:
    [found] = places([Address(country, region, city, postcode)])
    return found


def near(found: Located, latitude: float, longitude: float) -> bool:
    assert isinstance(found, Place), found
    return abs(found.latitude - latitude) < 0.03 and abs(found.longitude - longitude) < 0.03


@pytest.mark.parametrize(
    ("country", "region", "city", "postcode", "latitude", "longitude", "part"),
    [
        ("France", "", "Saint-Étienne", "42000", 45.434, 4.390, MAINLAND),
        ("FR", "", "ST ETIENNE CEDEX 2", "42007", 45.434, 4.390, MAINLAND),
        ("FR", "", "St-Denis", "93200", 48.936, 2.354, MAINLAND),
        ("FR", "", "Saint Denis", "97400", -20.882, 55.450, "974"),
        ("FR", "", "Saint-Denis", "", 48.936, 2.354, MAINLAND),
        ("La Réunion", "", "Saint-Denis", "", -20.882, 55.450, "974"),
        ("FR", "", "L HAY LES ROSES", "94240", 48.779, 2.337, MAINLAND),
        ("FR", "", "Havre (Le)", "76600", 49.494, 0.108, MAINLAND),
        ("FR", "", "Bourg-en-Bresse", "1000", 46.206, 5.226, MAINLAND),
        ("FR", "", "Paris 8e", "75008", 48.853, 2.349, MAINLAND),
        ("FR", "", "PARIS CEDEX 08", "75382", 48.853, 2.349, MAINLAND),
        ("FR", "", "", "75008", 48.853, 2.349, MAINLAND),
        ("FR", "", "Marseille 13e arrondissement", "", 43.319, 5.408, MAINLAND),
        ("FR", "", "MARSEILLE", "13013", 43.319, 5.408, MAINLAND),
        ("FR", "", "Cholet (Le Puy-Saint-Bonnet)", "49300", 47.059, -0.879, MAINLAND),
        ("FR", "", "Ajaccio", "20000", 41.919, 8.738, CORSICA),
        ("FR", "", "Bastia", "20200", 42.703, 9.450, CORSICA),
        ("FR", "Corse", "Porto-Vecchio", "", 41.591, 9.280, CORSICA),
        ("FR", "", "Fort-de-France", "97200", 14.604, -61.074, "972"),
        ("FR", "", "Cayenne", "97300", 4.933, -52.333, "973"),
        ("FR", "", "Mamoudzou", "97600", -12.782, 45.229, "976"),
        ("Germany", "Bayern", "München", "", 48.137, 11.576, MAINLAND),
        ("Suisse", "", "Genf", "", 46.202, 6.146, MAINLAND),
        ("US", "Texas", "Paris", "75460", 33.661, -95.556, MAINLAND),
        ("UK", "", "St. Albans", "", 51.75, -0.333, MAINLAND),
    ],
)
def test_golden_towns_are_found_however_they_are_spelt(
    country: str,
    region: str,
    city: str,
    postcode: str,
    latitude: float,
    longitude: float,
    part: str,
) -> None:
    found = place(country, region, city, postcode)
    assert near(found, latitude, longitude)
    assert isinstance(found, Place)
    assert (found.precision, found.part) == (Precision.TOWN, part)


@pytest.mark.parametrize(
    ("address", "reason", "nearest"),
    [
        (Address(), Unplaced.EMPTY, ""),
        (Address("FR"), Unplaced.EMPTY, ""),
        (Address("", "", "Lyon"), Unplaced.NO_COUNTRY, ""),
        (Address("Atlantis", "", "Lyon"), Unplaced.UNKNOWN_COUNTRY, ""),
        (Address("US", "", "", "75460"), Unplaced.UNKNOWN_AREA, ""),
        (Address("FR", "Nulle-Région"), Unplaced.UNKNOWN_AREA, ""),
        (Address("FR", "", "Nulle-Part-sur-Rien"), Unplaced.UNKNOWN_TOWN, ""),
        (Address("FR", "", "Lyon", "59000"), Unplaced.ELSEWHERE, "Lyon (69)"),
        (Address("US", "IL", "Austin"), Unplaced.ELSEWHERE, "Austin (TX)"),
        (Address("FR", "", "Nulle-Part-sur-Rien", "48000"), Unplaced.COARSE, ""),
        (Address("FR", "", "Lyon", "69001", 45.7, None), Unplaced.HALF, ""),
        (Address("FR", "", "Lyon", "69001", 95.0, 4.8), Unplaced.HALF, ""),
    ],
)
def test_what_cannot_be_placed_says_why(address: Address, reason: Unplaced, nearest: str) -> None:
    assert places([address]) == [Missing(reason, nearest)]


def test_the_department_alone_places_only_those_who_take_it() -> None:
    [found] = places([Address("FR", "", "", "48000")], coarsest=Precision.REGION)
    assert isinstance(found, Place)
    assert (found.town, found.precision) == ("Mende", Precision.REGION)


def test_a_region_is_not_the_department_of_the_same_number() -> None:
    def town(country: str, region: str = "", city: str = "", postcode: str = "") -> str:
        [found] = places([Address(country, region, city, postcode)], coarsest=Precision.REGION)
        assert isinstance(found, Place)
        return found.town

    assert town("FR", "Île-de-France") == "Paris"  # region 11
    assert town("FR", "", "", "11000") == "Narbonne"  # department 11
    assert town("FR", "Corse") == "Ajaccio"  # region 94
    assert town("FR", "", "", "94999") == "Créteil"  # department 94
    assert town("Germany", "Bavaria") == "Munich"


def test_of_several_towns_of_a_name_the_largest_is_taken_and_the_others_are_counted() -> None:
    found = place("US", "", "Springfield")
    assert isinstance(found, Place)
    assert found.rivals >= 3
    told = place("US", "Illinois", "Springfield")
    assert isinstance(told, Place)
    assert (told.rivals, near(told, 39.802, -89.644)) == (0, True)


def test_a_commune_served_from_the_department_next_door_is_found() -> None:
    # Port-Sainte-Foy-et-Ponchapt lies in the Dordogne (24); its postcode, 33220, is the Gironde's
    found = place("FR", "", "Port-Sainte-Foy-et-Ponchapt", "33220")
    assert near(found, 44.84, 0.21)


def test_a_country_is_taken_from_the_caller_where_the_address_has_none() -> None:
    [found] = places([Address("", "", "Lyon", "69003")], country="FR")
    assert near(found, 45.748, 4.847)


def test_a_table_of_postcodes_comes_before_the_towns() -> None:
    communes, left_out = read_communes(TABLE.encode())
    assert left_out == 1
    known = known_places(communes)

    def told(city: str, postcode: str) -> Place:
        [found] = places([Address("FR", "", city, postcode)], known)
        assert isinstance(found, Place), found
        return found

    paris = told("Paris", "75008")
    assert (paris.latitude, paris.longitude) == (48.8727, 2.3125)
    assert paris.precision is Precision.POSTCODE
    assert told("PARIS CEDEX 08", "75382").latitude == 48.8727  # by name, number and department
    assert told("PARIS CEDEX 08", "75382").precision is Precision.TOWN
    assert told("La Défense", "92400").town == "COURBEVOIE"
    assert told("Florac", "48400").latitude == pytest.approx(44.29535)  # two communes: the middle
    assert told("Florac-Trois-Rivières", "48400").latitude == 44.324
    assert told("Bonifacio", "20169").part == CORSICA
    assert told("Saint-Denis", "97400").part == "974"
    [insee] = places([Address("FR", insee="48061")], known)
    assert isinstance(insee, Place)
    assert insee.town == "FLORAC TROIS RIVIERES"


def test_a_table_in_windows_letters_with_decimal_commas_reads_the_same() -> None:
    text = "cp;ville;latitude;longitude\n1000;Bourg-en-Bresse;46,2;5,2\n75008;Paris;99;2\n"
    assert read_communes(text.encode("cp1252")) == (
        (Commune("1000", "", "Bourg-en-Bresse", 46.2, 5.2),),
        1,
    )
    with pytest.raises(Invalid, match="postcode or an INSEE code"):
        read_communes(b"town,population\nParis,2\n")


@given(st.text(max_size=40))
@example("㎩")
def test_normalising_twice_changes_nothing(name: str) -> None:
    assert normal(normal(name)) == normal(name)


@given(st.sampled_from(["Sainte-Foy-lès-Lyon", "Saint-Malo", "L'Haÿ-les-Roses", "Le Havre"]))
def test_case_accents_hyphens_and_saints_make_no_difference(name: str) -> None:
    for other in (
        name.upper(),
        name.replace("-", " "),
        name.replace("Sainte-", "Ste ").replace("Saint-", "St "),
        name.replace("'", "’"),
        name + " CEDEX 07",
    ):
        assert key_of(other) == key_of(name)


@given(st.integers(1, 95), st.integers(0, 999))
def test_a_postcode_names_its_department(number: int, rest: int) -> None:
    code = french(str(number * 1000 + rest))  # a spreadsheet drops the zero in front
    assert len(code) == 5
    found = department(code)
    assert found == f"{number:02d}" if number != 20 else found in {"2A", "2B"}


ADDRESSES = st.lists(
    st.builds(
        Address,
        st.sampled_from(["FR", "France", "DE", "US", "", "Atlantis"]),
        st.sampled_from(["", "Corse", "TX", "Bayern"]),
        st.sampled_from(["", "Paris", "St-Denis", "Springfield", "Rien", "Marseille 3e"]),
        st.sampled_from(["", "75008", "97400", "20000", "13003", "1000"]),
        st.one_of(st.none(), st.floats(-90, 90)),
        st.one_of(st.none(), st.floats(-180, 180)),
    ),
    max_size=12,
)


@given(ADDRESSES, st.randoms(use_true_random=False))
def test_order_does_not_matter(addresses: list[Address], chance: random.Random) -> None:
    found = dict(zip(addresses, places(addresses), strict=True))
    mixed = list(addresses)
    chance.shuffle(mixed)
    assert dict(zip(mixed, places(mixed), strict=True)) == found


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from(["Paris", "", "Rien"]))
def test_an_address_that_has_coordinates_keeps_them(
    latitude: float, longitude: float, city: str
) -> None:
    [found] = places([Address("FR", "", city, "", latitude, longitude)])
    assert isinstance(found, Place)
    assert (found.latitude, found.longitude) == (latitude, longitude)
    assert found.precision is Precision.GIVEN


def test_the_order_of_the_table_does_not_matter() -> None:
    communes, _ = read_communes(TABLE.encode())
    asked = [Address("FR", "", "Florac", "48400"), Address("FR", "", "PARIS CEDEX 08", "75382")]
    assert places(asked, known_places(communes)) == places(asked, known_places(communes[::-1]))


def test_every_french_town_of_the_table_is_found_in_its_own_department() -> None:
    known = known_places()
    for code in (*(f"{n:02d}" for n in range(1, 96) if n != 20), "2A", "2B"):
        towns = known.by_area["FR", code]
        start = {"2A": "200", "2B": "202"}.get(code, code + "0")
        asked = [Address("FR", "", f"{town.name.upper()} CEDEX", f"{start}99") for town in towns]
        for town, found in zip(towns, places(asked, known), strict=True):
            assert isinstance(found, Place), town
            assert key_of(found.town) == key_of(town.name), town
            assert found.part == (CORSICA if code in {"2A", "2B"} else MAINLAND)
