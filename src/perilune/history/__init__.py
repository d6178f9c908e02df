"""Change sets and the time machine: a write is one set of rows that can be asked as-of, undone."""
