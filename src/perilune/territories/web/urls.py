from django.urls import path

from perilune.territories.web.views import (
    binding,
    compared,
    designing,
    edits,
    handing,
    plans,
    seating,
    shaping,
    states,
    studio,
)

app_name = "territories"

urlpatterns = [
    path("", plans.index, name="plans"),
    path("<int:draft_id>/", studio.studio, name="plan"),
    path("<int:draft_id>/points.json", studio.points, name="points"),
    path("<int:draft_id>/parts/", studio.parts, name="parts"),
    path("<int:draft_id>/export.<str:form>", studio.export, name="export"),
    path("<int:draft_id>/accounts/", studio.accounts, name="accounts"),
    path("<int:draft_id>/design/", designing.design, name="design"),
    path("<int:draft_id>/move/", edits.move, name="move"),
    path("<int:draft_id>/lock/", edits.lock, name="lock"),
    path("<int:draft_id>/undo/", edits.undo, name="undo"),
    path("<int:draft_id>/redo/", edits.redo, name="redo"),
    path("<int:draft_id>/territory/<int:number>/", edits.territory, name="territory"),
    path("<int:draft_id>/territory/new/", shaping.add, name="add"),
    path("<int:draft_id>/territory/<int:number>/remove/", shaping.remove, name="remove"),
    path("<int:draft_id>/territory/<int:number>/merge/", shaping.merge, name="merge"),
    path("<int:draft_id>/territory/<int:number>/split/", shaping.split, name="split"),
    path("<int:draft_id>/territory/<int:number>/rules/", binding.rules, name="rules_of"),
    path("<int:draft_id>/bind/", binding.bind, name="bind"),
    path("<int:draft_id>/pin/", binding.pin, name="pin"),
    path("<int:draft_id>/lift/<str:kind>/<int:number>/", binding.lift, name="lift"),
    path("<int:draft_id>/comment/", edits.comment, name="comment"),
    path("<int:draft_id>/compare/", compared.index, name="compare"),
    path("<int:draft_id>/handover/", handing.index, name="handover"),
    path("<int:draft_id>/handover/export.<str:form>", handing.export, name="handover_export"),
    path("<int:draft_id>/handover/tasks/", handing.tasks, name="tasks"),
    path("<int:draft_id>/seats/", seating.index, name="seats"),
    path("<int:draft_id>/clone/", states.clone, name="clone"),
    path("<int:draft_id>/<str:verb>/now/", states.change, name="change"),
    path("<int:draft_id>/publish/", states.publish, name="publish"),
]
