"""`perilune territories geocode`: the coordinates that accounts lack, from their addresses."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import get_language, gettext, ngettext
from rich.console import Console
from rich.table import Table

from perilune.crm.contracts.places import Geocoding, Precision, Unplaced
from perilune.crm.queries import communes_of, country_named, geocoding
from perilune.crm.service import accounts_place
from perilune.kernel.errors import NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import company, home_owner, rights_of, user_named
from perilune.ui import formats
from perilune.ui.contracts import Column
from perilune.ui.export import Export, write_csv

SCHEMA = 1
MOST = 20

PRECISIONS = {
    Precision.POSTCODE: _("commune of the postcode"),
    Precision.TOWN: _("centre of the town"),
    Precision.REGION: _("largest town of the region"),
}
REASONS = {
    Unplaced.HALF: _("one coordinate is missing or beyond the globe"),
    Unplaced.EMPTY: _("neither town, postcode nor region"),
    Unplaced.NO_COUNTRY: _("no country (name one with --country)"),
    Unplaced.UNKNOWN_COUNTRY: _("the country is not known"),
    Unplaced.UNKNOWN_TOWN: _("the town is not known"),
    Unplaced.UNKNOWN_AREA: _("no town, and the postcode or region is not known"),
    Unplaced.ELSEWHERE: _("the town is not where postcode or region say"),
    Unplaced.COARSE: _("only the region is known (--precision region takes it)"),
}


def geocode_command(  # noqa: PLR0917  # Typer names every option
    table: Annotated[
        Path | None,
        typer.Option(help="CSV of communes: postcode, INSEE code, town, latitude, longitude."),
    ] = None,
    country: Annotated[str, typer.Option(help="Country of accounts that name none.")] = "",
    precision: Annotated[
        Precision, typer.Option(help="The coarsest place that counts: postcode, town, region.")
    ] = Precision.TOWN,
    unplaced: Annotated[
        Path | None, typer.Option(help="Write the accounts without a place as CSV.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write the coordinates.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find coordinates for accounts that have none, offline; nothing is written without --apply.

    Example: perilune territories geocode --table postcodes.csv --country FR --apply
    """
    started = time.perf_counter()
    company()
    actor = _actor()
    communes, left_out = communes_of(table) if table else ((), 0)
    code = country_named(country) if country else ""
    found = geocoding(communes, country=code, coarsest=precision)
    if unplaced is not None:
        with unplaced.open("w", encoding="utf-8-sig", newline="") as file:
            write_csv(_list(found), file, get_language() or "en")
    done = accounts_place(found, actor=actor) if apply else None
    if as_json:
        document = _document(found, left_out) | {
            "applied": apply,
            "change_set": done.change_set_id if done else None,
            "seconds": round(time.perf_counter() - started, 3),
        }
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    _print(found, left_out)
    if done is None:
        typer.echo(gettext("Nothing was written: --apply writes the coordinates."))
        return
    count = len(done.ids)
    text = ngettext(
        "%(count)s account has its coordinates now.",
        "%(count)s accounts have their coordinates now.",
        count,
    )
    typer.echo(text % {"count": formats.number(count, 0)})


def _actor() -> str:
    """Return who acts: --as USER, else the owner; Refused without sight of all accounts."""
    name = os.environ.get("PERILUNE_AS", "")
    user = user_named(name) if name else home_owner()
    if user is None:
        if name:
            raise NotFound(_("There is no user named %(name)s."), name=name)
        return "owner"
    if not {Right.EDIT_RECORDS, Right.SEE_COMPANY_ROWS} <= rights_of(user):
        raise Refused(_("Coordinates are found by those who see and change all accounts."))
    return str(user.username)


def _document(found: Geocoding, left_out: int) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "given": found.given,
        "table_rows_left_out": left_out,
        "placed": [
            {
                "id": account.id,
                "name": account.name,
                "latitude": place.latitude,
                "longitude": place.longitude,
                "precision": place.precision,
                "part": place.part,
                "town": place.town,
                "rivals": place.rivals,
            }
            for account, place in found.placed
        ],
        "unplaced": [
            {
                "id": account.id,
                "name": account.name,
                "reason": missing.reason,
                "nearest": missing.nearest,
            }
            for account, missing in found.missing
        ],
        "attribution": "GeoNames, CC BY 4.0",
    }


def _list(found: Geocoding) -> Export:
    columns = [
        Column("id", gettext("Account")),
        *(
            Column(str(at), label)
            for at, label in enumerate(
                (
                    gettext("Name"),
                    gettext("Country"),
                    gettext("Region"),
                    gettext("Postcode"),
                    gettext("City"),
                    gettext("Reason"),
                    gettext("Nearest"),
                )
            )
        ),
    ]
    rows = (
        [
            f"#{account.id}",
            account.name,
            account.address.country,
            account.address.region,
            account.address.postcode,
            account.address.city,
            gettext(REASONS[missing.reason]),
            missing.nearest,
        ]
        for account, missing in found.missing
    )
    return Export("unplaced", columns, rows)


def _print(found: Geocoding, left_out: int) -> None:
    console = Console()
    table = Table(title=gettext("Places of accounts"))
    table.add_column(gettext("Place"))
    table.add_column(gettext("Accounts"), justify="right")
    table.add_row(gettext("own coordinates, left alone"), formats.number(found.given, 0))
    counts = Counter(place.precision for _account, place in found.placed)
    for precision, label in PRECISIONS.items():
        if counts[precision]:
            table.add_row(gettext(label), formats.number(counts[precision], 0))
    reasons = Counter(missing.reason for _account, missing in found.missing)
    for reason, count in reasons.most_common():
        label = gettext("no place: %(reason)s") % {"reason": gettext(REASONS[reason])}
        table.add_row(label, formats.number(count, 0))
    console.print(table)
    _print_missing(found, console)
    doubtful = sum(place.rivals > 0 for _account, place in found.placed)
    if doubtful:
        text = ngettext(
            "%(count)s account names a town of which there are several; the largest was taken."
            " A postcode or region decides.",
            "%(count)s accounts name a town of which there are several; the largest was taken."
            " A postcode or region decides.",
            doubtful,
        )
        typer.echo(text % {"count": formats.number(doubtful, 0)})
    if left_out:
        text = ngettext(
            "%(count)s row of the table has no place and was left out.",
            "%(count)s rows of the table have no place and were left out.",
            left_out,
        )
        typer.echo(text % {"count": formats.number(left_out, 0)})
    typer.echo(gettext("Towns: GeoNames, CC BY 4.0."))


def _print_missing(found: Geocoding, console: Console) -> None:
    if not found.missing:
        return
    table = Table(title=gettext("Accounts without a place"))
    for head in (gettext("Account"), gettext("Address"), gettext("Reason"), gettext("Nearest")):
        table.add_column(head)
    for account, missing in found.missing[:MOST]:
        here = account.address
        address = " ".join(filter(None, (here.postcode, here.city, here.region, here.country)))
        table.add_row(account.name, address, gettext(REASONS[missing.reason]), missing.nearest)
    console.print(table)
    if len(found.missing) > MOST:
        text = gettext("… and %(count)s more; --unplaced FILE lists them all.")
        typer.echo(text % {"count": formats.number(len(found.missing) - MOST, 0)})
