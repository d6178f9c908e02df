"""Reads of the CRM: lists, records, boards, search, saved views, store tables."""

from perilune.crm.queries.boards import (
    CLOSED_DAYS,
    board,
    deal_warnings,
    pipelines,
    stages,
)
from perilune.crm.queries.columns import (
    columns_of,
    default_sort,
    kind_named,
    listed_columns,
)
from perilune.crm.queries.conditions import Where, conditions_sql, ops_of
from perilune.crm.queries.crediting import case_named
from perilune.crm.queries.firsts import first_day_known
from perilune.crm.queries.hiding import hidden_of
from perilune.crm.queries.lists import all_rows, list_ids, list_page, list_sql
from perilune.crm.queries.names import id_named, options, titles, titles_of_rows
from perilune.crm.queries.places import (
    communes_of,
    country_named,
    geocoding,
    known_places,
    places,
)
from perilune.crm.queries.records import (
    RELATED,
    RecordView,
    deleted_at,
    is_seen,
    last_values,
    now_state,
    record_view,
    require_seen,
    whom_to_ask,
)
from perilune.crm.queries.saved import saved_views
from perilune.crm.queries.searching import elsewhere, same_account, search
from perilune.crm.queries.tables import store_tables

__all__ = [
    "CLOSED_DAYS",
    "RELATED",
    "RecordView",
    "Where",
    "all_rows",
    "board",
    "case_named",
    "columns_of",
    "communes_of",
    "conditions_sql",
    "country_named",
    "deal_warnings",
    "default_sort",
    "deleted_at",
    "elsewhere",
    "first_day_known",
    "geocoding",
    "hidden_of",
    "id_named",
    "is_seen",
    "kind_named",
    "known_places",
    "last_values",
    "list_ids",
    "list_page",
    "list_sql",
    "listed_columns",
    "now_state",
    "ops_of",
    "options",
    "pipelines",
    "places",
    "record_view",
    "require_seen",
    "same_account",
    "saved_views",
    "search",
    "stages",
    "store_tables",
    "titles",
    "titles_of_rows",
    "whom_to_ask",
]
