"""Compiled loops of the territory engine: numba, without the GIL, plain arrays in and out."""
