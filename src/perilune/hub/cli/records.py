"""`perilune duplicates search|groups|merge|mass|undo`: duplicates among the records of a home."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
from django.utils.translation import gettext, ngettext

from perilune.hub.contracts.duplicates import Thresholds
from perilune.hub.contracts.merging import MergePlan
from perilune.hub.queries import duplicates as queries
from perilune.hub.queries.whys import why_grouped
from perilune.hub.service import judging as service
from perilune.hub.service import looking, merging
from perilune.hub.service.merging import Undone
from perilune.people.contracts import Right
from perilune.people.queries import acting
from perilune.ui import formats

SCHEMA = 1
Kind = Annotated[str, typer.Argument(help="account, contact or lead.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def search_command(
    kind: Kind = "account",
    merge: Annotated[float, typer.Option(min=0, max=1, help="Probability to merge from.")] = 0.9,
    different: Annotated[
        float, typer.Option(min=0, max=1, help="Probability up to which pairs are different.")
    ] = 0.1,
    as_json: Json = False,
) -> None:
    """Compare all records of a kind and keep what is to be judged.

    Example: perilune duplicates search account
    """
    actor, _scope = acting(Right.IMPORT_DATA)
    looking.search(kind, actor=actor, thresholds=Thresholds(merge, different))
    found = queries.last_search(kind)
    assert found is not None
    document: dict[str, Any] = {
        "schema": SCHEMA, "kind": kind, "records": found.records, "candidates": found.candidates,
        "groups": sum(found.counts.values()) - found.questions, "questions": found.questions,
        "answers": found.answers, "fields": list(found.fields), "quality": found.quality,
        "seconds": found.seconds,
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    typer.echo(
        gettext("%(records)s records compared: %(groups)s groups, %(questions)s questions.")
        % {name: formats.number(document[name], 0) for name in ("records", "groups", "questions")}
    )


def groups_command(kind: Kind = "account", as_json: Json = False) -> None:
    """List the groups that are to be judged, the surest first.

    Example: perilune duplicates groups account
    """
    _actor, scope = acting(Right.IMPORT_DATA)
    found = queries.groups(kind, scope)
    if as_json:
        rows = [asdict(line) | {"state": line.state.value} for line in found]
        typer.echo(json.dumps({"schema": SCHEMA, "groups": rows}, ensure_ascii=False))
        return
    for line in found:
        ids = ", ".join(map(str, line.ids))
        typer.echo(f"{why_grouped(line)}  {' · '.join(line.titles)}  ({ids})")


def merge_command(
    kind: Kind,
    ids: Annotated[list[int], typer.Argument(help="The records that are one.")],
    keep: Annotated[int | None, typer.Option(help="The record that stays.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Merge records into one; `undo` takes it back at any later time.

    Example: perilune duplicates merge account 12 48 --keep 12 --dry-run
    """
    actor, scope = acting(Right.IMPORT_DATA)
    queries.require_all_seen(kind, ids, scope)
    plan = merging.merge_preview(kind, ids, kept=keep)
    document = _plan(plan)
    if not dry_run:
        done = merging.merge(kind, ids, actor=actor, kept=keep, mark=plan.mark)
        document |= {"change_set": done.change_set_id}
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    for name, value in document["becomes"].items():
        typer.echo(f"{name}: {value}")
    if not dry_run:
        typer.echo(
            gettext("Merged into %(kept)s. To take it back: perilune duplicates undo %(set)s")
            % {"kept": plan.kept, "set": document["change_set"]}
        )


def mass_command(
    kind: Kind = "account",
    at_least: Annotated[
        float, typer.Option(min=0, max=1, help="How probable the weakest pair of a group must be.")
    ] = 0.99,
    most: Annotated[int, typer.Option(min=1, help="At most this many groups.")] = 100,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Merge the surest groups of the last search, each as a merge of its own.

    Example: perilune duplicates mass account --at-least 0.999 --dry-run
    """
    actor, scope = acting(Right.IMPORT_DATA)
    done = service.mass_merge(
        kind, actor=actor, scope=scope, at_least=at_least, most=most, dry_run=dry_run
    )
    if as_json:
        typer.echo(json.dumps({"schema": SCHEMA, "dry_run": dry_run} | asdict(done)))
        return
    typer.echo(
        gettext("%(groups)s groups, %(gone)s records become one with another.")
        % {"groups": done.groups, "gone": done.gone}
    )
    for group, reason in done.left:
        typer.echo(f"{group}: {reason}", err=True)


def undo_command(
    change_set: Annotated[int, typer.Argument(help="The number that `merge` printed.")],
    with_later: Annotated[
        bool, typer.Option("--with-later", help="Also the merges that stand on it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take a merge back; later edits stand and are listed.

    Example: perilune duplicates undo 73
    """
    actor, scope = acting(Right.IMPORT_DATA)
    queries.merge_line(change_set, scope)
    undone = service.undo(change_set, actor=actor, with_later=with_later)
    if as_json:
        typer.echo(json.dumps(_undone(undone), ensure_ascii=False, default=str))
        return
    count = len(undone.change_set_ids)
    typer.echo(
        ngettext("%(n)s merge taken back.", "%(n)s merges taken back.", count) % {"n": count}
    )
    for conflict in undone.conflicts:
        typer.echo(
            gettext("Later edit that stands: %(kind)s %(id)s %(field)s = %(value)s")
            % {"kind": conflict.kind, "id": conflict.record_id, "field": conflict.field,
               "value": conflict.kept}
        )  # fmt: skip


def _plan(plan: MergePlan) -> dict[str, Any]:
    return {
        "schema": SCHEMA, "kind": plan.kind, "kept": plan.kept,
        "gone": [one.id for one in plan.records if one.id != plan.kept],
        "becomes": {o.field: o.value for o in plan.outcomes if o.value is not None},
        "why": {o.field: o.rule.value for o in plan.outcomes if o.differs},
        "moving": dict(plan.moving), "dropped": dict(plan.dropped),
    }  # fmt: skip


def _undone(undone: Undone) -> dict[str, Any]:
    return {
        "schema": SCHEMA, "change_sets": list(undone.change_set_ids), "records": undone.records,
        "conflicts": [asdict(one) for one in undone.conflicts],
    }  # fmt: skip
