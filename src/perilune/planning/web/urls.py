from django.urls import path

from perilune.planning.web.views import compared, edits, exports, scenarios

app_name = "planning"

urlpatterns = [
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
