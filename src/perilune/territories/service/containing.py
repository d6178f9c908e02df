"""Say what a draft hands out whole: towns, postcodes, departments, polygons of a file."""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import Any

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.territories.contracts import EditKind, Loaded, Sheet
from perilune.territories.engine.areas import borders, inside, through
from perilune.territories.engine.checks import Note, named
from perilune.territories.engine.geojson import areas_from
from perilune.territories.models import ContainerSet
from perilune.territories.models.packing import pack_one, pack_texts
from perilune.territories.queries.containing import container_choices, names_by
from perilune.territories.queries.loading import AREAS, containers_of, names_of
from perilune.territories.service.writing import changing

LARGEST = 16 * 1024 * 1024
"""Bytes of a file of polygons."""
MOST_AREAS = 20_000
DIGITS = 5
"""Of a degree, in what the map draws: a metre."""

Shapes = dict[str, list[dict[str, Any]]]
Numbers = np.ndarray[Any, np.dtype[np.int32]]


def put_containers(
    draft_id: int,
    edition: int,
    by: str,
    *,
    actor: str,
    scope: Scope,
    file: tuple[str, bytes] | None = None,
    property_name: str = "",
) -> Sheet:
    """Say what designs and moves of a draft keep whole; it can be taken back.

    by: a key of `container_choices`, "" for accounts one by one. file: name and content of a
    GeoJSON file, for polygons; property_name: the property that names them. Nothing moves by this.
    Invalid, saying why, where no account lies in a container.
    """
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True) as held:
        before = held.row.containers_id
        held.row.containers_id = None if not by else _kept(held.found, by, file, property_name)
        held.note(EditKind.CONTAINERS, rows=[before, held.row.containers_id])
    return held.sheet()


def _kept(found: Loaded, by: str, file: tuple[str, bytes] | None, property_name: str) -> int:
    labels = dict(container_choices())
    if by not in labels:
        raise Invalid(_("Accounts lie in no “%(key)s”."), key=by)
    notes: list[Note] = []
    edges: Numbers | None = None
    shapes: Shapes = {}
    if by == AREAS:
        if file is None:
            raise Invalid(_("Choose a GeoJSON file with polygons."))
        title = file[0][:120]
        names, member, edges, shapes = _drawn(found, file, property_name, notes)
    else:
        title = labels[by]
        told = names_by(found, by)
        names = sorted(set(told) - {""}, key=str.casefold)
        number = {name: at for at, name in enumerate(names)}
        member = np.array([number.get(name, -1) for name in told], np.int32)
    if not (member >= 0).any():
        raise Invalid(_("No account lies in a container."))
    packed = pack_texts(names), pack_one(member), None if edges is None else pack_one(edges)
    drawn = zlib.compress(json.dumps(shapes).encode(), 6) if shapes else None
    said = hashlib.sha256(b"|".join(part or b"" for part in (*packed, drawn)))
    row = ContainerSet.objects.create(
        snapshot_id=found.snapshot_id,
        by=by,
        title=title,
        digest=said.hexdigest(),
        names=packed[0],
        member=packed[1],
        edges=packed[2],
        shapes=drawn,
        notes=[[message, dict(params)] for message, params in notes],
    )
    return containers_of(row.pk).id


def _drawn(
    found: Loaded, file: tuple[str, bytes], property_name: str, notes: list[Note]
) -> tuple[list[str], Numbers, Numbers, Shapes]:
    """Return names, members, neighbours and geometries of the polygons that hold accounts."""
    name, content = file
    if len(content) > LARGEST:
        raise Invalid(_("“%(name)s” is larger than %(most)s MB."), name=name,
                      most=LARGEST // 1024**2)  # fmt: skip
    try:
        told = json.loads(content.decode("utf-8-sig"))
    except ValueError:
        told = None
    areas, drawn = areas_from(told, name, property_name.strip())
    if len(areas) > MOST_AREAS:
        raise Invalid(_("“%(name)s” has more than %(most)s polygons."), name=name, most=MOST_AREAS)
    placed = np.flatnonzero(found.accounts.placed)
    points = np.column_stack([found.accounts.lon[placed], found.accounts.lat[placed]])
    at, several = inside(points, areas)
    where = np.full(len(found.territory), -1, np.int32)
    where[placed] = at
    if several:
        labels = names_of(found)
        message = _("In several polygons, the first of the file counts: %(names)s.")
        torn = [labels[int(placed[i])] for i in sorted(several)]
        notes.append((message, (("names", named(torn)),)))
    full = np.unique(at[at >= 0]).tolist()
    names = [areas[one].name for one in full]
    number = np.full(len(areas) + 1, -1, np.int32)
    number[full] = np.arange(len(full))
    links = [(areas[one].name, areas[other].name) for one, other in borders(areas)]
    pairs, passed = through(links, set(names))
    if passed:
        message = _("Neighbours without accounts, passed through: %(names)s.")
        notes.append((message, (("names", named(passed)),)))
    place = {one: i for i, one in enumerate(names)}
    edges = np.array([(place[a], place[b]) for a, b in pairs], np.int32).reshape(-1, 2)
    shapes = {one: [_plain(shape) for shape in drawn[one]] for one in names}
    return names, number[where], edges, shapes


def _plain(geometry: dict[str, Any]) -> dict[str, Any]:
    """Return a geometry with coordinates as fine as the map draws them."""

    def rounded(value: Any) -> Any:
        if isinstance(value, list):
            return [rounded(one) for one in value]
        return round(float(value), DIGITS)

    return {"type": geometry["type"], "coordinates": rounded(geometry["coordinates"])}
