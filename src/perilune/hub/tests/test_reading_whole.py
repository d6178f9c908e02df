"""Columns that are read whole give what each text alone gives; of a name the first id holds."""

from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from perilune.hub.contracts import FieldMap
from perilune.hub.engine.rows import BLANKS, Column, Format
from perilune.hub.service.staging import Names, Staging
from perilune.hub.service.stamping import note_seen as _note
from perilune.kernel.kinds import Field, FieldType

PLAIN = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8, max_size=12)
ODD = st.one_of(
    st.sampled_from(sorted(BLANKS) + [word.upper() for word in BLANKS]),
    st.text(max_size=10),
    st.sampled_from([" padded text ", "unread\ufffdable", "12 345,60", "-7", "1e3", "²", "١٢"]),
)
NUMBERS = st.integers(0, 10**12).map(str)


def _column(kind: FieldType, exponent: int = 2) -> Column:
    field = Field("next_step" if kind is FieldType.TEXT else "amount", kind, "")
    return Column(field, FieldMap(field.name), Format(), ZoneInfo("UTC"), exponent=exponent)


@given(st.sampled_from([0, 2, 3]), st.lists(st.one_of(PLAIN, ODD, NUMBERS), max_size=6))
@example(2, ["0000000\xa0"])
def test_a_column_read_whole_is_its_texts_read_alone(exponent: int, texts: list[str]) -> None:
    for kind in (FieldType.TEXT, FieldType.MONEY):
        whole = _column(kind, exponent)
        alone = [_column(kind, exponent) for _text in texts]
        first = whole.read(texts)
        assert first == [c._one(text) for c, text in zip(alone, texts, strict=True)]
        assert first == whole.read(texts)
        assert whole.doubts.keys() == {t for c in alone for t in c.doubts}


@given(st.lists(st.one_of(PLAIN, NUMBERS), min_size=1, max_size=6))
def test_plain_columns_are_not_remembered_text_by_text(texts: list[str]) -> None:
    column = _column(FieldType.TEXT)
    column.read([text.rjust(8, "x") for text in texts])
    assert column.memo == {}


def test_of_a_name_the_first_id_holds(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    names = Names(staging, "ident", most=3)
    names.add("account", ["a", "b", "a"], [1, 2, 3])
    names.add("account", ["b", "c"], [4, 5])
    assert names.find("account", ["a", "b", "c", "d"]) == {"a": 1, "b": 2, "c": 5}
    names.add("account", ["c", "d", "e", "f"], [6, 7, 8, 9])
    assert names.find("account", ["c", "d"]) == {"c": 5, "d": 7}
    staging.close()


@given(st.lists(st.tuples(st.sampled_from([None, 1, 2, 3]), st.integers(0, 9)), max_size=12))
def test_of_each_id_the_earliest_mention_is_kept(pairs: list[tuple[int | None, int]]) -> None:
    seen = {2: 5}
    _note([(seen, [record for record, _us in pairs])], [us for _record, us in pairs])
    expected = {2: 5}
    for record, us in pairs:
        if record is not None:
            expected[record] = min(us, expected.get(record, us))
    assert seen == expected
