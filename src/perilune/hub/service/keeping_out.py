"""Keeps out whom an erasure took away: no file, no sync and no provider brings them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from perilune.hub.contracts import RowProblem
from perilune.hub.contracts.enriching import Answer
from perilune.hub.models import ImportRun
from perilune.hub.models import RowProblem as ProblemRow
from perilune.kernel.kinds import FieldType, Scalar
from perilune.privacy.contracts import PERSON_KINDS
from perilune.privacy.queries import kept_out

if TYPE_CHECKING:
    from perilune.hub.service.plans import Plan, Taken

CODE = "kept_out"
_TEXTS = (FieldType.TEXT, FieldType.LONG_TEXT)


class Guard:
    """Looks at rows before they are staged; costs nothing where nobody is kept out."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._outs = kept_out()

    def rows(self, plan: Plan, lines: Sequence[int], taken: Taken) -> None:
        """Leave the rows of people who are kept out aside, and name nobody of them in texts."""
        if not self._outs:
            return
        kind = plan.kind.name
        if kind in PERSON_KINDS:
            for i in range(len(taken.keys)):
                if i not in taken.drop and self._is_out(kind, i, taken):
                    taken.drop.add(i)
                    taken.problems = [p for p in taken.problems if p.line != lines[i]]
                    taken.problems.append(RowProblem(lines[i], kind, taken.keys[i], "", "", CODE))
        for item in plan.kind.fields:
            if item.type in _TEXTS and not item.is_personal and item.name in taken.columns:
                values = taken.columns[item.name]
                taken.columns[item.name] = [self._clean(value) for value in values]

    def _is_out(self, kind: str, i: int, taken: Taken) -> bool:
        if self._outs.by_key(self.source, kind, taken.keys[i]) is not None:
            return True
        said = {name: values[i] for name, values in taken.columns.items()}
        reached = [said[name] for name in ("email", "phone") if isinstance(said.get(name), str)]
        if self._outs.by_texts(kind, map(str, reached)) is not None:
            return True
        # a name alone is all that such a row says; with another address it is somebody else's
        name = said.get("name")
        return not reached and isinstance(name, str) and self.by_name(kind, name) is not None

    def by_name(self, kind: str, text: str) -> int | None:
        """Return the record that stands in the place of somebody whom a row refers to."""
        if not self._outs or kind not in PERSON_KINDS:
            return None
        found = self._outs.by_key(self.source, kind, text.strip())
        if found is None:
            found = self._outs.by_texts(kind, [text])
        return self._outs.by_name(kind, text) if found is None else found

    def answers(self, kind: str, said: Sequence[Answer]) -> list[Answer]:
        """Return what a provider says without what names somebody who is kept out.

        What stands in an erased person's place is told nothing more. Of people, an answer that has
        the address or number of one is left out whole, as a row is; else the values that name one.
        """
        if not self._outs:
            return list(said)
        gone = self._outs.records(kind)
        return [
            replace(one, values=self._unnamed(one.values))
            for one in said
            if one.record_id not in gone and not self._is_told(kind, one)
        ]

    def _is_told(self, kind: str, one: Answer) -> bool:
        if kind not in PERSON_KINDS:
            return False
        texts = [value for value in one.values.values() if isinstance(value, str)]
        return self._outs.by_texts(kind, texts) is not None

    def _unnamed(self, values: Mapping[str, Scalar]) -> dict[str, Scalar]:
        return {name: value for name, value in values.items() if self._clean(value) == value}

    def problems(self, problems: Sequence[RowProblem]) -> list[RowProblem]:
        """Return problems of rows as the quarantine may keep them."""
        return [self._problem(p) for p in problems] if self._outs else list(problems)

    def _problem(self, problem: RowProblem) -> RowProblem:
        if self._outs.by_key(self.source, problem.kind, problem.key) is not None:
            problem = problem._replace(raw="", value="", suggestion="")
        clean = self._outs.cleaned
        return problem._replace(
            key=clean(problem.key), value=clean(problem.value), raw=clean(problem.raw),
            suggestion=clean(problem.suggestion),
        )  # fmt: skip

    def _clean(self, value: Scalar) -> Scalar:
        return self._outs.cleaned(value) if isinstance(value, str) else value


def drop_upload(run: ImportRun) -> None:
    """Delete the uploaded file of an applied import that holds somebody who is kept out."""
    uploads = Path(settings.PERILUNE_HOME) / "uploads"
    path = Path(run.path)
    if uploads not in path.parents or not ProblemRow.objects.filter(run=run, code=CODE).exists():
        return
    files: list[Any] = [path] if path.is_file() else sorted(path.rglob("*"), reverse=True)
    for each in files:
        if each.is_file():
            each.unlink(missing_ok=True)
