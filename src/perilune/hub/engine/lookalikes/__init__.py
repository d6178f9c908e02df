"""Which records look like one that is typed, or that arrives: keys and reasons. Pure."""
