"""A seeded company whose truth is known: for demonstrations, browser tests and tests of engines."""
