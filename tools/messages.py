"""Words to translate: `python tools/messages.py update|check|compile`.

Each capability keeps its own catalogue. The kernel is no Django application: its words are in ui's.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from perilune.store.library import read_head
from perilune.ui.catalogues import PACKAGE, compile_all

LANGUAGES = ("fr",)
# name of the call -> number of the arguments that are messages, "c" marking the context
PLAIN = {"gettext", "_", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy", "ngettext_noop"}
CONTEXT = {"pgettext", "pgettext_lazy"}
ERRORS = {"NotFound", "Refused", "Invalid", "Conflict", "Unavailable", "Problem", "PeriluneError"}
LABELLED = {"label", "label_plural", "message"}
CARRIERS = {"Kind", "JobKind", "StepResult", "Panel"}
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
# one word for each notion: where the English holds the first, the translation holds the second
TERMS = {
    "fr": (
        (r"\bquotas?\b", r"\bquotas?\b|\blettres? d’objectifs\b"),
        (r"\bstreet quotas?\b", r"\bquotas? terrain\b"),
        (r"\btargets?\b", r"\bobjectifs?\b|\bcibles?\b|\bcomparer\b"),
        (r"\bbudget rates?\b", r"\btaux budget\b"),
        (r"\bwin rate\b", r"\btaux de réussite\b"),
        (r"\bheadroom\b", r"\bmarge de progression\b"),
    )
}


@dataclass(frozen=True)
class Found:
    """A message of the sources."""

    id: str | tuple[str, str]
    context: str | None = None


def text_of(node: ast.expr | None) -> str | None:
    """Return a literal text, also one joined from parts."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def call_name(call: ast.Call) -> str:
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def of_python(source: str) -> Iterator[Found]:
    """Give the messages of a Python source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield from of_call(node)


def of_call(call: ast.Call) -> Iterator[Found]:
    name, texts = call_name(call), [text_of(argument) for argument in call.args]
    first, second = [*texts, None, None][:2]
    if name in PLURAL and first and second:
        yield Found((first, second))
    elif name in CONTEXT and first and second:
        yield Found(second, first)
    elif (name in PLAIN or name in ERRORS) and first:
        yield Found(first)
    elif name == "Field":
        yield from of_field(call)
    if name in CARRIERS or name in ERRORS:
        for word in call.keywords:
            if word.arg in LABELLED and (label := text_of(word.value)):
                yield Found(label)


def of_field(call: ast.Call) -> Iterator[Found]:
    """Give the label and the choices of a kernel Field(name, type, label, …, choices=…)."""
    if len(call.args) > 2 and (label := text_of(call.args[2])):
        yield Found(label)
    for word in call.keywords:
        if word.arg == "label" and (label := text_of(word.value)):
            yield Found(label)
        if word.arg == "choices" and isinstance(word.value, ast.Tuple | ast.List):
            yield from of_choices(word.value)


def of_choices(choices: ast.Tuple | ast.List) -> Iterator[Found]:
    for pair in choices.elts:
        if isinstance(pair, ast.Tuple) and len(pair.elts) == 2 and (text := text_of(pair.elts[1])):
            yield Found(text)


def of_template(source: str, name: str) -> Iterator[Found]:
    """Give the messages of a Django template, through Django's own pseudo-Python."""
    from babel.messages.extract import extract_python

    keywords = {"gettext", "ngettext", "pgettext", "npgettext", "_"}
    lines = templatize(source, origin=name).splitlines()
    pseudo = io.BytesIO("\n".join(line.lstrip() for line in lines).encode())  # indents mean nothing
    for _, function, texts, _ in extract_python(pseudo, keywords, [], {}):
        parts = texts if isinstance(texts, tuple) else (texts,)
        if function == "ngettext":
            yield Found((parts[0], parts[1]))
        elif function == "npgettext":
            yield Found((parts[1], parts[2]), parts[0])
        elif function == "pgettext":
            yield Found(parts[1], parts[0])
        elif parts[0]:
            yield Found(parts[0])


def of_sql(source: str) -> Iterator[Found]:
    """Give the definition above a named query, as `store.queries.spec` says it."""
    if definition := dict(read_head(source)).get("definition"):
        yield Found(definition)


APART = {"tests", "migrations", "static"}


def sources(capability: Path) -> Iterator[Path]:
    for path in sorted(capability.rglob("*")):
        inside = set(path.relative_to(capability).parts)
        is_template = path.suffix in (".html", ".txt") and "templates" in inside
        is_query = path.suffix == ".sql" and path.parent.name == "sql"
        if (path.suffix == ".py" or is_template or is_query) and not APART & inside:
            yield path


