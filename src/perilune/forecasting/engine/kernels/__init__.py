"""Compiled loops of the forecast: numba, without the GIL, plain arrays in and out."""
