"""The sheet of a territory plan as pages show it: columns, cells, by territory, region and rep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.people.web.gate import PageRequest
from perilune.territories.contracts import (
    DraftState,
    DraftView,
    PlanOutlook,
    Sheet,
    SheetRow,
)
from perilune.territories.web import expecting, shown
from perilune.ui import formats
from perilune.ui.contracts import (
    Cell,
    Column,
    Format,
    Row,
    Table,
    Tone,
)

TONES = {
    DraftState.PLANNING: Tone.NEUTRAL,
    DraftState.REVIEW: Tone.WATCH,
    DraftState.APPROVED: Tone.GOOD,
    DraftState.ACTIVE: Tone.GOOD,
    DraftState.ARCHIVED: Tone.NEUTRAL,
    DraftState.REJECTED: Tone.ACT,
}


def _balances(view: DraftView, key: str) -> bool:
    return any(attribute.key == key for attribute in view.attributes)


def scored_columns(view: DraftView, sheet: Sheet) -> dict[str, object]:
    """Return where the cells stand that a move changes: the studio's script writes them at once."""
    place = {column.name: at for at, column in enumerate(sheet_columns(view, sheet))}
    values = [place[f"v{at}"] for at in range(len(view.attributes))]
    return {"accounts": place.get("accounts"), "values": values}


def sheet_columns(
    view: DraftView, sheet: Sheet, outlook: PlanOutlook | None = None
) -> list[Column]:
    """Return the columns of the sheet, with those of what open deals may bring."""
    currency = sheet.currency
    found = [
        Column("name", gettext("Territory"), is_title=True),
        Column("rep", gettext("Rep")),
    ]
    if not _balances(view, "accounts"):
        found.append(Column("accounts", gettext("Accounts"), Format.NUMBER, decimals=0))
    for at, attribute in enumerate(view.attributes):
        if attribute.key == "accounts":
            shape = Column(f"v{at}", gettext("Accounts"), Format.NUMBER, decimals=0)
        elif shown.is_money(attribute):
            shape = Column(
                f"v{at}", shown.title_of(attribute), Format.MONEY, currency=currency, decimals=0
            )
        else:
            shape = Column(f"v{at}", shown.title_of(attribute), Format.NUMBER, unit=attribute.unit,
                           decimals=0)  # fmt: skip
        hint = gettext("Off the target; allowed: %(share)s.") % {
            "share": formats.percent(attribute.tolerance, 0)
        }
        found += [shape, Column(f"off{at}", gettext("Off"), Format.PERCENT, decimals=1, hint=hint)]

    def money(name: str, label: str, hint: str = "") -> Column:
        return Column(name, label, Format.MONEY, currency=currency, decimals=0, hint=hint,
                      is_minor=True)  # fmt: skip

    if not _balances(view, "pipeline"):
        found.append(money("pipeline", gettext("Open pipeline")))
    if not _balances(view, "bookings"):
        found.append(money("bookings", gettext("Bookings of 12 months")))
    return [
        *found,
        *potential_columns(sheet),
        money("quota", quota_label(sheet), quota_said(sheet)),
        *(expecting.columns(outlook, currency) if outlook else ()),
        Column("road", gettext("Round"), Format.NUMBER, unit="km", decimals=0, is_minor=True,
               hint=gettext("One round of visits to all accounts, an estimate.")),
        *_way_columns(sheet),
        Column("in", gettext("In"), Format.NUMBER, decimals=0,
               hint=gettext("Accounts that come from another rep.")),
        Column("out", gettext("Out"), Format.NUMBER, decimals=0,
               hint=gettext("Accounts that go to another rep.")),
    ]  # fmt: skip


def _way_columns(sheet: Sheet) -> list[Column]:
    """Return the column of travel times; none where no routing server was asked."""
    if all(row.minutes is None for row in sheet.territories):
        return []
    hint = gettext("Mean way from the centre by the routing server, asked at the design.")
    return [Column("way", gettext("Way"), Format.NUMBER, unit="min", decimals=0, hint=hint)]


