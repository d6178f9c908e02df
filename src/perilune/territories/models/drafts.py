"""Drafts of territory plans: working documents outside the history, until they are published."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Snapshot(models.Model):
    """One row is the accounts of a draft as of an instant, never changed; clones share it.

    arrays, names: packed (`models.packing`). holders: who held them then, JSON. attributes: what is
    balanced, JSON. digest: of the arrays, so that memories of other databases never answer.
    """

    as_of_at = models.DateTimeField()
    as_of_day = models.DateField()
    store_version = models.BigIntegerField()
    count = models.IntegerField()
    digest = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    attributes: models.JSONField[Any, Any] = models.JSONField(default=list)
    holders: models.JSONField[Any, Any] = models.JSONField(default=list)
    arrays = models.BinaryField()
    names = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.as_of_day} {self.count}"


class ContainerSet(models.Model):
    """One row is what the accounts of a snapshot lie in, never changed; clones share it.

    by: `field:<text field of the account>`, `department`, or `areas` for polygons of a file. names:
    packed texts; member: packed (n,) number of each account's, -1 for none. edges: packed (e, 2)
    neighbours, null by triangulation. shapes: GeoJSON geometries by name, deflated, null without.
    notes: what was said of them when they were read, JSON. digest: of it all.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="containers")
    by = models.CharField(max_length=80)
    title = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    names = models.BinaryField()
    member = models.BinaryField()
    edges = models.BinaryField(null=True)
    shapes = models.BinaryField(null=True)
    notes: models.JSONField[Any, Any] = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.title


class Draft(models.Model):
    """One row is a territory plan in the making, or one that was in force.

    edition: grows with every change, whoever writes names the one that they saw. settings: what the
    design was asked for, JSON. containers: what designs hand out whole, null for accounts one by
    one. replaced: the plan that this one took over from. change_set_id: what
    the activation wrote.
    """

    name = models.CharField(max_length=120)
    layer = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=12, default="planning")
    author = models.CharField(max_length=150)
    edition = models.IntegerField(default=1)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="drafts")
    settings: models.JSONField[Any, Any] = models.JSONField(default=dict)
    containers = models.ForeignKey(
        ContainerSet, on_delete=models.SET_NULL, null=True, related_name="drafts"
    )
    based_on = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    replaced = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    effective_from = models.DateField(null=True)
    change_set_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=150, blank=True)
    submitted_at = models.DateTimeField(null=True)
    checked_by = models.CharField(max_length=150, blank=True)
    checked_at = models.DateTimeField(null=True)
    is_self_approved = models.BooleanField(default=False)
    reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class DraftUnits(models.Model):
    """One row is where a draft puts its accounts: two packed arrays, rewritten by each move."""

    draft = models.OneToOneField(Draft, on_delete=models.CASCADE, related_name="units")
    territory = models.BinaryField()
    locked = models.BinaryField()


class DraftTerritory(models.Model):
    """One row is a territory of a draft.

    holder: number of the holder in the snapshot that it carries on. record_id: the territory in
    force that it carries on. x, y: its centre, km; road: km on the road in a round of visits.
    region: name of the region that it is in, "" for none. minutes: mean way from its centre by the
    routing server, null where none was asked.
    only: values of fields that its accounts must have one of; pin_x, pin_y: where designs keep
    its centre.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="territories")
    number = models.IntegerField()
    name = models.CharField(max_length=120)
    rep_id = models.BigIntegerField(null=True)
    holder = models.IntegerField(null=True)
    record_id = models.BigIntegerField(null=True)
    colour = models.IntegerField(default=0)
    is_locked = models.BooleanField(default=False)
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)
    road = models.FloatField(default=0)
    region = models.CharField(max_length=120, blank=True, default="")
    minutes = models.FloatField(null=True)
    only: models.JSONField[Any, Any] = models.JSONField(default=dict)
    pin_x = models.FloatField(null=True)
    pin_y = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="draft_territory_once", fields=["draft", "number"])
        ]
        ordering: ClassVar = ["number"]


class DraftEdit(models.Model):
    """One row is a change of a draft: what undo takes back, and what a conflict is named by.

    number: the edition that it made. units, before, after: packed arrays of what moved (units null:
    all). rows: JSON of the territories before and after, those that changed or all. is_undone: it
    was taken back; is_void: it was taken back, and something else was done since.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="edits")
    number = models.IntegerField()
    kind = models.CharField(max_length=12)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    count = models.IntegerField(default=0)
    territory = models.IntegerField(null=True)
    units = models.BinaryField(null=True)
    before = models.BinaryField(null=True)
    after = models.BinaryField(null=True)
    rows: models.JSONField[Any, Any] = models.JSONField(null=True)
    is_undone = models.BooleanField(default=False)
    is_void = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="draft_edit_once", fields=["draft", "number"])
        ]
        ordering: ClassVar = ["number"]


class DraftComment(models.Model):
    """One row is what somebody said of a draft, or of one of its territories."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="comments")
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    text = models.TextField()
    territory = models.IntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]


class Frontier(models.Model):
    """One row is a re-balance of a draft: every way to trade moves for compactness.

    Written once by its job, never changed. problem: digest of what the engine was asked, so that a
    point is taken only of the same question. floor: share of the load held today that must move
    whatever the map. today: how what is held today measures up, JSON. is_done: all points are
    there.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="frontiers")
    problem = models.CharField(max_length=64)
    actor = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    floor = models.FloatField(default=0)
    today: models.JSONField[Any, Any] = models.JSONField(default=dict)
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["id"]


class FrontierPoint(models.Model):
    """One row is a plan of a frontier.

    facts: an `Alternative`, JSON. proof: what is proved of it, as a draft keeps it. units: packed
    territory of each account that is shared out, in the engine's order and numbers.
    """

    frontier = models.ForeignKey(Frontier, on_delete=models.CASCADE, related_name="points")
    number = models.IntegerField()
    facts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    proof: models.JSONField[Any, Any] = models.JSONField(default=dict)
    units = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="frontier_point_once", fields=["frontier", "number"])
        ]
        ordering: ClassVar = ["number"]
