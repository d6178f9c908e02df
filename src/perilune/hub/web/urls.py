from django.urls import path

from perilune.hub.web.views import (
    duplicates,
    guide,
    imports,
    looks,
    problems,
    reconciling,
    routing,
    surviving,
)

app_name = "hub"

urlpatterns = [
    path("", imports.index, name="index"),
    path("upload/", imports.upload, name="upload"),
    path("imports/<int:run_id>/", guide.show, name="run"),
    path("imports/<int:run_id>/mapping/", guide.choose, name="choose"),
    path("imports/<int:run_id>/apply/", guide.apply, name="apply"),
    path("imports/<int:run_id>/cancel/", guide.cancel, name="cancel"),
    path("imports/<int:run_id>/progress/", guide.progress, name="progress"),
    path("imports/<int:run_id>/undo/", guide.rollback, name="rollback"),
    path("imports/<int:run_id>/missing/", problems.missing, name="missing"),
    path("imports/<int:run_id>/problems/", problems.groups, name="problems"),
    path("imports/<int:run_id>/problems/<int:problem_id>/", problems.alike, name="alike"),
    path("imports/<int:run_id>/problems/<int:problem_id>/repair/", problems.repair, name="repair"),
    path("imports/<int:run_id>/problems/<int:problem_id>/keep/", problems.keep, name="keep"),
    path("reconcile/", reconciling.index, name="reconcile"),
    path("reconcile/<int:made_id>/", reconciling.show, name="reconciliation"),
    path(
        "reconcile/<int:made_id>/export/<str:form>/",
        reconciling.export,
        name="reconciliation_export",
    ),
    path("leads/", routing.index, name="routing"),
    path("leads/give/", routing.apply, name="routing_apply"),
    path("leads/rules/", routing.rules, name="routing_rules"),
    path("leads/<int:run_id>/undo/", routing.undo, name="routing_undo"),
    path("duplicates/", duplicates.index, name="duplicates"),
    path("duplicates/groups/<int:group_id>/", duplicates.group, name="group"),
    path("duplicates/groups/<int:group_id>/<str:verb>/", duplicates.verb, name="group_verb"),
    path("duplicates/merges/<int:change_set_id>/", duplicates.merge, name="merge"),
    path("duplicates/merges/<int:change_set_id>/undo/", duplicates.merge_undo, name="merge_undo"),
    path("duplicates/mass/<int:mass_id>/undo/", duplicates.mass_undo, name="mass_undo"),
    path("duplicates/<str:kind>/", duplicates.index, name="duplicates_of"),
    path("duplicates/<str:kind>/look/", looks.look, name="look"),
    path("duplicates/<str:kind>/search/", duplicates.search, name="duplicates_search"),
    path("duplicates/<str:kind>/mass/", duplicates.mass, name="mass"),
    path("duplicates/<str:kind>/rules/", surviving.rules, name="survivor_rules"),
]
