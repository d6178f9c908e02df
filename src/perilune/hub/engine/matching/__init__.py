"""Which records are of one thing? Pure: tables of text in, pairs, groups and reasons out."""
