"""Compiled loops of the territory engine: numba, without the GIL, plain arrays in and out.

A module of them is loaded when it is first named: numba takes as long to load as many commands take
in all, and only who designs territories needs it. A kernel is compiled anew for each type that it
is called with, a literal included: numbers go from kernel to kernel as np.int64, columns in one
piece.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    """Load a module of kernels; AttributeError where there is none of that name."""
    if any(each.name == name for each in iter_modules(__path__)):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(name)
