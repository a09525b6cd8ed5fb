"""The unit system: one unit per kind of quantity, in every array and argument.

============  =========================================================
quantity      unit
============  =========================================================
length        cm; x is the drift, y is up, z is the beam
time          µs
energy        MeV (SBND files store GeV; readers and writers convert)
charge        electrons, or the detector's own image units ("PIU")
field         kV/cm
angle         radian
============  =========================================================

A number that crosses the border of the package (a file column, a
configuration key, an option) carries its unit in its name. The factors below
turn such numbers into ours: ``value * GEV`` is in MeV.
"""

from __future__ import annotations

__all__ = ["GEV", "KEV", "MM", "MS", "NS", "US_PER_S", "M"]

MM = 0.1
"""Millimetre, in cm."""
M = 100.0
"""Metre, in cm."""
NS = 1e-3
"""Nanosecond, in µs."""
MS = 1e3
"""Millisecond, in µs."""
US_PER_S = 1e6
"""Microseconds in a second: a diffusion constant in cm²/s divided by it is in cm²/µs."""
KEV = 1e-3
"""Kiloelectronvolt, in MeV."""
GEV = 1e3
"""Gigaelectronvolt, in MeV."""
