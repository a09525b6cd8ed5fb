"""Cosmic muons against the literature: intensities, angles, energies, rates through the detectors.

The formulas are integrated over a fine grid; rates, chords and counts come
from the generator itself, with statistical errors below a third of each
tolerance. References are Guan's and Reyna's formulas integrated elsewhere,
rounded to the digits given, so tolerances are the rounding and 1 % (2 % where
muons are counted).

Left out, because it needs the transport and the response: how many of the
28.8 muons of a MicroBooNE image leave charge in it, and the energy in SBND's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from argoscope.detectors import detector_named
from argoscope.simulation.generators.box import hull
from argoscope.simulation.generators.cosmic_muons import (
    CosmicSource,
    cosmic_muons,
    cosmic_source,
    muons_through,
)
from argoscope.simulation.generators.muon_flux import (
    ENERGY_CEILING_MEV,
    ENERGY_FLOOR_MEV,
    INTENSITIES,
    MuonSpectrum,
    muon_spectrum,
)
from argoscope.units import GEV, US_PER_S, M

__all__ = ["rows"]

_SOURCE = {
    "guan": "Guan et al., arXiv:1509.06176, integrated",
    "reyna": "Reyna, arXiv:hep-ph/0604145, integrated",
}
_SEED = 3303
"""Seed of the checks, so that a row fails or passes each time."""

_VERTICAL = {"guan": 60.5, "reyna": 70.3}  # 1/(m² s sr) above 1 GeV; PDG: about 70
_PLANE = {"guan": 130.0, "reyna": 138.0}  # 1/(m² s) through a horizontal plane; literature: 130 to 145
_ANGLES = {
    "guan": ((30, 0.74), (45, 0.48), (60, 0.23), (75, 0.061), (85, 0.013)),  # degrees, share of the vertical
    "reyna": ((30, 0.75), (45, 0.50), (60, 0.25), (75, 0.067)),  # cos² of the angle
}
_MEAN_VERTICAL = {"guan": 4.6, "reyna": 4.9}  # GeV
_MEAN_PLANE = {"guan": 6.4, "reyna": 6.5}  # GeV
_RATES_KHZ = {
    "guan": {"microboone": 5.37, "sbnd-2018": 4.90, "icarus": 11.2},  # kHz; ICARUS: one cryostat
    "reyna": {"microboone": 5.75, "sbnd-2018": 5.25, "icarus": 12.0},  # kHz
}
_COUNTS = {
    "guan": {"microboone": 28.8, "sbnd-2018": 12.5, "icarus": 29.0},  # muons in image and drift before it
    "reyna": {"microboone": 30.8, "sbnd-2018": 13.4, "icarus": 31.0},  # muons
}
_CHORD_M = 1.98  # m; MicroBooNE, Guan: volume times flux over rate


def rows(*, quick: bool = False, rate_factor: float = 1.0) -> list[dict[str, Any]]:
    """Compare cosmic muons with the literature.

    Parameters
    ----------
    quick : bool
        Half of the events where muons are counted; still within the statistical rule.
    rate_factor : float
        Factor on the rate, to see rows fail.

    Returns
    -------
    list of dict
        Keys quantity, value, reference, tolerance (absolute), ok, source.

    Examples
    --------
    >>> [row["quantity"] for row in rows(quick=True) if not row["ok"]]
    []
    """
    rng = np.random.default_rng(_SEED)
    found = []
    for name in INTENSITIES:
        found += _formula_rows(name)
        spectrum = muon_spectrum(name)
        found += _plane_rows(name, spectrum, rng)
        for detector in _RATES_KHZ[name]:
            source = _source_of(detector, spectrum, rate_factor)
            found += _detector_rows(name, detector, source, quick, rng)
    return found


def _row(quantity: str, value: float, reference: float, tolerance: float, source: str) -> dict[str, Any]:
    return {
        "quantity": quantity,
        "value": float(value),
        "reference": reference,
        "tolerance": tolerance,
        "ok": bool(abs(value - reference) <= tolerance),
        "source": source,
    }


def _integrals(
    intensity: Callable[[np.ndarray, np.ndarray], np.ndarray], cosine: float, floor_mev: float
) -> tuple[float, float]:
    """Intensity above an energy in 1/(m² s sr), and the mean energy in GeV."""
    energies = np.geomspace(floor_mev, ENERGY_CEILING_MEV, 4000)
    weight = intensity(energies, np.array(cosine)) * energies / GEV
    total = np.trapezoid(weight, np.log(energies))
    return float(total), float(np.trapezoid(weight * energies / GEV, np.log(energies)) / total)


def _formula_rows(name: str) -> list[dict[str, Any]]:
    """Rows that need the formula only."""
    intensity, source = INTENSITIES[name], _SOURCE[name]
    above, _ = _integrals(intensity, 1.0, 1000.0)
    vertical, mean = _integrals(intensity, 1.0, ENERGY_FLOOR_MEV)
    reference = _VERTICAL[name]
    found = [
        _row(
            f"cosmics, {name}: vertical intensity > 1 GeV [1/m²/s/sr]",
            above,
            reference,
            0.01 * reference + 0.05,
            source,
        ),
        _row(
            f"cosmics, {name}: mean energy, vertical [GeV]",
            mean,
            _MEAN_VERTICAL[name],
            0.01 * mean + 0.05,
            source,
        ),
    ]
    for degrees, share in _ANGLES[name]:
        value = _integrals(intensity, float(np.cos(np.radians(degrees))), ENERGY_FLOOR_MEV)[0] / vertical
        rounding = 0.005 if share > 0.1 else 0.0005
        found.append(
            _row(
                f"cosmics, {name}: intensity at {degrees}° over vertical",
                value,
                share,
                0.01 * share + rounding,
                source,
            )
        )
    return found


def _plane_rows(name: str, spectrum: MuonSpectrum, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Rate and mean energy through a horizontal plane, from a million drawn muons."""
    energy, cosine = spectrum.draw(1_000_000, rng)
    rate, mean = spectrum.flux * cosine.mean(), np.average(energy, weights=cosine) / GEV
    source, reference = _SOURCE[name], _PLANE[name]
    return [
        _row(
            f"cosmics, {name}: rate through a horizontal plane [1/m²/s]",
            rate,
            reference,
            0.01 * reference + 0.5,
            source,
        ),
        _row(
            f"cosmics, {name}: mean energy through the plane [GeV]",
            mean,
            _MEAN_PLANE[name],
            0.01 * mean + 0.05,
            source,
        ),
    ]


