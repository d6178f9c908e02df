"""`perilune quality score|list|rules|set|implied`: how far the records can be trusted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext, ngettext

from perilune.hub.contracts.quality import IMPLIED_LABELS, KINDS_JUDGED, RuleScore, Score
from perilune.hub.queries.quality import rules, said, scores
from perilune.hub.queries.quality.implied import implied_fields
from perilune.hub.queries.quality.rows import broken_rows
from perilune.hub.service.quality import rule_set
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import acting, company
from perilune.ui import formats

SCHEMA = 1
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Day = Annotated[str, typer.Option("--as-of", help="A date; today if left out.")]
app = typer.Typer(help="How far the records can be trusted.", no_args_is_help=True)


@app.callback()
def quality() -> None:
    """Rules for records: scores as of any day, rows to mend, implied fields."""


def _as_of(text: str) -> AsOf:
    today = company().today
    if not text:
        return today
    found = AsOf.parse(text, company().zone)
    return found if found.at < today.at else today


@app.command("score")
def score_command(
    day: Day = "",
    is_then: Annotated[
        bool, typer.Option("--rules-then", help="By the rules in force on that day.")
    ] = False,
    months: Annotated[int, typer.Option(help="Also the ends of so many months before.")] = 0,
    as_json: Json = False,
) -> None:
    """Print the score as of a day, as a whole and by rule.

    Example: perilune quality score --as-of 2026-06-30 --json
    """
    _actor, scope = acting(Right.SEE_ROWS)
    as_of = _as_of(day)
    found = scores.overview(as_of, scope, is_then=is_then)
    if as_json:
        document = {
            "schema": SCHEMA, "as_of": as_of.day.isoformat(), "scope": scope.label,
            "rules_of": "then" if is_then else "today", **_plain(found.score),
            "records": found.records, "with_breaks": found.with_breaks,
            "rules": [_rule(one) for one in found.rules],
            "trend": [
                {"day": then.isoformat(), **_plain(one)}
                for then, one in (
                    scores.trend(as_of, scope, months=months, is_then=is_then) if months else ()
                )
            ],
        }  # fmt: skip
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    typer.echo(f"{gettext('Data quality')}\t{formats.percent(found.score.share)}")
    for one in found.rules:
        typer.echo(
            f"{one.rule.key}\t{formats.percent(one.score.share)}\t"
            f"{formats.number(one.score.broken, 0)}\t{said.sentence(one.rule)}"
        )


def _plain(one: Score) -> dict[str, Any]:
    return {"share": one.share, "checked": one.checked, "broken": one.broken}


def _rule(one: RuleScore) -> dict[str, Any]:
    return {
        "key": one.rule.key, "version": one.rule.version, "check": one.rule.check.value,
        "weight": one.rule.weight, "sentence": said.sentence(one.rule), **_plain(one.score),
        "accepted": one.accepted, "is_unused": one.is_unused,
    }  # fmt: skip


@app.command("list")
def list_command(
    key: Annotated[str, typer.Argument(metavar="RULE", help="Key of a rule.")],
    day: Day = "",
    limit: Annotated[int, typer.Option(help="So many rows at most.")] = 1_000,
    as_json: Json = False,
) -> None:
    """Print the records that break a rule, those of the largest amounts first.

    Example: perilune quality list deal_overdue --json
    """
    _actor, scope = acting(Right.SEE_ROWS)
    as_of = _as_of(day)
    rule = rules.current_rule(key)
    found = broken_rows(rule, as_of, scope, size=max(1, limit))
    if as_json:
        rows = [
            {
                "id": one.id, "title": one.title, "owner": one.owner or None,
                "value": None if one.value is None else str(one.value),
                "currency": one.currency or None,
                "put_off_until": one.snoozed.until.isoformat()
                if one.snoozed and one.snoozed.until else None,
            }
            for one in found.rows
        ]  # fmt: skip
        document = {
            "schema": SCHEMA, "as_of": as_of.day.isoformat(), "scope": scope.label, "rule": key,
            "sentence": said.sentence(rule), "count": found.count, "rows": rows,
        }  # fmt: skip
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    for one in found.rows:
        typer.echo(f"{one.id}\t{one.title}\t{one.owner}\t{one.value or ''}")
    text = ngettext("%(n)s record to mend", "%(n)s records to mend", found.count)
    typer.echo(text % {"n": formats.number(found.count, 0)})


@app.command("rules")
def rules_command(
    file: Annotated[
        Path | None, typer.Option("--set", help="JSON file of rules to keep as next versions.")
    ] = None,
) -> None:
    """Print the rules as JSON; --set keeps those of a file as the next versions of their keys.

    Example: perilune quality rules --set rules.json
    """
    actor, _scope = acting(Right.MANAGE_SETTINGS if file else Right.SEE_ROWS)
    if file is not None:
        try:
            given = [rules.rule_of(item) for item in json.loads(file.read_text("utf-8"))]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Invalid(
                _("%(path)s holds no rules: %(why)s"), path=str(file), why=str(error)
            ) from error
        known = {one.key: one for one in rules.versions()}
        for rule in given:
            held = known.get(rule.key)
            same = held and replace(held, version=0, actor="", at=None) == rule
            if not same:
                rule_set(rule, actor=actor)
    kept = [
        rules.plain_rule(one) | {"version": one.version, "sentence": said.sentence(one)}
        for one in rules.rules_at(company().today)
    ]
    typer.echo(json.dumps(kept, ensure_ascii=False, indent=1))


@app.command("implied")
def implied_command(
    kind: Annotated[str, typer.Argument(help="Kind of record; all if left out.")] = "",
    as_json: Json = False,
) -> None:
    """Print the fields that other data imply, with the evidence.

    Example: perilune quality implied account --json
    """
    acting(Right.IMPORT_DATA)
    today = company().today
    kinds = (kind,) if kind else KINDS_JUDGED
    found = [one for each in kinds for one in implied_fields(each, today)]
    if as_json:
        document = [
            {
                "kind": one.kind, "field": one.field, "how": one.how.value, "by": one.by or None,
                "value": one.value or None, "records": one.rows, "told": one.filled,
                "agree": one.agree, "share": one.share, "gaps": one.gaps,
            }
            for one in found
        ]  # fmt: skip
        typer.echo(json.dumps({"schema": SCHEMA, "fields": document}, ensure_ascii=False))
        return
    for one in found:
        shown = f"{one.kind}.{one.field}\t{gettext(IMPLIED_LABELS[one.how])}"
        typer.echo(f"{shown}\t{one.by or one.value}\t{formats.percent(one.share)}\t{one.gaps}")
