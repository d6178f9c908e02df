"""A plan, its figures and the proof of how good it is."""

from __future__ import annotations

from dataclasses import dataclass

from perilune.territories.contracts.units import FloatArray, IntArray


@dataclass(frozen=True)
class Figures:
    """How a plan measures up."""

    deviation: tuple[float, ...]
    """m largest shares off the target, 0.01 is 1 %."""
    mean_deviation: tuple[float, ...]
    """m mean shares off the target."""
    inertia: float
    """Load-weighted mean squared distance to the centre of the own territory, km^2."""
    distance: float
    """Load-weighted mean distance to it, km."""
    cut_off: float
    """Share of units outside the main part of their territory."""
    empty: int
    """Territories without a unit."""
    moved: float
    """Share of the load held today that changes hands; 0 without a present plan."""
    moved_units: int


@dataclass(frozen=True)
class Certificate:
    """What is proved about a plan. The bound is for its centres, not for all centres."""

    cost: float
    """Sum of load times squared distance (and stay penalty) of the plan, km^2."""
    bound: float
    """No plan within the tolerance costs less at these centres; connection only adds to it."""
    gap: float
    """cost / bound - 1; nan for a plan beyond the tolerance, for which there is no bound."""
    met: bool
    """Every attribute of every territory is within its tolerance."""
    floor: float
    """Share of the load held today that must move whatever the map."""
    blocking: str = ""
    """English msgid of what makes the tolerance impossible, "" where nothing is known to."""
    blocking_params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Plan:
    """Who holds which unit."""

    territory: IntArray
    """(n,) territory 0..k-1 of each unit, in the order of the units."""
    names: tuple[str, ...]
    """k names."""
    centres: FloatArray
    """(k, 2) km."""
    loads: FloatArray
    """(k, m) what each holds."""
    targets: FloatArray
    """(k, m) what each should hold."""
    figures: Figures
    certificate: Certificate
    notes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """What the reader should know: English msgids with their placeholders."""
