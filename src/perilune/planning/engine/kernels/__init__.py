"""Compiled loops of the planning engine: numba, without the GIL, plain arrays in and out."""
