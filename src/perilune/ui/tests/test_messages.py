"""The tool that collects words to translate."""

import importlib.util
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

TOOL = Path(__file__).parents[4] / "tools" / "messages.py"


@pytest.fixture(scope="module")
def tool():
    if not TOOL.exists():
        pytest.skip("the tools of the repository are not installed with the package")
    import sys

    spec = importlib.util.spec_from_file_location("perilune_tools_messages", TOOL)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


SOURCE = """
_("Save")
ngettext("%(n)s deal", "%(n)s deals", n)
pgettext("verb", "Lead")
raise NotFound("No deal %(id)s.", id=1)
Problem("Line is " "short", {})
Field("name", FieldType.TEXT, "Deal name", choices=(("a", "New"), ("b", "Won")))
Kind(name="x", model="crm.X", label="Deal", label_plural="Deals", fields=())
gettext(variable)
print("not this")
"""


def test_words_of_python_are_found(tool):
    found = {(message.id, message.context) for message in tool.of_python(SOURCE)}
    assert found == {
        ("Save", None),
        (("%(n)s deal", "%(n)s deals"), None),
        ("Lead", "verb"),
        ("No deal %(id)s.", None),
        ("Line is short", None),
        ("Deal name", None),
        ("New", None),
        ("Won", None),
        ("Deal", None),
        ("Deals", None),
    }


def test_words_of_templates_are_found_whatever_their_indent(tool):
    template = """<div
        title="{% translate 'Title' %}">
  {% blocktranslate count n=n with a=b %}1 {{ a }}{% plural %}{{ n }} {{ a }}{% endblocktranslate %}
   {{ x|default:_("None") }} it's</div>"""
    found = {message.id for message in tool.of_template(template, "x.html")}
    assert found == {"Title", ("1 %(a)s", "%(n)s %(a)s"), "None"}


@pytest.mark.parametrize(
    ("string", "flags", "fault"),
    [
        ("Affaire %(id)s", (), None),
        ("", (), "empty"),
        ("Affaire", (), "placeholders"),
        ("Affaire %(id)s %(x)s", (), "placeholders"),
        ("Affaire %(id)s", ("fuzzy",), "fuzzy"),
    ],
)
def test_a_faulty_translation_is_named(tool, string, flags, fault):
    message = Message("Deal %(id)s", string, flags=flags)
    faults = list(tool.faults(message, tool.Found("Deal %(id)s"), 2))
    assert (faults == []) if fault is None else faults[0].startswith(fault)


def test_a_notion_said_in_another_word_is_named(tool):
    quota = Message("Quota to potential", "Objectif sur potentiel")
    assert [fault for fault in tool.off_terms(quota, "fr") if "quota" in fault]
    quota.string = "Quota sur potentiel"
    assert list(tool.off_terms(quota, "fr")) == []
    assert list(tool.off_terms(Message("Keep %(target)s", "Garder %(target)s"), "fr")) == []


def test_a_text_has_one_translation_in_all_catalogues(tool):
    assert list(tool.clashes(tool.capabilities(), "fr")) == []


def test_a_text_with_two_translations_is_named(tool, monkeypatch):
    words = {"crm": "Garder", "planning": "Enregistrer"}

    def load(path, language):
        catalogue = Catalog(locale=language)
        catalogue.add("Keep", words[path.parents[3].name])
        return catalogue

    monkeypatch.setattr(tool, "load", load)
    assert "'Keep'" in next(tool.clashes(["crm", "planning"], "fr"))
    assert list(tool.clashes(["crm"], "fr")) == []


def test_a_missing_plural_form_is_named(tool):
    message = Message(("%(n)s deal", "%(n)s deals"), ("%(n)s affaire",))
    assert "plural" in next(tool.faults(message, tool.Found(("%(n)s deal", "%(n)s deals")), 2))


def test_the_catalogue_of_the_components_is_complete(tool):
    assert tool.check("ui", "fr") == 0