def _source_of(detector: str, spectrum: MuonSpectrum, rate_factor: float) -> CosmicSource:
    """Source of a detector; of ICARUS one cryostat, as the references have it."""
    source = cosmic_source(detector_named(detector), spectrum=spectrum, rate_factor=rate_factor)
    return replace(source, targets=source.targets[-1:])


def _detector_rows(
    name: str,
    detector: str,
    source: CosmicSource,
    quick: bool,
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """Rate, chord and number of muons of one detector."""
    tried = 300_000
    _, start, direction = muons_through(source, tried, rng)
    enter, leave = hull(source.targets).crossing(start, direction)
    rate_khz = source.sphere_rate_hz * len(start) / tried / 1000
    label = f"cosmics, {name}, {detector}" + (" (one cryostat)" if detector == "icarus" else "")
    reference = _RATES_KHZ[name][detector]
    found = [_row(f"{label}: rate [kHz]", rate_khz, reference, 0.02 * reference, _SOURCE[name])]
    if name == "guan" and detector == "microboone":
        chord = float((leave - enter).mean()) / M
        found.append(
            _row(f"{label}: mean chord [m]", chord, _CHORD_M, 0.01 * _CHORD_M + 0.005, _SOURCE[name])
        )
    reference = _COUNTS[name][detector]
    tolerance = 0.02 * reference + (0.5 if reference == round(reference) else 0.0)
    if name == "guan":
        # sqrt(N / events) is a third of the tolerance with 9 N / tolerance² events.
        events = int((1.0 if quick else 2.0) * 9 * reference / tolerance**2) + 1
        count = float(np.mean([len(cosmic_muons(source, rng).primaries) for _ in range(events)]))
    else:
        count = rate_khz * 1000 * source.window.length_us / US_PER_S
    found.append(_row(f"{label}: muons in image and drift", count, reference, tolerance, _SOURCE[name]))
    return found
