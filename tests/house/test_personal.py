"""Each room says where personal data lies: what forgets to say so fails here."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from perilune.history.models import Record
from perilune.kernel.kinds import FieldType
from perilune.kernel.personal import PERSONAL_FILES, PERSONAL_TABLES, PersonalTable
from perilune.kernel.wiring import KINDS
from perilune.privacy.contracts import PERSON_KINDS

SRC = Path(__file__).resolve().parents[2] / "src" / "perilune"
TABLES = sorted(
    (
        model
        for model in apps.get_models(include_auto_created=True)
        if not issubclass(model, Record) and not model._meta.proxy
    ),
    key=lambda model: model._meta.label,
)
NOT_PERSONAL = {
    "contact": {"language", "country"},
    "lead": {"company", "status", "source", "country"},
    "rep": {"title", "country"},
}
"""Texts of people's records that say nothing of who they are."""


def says(field: models.Field[object, object]) -> bool:
    """Tell whether a column can hold words that are not of a fixed list."""
    is_worded = (
        isinstance(
            field, models.CharField | models.TextField | models.JSONField | models.BinaryField
        )
        or type(field).__name__ == "PickledObjectField"
    )
    return is_worded and not field.choices


def unsaid(model: type[models.Model], declared: PersonalTable) -> set[str]:
    """Return the columns of words that a declaration forgets."""
    told = [*declared.holds, *declared.names, *declared.packed, *declared.free]
    return {field.name for field in model._meta.concrete_fields if says(field)} - set(told)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label)
def test_every_table_says_column_by_column_whether_it_may_name_somebody(
    model: type[models.Model],
) -> None:
    label = model._meta.label
    declared = PERSONAL_TABLES.get(label) if label in PERSONAL_TABLES else PersonalTable(label)
    missing = unsaid(model, declared)
    assert not missing, f"{label}: say in its room's `personal` whether {missing} may name somebody"
    told = [*declared.holds, *declared.names, *declared.packed, *declared.free]
    assert len(told) == len(set(told)), f"{label} declares a column twice"
    known = {field.name for field in model._meta.concrete_fields}
    assert set(told) <= known, f"{label} declares columns that it does not have"


def test_no_declaration_speaks_of_a_table_that_is_gone() -> None:
    assert {table.model for table in PERSONAL_TABLES} <= {model._meta.label for model in TABLES}


def test_a_column_that_nobody_speaks_of_is_caught() -> None:
    row_problem = next(model for model in TABLES if model._meta.label == "hub.RowProblem")
    forgetful = replace(PERSONAL_TABLES.get("hub.RowProblem"), holds=("value",))
    assert unsaid(row_problem, forgetful) == {"file", "key", "column", "suggestion", "raw"}


@pytest.mark.parametrize("kind", PERSON_KINDS)
def test_every_text_of_a_person_is_personal_or_said_not_to_be(kind: str) -> None:
    texts = {
        item.name
        for item in KINDS.get(kind).fields
        if item.type in (FieldType.TEXT, FieldType.LONG_TEXT) and not item.is_personal
    }
    assert texts == NOT_PERSONAL[kind]


def test_every_folder_that_code_makes_in_a_home_is_declared() -> None:
    named = set()
    for path in SRC.rglob("*.py"):
        if "tests" not in path.parts:
            text = path.read_text()
            named |= set(re.findall(r'PERILUNE_HOME\) / "([a-z]+)"', text))
            named |= set(re.findall(r'PERILUNE_HOME / "([a-z]+)"', text))
    home = (SRC / "site" / "home.py").read_text()
    named |= set(re.findall(r'self\.path / "([a-z0-9.]+)"', home))
    assert {"imports", "uploads", "connections", "store", "secret"} <= named
    assert named <= set(PERSONAL_FILES.names())
