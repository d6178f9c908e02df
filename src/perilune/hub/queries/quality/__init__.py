"""Reads of data quality: rules and their versions, scores as of any instant, rows to mend."""
