"""Vendored files, catalogues and templates are what they should be."""

import gettext
import hashlib
import json
import os
import re
from pathlib import Path

import pytest

from perilune.ui import catalogues, icons

UI = Path(__file__).parent.parent
MANIFEST = json.loads((UI / "static/ui/vendor/manifest.json").read_text("utf-8"))["files"]


@pytest.mark.parametrize("record", MANIFEST, ids=lambda record: record["file"])
def test_a_vendored_file_is_what_the_manifest_says(record):
    content = (UI / record["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == record["sha256"]
    assert record["licence"] and record["version"]


def test_no_template_has_inline_styles_or_handlers():
    for path in (UI / "templates").rglob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r'\sstyle="|\son[a-z]+="|<style|hx-on', text), path.name


def test_only_pages_with_a_map_load_the_scripts_of_maps():
    text = (UI / "templates/ui/base.html").read_text("utf-8")
    assert "js/charts.js" in text and "maps.js" not in text
    assert "js/maps.js" in (UI / "templates/ui/components/map.html").read_text("utf-8")


def test_every_icon_that_is_named_exists():
    drawings = json.loads((UI / "static/ui/vendor/icons.json").read_text("utf-8"))
    named = {
        name
        for path in (UI / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([a-z0-9-]+)"', path.read_text("utf-8"))
    }
    assert named and named <= set(drawings)
    assert icons.icon("no-such-icon") == icons.icon("square")


PO = """msgid ""
msgstr ""
"Language: fr\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "%(n)s deal"
msgid_plural "%(n)s deals"
msgstr[0] "%(n)s affaire"
msgstr[1] "%(n)s affaires"
"""


def test_a_catalogue_is_compiled_once_and_again_when_it_changes(tmp_path):
    source = tmp_path / "crm" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(PO, "utf-8")
    assert catalogues.compile_all(tmp_path) == [source]
    assert catalogues.compile_all(tmp_path) == []
    with source.with_suffix(".mo").open("rb") as file:
        words = gettext.GNUTranslations(file)
    assert words.ngettext("%(n)s deal", "%(n)s deals", 2) == "%(n)s affaires"
    later = source.with_suffix(".mo").stat().st_mtime + 10
    os.utime(source, (later, later))
    assert catalogues.compile_all(tmp_path) == [source]
