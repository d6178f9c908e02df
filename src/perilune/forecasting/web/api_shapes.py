"""What the API says of a forecast, for its OpenAPI document: money is text in major units."""

from __future__ import annotations

from ninja import Field, Schema


class BacktestOut(Schema):
    """The rolling origin of a row; ratios."""

    points: int
    windows: int
    wape: float | None
    bias: float | None
    coverage80: float | None


class RowOut(Schema):
    """A row. near: what it brings near the total's p10, p50, p90; these sum over rows."""

    unit: str
    unit_id: int | None
    won_to_date: str | None
    p10: str | None
    p50: str | None
    p90: str | None
    mean: str | None
    existing: str | None
    near: list[str] | None
    backtest: BacktestOut
    status: str
    notes: list[str]


class GroupOut(RowOut):
    """A team between region and team: all its teams, beside rows that sum without it."""

    above: int | None
    teams: list[int]


class ForecastOut(Schema):
    """A forecast, the total first. complete: whether all models of open deals are on record.

    uncounted: won deals that are left out, for the rate of their currency is missing.
    """

    schema_: int = Field(alias="schema")
    as_of: str
    period: str
    currency: str
    scope: str
    method: str
    store_version: int
    inputs_digest: str
    complete: bool
    uncounted: int
    rows: list[RowOut]
    groups: list[GroupOut]


class ReasonOut(Schema):
    """What moves a chance: the log odds that a feature adds."""

    feature: str
    level: str
    effect: float


class DealOut(Schema):
    """An open deal. win, lose, slip: chances in the period; ever: to be won at all."""

    id: int
    owner_id: int | None
    value: str | None
    win: float
    lose: float
    slip: float
    ever: float
    close: str | None
    reasons: list[ReasonOut]


class DealsOut(Schema):
    """A page of open deals; count: of all pages."""

    schema_: int = Field(alias="schema")
    as_of: str
    period: str
    currency: str
    count: int
    rows: list[DealOut]


class RunRowOut(Schema):
    """A row as it was recorded."""

    unit: str
    unit_id: int | None
    won_to_date: str | None
    p10: str | None
    p50: str | None
    p90: str | None
    mean: str | None
    status: str


class RunOut(Schema):
    """A recorded run and what it stands on."""

    id: int
    as_of: str
    period: str
    by: str
    scope: str
    currency: str
    created_at: str
    actor: str
    method: str
    store_version: int
    inputs_digest: str
    weights: dict[str, float]
    rows: list[RunRowOut]