def potential_columns(sheet: Sheet, name: str = "", plan: str = "") -> list[Column]:
    """Return the columns of potential and of the room left; none where the plan names no field."""
    field = sheet.potential
    if field is None:
        return []
    said = gettext("Potential: %(field)s") % {"field": shown.title_of(field)}
    after = f" · {plan}" if plan else ""
    if not shown.is_money(field):
        return [Column(f"{name}potential", said + after, Format.NUMBER, decimals=0)]

    def money(key: str, label: str, hint: str = "") -> Column:
        return Column(name + key, label + after, Format.MONEY, currency=sheet.currency, decimals=0,
                      hint=hint)  # fmt: skip

    return [
        money("potential", said),
        money("room", gettext("Headroom"),
              gettext("Potential less bookings of twelve months, of accounts whose potential is "
                      "known.")),
    ]  # fmt: skip


def quota_label(sheet: Sheet) -> str:
    """Return the head of the column of quotas, with the annual plan that they are of."""
    source = sheet.quota_of
    if source is None:
        return gettext("Quota")
    if source.is_in_force:
        return gettext("Quota, %(plan)s") % {"plan": source.plan or source.year}
    return gettext("Quota, %(plan)s (%(state)s)") % {
        "plan": source.plan,
        "state": gettext(source.state),
    }


def quota_said(sheet: Sheet) -> str:
    """Return whose quotas these are and whether they are in force; nothing where there is none."""
    source = sheet.quota_of
    if source is None:
        return ""
    facts = {"plan": source.plan, "year": source.year, "state": gettext(source.state)}
    if not source.is_in_force:
        return (
            gettext("Quotas of %(year)s by the annual plan “%(plan)s”, not in force (%(state)s).")
            % facts
        )
    if source.plan:
        return gettext("Quotas of %(year)s, in force by the annual plan “%(plan)s”.") % facts
    return gettext("Quotas of %(year)s on record; no annual plan of it is in force.") % facts


def potential_cells(sheet: Sheet, row: SheetRow | None) -> list[object]:
    """Return the cells of `potential_columns`."""
    return [
        None if row is None else getattr(row, column.name) for column in potential_columns(sheet)
    ]


def region_tolerance(view: DraftView) -> float:
    """Return what the last design allowed regions to be off, 0 for as much as territories."""
    return float((view.head.settings.get("asked") or {}).get("region_tolerance", 0.0))


def sheet_cells(
    view: DraftView,
    sheet: Sheet,
    row: SheetRow,
    outlook: PlanOutlook | None = None,
    url: str = "",
    *,
    expected: Sequence[object] | None = None,
    allowed: float = 0.0,
) -> list[object]:
    """Return the cells of a row of the sheet.

    expected: of a row that is no territory. allowed: off the target, 0 as attributes have it.
    """
    name = Cell(row.name, url=url, in_drawer=bool(url))
    cells: list[object] = [name, row.rep or None]
    if not _balances(view, "accounts"):
        cells.append(row.accounts)
    for attribute, value, off in zip(view.attributes, row.values, row.deviation, strict=True):
        tone = Tone.NEUTRAL
        if off is not None and abs(off) > (allowed or attribute.tolerance) + 1e-9:
            tone = Tone.WATCH
        cells += [value, Cell(off, tone=tone)]
    if not _balances(view, "pipeline"):
        cells.append(row.pipeline)
    if not _balances(view, "bookings"):
        cells.append(row.bookings)
    return [
        *cells,
        *potential_cells(sheet, row),
        row.quota,
        *(_expected(outlook, row) if expected is None else expected),
        row.road,
        *([row.minutes] if _way_columns(sheet) else []),
        row.moved_in,
        row.moved_out,
    ]


def _expected(outlook: PlanOutlook | None, row: SheetRow) -> Sequence[object]:
    return expecting.cells(outlook, row) if outlook else ()


