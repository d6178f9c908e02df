"""Persons who are probably one, by rule."""

from perilune.hub.engine.persons import EMAIL, NAME_PHONE, NAME_PLACE, Person, groups


def person(number: int, name: str, email: str = "", phone: str = "", company: str = "") -> Person:
    return Person(number, name, email, phone, company)


def test_one_address_is_one_person_however_it_is_spelt() -> None:
    found = groups(
        [person(1, "Zoé Martin", "Zoe.Martin@Acme.fr"), person(2, "Z. M.", "zoe.martin@acme.fr")]
    )
    assert found == [((1, 2), EMAIL)]


def test_one_name_at_one_company_is_one_person_in_any_order_of_words() -> None:
    found = groups([person(1, "Zoé Martin", "zoe@acme.fr"), person(2, "MARTIN Zoe", "zm@acme.fr")])
    assert found == [((1, 2), NAME_PLACE)]
    found = groups([person(1, "Zoé Martin", company="7"), person(2, "Zoé Martin", company="7")])
    assert found == [((1, 2), NAME_PLACE)]


def test_one_name_at_one_telephone_is_one_person() -> None:
    found = groups(
        [
            person(1, "Zoé Martin", phone="+33 1 99 00 23 25"),
            person(2, "Zoe Martin", phone="01 99 00 23 25"),
        ]
    )
    assert found == [((1, 2), NAME_PHONE)]


def test_namesakes_of_two_companies_and_colleagues_are_apart() -> None:
    assert not groups([
        person(1, "Zoé Martin", "zoe.martin@acme.fr", "01 99 00 23 25", "7"),
        person(2, "Zoé Martin", "zoe.martin@other.fr", "", "8"),
        person(3, "Paul Martin", "paul.martin@acme.fr", "01 99 00 23 25", "7"),
        person(4, "Zoé", "", "", "7"), person(5, "Zoé", "", "", "7"),
        person(6, "Zoé Martin", "zm1@gmail.com"), person(7, "Zoé Martin", "zm2@gmail.com"),
    ])  # fmt: skip


def test_a_mailbox_that_many_share_names_nobody() -> None:
    assert not groups([person(n, f"Person{n} Name{n}", "info@acme.fr") for n in range(30)])
