"""`perilune plan letters`: the quota letters of a plan as PDF files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from django.utils.text import slugify
from django.utils.translation import gettext

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import acting, company
from perilune.planning import queries, service
from perilune.planning.cli.plans import SCHEMA, AsJson, PlanName
from perilune.planning.contracts import LetterState

LANGUAGES = ("", "fr", "en")


def letters_command(
    out: Annotated[Path, typer.Option("--out", help="The folder that gets a PDF for each rep.")],
    plan: PlanName = "",
    also: Annotated[str, typer.Option("--also", help="A second language: fr or en.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make the quota letters that are missing, and write every letter of a plan as PDF.

    Example: perilune plan letters --plan "Plan 2027" --out letters
    """
    actor, scope = acting(Right.PUBLISH_PLANS)
    if also not in LANGUAGES:
        raise Invalid(_("Letters are written in «fr» or «en», not in «%(text)s»."), text=also)
    head = queries.plan_named(plan, scope, actor)
    made = service.make_letters(head.id, actor=actor, scope=scope)
    rows = queries.letters(head.id, scope, actor, company().today)
    out.mkdir(parents=True, exist_ok=True)
    written, without = [], []
    for row in rows:
        if row.letter is None or row.state is LetterState.OUTDATED:
            without.append(row.name)
            continue
        name = slugify(row.name) or "rep"
        path = out / f"{head.year}-{name}-{row.letter.id}.pdf"
        path.write_bytes(service.letter_pdf(row.letter, also))
        written.append({"rep": row.name, "file": path.name, "language": row.letter.language,
                        "state": row.state.value})  # fmt: skip
    if as_json:
        document = {"schema": SCHEMA, "plan": head.id, "made": len(made), "letters": written,
                    "without": without}  # fmt: skip
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    facts = {"written": len(written), "made": len(made), "folder": str(out)}
    typer.echo(gettext("%(written)s letters in %(folder)s, %(made)s of them new.") % facts)
    for name in without:
        typer.echo(gettext("No letter: %(name)s, whom the plan lets leave or be away without a"
                           " record of it.") % {"name": name})  # fmt: skip
