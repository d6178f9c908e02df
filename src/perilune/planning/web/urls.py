from django.urls import path

from perilune.planning.web.views import (
    chances,
    compared,
    edits,
    exports,
    gaps,
    plan_compared,
    plan_verbs,
    plans,
    scenarios,
)

app_name = "planning"

urlpatterns = [
    path("", plans.index, name="plans"),
    path("<int:plan_id>/", plans.plan, name="plan"),
    path("<int:plan_id>/sums/", plans.proof, name="plan_proof"),
    path("<int:plan_id>/chances/", chances.index, name="plan_chances"),
    path("<int:plan_id>/gap/", gaps.index, name="plan_gap"),
    path("<int:plan_id>/compare/", plan_compared.index, name="plan_compare"),
    path("<int:plan_id>/export.xlsx", plans.export, name="plan_export"),
    path("<int:plan_id>/save/", plan_verbs.save, name="plan_save"),
    path("<int:plan_id>/people/", plan_verbs.people, name="plan_people"),
    path("<int:plan_id>/people/new/<str:kind>/", plan_verbs.people, name="plan_people_new"),
    path(
        "<int:plan_id>/people/<int:number>/remove/",
        plan_verbs.people_remove,
        name="plan_people_remove",
    ),
    path("<int:plan_id>/publish/", plan_verbs.publish, name="plan_publish"),
    path("<int:plan_id>/settings/", plan_verbs.settings, name="plan_settings"),
    path("<int:plan_id>/comment/", plan_verbs.comment, name="plan_comment"),
    path("<int:plan_id>/tasks/<int:task_id>/", plan_verbs.task, name="plan_task"),
    path("<int:plan_id>/<str:verb>/now/", plan_verbs.change, name="plan_change"),
    path("scenarios/", scenarios.index, name="scenarios"),
    path("scenarios/compare/", compared.index, name="compare"),
    path("scenarios/compare/results/", compared.results, name="compare_results"),
    path("scenarios/<int:scenario_id>/", scenarios.studio, name="scenario"),
    path("scenarios/<int:scenario_id>/results/", scenarios.results, name="results"),
    path("scenarios/<int:scenario_id>/settings/", scenarios.settings, name="settings"),
    path("scenarios/<int:scenario_id>/share/", scenarios.share, name="share"),
    path("scenarios/<int:scenario_id>/copy/", scenarios.copy, name="copy"),
    path("scenarios/<int:scenario_id>/delete/", scenarios.delete, name="delete"),
    path("scenarios/<int:scenario_id>/undo/", scenarios.undo, name="undo"),
    path("scenarios/<int:scenario_id>/export/<str:form>/", exports.export, name="export"),
    path("scenarios/<int:scenario_id>/new/<str:edit_type>/", edits.new, name="edit_new"),
    path("scenarios/<int:scenario_id>/<int:assumption_id>/", edits.change, name="edit"),
    path("scenarios/<int:scenario_id>/<int:assumption_id>/remove/", edits.remove, name="remove"),
    path("scenarios/<int:scenario_id>/<int:assumption_id>/order/", edits.reorder, name="order"),
]
