"""The analytical store: Parquet tables derived from the records, read by named SQL. No Django."""
