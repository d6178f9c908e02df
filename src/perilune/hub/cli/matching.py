"""Files of `perilune duplicates`: the table and the labels read, pairs and groups written."""

from __future__ import annotations

import csv
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from perilune.hub.contracts.duplicates import ROLE_LABELS, Field, Label, Thresholds
from perilune.hub.engine.matching.columns import header_of
from perilune.hub.engine.matching.finding import Found
from perilune.hub.engine.sources import chunks, tables_of
from perilune.hub.queries.whys import why
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.ui.export import neutralise

YES = frozenset(
    ("1", "y", "yes", "true", "same", "merge", "match", "oui", "o", "vrai", "duplicate", "doublon")
)
NO = frozenset(("0", "n", "no", "false", "different", "distinct", "non", "faux", "differents"))
ENDS = (
    ("left", "right"),
    ("gauche", "droite"),
    ("id 1", "id 2"),
    ("id left", "id right"),
    ("a", "b"),
)
ANSWERS = ("same", "label", "match", "answer", "meme", "identiques", "reponse")
SHOWN = 5


@dataclass
class Read:
    """A table: ids and the cells of each column."""

    path: Path
    id_column: str
    ids: list[str]
    columns: dict[str, list[str]]
    sheets: list[str] = field(default_factory=list)
    """Other sheets of the workbook, that were not read."""


def read(path: Path, id_column: str, told: Callable[[int], None]) -> Read:
    """Read a table whole. Raises NotFound, or Invalid by name for what cannot be taken."""
    rows, header, others = _rows(path, told)
    wanted = _header(header, id_column, path)
    columns = {name: [row[i] for row in rows] for i, name in enumerate(header)}
    ids = [one.strip() for one in columns[wanted]]
    _check_ids(ids, wanted)
    return Read(path, wanted, ids, columns, others)


def _rows(
    path: Path, told: Callable[[int], None] | None = None
) -> tuple[list[list[str]], list[str], list[str]]:
    if not path.is_file():
        raise NotFound(_("There is no file %(path)s."), path=str(path))
    table, *others = tables_of(path)
    width = len(table.header)
    rows: list[list[str]] = []
    for chunk in chunks(table):
        rows.extend([*row, *[""] * (width - len(row))][:width] for row in chunk.rows)
        if told:
            told(len(rows))
    if not rows:
        raise Invalid(_("%(path)s has no rows."), path=str(path))
    return rows, list(table.header), [one.sheet for one in others]


def _header(header: list[str], name: str, path: Path) -> str:
    if name in header:
        return name
    folded = {header_of(column): column for column in reversed(header)}
    if header_of(name) in folded:
        return folded[header_of(name)]
    raise Invalid(
        _("%(path)s has no column “%(name)s”. It has: %(columns)s."),
        path=path.name, name=name, columns=", ".join(header[:40]),
    )  # fmt: skip


def _check_ids(ids: list[str], column: str) -> None:
    blank = [i for i, one in enumerate(ids) if not one]
    if blank:
        raise Invalid(
            _("The id column “%(name)s” is empty in %(count)s rows, the first is row %(row)s."),
            name=column, count=len(blank), row=blank[0] + 1,
        )  # fmt: skip
    repeated = [one for one, times in Counter(ids).items() if times > 1]
    if repeated:
        raise Invalid(
            _("The id column “%(name)s” holds %(count)s ids more than once: %(ids)s."),
            name=column, count=len(repeated), ids=", ".join(sorted(repeated)[:SHOWN]),
        )  # fmt: skip


@dataclass
class Answers:
    """A person's labels, and what of them could not be taken."""

    labels: list[Label] = field(default_factory=list)
    open: int = 0
    """Rows without an answer."""
    both: list[tuple[str, str]] = field(default_factory=list)
    """Pairs that are called the same and different: not used."""


def labels(path: Path, ids: list[str]) -> Answers:
    """Read labelled pairs: two ids and whether they are the same (yes, no, 1, 0, oui, non…).

    An empty answer is an open one. Raises NotFound, or Invalid for unknown ids and words.
    """
    rows, header, _others = _rows(path)
    left, right, answer = _label_columns(header, path)
    number = {one: i for i, one in enumerate(ids)}
    said: dict[tuple[int, int], set[bool]] = {}
    found, unknown, strange, selves = Answers(), [], [], []
    for row in rows:
        ends = (row[left].strip(), row[right].strip())
        word = header_of(row[answer])
        missing = [end for end in ends if end not in number]
        if not word:
            found.open += 1
        elif missing:
            unknown += missing
        elif word not in YES | NO:
            strange.append(row[answer].strip())
        elif ends[0] == ends[1]:
            selves.append(ends[0])
        else:
            one, two = sorted((number[ends[0]], number[ends[1]]))
            said.setdefault((one, two), set()).add(word in YES)
    _check_labels(path, unknown, strange, selves)
    for (one, two), words in said.items():
        if len(words) > 1:
            found.both.append((ids[one], ids[two]))
        else:
            found.labels.append(Label(one, two, words.pop()))
    return found