def messages_in(path: Path) -> Iterator[Found]:
    """Give the messages of a source by its kind."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return of_python(text)
    return of_sql(text) if path.suffix == ".sql" else of_template(text, str(path))


def collect(capability: str) -> dict[tuple[str | None, str], Found]:
    """Return the messages of a capability by context and singular, in order of the text."""
    # kernel and store are no applications of Django: the interface speaks for them
    wordless = [PACKAGE / "kernel", PACKAGE / "store"] if capability == "ui" else []
    folders = [PACKAGE / capability, *wordless]
    found: dict[tuple[str | None, str], Found] = {}
    for path in (path for folder in folders for path in sources(folder)):
        try:
            messages = list(messages_in(path))
        except SyntaxError as error:
            raise SystemExit(f"{path.relative_to(PACKAGE)}: {error}") from error
        for message in messages:
            single = message.id if isinstance(message.id, str) else message.id[0]
            known = found.get((message.context, single))
            # a plural form wins over the same text used alone
            if known is None or isinstance(known.id, str):
                found[message.context, single] = message
    return dict(sorted(found.items(), key=lambda item: (item[0][1], item[0][0] or "")))


def capabilities() -> list[str]:
    return sorted(p.name for p in PACKAGE.iterdir() if (p / "apps.py").exists())


def place(capability: str, language: str) -> Path:
    return PACKAGE / capability / "locale" / language / "LC_MESSAGES" / "django.po"


def load(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(capability: str, language: str) -> None:
    """Write the catalogue: known translations are kept, words no longer used are dropped."""
    old = load(place(capability, language), language)
    found = collect(capability)
    if not found:
        return
    new = Catalog(locale=language, project="Perilune", charset="utf-8", fuzzy=False)
    for message in found.values():
        known = old.get(message.id, context=message.context)
        string = known.string if known else None
        if isinstance(message.id, tuple) and isinstance(string, str):
            string = (string, string) if string else None
        if isinstance(message.id, str) and isinstance(string, tuple | list):
            string = string[0]
        flags = known.flags & {"fuzzy"} if known else set()
        comments = known.user_comments if known else ()
        new.add(message.id, string, flags=flags, user_comments=comments, context=message.context)
    path = place(capability, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    write_po(buffer, new, no_location=True, omit_header=True, width=100)
    text = HEAD.format(language=language, plural=new.plural_forms) + buffer.getvalue().decode()
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


# no dates and no line numbers: the file changes only when the words do
HEAD = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""


def faults(message: Message | None, wanted: Found, plurals: int) -> Iterator[str]:
    """Give what is wrong with the translation of a message."""
    if message is None:
        yield "missing (run update)"
        return
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    if "fuzzy" in message.flags:
        yield "fuzzy"
    if not all(strings):
        yield "empty"
        return
    if isinstance(wanted.id, tuple) and len(strings) != plurals:
        yield f"{len(strings)} plural forms instead of {plurals}"
    ids = wanted.id if isinstance(wanted.id, tuple) else (wanted.id,)
    offered = {name for text in ids for name in PLACEHOLDER.findall(text)}
    needed = set(PLACEHOLDER.findall(ids[-1]))
    for i, string in enumerate(strings):
        used = set(PLACEHOLDER.findall(string))
        # a singular may leave its number out («one day»)
        if used - offered or (needed - used and (i or len(strings) == 1)):
            yield f"placeholders {sorted(used)} instead of {sorted(needed)}"


def off_terms(message: Message, language: str) -> Iterator[str]:
    """Give the notions that a translation says in another word than everywhere else."""
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    said, told = (PLACEHOLDER.sub("", " ".join(filter(None, texts))) for texts in (ids, strings))
    for english, other in TERMS.get(language, ()):
        if re.search(english, said, re.I) and not re.search(other, told, re.I):
            yield f"says {english} without {other}"


def clashes(names: list[str], language: str) -> Iterator[str]:
    """Give the texts that two catalogues translate differently: Django shows one of them on all.

    What means two things in two places needs a context, or another English.
    """
    seen: dict[tuple[str | None, str], dict[str, str]] = {}
    for name in names:
        for message in load(place(name, language), language):
            if message.id:
                single = message.id if isinstance(message.id, str) else message.id[0]
                string = message.string if isinstance(message.string, str) else message.string[0]
                seen.setdefault((message.context, single), {})[name] = string
    for (_context, text), by_name in seen.items():
        if len(set(by_name.values())) > 1:
            yield f"{text!r} is said in several ways: {by_name}"


def check(capability: str, language: str) -> int:
    """Print and count what is wrong in a catalogue."""
    catalogue, wrong = load(place(capability, language), language), 0
    for message in collect(capability).values():
        known = catalogue.get(message.id, context=message.context)
        off = off_terms(known, language) if known and all(known.string or ()) else ()
        for fault in (*faults(known, message, catalogue.num_plurals), *off):
            wrong += 1
            print(f"{capability} [{language}] {message.id!r}: {fault}")
    return wrong


def main(arguments: list[str]) -> int:
    verb, names = arguments[0] if arguments else "", arguments[1:] or capabilities()
    if not settings.configured:
        settings.configure()  # templatize asks for the encoding of files
    if verb == "compile":
        for path in compile_all():
            print(path.relative_to(PACKAGE))
        return 0
    if verb not in ("update", "check"):
        print(__doc__)
        return 2
    pairs = [(name, language) for name in names for language in LANGUAGES]
    if verb == "update":
        for name, language in pairs:
            update(name, language)
        return 0
    found = [clash for language in LANGUAGES for clash in clashes(capabilities(), language)]
    print("".join(f"{clash}\n" for clash in found), end="")
    wrong = sum(check(name, language) for name, language in pairs) + len(found)
    print(f"{wrong} messages to translate or to mend" if wrong else "all messages are translated")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