def territories_table(
    request: PageRequest, view: DraftView, sheet: Sheet, outlook: PlanOutlook | None = None
) -> Table:
    """Return the sheet by territory; a name opens the territory beside the page."""
    may = shown.may_edit(request, view.head)

    def territory(row: SheetRow) -> Row:
        number = row.number if row.number is not None else -1
        where = [view.head.id, number]
        url = reverse("territories:territory", args=where) if may else ""
        cells = sheet_cells(view, sheet, row, outlook, url)
        return Row(number, cells, level=int(bool(sheet.regions)))

    if sheet.regions:
        rows = []
        for at, region in enumerate(sheet.regions):
            rows.append(Row(f"region-{at}", _region_cells(view, sheet, region, outlook)))
            rows += [territory(row) for row in sheet.territories if row.region == region.region]
    else:
        rows = [territory(row) for row in sheet.territories]
    # totals are plain values
    total = [cell.value if isinstance(cell, Cell) else cell
             for cell in sheet_cells(view, sheet, sheet.total, outlook)]  # fmt: skip
    return Table(
        sheet_columns(view, sheet, outlook),
        rows,
        gettext("Territories of the plan"),
        name="territories",
        totals=[None, *total[1:]],
        total_label=gettext("Total"),
        is_dense=True,
        export_urls=shown.exports(request, "territories:export", view.head.id),
        note=_notes(sheet),
    )


def _region_cells(
    view: DraftView, sheet: Sheet, region: SheetRow, outlook: PlanOutlook | None
) -> list[object]:
    """Return the sums of a region; it is measured against the targets of its territories."""
    inside = [row.number for row in sheet.territories if row.region == region.region]
    count = ngettext("%(n)s territory", "%(n)s territories", len(inside))
    named = replace(
        region, name=region.name or gettext("in no region"),
        rep=count % {"n": formats.number(len(inside), 0)},
    )  # fmt: skip
    expected = expecting.summed_cells(outlook, inside) if outlook else ()
    return sheet_cells(view, sheet, named, expected=expected, allowed=region_tolerance(view))


def _notes(sheet: Sheet) -> str:
    said = []
    if sheet.unassigned:
        text = ngettext(
            "%(n)s account is in no territory.",
            "%(n)s accounts are in no territory.",
            sheet.unassigned,
        )
        said.append(text % {"n": formats.number(sheet.unassigned, 0)})
    return " ".join([*said, *filter(None, [unknown_potential(sheet)])])


def unknown_potential(sheet: Sheet) -> str:
    """Say of how many accounts the potential is not known; nothing where it is of all."""
    count = sheet.total.unknown
    if not count:
        return ""
    text = ngettext(
        "The potential of %(n)s account is not known: it is in neither potential nor headroom.",
        "The potential of %(n)s accounts is not known: they are in neither potential nor headroom.",
        count,
    )
    return text % {"n": formats.number(count, 0)}


def reps_table(view: DraftView, sheet: Sheet, outlook: PlanOutlook | None = None) -> Table | None:
    """Return the sheet by rep, where some rep has several territories."""
    several = [row for row in sheet.reps if row.rep_id]
    if len({row.rep_id for row in sheet.territories}) == len(sheet.territories) or not several:
        return None
    every = sheet_columns(view, sheet, outlook)
    columns = [column for column in every if not column.name.startswith("off")]
    rows = []
    for row in several:
        cells = sheet_cells(view, sheet, row, outlook)
        kept = [
            cell
            for column, cell in zip(every, cells, strict=True)
            if not column.name.startswith("off")
        ]
        rows.append(Row(row.rep_id or 0, [row.rep or row.name, *kept[2:]]))
    columns = [columns[1], *columns[2:]]
    return Table(
        [Column("rep", gettext("Rep"), is_title=True), *columns[1:]],
        rows,
        gettext("Reps of the plan"),
        name="reps",
        is_dense=True,
    )
