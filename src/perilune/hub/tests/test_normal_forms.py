"""Normal forms: made once they stay, no digit is made up, what is not understood is left."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.hub.contracts.mending import Facts, Normal, PhoneForm, Spelling
from perilune.hub.engine.mending import names, places, reach, spaces, telling
from perilune.hub.engine.mending.proposing import MENDERS, proposals, usual_country
from perilune.kernel.countries import country_code

_SIGNS = st.text(
    st.sampled_from("aAéÉßſİıǆΣςÆœ中\u200b \u00a0.-'’,&@/+()0123456789٣²:?#%_"), max_size=24
)
_PHONES = st.one_of(
    _SIGNS,
    st.builds(
        "{}{}{}".format, st.sampled_from(["", "+33 ", "0033", "+1", "+39 ", "(0)", "0"]),
        st.text("0123456789 .-()", min_size=6, max_size=16),
        st.sampled_from(["", " x12", " ext. 7", " poste 4"]),
    ),
)  # fmt: skip
_WORDS = st.lists(
    st.sampled_from(
        ["DUPONT", "dupont", "ET", "de", "D'ALSACE", "l'oreal", "SARL", "s.a.", "gmbh", "Inc",
         "mcdonald", "SNCF", "II", "jean-luc", "O'BRIEN", "Élodie", "ÉCOLE", "x"]
    ), min_size=1, max_size=5,
).map(" ".join)  # fmt: skip
_TEXTS = st.one_of(_SIGNS, _WORDS)
_CODES = st.sampled_from(["", "FR", "US", "GB", "NL", "PL", "IT", "CA"])
_FORMS = st.sampled_from(list(PhoneForm))


@given(st.sampled_from([reach.email, reach.website, names.company_form, names.company_capitals,
                        names.person, spaces.spaces, spaces.nothing]), _TEXTS)  # fmt: skip
def test_a_normal_form_is_its_own_normal_form(make: Callable[[str], Normal], text: str) -> None:
    once = make(text)
    if once.value is not None:
        assert make(once.value) == Normal(once.value)


@given(_PHONES, _CODES, _FORMS)
def test_a_phone_keeps_every_digit_and_gets_its_countrys_code_at_most(
    text: str, code: str, form: PhoneForm
) -> None:
    made = reach.phone(text, code, form)
    assert reach.phone(made.value or "", code, form) == Normal(made.value)
    if made.rule is None:
        assert made.value == text
        return
    before, after = (re.sub(r"\D", "", one) for one in (text, made.value or ""))
    shared = max(n for n in range(len(before) + 1) if after.endswith(before[len(before) - n :]))
    rest = before[: len(before) - shared]
    assert re.fullmatch(r"(?:00|011)?\d{0,3}0?", rest)
    assert "+" in (made.value or "") or rest in ("", "0") or form is PhoneForm.NATIONAL
    assert shared >= 6


@given(st.text("0123456789abcABC -.", max_size=12), _CODES)
def test_a_postcode_keeps_its_signs_in_their_order(text: str, code: str) -> None:
    made = places.postcode(text, code)
    assert places.postcode(made.value or "", code) == Normal(made.value)
    signs = re.sub(r"[^0-9A-Z]", "", (made.value or "").upper())
    assert re.sub(r"[^0-9A-Z]", "", text.upper()).endswith(signs)


@given(_TEXTS, st.sampled_from(["en", "fr", "code"]))
def test_a_country_stays_the_same_country(text: str, form: str) -> None:
    made = places.country(text, form)
    assert country_code(made.value or "") == country_code(text)
    assert places.country(made.value or "", form) == Normal(made.value)


@given(st.one_of(_WORDS, _SIGNS))
def test_capitals_change_no_letter(text: str) -> None:
    for make in (names.company_capitals, names.person):
        made = make(text).value or ""
        assert Counter(made.casefold()) == Counter(spaces.tidy(text).casefold()) or made == text


@given(st.sampled_from(sorted(MENDERS)), _TEXTS, _PHONES, st.sampled_from(["France", "USA", ""]),
       st.sampled_from(["en", "fr", "code"]), _FORMS)  # fmt: skip
def test_a_record_that_was_mended_needs_no_more_of_the_same_repair(
    kind: str, text: str, phone: str, country: str, form: str, phones: PhoneForm
) -> None:
    spelling = Spelling(form, phones)
    row = {"id": 1, "name": text, "phone": phone, "country": country, "company": text,
           "website": text, "email": text, "postcode": text, "city": text}  # fmt: skip
    seen = []
    for _round in range(6):
        made = list(proposals(kind, row, spelling))
        if not made:
            break
        seen.append({(one.field, one.rule, one.new) for one in made})
        row |= {one.field: one.new for one in made}
    else:
        pytest.fail(f"it never ends: {seen}")


@pytest.mark.parametrize(
    ("text", "code", "becomes"),
    [
        ("01 42 27 00 00", "FR", "+33 1 42 27 00 00"),
        ("+33 (0)1.42.27.00.00", "", "+33 1 42 27 00 00"),
        ("0033142270000", "", "+33 1 42 27 00 00"),
        ("(415) 555-2671 x12", "US", "+1 415-555-2671 ext. 12"),
        ("01 42 27 00 00 / 06 12 34 56 78", "FR", None),
        ("1-800-FLOWERS", "US", None),
        ("01 42 27 00 00", "", None),
        ("01 42 27 00", "FR", None),
    ],
)
def test_phones_as_people_write_them(text: str, code: str, becomes: str | None) -> None:
    assert reach.phone(text, code).value == (becomes or text)


@pytest.mark.parametrize(
    ("make", "text", "becomes"),
    [
        (reach.email, "Jean <Jean@EXEMPLE.FR>", "Jean@exemple.fr"),
        (reach.email, "JEAN@EXEMPLE.FR", "jean@exemple.fr"),
        (reach.email, "a@b.com; c@d.com", "a@b.com; c@d.com"),
        (reach.website, "HTTP://WWW.Dupont.FR/?utm_source=x", "http://www.dupont.fr"),
        (names.company_form, "Dupont S. A. R. L.", "Dupont SARL"),
        (names.company_form, "acme gmbh", "acme GmbH"),
        (names.company_capitals, "DUPONT ET FILS SARL", "Dupont et Fils SARL"),
        (names.company_capitals, "SNCF RESEAU", "SNCF Reseau"),
        (names.company_capitals, "AXA", "AXA"),
        (names.person, "JEAN D'ORMESSON", "Jean d'Ormesson"),
        (names.person, "marie-claire de la tour", "Marie-Claire de la Tour"),
        (names.person, "Jean DUPONT", "Jean DUPONT"),
    ],
)
def test_texts_as_people_write_them(make: Callable[[str], Normal], text: str, becomes: str) -> None:
    assert make(text).value == becomes


@pytest.mark.parametrize(
    ("text", "code", "becomes"),
    [("75 001", "FR", "75001"), ("sw1a1aa", "GB", "SW1A 1AA"), ("1234ab", "NL", "1234 AB"),
     ("00950", "PL", "00-950"), ("941051234", "US", "94105-1234"), ("1000", "FR", "1000")],
)  # fmt: skip
def test_postcodes_as_their_country_writes_them(text: str, code: str, becomes: str) -> None:
    assert places.postcode(text, code).value == becomes


def test_blank_fields_are_told_only_by_all_that_could_tell() -> None:
    told = telling.website_of(["a@dupont.fr", "B@Dupont.fr", "c@gmail.com"], "Dupont")
    assert told is not None and (told.value, told.agree, told.of) == ("dupont.fr", 2, 2)
    assert telling.website_of(["a@dupont.fr", "b@other.fr"], "Dupont") is None
    assert telling.website_of(["a@consultants.fr"], "Dupont") is None
    assert telling.website_of(["a@dupont-fils.fr"], "Dupont & Fils SARL") is not None
    country = telling.country_of(["EL123456789"], ["+30 21 0123 4567", "0142270000"])
    assert country is not None and (country.value, country.agree) == ("GR", 2)
    assert telling.country_of(["FR83404833048"], ["+49 30 901820"]) is None
    assert telling.siren_of("552 100 554 00013", "FR27552100555") is None


def test_the_usual_spelling_of_countries_is_what_most_records_have() -> None:
    assert usual_country({"FR": 5, "France": 3, "DE": 2}, "fr") == "code"
    assert usual_country({"Germany": 5, "Allemagne": 3}, "fr") == "en"
    assert usual_country({}, "fr") == "fr"
    row = {"id": 1, "name": "x", "country": "Frankreich"}
    (one,) = proposals("account", row, Spelling("fr"), Facts())
    assert one.new == "France"
