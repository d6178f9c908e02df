"""What identifies a person, and how it is found and replaced."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.privacy.engine.keeping_out import Outs, hint_of
from perilune.privacy.engine.scrubbing import Scrubber
from perilune.privacy.engine.tracing import Tracer
from perilune.privacy.engine.values import NAME, Value, form, keyed, sorted_out, valued

STRONG, WEAK = sorted_out(
    ["helene.muller@exemple.fr", "+33 6 12 34 56 78", "Directrice"], names=["Hélène Müller"]
)
SCRUB = Scrubber(STRONG, "[x]", words=WEAK)


@pytest.mark.parametrize(
    "text",
    [
        "Hélène Müller", "HELENE MULLER", "Müller, Hélène", "Hélène-Müller", "helene_muller",
        "Hele\u0301ne Mu\u0308ller", "06.12.34.56.78", "0612345678", "0033612345678",
        "HELENE.MULLER@exemple.fr", "helene.muller%40exemple.fr", '"Hélène","Müller"',
    ],
)  # fmt: skip
def test_every_spelling_of_a_person_goes(text: str) -> None:
    assert SCRUB.text(text) == ('"[x]"' if text.startswith('"') else "[x]")
    assert SCRUB.text(f"vu {text} hier") == f"vu {SCRUB.text(text)} hier"


@pytest.mark.parametrize(
    "text",
    ["Hélène Müller-Durand", "Jean-Hélène Müller", "1234567890612345678", "Mullerhelene", "Hélène"],
)
def test_what_may_be_somebody_else_stays(text: str) -> None:
    assert SCRUB.text(text) == text


def test_plain_data_that_names_nobody_is_the_very_same_object() -> None:
    document = {"a": [1, "b", {"c": None}]}
    assert SCRUB.document(document) is document
    assert SCRUB.document({"Hélène Müller": ["x"]}) == {"[x]": ["x"]}


@given(
    st.text("abcdefghij éèü-'", min_size=3, max_size=12), st.text(max_size=20), st.text(max_size=20)
)
def test_what_is_replaced_is_found_by_the_proof_before_and_not_after(
    word: str, before: str, after: str
) -> None:
    values, _words = sorted_out([], names=[f"{word} {word[::-1]}"])
    scrub, tracer = Scrubber(values, "[x]"), Tracer(values)
    text = f"{before} {' '.join(value.text for value in values)} {after}"
    clean = scrub.text(text)
    if values and clean != text:
        assert tracer.found(text.encode("utf-8", "surrogatepass"))
    assert not scrub.names(clean)


@pytest.mark.parametrize(
    "data",
    [
        "HÉLÈNE MÜLLER".encode(), "Müller Hélène".encode("latin-1"),
        "Hélène Müller".encode("utf-16-le"), b'"H\\u00e9l\\u00e8ne M\\u00fcller"',
        b"tel 06 12 34 56 78", b"ab" + zlib.compress("dit Hélène Müller".encode()),
    ],
)  # fmt: skip
def test_the_proof_finds_a_person_in_any_dress_of_bytes(data: bytes) -> None:
    assert Tracer(STRONG).through(data)


def test_one_form_stands_for_all_spellings_of_a_value() -> None:
    phones = {form(value) for text in ("+33 6 12 34 56 78", "06.12.34.56.78", "0033612345678")
              if (value := valued(text))}  # fmt: skip
    assert phones == {"612345678"}
    assert form(Value(NAME, "Müller Hélène")) == form(Value(NAME, "HELENE MULLER"))


def test_a_text_is_cleaned_of_those_kept_out_from_hashes_alone() -> None:
    key = b"k" * 32
    known = {keyed(key, value.sort, form(value)): {"contact": 7} for value in STRONG}
    outs = Outs(known, frozenset({hint_of("Hélène Müller")}), key, "[x]")
    text = "appelé Helene Müller (06 12 34 56 78, helene.muller@exemple.fr) et Paul Durand"
    assert outs.cleaned(text) == "appelé [x] ([x], [x]) et Paul Durand"
    other = Outs({}, frozenset(), key, "[x]")
    assert (bool(other), other.cleaned(text)) == (False, text)
