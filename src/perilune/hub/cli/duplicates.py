"""`perilune duplicates find`: which records of a file are of one thing, and why."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext, ngettext
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from perilune.hub.cli import matching, records
from perilune.hub.contracts.duplicates import Options, Quality, Share, Thresholds, Verdict
from perilune.hub.engine.matching.columns import chosen, recognised
from perilune.hub.engine.matching.finding import Found, find
from perilune.kernel.errors import Invalid, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.ui import formats

DONE, USAGE, NOTHING = 0, 2, 4
SCHEMA = 1
_err = Console(stderr=True)

app = typer.Typer(help="Find records that are of one thing.", no_args_is_help=True)


@app.callback()
def duplicates() -> None:
    """Find records that are of one thing."""


app.command("search")(records.search_command)
app.command("groups")(records.groups_command)
app.command("merge")(records.merge_command)
app.command("mass")(records.mass_command)
app.command("undo")(records.undo_command)


@app.command("find")
def find_command(  # noqa: PLR0913, PLR0917  # Typer names every option
    file: Annotated[Path, typer.Argument(help="CSV or Excel: one record a row.")],
    id_column: Annotated[str, typer.Option("--id", help="Column of ids, each once.")],
    fields: Annotated[
        str,
        typer.Option(help="Columns to compare: headers, kinds (name,zip,phone) or kind=header."),
    ] = "",
    labels: Annotated[
        Path | None, typer.Option(help="CSV of answers: left, right, same (yes or no).")
    ] = None,
    pairs: Annotated[
        Path | None, typer.Option(help="Write pairs, with probability and reason.")
    ] = None,
    clusters: Annotated[
        Path | None, typer.Option(help="Write one line a record: id, cluster.")
    ] = None,
    ask: Annotated[int, typer.Option(min=0, help="How many pairs to ask a person about next.")] = 0,
    questions: Annotated[
        Path | None, typer.Option(help="Write the pairs of --ask, to be answered for --labels.")
    ] = None,
    merge: Annotated[
        float, typer.Option(min=0, max=1, help="Probability from which to merge.")
    ] = 0.9,
    different: Annotated[
        float, typer.Option(min=0, max=1, help="Probability up to which pairs are different.")
    ] = 0.1,
    seed: Annotated[int, typer.Option(help="Start of what is drawn; same seed, same answer.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:  # fmt: skip
    """Find the records of a file that are of one thing, without any company.

    Example: perilune duplicates find sites.csv --id Id --pairs pairs.csv --clusters clusters.csv
    """
    started = time.perf_counter()
    try:
        if different > merge:
            raise Invalid(_("--different lies above --merge."))
        if bool(ask) != (questions is not None):
            raise Invalid(_("--ask NUMBER and --questions FILE belong together."))
        thresholds = Thresholds(merge, different)
        options = Options(thresholds, seed, ask)
        with _progress() as bar:
            table, found, answers = _found(
                file, id_column, fields, labels, options=options, bar=bar
            )
            _write(table, found, thresholds, (pairs, clusters, questions))
    except PeriluneError as error:
        _say(gettext(error.message) % error.params if error.params else gettext(error.message))
        raise typer.Exit(NOTHING) from error
    document = _document(table, found, answers, thresholds)
    document["seconds"] = round(time.perf_counter() - started, 2)
    document["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    else:
        _report(document, table, found)


def _found(
    file: Path, id_column: str, fields: str, labels: Path | None, *, options: Options, bar: Progress
) -> tuple[matching.Read, Found, matching.Answers]:
    task = bar.add_task(gettext("Reading rows"), total=None)
    table = matching.read(file, id_column, lambda _rows: bar.update(task))
    if fields.strip():
        columns = chosen(
            table.columns, [f for f in fields.split(",") if f.strip()], table.id_column
        )
    else:
        columns = recognised(table.columns, table.id_column)
    answers = matching.labels(labels, table.ids) if labels else matching.Answers()

    def tell(message: str, share: float) -> None:
        bar.update(task, description=gettext(message), completed=share, total=1.0)

    cells = [table.columns[f.column] for f in columns]
    found = find(table.ids, columns, cells, labels=answers.labels, options=options, tell=tell)
    tell(_("Writing down"), 1.0)
    return table, found, answers


def _write(
    table: matching.Read, found: Found, thresholds: Thresholds,
    places: tuple[Path | None, Path | None, Path | None],
) -> None:  # fmt: skip
    pairs, clusters, questions = places
    if pairs:
        matching.write_pairs(pairs, found, table.ids, thresholds)
    if clusters:
        matching.write_groups(clusters, found, table.ids)
    if questions:
        matching.write_asked(questions, found, table)


def _document(
    table: matching.Read, found: Found, answers: matching.Answers, thresholds: Thresholds
) -> dict[str, Any]:
    sizes = Counter(found.group.tolist())
    verdicts = Counter(thresholds.verdict(p) for p in found.probability.tolist())
    wrong = [answers.labels[i] for i in found.contradictory]
    return {
        "schema": SCHEMA,
        "file": str(table.path),
        "id": table.id_column,
        "other_sheets": table.sheets,
        "fields": [{"column": f.column, "kind": f.role.value} for f in found.fields],
        "records": len(table.ids),
        "clusters": len(sizes),
        "clusters_of_several": sum(size > 1 for size in sizes.values()),
        "records_too_many": len(table.ids) - len(sizes),
        "largest_cluster": max(sizes.values()),
        "candidates": found.candidates,
        "pairs": len(found.probability),
        "verdicts": {verdict.value: verdicts[verdict] for verdict in Verdict},
        "thresholds": {"merge": thresholds.merge, "different": thresholds.different},
        "labels": len(answers.labels),
        "labels_open": answers.open,
        "contradictions": [
            *({"left": one, "right": two, "same": None} for one, two in answers.both),
            *(
                {"left": table.ids[w.left], "right": table.ids[w.right], "same": w.same}
                for w in wrong
            ),
        ],
        "quality": _quality(found.quality),
    }


def _quality(quality: Quality | None) -> dict[str, Any] | None:
    if quality is None:
        return None
    return {
        "precision": _share(quality.precision), "recall": _share(quality.recall),
        "labels": quality.labels, "groups": quality.groups, "folds": quality.folds,
        "on": "own labels, held out by group of records; those of --ask are the hard ones",
    }  # fmt: skip


def _share(share: Share) -> dict[str, float | None]:
    return {
        name: None if value is None else round(value, 4)
        for name, value in (("value", share.value), ("low", share.low), ("high", share.high))
    }


# -- for people ----------------------------------------------------------------------------------


def _report(document: dict[str, Any], table: matching.Read, found: Found) -> None:
    _say(gettext("Compared: %(fields)s") % {"fields": matching.fields_said(found.fields)})
    if table.sheets:
        _say(gettext("Not read: the sheets %(names)s.") % {"names": ", ".join(table.sheets)})
    records, groups = document["records"], document["clusters"]
    text = ngettext("%(count)s record", "%(count)s records", records) % {"count": _n(records)}
    things = ngettext("%(count)s thing", "%(count)s things", groups) % {"count": _n(groups)}
    sys.stdout.write(
        gettext("%(records)s are of %(things)s; the largest has %(largest)s.")
        % {"records": text, "things": things, "largest": _n(document["largest_cluster"])} + "\n"
    )  # fmt: skip
    verdicts = document["verdicts"]
    sys.stdout.write(
        gettext("Pairs: merge %(merge)s, ask %(ask)s.")
        % {"merge": _n(verdicts["merge"]), "ask": _n(verdicts["ask"])} + "\n"
    )  # fmt: skip
    _report_labels(document, found.quality)


def _report_labels(document: dict[str, Any], quality: Quality | None) -> None:
    for one in document["contradictions"]:
        _say(
            gettext("These labels cannot all be true: %(left)s and %(right)s.")
            % {"left": one["left"], "right": one["right"]}
        )
    if quality is None:
        if document["labels"]:
            _say(gettext("Too few labels to say how good the answer is; ten at least."))
        return
    for name, share in ((_("Precision"), quality.precision), (_("Recall"), quality.recall)):
        if share.value is not None and share.low is not None and share.high is not None:
            sys.stdout.write(
                gettext("%(name)s on your labels: %(value)s (%(low)s to %(high)s)")
                % {"name": gettext(name), "value": formats.percent(share.value, 1),
                   "low": formats.percent(share.low, 1),
                   "high": formats.percent(share.high, 1)} + "\n"
            )  # fmt: skip
    _say(
        gettext(
            "Each label was judged by a model that had not seen it. "
            "Pairs that --ask chose are the hard ones."
        )
    )


def _n(count: int) -> str:
    return formats.number(count, 0)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(),
        console=_err, transient=True,
    )  # fmt: skip


def _say(text: str) -> None:
    _err.print(text, markup=False, highlight=False, soft_wrap=True)
