from __future__ import annotations

import json
import shlex
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext, ngettext, pgettext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as Grid

from perilune.hub import queries, service
from perilune.hub.contracts import STATE_LABELS, RunState
from perilune.hub.contracts.lookalikes import CHOICE_LABELS, Choice
from perilune.hub.queries import said
from perilune.kernel.errors import Conflict, Invalid, PeriluneError, Refused, Unavailable
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS
from perilune.people.queries import acting
from perilune.ui import formats

DONE, INTERNAL, USAGE, WITHHELD, NOTHING = 0, 1, 2, 3, 4
_err = Console(stderr=True)

imports_app = typer.Typer(
    help="Past imports: list, show, undo, problems, repair.", no_args_is_help=True
)


def import_command(  # noqa: PLR0913, PLR0917  # Typer names every option
    path: Annotated[Path, typer.Argument(help="A CSV or Excel file, or a folder of several.")],
    source: Annotated[str, typer.Option(help="Name of the system the files come from.")] = "",
    mapping: Annotated[Path | None, typer.Option(help="A mapping saved as JSON or TOML.")] = None,
    as_of: Annotated[str, typer.Option(help="Day of the export, such as 2017-12-31.")] = "",
    full: Annotated[bool, typer.Option("--full", help="The files hold every record.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference only.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Apply in spite of a warning stop.")
    ] = False,
    look_alikes: Annotated[
        Choice, typer.Option(help="What becomes of rows that look like records.")
    ] = Choice.WRITE,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Import a CRM export: perilune import ../exports/crm --as-of 2017-12-31."""
    raise typer.Exit(
        _guarded(
            lambda: _import(
                path, source, mapping, as_of, full, dry_run, force, as_json, look_alikes
            )
        )
    )


def _import(  # noqa: PLR0913, PLR0917  # the options of the command, one each
    path: Path, source: str, mapping: Path | None, as_of: str, full: bool, dry_run: bool,
    force: bool, as_json: bool, look_alikes: Choice = Choice.WRITE,
) -> int:  # fmt: skip
    service.recover()
    try:
        given = _mapping(mapping) if mapping else None
        day = date.fromisoformat(as_of) if as_of else None
    except ValueError:
        _say(gettext("«%(text)s» is not a date such as 2026-12-31.") % {"text": as_of})
        return USAGE
    if not path.exists():
        _say(gettext("There is no file or folder %(path)s.") % {"path": path})
        return USAGE
    run_id = service.import_open(
        path, source=source, mapping=given, as_of=day, is_full=full, is_forced=force, actor="cli"
    )
    is_clear = (bool(source) or _is_source_clear(run_id)) and _is_complete(run_id)
    if not is_clear or not (given or force or _is_mapping_clear(run_id)):
        service.import_cancel(run_id)
        return NOTHING
    is_stopped = _drive(run_id, look_alikes, is_dry=dry_run)
    _report(run_id, as_json=as_json)
    if is_stopped:
        service.import_cancel(run_id)
        _say(
            gettext(
                "Nothing was applied. Check the export, or give --force to apply it all the same."
            )
        )
        return NOTHING
    if dry_run:
        service.import_cancel(run_id)
        return DONE
    _refresh()
    return WITHHELD if queries.withheld_count(run_id) else DONE


def _is_mapping_clear(run_id: int) -> bool:
    """Say what is in doubt in the mapping and print it; true when nothing is."""
    doubts = service.doubts_of(run_id)
    for file, doubt in doubts:
        _say(f"{file}{gettext(':')} {gettext(doubt)}")
    if doubts:
        _print_mapping(run_id)
    return not doubts


def _is_complete(run_id: int) -> bool:
    """Say which required fields no column gives and print the mapping; true when none."""
    missing = service.missing_of(run_id)
    for file, labels in missing:
        names = said.quoted(labels)
        text = gettext("%(file)s: required, but no column gives it: %(names)s.")
        _say(text % {"file": file, "names": names})
    if missing:
        _print_mapping(run_id)
    return not missing


def _is_source_clear(run_id: int) -> bool:
    """Say which source the files are taken for; ask where it is in doubt, false without an answer.

    A file named anew each week must not become a source, and a pipeline, of its own in silence.
    """
    info = queries.run_info(run_id)
    if not service.source_question(run_id):
        taken = said.taken_for(info)
        if taken:
            _say(taken + " " + gettext("--source NAME says otherwise."))
        return True
    reasons = said.reasons(info)
    own = info.source
    names = [*dict.fromkeys([*(source for source, _reason in reasons), own])]
    _say(gettext("These files may be of a source that is known here:"))
    for number, name in enumerate(names, 1):
        reason = dict(reasons).get(name) or gettext("a new source of its own")
        _say(f"  {number}. {name}: {reason}")
    if not sys.stdin.isatty():
        options = " · ".join(f"--source {shlex.quote(name)}" for name in names)
        _say(gettext("Nothing was read. Say which one it is: %(options)s") % {"options": options})
        return False
    while True:
        answer = _err.input(gettext("Which one is it? Its number (empty: stop): ")).strip()
        if not answer:
            return False
        if answer.isdigit() and 1 <= int(answer) <= len(names):
            chosen = names[int(answer) - 1]
            service.set_options(run_id, source=chosen, as_of_us=info.asked_us, is_full=info.is_full)
            return True


def _mapping(path: Path) -> list[dict[str, Any]]:
    try:
        if path.suffix.lower() == ".toml":
            import tomllib

            data: Any = tomllib.loads(path.read_text("utf-8"))
        else:
            data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid("The mapping cannot be read: %(error)s.", error=str(error)) from error
    files = data.get("files", [data]) if isinstance(data, dict) else data
    return [{"file": "*", **item} for item in files]


def _drive(run_id: int, look_alikes: Choice, *, is_dry: bool) -> bool:
    """Read and apply with a progress bar on stderr; true when a guard stopped the import."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_err, transient=True) as bar:
        task = bar.add_task(gettext("Reading rows"), total=None)
        try:
            while True:
                progress = service.import_read(run_id, seconds=0.5)
                bar.update(task, completed=progress.done, total=progress.total or None)
                if progress.state is not RunState.READING:
                    break
            if look_alikes is not Choice.WRITE:
                count = service.choose_alikes(run_id, look_alikes, acting()[1])
                _say_choice(look_alikes, count)
            if progress.state is RunState.STOPPED or is_dry:
                return progress.state is RunState.STOPPED
            bar.update(task, description=gettext("Writing records"), completed=0)
            while progress.state is not RunState.DONE:
                progress = service.import_apply(run_id, seconds=0.5)
                bar.update(task, completed=progress.done, total=progress.total or None)
        except KeyboardInterrupt:
            service.import_cancel(run_id)
            raise
    return False


def _say_choice(choice: Choice, count: int) -> None:
    text = ngettext(
        "%(count)s row looks like a record: %(choice)s.",
        "%(count)s rows look like records: %(choice)s.", count,
    )  # fmt: skip
    if count:
        _say(text % {"count": count, "choice": gettext(CHOICE_LABELS[choice]).lower()})


def _refresh() -> None:
    from perilune.store import service as store

    with _err.status(gettext("Refreshing the store")):
        store.refresh()


def _report(run_id: int, *, as_json: bool) -> None:
    info = queries.run_info(run_id)
    if as_json:
        sys.stdout.write(json.dumps(_as_data(info), ensure_ascii=False) + "\n")
        return
    grid = Grid(title=f"{info.title} · {gettext(STATE_LABELS[info.state])}")
    names = [n for n in _HEADINGS if n == "new" or any(c.get(n) for c in info.counts.values())]
    grid.add_column(gettext("Records"), no_wrap=True)
    for name in names:
        label = pgettext("records", "Changed") if name == "changed" else gettext(_HEADINGS[name])
        grid.add_column(label, justify="right", no_wrap=True)
    for kind, counts in info.counts.items():
        label = gettext(KINDS.get(kind).label_plural)
        grid.add_row(label, *(formats.number(counts.get(name, 0), 0) for name in names))
    _err.print(grid)
    for notice in info.notices:
        _say(said.noticed(notice))
    _say_problems(run_id)
    if info.message:
        _say(said.said(info.message, info.message_params))


_HEADINGS = {
    "new": _("New"),
    "changed": _("Changed"),
    "unchanged": _("Unchanged"),
    "conflicts": _("Conflicts"),
    "missing": _("Missing"),
    "warnings": _("Warnings"),
    "withheld": _("Kept out"),
    "left_out": _("Left out"),
    "taken": _("Taken as updates"),
}


def _as_data(info: queries.RunInfo) -> dict[str, Any]:
    return {
        "schema": 1,
        "run": info.id,
        "source": info.source,
        "state": info.state.value,
        "as_of": info.as_of.isoformat() if info.as_of else None,
        "rows": info.total_rows,
        "records": {
            kind: {name: n for name, n in counts.items() if name != "alike"}  # of the run's keeping
            for kind, counts in info.counts.items()
        },
        "notices": [
            {"file": n["file"], "message": said.said(n["message"], n["params"])}
            for n in info.notices
        ],
        "problems": [
            {"code": g.code, "kind": g.kind, "field": g.field, "value": g.value, "count": g.count,
             "message": said.said(g.message, g.message_params), "suggestion": g.suggestion,
             "severity": g.severity.value, "first_line": g.first_line}
            for g in queries.problem_groups(info.id, scope=acting()[1])
        ],
        "message": said.said(info.message, info.message_params),
    }  # fmt: skip


def _say_problems(run_id: int) -> None:
    groups = queries.problem_groups(run_id, limit=8, scope=acting()[1])
    for group in groups:
        text = said.said(group.message, group.message_params)
        rows = ngettext("%(count)s row", "%(count)s rows", group.count) % {
            "count": formats.number(group.count, 0)
        }
        hint = said.hint_of(group.code, group.suggestion)
        if group.suggestion:
            hint = said.quoted_value(hint)
        _say(f"#{group.first_id} {rows}{gettext(':')} {text}" + (f" → {hint}" if hint else ""))
    if groups:
        _say(gettext("Repair all alike: perilune imports repair NUMBER [VALUE]"))
        _say(gettext("Leave all alike as they are: perilune imports keep NUMBER"))


def _print_mapping(run_id: int) -> None:
    info = queries.run_info(run_id)
    _say(gettext("The proposed mapping; correct it, save it and give it with --mapping FILE:"))
    files = [
        {**one, "reason": said.said(one["reason"], {}), "doubts": [*map(gettext, one["doubts"])]}
        for one in info.mappings
    ]
    sys.stdout.write(json.dumps({"files": files}, ensure_ascii=False, indent=1) + "\n")


def _say(text: str) -> None:
    _err.print(text, markup=False, highlight=False, soft_wrap=True)


def _guarded(work: Any) -> int:
    try:
        return int(work())
    except (Conflict, Refused, Unavailable) as error:
        _say(_words(error))
        return NOTHING
    except PeriluneError as error:
        _say(_words(error))
        return NOTHING


def _words(error: PeriluneError) -> str:
    text = gettext(error.message)
    return text % error.params if error.params else text


# -- past imports ------------------------------------------------------------------------------


@imports_app.command("list")
def list_command(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the imports: perilune imports list."""
    found = queries.runs()
    if as_json:
        sys.stdout.write(json.dumps([_as_data(info) for info in found], ensure_ascii=False) + "\n")
        return
    if not found:
        _say(gettext("Nothing was imported yet"))
    for info in found:
        label = gettext(STATE_LABELS[info.state])
        sys.stdout.write(f"{info.id}\t{info.created_at:%Y-%m-%d %H:%M}\t{info.title}\t{label}\n")


@imports_app.command("watch")
def watch_command(
    folder: Annotated[Path, typer.Argument(help="A folder into which a system puts its files.")],
    source: Annotated[str, typer.Option(help="Name of the system the files come from.")] = "",
    full: Annotated[bool, typer.Option("--full", help="The files hold every record.")] = False,
    every: Annotated[int, typer.Option(help="Minutes between two looks, 5 to 1440.")] = 15,
    look_alikes: Annotated[
        Choice, typer.Option(help="What becomes of rows that look like records, each time.")
    ] = Choice.WRITE,
) -> None:
    """Import what is new in a folder, again and again: perilune imports watch /srv/crm."""

    def work() -> int:
        service.watch_folder(
            folder, source=source, is_full=full, minutes=every, look_alikes=look_alikes
        )
        _say(gettext("Watched. It stands, and is stopped, among the schedules."))
        return DONE

    raise typer.Exit(_guarded(work))


@imports_app.command("show")
def show_command(run: int, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Show what an import did: perilune imports show 3."""

    def work() -> int:
        _report(run, as_json=as_json)
        return DONE

    raise typer.Exit(_guarded(work))


@imports_app.command("undo")
def undo_command(run: int) -> None:
    """Roll a whole import back; later edits stand: perilune imports undo 3."""

    def work() -> int:
        done = service.import_rollback(run, actor="cli")
        kept = sum(len(item.conflicts) for item in done)
        _say(gettext("Rolled back. Later edits that stand: %(count)s.") % {"count": kept})
        _refresh()
        return DONE

    raise typer.Exit(_guarded(work))


@imports_app.command("problems")
def problems_command(run: int, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List what is doubtful in an import, rows alike together: perilune imports problems 3."""

    def work() -> int:
        info = queries.run_info(run)
        if as_json:
            sys.stdout.write(json.dumps(_as_data(info)["problems"], ensure_ascii=False) + "\n")
        else:
            _say_problems(run)
        return DONE

    raise typer.Exit(_guarded(work))


@imports_app.command("repair")
def repair_command(
    problem: Annotated[
        int, typer.Argument(help="Number of a problem, as `imports problems` shows it.")
    ],
    value: Annotated[str, typer.Argument(help="What is meant; the suggestion if left out.")] = "",
    only_this: Annotated[bool, typer.Option("--only-this", help="Not the rows alike.")] = False,
) -> None:
    """Repair a value in all rows alike: perilune imports repair 17 "GTX Pro"."""

    def work() -> int:
        meant = value or queries.problems_like(problem, 1)[0].suggestion
        if not meant:
            _say(gettext("There is no suggestion; give the value that is meant."))
            return USAGE
        count = service.repair(problem, meant, actor="cli", is_for_all=not only_this)
        _say(
            ngettext("%(count)s record repaired.", "%(count)s records repaired.", count)
            % {"count": count}
        )
        _refresh()
        return DONE

    raise typer.Exit(_guarded(work))


@imports_app.command("keep")
def keep_command(
    problem: Annotated[
        int, typer.Argument(help="Number of a problem, as `imports problems` shows it.")
    ],
) -> None:
    """Leave all rows alike as they are, a new stage or rep among them: perilune imports keep 17."""

    def work() -> int:
        count = service.dismiss([problem], is_for_all=True)
        text = ngettext("%(count)s row left as it is.", "%(count)s rows left as they are.", count)
        _say(text % {"count": count})
        return DONE

    raise typer.Exit(_guarded(work))


@imports_app.command("missing")
def missing_command(
    run: int,
    kind: Annotated[str, typer.Argument(help="Kind of record, such as opportunity.")] = "",
    answer: Annotated[str, typer.Option(help="filtered, deleted or merged")] = "",
) -> None:
    """Say why records are gone: perilune imports missing 3 opportunity --answer deleted."""

    def work() -> int:
        if kind and answer:
            count = service.answer_missing(run, kind, answer, actor="cli")
            _say(gettext("Answered for %(count)s records.") % {"count": count})
            _refresh()
            return DONE
        for row in queries.missing_records(run):
            sys.stdout.write(f"{row['kind']}\t{row['key']}\t{row['title']}\n")
        return DONE

    raise typer.Exit(_guarded(work))