def _label_columns(header: list[str], path: Path) -> tuple[int, int, int]:
    names = [header_of(column) for column in header]
    pair = next(
        ((names.index(a), names.index(b)) for a, b in ENDS if a in names and b in names), None
    )
    answer = next((names.index(one) for one in ANSWERS if one in names), None)
    if pair is None and answer is None and len(header) >= 3:
        return 0, 1, 2
    if pair is None or answer is None:
        raise Invalid(
            _("%(path)s is no file of labels: it needs the columns left, right and same."),
            path=path.name,
        )
    return *pair, answer


def _check_labels(path: Path, unknown: list[str], strange: list[str], selves: list[str]) -> None:
    for found, message in (
        (unknown, _("%(path)s names ids that are not in the table: %(values)s.")),
        (strange, _("%(path)s holds answers that are neither yes nor no: %(values)s.")),
        (selves, _("%(path)s compares records with themselves: %(values)s.")),
    ):
        if found:
            some = sorted(set(found))
            values = ", ".join(some[:SHOWN]) + ("…" if len(some) > SHOWN else "")
            raise Invalid(message, path=path.name, values=values)


# -- writing -----------------------------------------------------------------------------------


@contextmanager
def _placed(path: Path) -> Iterator[Any]:
    """Write beside the place, then put the whole file there at once."""
    try:
        handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise Invalid(
            _("%(path)s cannot be written: %(error)s."), path=str(path), error=str(error.strerror)
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield csv.writer(file)
        Path(scratch).chmod(0o644)
        Path(scratch).replace(path)
    finally:
        Path(scratch).unlink(missing_ok=True)


def write_pairs(path: Path, found: Found, ids: list[str], thresholds: Thresholds) -> None:
    """Write each pair: ids as they are in the table, probability, what to do, and why."""
    with _placed(path) as out:
        out.writerow(("left", "right", "probability", "verdict", "reason"))
        for i, (left, right, probability) in enumerate(
            zip(found.left.tolist(), found.right.tolist(), found.probability.tolist(), strict=True)
        ):
            out.writerow(
                (ids[left], ids[right], f"{probability:.6f}", thresholds.verdict(probability).value,
                 neutralise(reason(found, i)))
            )  # fmt: skip


def write_groups(path: Path, found: Found, ids: list[str]) -> None:
    """Write each row's group in the order of the table; a group is named by its first id."""
    sizes = Counter(found.group.tolist())
    with _placed(path) as out:
        out.writerow(("id", "cluster", "size"))
        out.writerows(
            (one, ids[group], sizes[group])
            for one, group in zip(ids, found.group.tolist(), strict=True)
        )


def write_asked(path: Path, found: Found, table: Read) -> None:
    """Write the pairs to ask about, both records side by side and an empty answer."""
    with _placed(path) as out:
        names = [f.column for f in found.fields]
        sides = [f"{side}: {name}" for name in names for side in ("left", "right")]
        out.writerow(("left", "right", "same", "probability", *sides))
        for i in found.asked.tolist():
            ends = int(found.left[i]), int(found.right[i])
            cells = [" ".join(table.columns[name][end].split()) for name in names for end in ends]
            out.writerow(
                (table.ids[ends[0]], table.ids[ends[1]], "", f"{found.probability[i]:.4f}",
                 *map(neutralise, cells))
            )  # fmt: skip


def reason(found: Found, pair: int) -> str:
    """Return why a pair is probable or not, the weightiest first: «phone: equal (+8.5 bits)»."""
    if found.decided[pair]:
        return (
            gettext("decided: the same")
            if found.decided[pair] > 0
            else gettext("decided: different")
        )
    return "; ".join(
        why(part) for part in found.parts(pair) if part.level >= 0 or abs(part.bits) >= 0.5
    )


def fields_said(fields: Iterable[Field]) -> str:
    """Return the columns compared and what each holds, for people."""
    return ", ".join(f"{f.column} ({gettext(ROLE_LABELS[f.role])})" for f in fields)
