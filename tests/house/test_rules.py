"""House rules that no linter sees."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.utils.translation import override

from perilune.store import queries as store

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "perilune"
LAYERS = [
    "site", "demo", "hub", "metrics", "forecasting", "territories", "crm", "people", "history",
    "jobs",
]  # fmt: skip
CAPABILITIES = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists())


def sources(*rooms: str) -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).parts
        if {"tests", "migrations"} & set(parts):
            continue
        if not rooms or set(rooms) & {part.removesuffix(".py") for part in parts}:
            yield path


def calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_foreign_keys_point_downhill() -> None:
    for model in apps.get_models():
        upper = model._meta.app_label
        if upper not in LAYERS:
            continue
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if target is None or isinstance(target, str) or field.auto_created:
                continue
            lower = target._meta.app_label
            if lower in LAYERS:
                assert LAYERS.index(upper) <= LAYERS.index(lower), f"{model} -> {target}"


def test_nothing_listens_to_signals_or_looks_models_up_by_name() -> None:
    for path in sources():
        text = path.read_text("utf-8")
        assert "@receiver" not in text and ".connect(" not in text.replace(
            "wiring.connect(", ""
        ).replace("duckdb.connect(", "").replace("sqlite3.connect(", ""), path
        if (
            path != PACKAGE / "history" / "queries" / "fields.py"
        ):  # the one look-up of a kind's table
            assert not any(call.endswith("get_model") for call in calls(path)), path


CLOCK = re.compile(
    r"(datetime|date)\.(now|today|utcnow)$|time\.(time|monotonic)$|random\.(random|randint|choice|seed)$"
    r"|np\.random\.(?!Generator|default_rng|SeedSequence)"
)


def test_engines_read_no_clock_and_draw_no_number_of_their_own() -> None:
    for path in sources("engine", "kernel", "contracts"):
        found = [call for call in calls(path) if CLOCK.search(call)]
        assert not found, f"{path}: {found}"


ENGINES = sorted(
    ".".join(path.parent.relative_to(PACKAGE.parent).parts)
    for path in PACKAGE.glob("*/engine/__init__.py")
)


@pytest.mark.parametrize("engine", [*ENGINES, "perilune.kernel.wiring", "perilune.kernel.calendar"])
def test_an_engine_is_a_library_without_django_or_a_database(engine: str) -> None:
    program = (
        "import sys\n"
        "for name in ('django', 'duckdb', 'pyspark', 'psycopg'): sys.modules[name] = None\n"
        f"import {engine}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_templates_include_only_their_own_or_those_of_ui() -> None:
    pattern = re.compile(r"{%\s*(?:extends|include)\s+['\"]([^'\"]+)['\"]")
    for path in PACKAGE.glob("*/templates/**/*.html"):
        capability = path.relative_to(PACKAGE).parts[0]
        for name in pattern.findall(path.read_text("utf-8")):
            allowed = {"ui", capability} | ({"account"} if capability == "people" else set())
            assert name.split("/")[0] in allowed, f"{path}: {name}"


def test_no_registry_address_and_no_path_of_a_machine_is_in_a_file() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    banned = [
        b"pypi" + b".org",
        b"pythonhosted" + b".org",
        b"registry.npm" + b"js.org",
        b"/work/" + b"main",
    ]
    for name in listed:
        path = ROOT / name
        if path.is_file() and path.stat().st_size < 2_000_000:
            content = path.read_bytes()
            for word in banned:
                assert word not in content, f"{name} holds {word.decode()}"


LONGEST_FILE = 480  # the list of measures is data; code stays far below


def test_files_stay_short_enough_to_be_read() -> None:
    for path in sources():
        count = len(path.read_text("utf-8").splitlines())
        assert count <= LONGEST_FILE, (
            f"{path.relative_to(ROOT)} has {count} lines: split it by noun"
        )


def test_every_capability_is_on_the_map() -> None:
    text = (ROOT / "docs" / "map.md").read_text("utf-8")
    for name in CAPABILITIES:
        assert f"`{name}/`" in text, f"docs/map.md does not know {name}"


def test_every_kind_has_a_column_for_each_of_its_fields() -> None:
    from perilune.history.queries import model_of
    from perilune.kernel.wiring import KINDS

    for kind in KINDS:
        columns = {field.column for field in model_of(kind)._meta.concrete_fields}
        assert set(kind.field_names) <= columns, kind.name
        for field in kind.fields:
            assert not field.target or field.target in KINDS, (kind.name, field.name)


def test_every_named_query_says_its_definition_in_french_too() -> None:
    with override("en"):
        english = {spec.name: spec.definition for spec in store.specs()}
    with override("fr"):
        french = {spec.name: spec.definition for spec in store.specs()}
    assert len(english) > 30
    assert [name for name in english if english[name] == french[name]] == []
    assert french["forecasting.won"].startswith("Les affaires gagnées")
