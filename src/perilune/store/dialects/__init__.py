"""The engines that run named SQL: DuckDB in process, Spark where one machine is outgrown."""
