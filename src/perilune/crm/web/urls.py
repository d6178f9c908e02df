from django.urls import path

from perilune.crm.web.views import boards, bulk, exports, fields, lists, records, searching, setup

app_name = "crm"

_RECORD = "records/<str:kind>/<int:record_id>/"

urlpatterns = [
    path("pipeline/", lists.pipeline, name="pipeline"),
    path("pipeline/board/", boards.board, name="board"),
    path("pipeline/board/move/", boards.move, name="board_move"),
    path("pipeline/stages/", setup.stages, name="stages"),
    path("search/", searching.search, name="search"),
    path("records/", lists.records, name="records"),
    path("records/undo/<int:set_id>/", records.undo, name="undo"),
    path("records/views/<int:view_id>/forget/", setup.view_forget, name="view_forget"),
    path("records/<str:kind>/", lists.list_of_kind, name="list"),
    path("records/<str:kind>/new/", records.new, name="new"),
    path("records/<str:kind>/bulk/", bulk.bulk, name="bulk"),
    path("records/<str:kind>/export/<str:form>/", exports.export, name="export"),
    path("records/<str:kind>/fields/", setup.custom_fields, name="fields"),
    path("records/<str:kind>/names/", fields.names, name="names"),
    path("records/<str:kind>/sql/", lists.sql, name="list_sql"),
    path("records/<str:kind>/views/", setup.view_save, name="view_save"),
    path(_RECORD, records.record, name="record"),
    path(_RECORD + "edit/", records.edit, name="edit"),
    path(_RECORD + "delete/", records.delete, name="delete"),
    path(_RECORD + "restore/", records.restore, name="restore"),
    path(_RECORD + "move/", records.move, name="move"),
    path(_RECORD + "splits/", records.splits, name="splits"),
    path(_RECORD + "field/<str:name>/", fields.field, name="field"),
]
