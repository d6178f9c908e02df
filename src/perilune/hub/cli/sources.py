from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer
from django.utils.translation import gettext, ngettext
from rich.console import Console

from perilune.hub.queries import connections as queries
from perilune.hub.queries.said import said
from perilune.hub.service import sync
from perilune.kernel.errors import NotFound, PeriluneError
from perilune.ui import formats

_DONE, _WRONG, _NOTHING = 0, 1, 4
_out, _err = Console(), Console(stderr=True)


def test_command(
    name: Annotated[str, typer.Argument(help="The connection, as its page names it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Try a connection, and each object that was named of it. Exit 1 where something is wrong."""
    try:
        info = queries.connection(name)
    except NotFound as error:
        _err.print(said(error.message, error.params), markup=False)
        raise typer.Exit(_NOTHING) from None
    try:
        sync.connection_sign_in(name)
        found = [_tried(name, one.name) for one in info.objects] if info.is_named else []
    except PeriluneError as error:
        found = [{"object": "", "is_good": False, "text": said(error.message, error.params)}]
    if as_json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    else:
        for one in found:
            _out.print(f"{one['object']} {one['text']}".strip(), markup=False)
    raise typer.Exit(_DONE if all(one["is_good"] for one in found) else _WRONG)


def _tried(name: str, object_name: str) -> dict[str, Any]:
    try:
        probe = sync.object_probe(name, asdict(sync.object_given(name, object_name)))
    except PeriluneError as error:
        return {"object": object_name, "is_good": False, "text": said(error.message, error.params)}
    text = gettext("It can be read; how many rows there are is not said.")
    if probe.rows >= 0:
        text = ngettext("It can be read: %(n)s row.", "It can be read: %(n)s rows.", probe.rows)
        text %= {"n": formats.number(probe.rows, 0)}
    return {"object": object_name, "is_good": True, "text": text, "rows": probe.rows}
