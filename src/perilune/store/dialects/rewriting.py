"""What sqlglot does not turn by itself from the portable subset into each engine's words."""

from __future__ import annotations

from sqlglot import exp


def rewritten(tree: exp.Query, dialect: str) -> exp.Query:
    """Return the tree with one meaning on every engine; it may be changed in place."""
    for quantile in list(tree.find_all(exp.PercentileCont)):
        _quantile(quantile, dialect)
    if dialect == "duckdb":
        for division in list(tree.find_all(exp.Div, exp.Mod)):
            _division(division)
    return tree


def _division(node: exp.Binary) -> None:
    """Make a division by zero null, as on Spark: DuckDB says infinite."""
    if not isinstance(node.expression, exp.Nullif) and not _is_number(node.expression):
        divisor = exp.Nullif(this=node.expression.copy(), expression=exp.Literal.number(0))
        node.set("expression", divisor)


def _is_number(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string and float(node.this) != 0


def _quantile(node: exp.PercentileCont, dialect: str) -> None:
    """Write `quantile_cont(x, q)`: linear interpolation, on DOUBLE on both engines."""
    value = exp.cast(node.this, exp.DataType.Type.DOUBLE)
    if dialect == "spark":
        # Spark's percentile is exact and interpolates; its percentile_cont wants WITHIN GROUP
        node.replace(exp.Anonymous(this="percentile", expressions=[value, node.expression]))
    else:
        node.set("this", value)
