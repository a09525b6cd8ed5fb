"""Cosmic muons against the literature: intensities, angles, energies, rates through the detectors.

The formulas are integrated over a fine grid; rates, chords and counts come
from the generator itself, with statistical errors below a third of each
tolerance. References are Guan's and Reyna's formulas integrated elsewhere,
rounded to the digits given, so tolerances are the rounding and 1 % (2 % where
muons are counted, 10 % for the energy that the transport leaves in SBND).

How many muons show in a MicroBooNE image is counted with straight lines here;
`image_checks` counts them in whole images.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from argoscope.detectors import Detector, detector_named
from argoscope.simulation.check_rows import Row, ratio_of_sums, row, sample_error, sampled_row
from argoscope.simulation.generators.box import Box, hull
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
from argoscope.simulation.generators.records import merged
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.transport import World, transport
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
_SEEN = 19.7  # muons that leave charge in a MicroBooNE image, Guan
_DEPOSITED = 4.05  # GeV; in SBND's active volume, of charge that arrives within the image, Guan


def rows(*, quick: bool = False, rate_factor: float = 1.0) -> list[Row]:
    """Compare cosmic muons with the literature.

    Parameters
    ----------
    quick : bool
        Half of the events where muons are counted, and no transport.
    rate_factor : float
        Factor on the rate, to see rows fail.

    Returns
    -------
    list of Row

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


def _integrals(
    intensity: Callable[[np.ndarray, np.ndarray], np.ndarray], cosine: float, floor_mev: float
) -> tuple[float, float]:
    """Intensity above an energy in 1/(m² s sr), and the mean energy in GeV."""
    energies = np.geomspace(floor_mev, ENERGY_CEILING_MEV, 4000)
    weight = intensity(energies, np.array(cosine)) * energies / GEV
    total = np.trapezoid(weight, np.log(energies))
    return float(total), float(np.trapezoid(weight * energies / GEV, np.log(energies)) / total)


def _formula_rows(name: str) -> list[Row]:
    """Rows that need the formula only."""
    intensity, source = INTENSITIES[name], _SOURCE[name]
    above, _ = _integrals(intensity, 1.0, 1000.0)
    vertical, mean = _integrals(intensity, 1.0, ENERGY_FLOOR_MEV)
    label, reference, expected = f"cosmics, {name}", _VERTICAL[name], _MEAN_VERTICAL[name]
    quantity = f"{label}: vertical intensity > 1 GeV [1/m²/s/sr]"
    found = [row(quantity, above, reference, 0.01 * reference + 0.05, source)]
    quantity = f"{label}: mean energy, vertical [GeV]"
    found.append(row(quantity, mean, expected, 0.01 * expected + 0.05, source))
    for degrees, share in _ANGLES[name]:
        value = _integrals(intensity, float(np.cos(np.radians(degrees))), ENERGY_FLOOR_MEV)[0] / vertical
        rounding = 0.005 if share > 0.1 else 0.0005
        quantity = f"{label}: intensity at {degrees}° over vertical"
        found.append(row(quantity, value, share, 0.01 * share + rounding, source))
    return found


def _plane_rows(name: str, spectrum: MuonSpectrum, rng: np.random.Generator) -> list[Row]:
    """Rate and mean energy through a horizontal plane, from a million drawn muons."""
    energy, cosine = spectrum.draw(1_000_000, rng)
    label, rate, mean = f"cosmics, {name}", _PLANE[name], _MEAN_PLANE[name]
    return [
        sampled_row(
            f"{label}: rate through a horizontal plane [1/m²/s]",
            spectrum.flux * cosine, rate, 0.01 * rate + 0.5, _SOURCE[name],
        ),
        sampled_row(
            f"{label}: mean energy through the plane [GeV]",
            np.stack([energy * cosine / GEV, cosine], axis=1), mean, 0.01 * mean + 0.05, _SOURCE[name],
            statistic=ratio_of_sums,
        ),
    ]  # fmt: skip


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
) -> list[Row]:
    """Rate, chord and number of muons of one detector."""
    tried = 300_000
    _, start, direction = muons_through(source, tried, rng)
    # Of the muons through the sphere, in kHz each: those that hit a box.
    rate_khz = source.sphere_rate_hz / 1000 * (np.arange(tried) < len(start))
    label = f"cosmics, {name}, {detector}" + (" (one cryostat)" if detector == "icarus" else "")
    reference = _RATES_KHZ[name][detector]
    found = [sampled_row(f"{label}: rate [kHz]", rate_khz, reference, 0.02 * reference, _SOURCE[name])]
    if name == "guan" and detector == "microboone":
        enter, leave = hull(source.targets).crossing(start, direction)
        quantity, tolerance = f"{label}: mean chord [m]", 0.01 * _CHORD_M + 0.005
        found.append(sampled_row(quantity, (leave - enter) / M, _CHORD_M, tolerance, _SOURCE[name]))
        found.append(_seen_row(label, detector_named(detector), source, tried, rng))
    reference = _COUNTS[name][detector]
    tolerance = 0.02 * reference + (0.5 if reference == round(reference) else 0.0)
    if name == "guan":
        # sqrt(N / events) is a third of the tolerance with 9 N / tolerance² events.
        events = int((1.2 if quick else 2.0) * 9 * reference / tolerance**2) + 1
        counts = np.array([len(cosmic_muons(source, rng).primaries) for _ in range(events)])
    else:
        counts = rate_khz * 1000 * source.window.length_us / US_PER_S
    quantity = f"{label}: muons in image and drift"
    found.append(sampled_row(quantity, counts, reference, tolerance, _SOURCE[name]))
    if name == "guan" and detector == "sbnd-2018" and not quick:
        found.append(_deposit_row(label, source, rng))
    return found


def _seen_row(
    label: str, detector: Detector, source: CosmicSource, tried: int, rng: np.random.Generator
) -> Row:
    """Muons of which a point of the straight line drifts to the wires while the image is taken."""
    _, start, direction = muons_through(source, tried, rng)
    window = source.window
    time = window.first_us + rng.random(len(start)) * window.length_us
    seen = np.zeros(tried, bool)
    for volume in detector.volumes:
        enter, leave = Box(volume.low_cm, volume.high_cm).crossing(start, direction)
        hit = leave > enter
        ends = np.stack([start[:, 0] + along * direction[:, 0] for along in (enter, leave)])[:, hit]
        arrival = time[hit] + volume.drift_distance(ends) / detector.drift.velocity_cm_us
        late, early = (
            arrival.min(axis=0) > window.start_us + window.image_us,
            arrival.max(axis=0) < window.start_us,
        )
        seen[np.flatnonzero(hit)] |= ~(late | early)
    quantity = f"{label}: muons that cross while the image sees them"
    # Some stop before they can be seen: 1 % more than where muons are counted.
    return sampled_row(quantity, source.sphere_count * seen, _SEEN, 0.03 * _SEEN + 0.05, _SOURCE["guan"])


def _deposit_row(label: str, source: CosmicSource, rng: np.random.Generator) -> Row:
    """Energy that drifts to the wires of SBND during one image.

    The transport says what muons leave per length of their straight line, which
    fluctuates little; many lines say how long they are. Muons come at any time
    of image and drift, so that each deposit is seen with the same probability.
    """
    tried = 300_000
    _, start, direction = muons_through(source, tried, rng)
    enter, leave = hull(source.targets).crossing(start, direction)
    length = source.sphere_count * float((leave - enter).sum()) / tried

    primaries = merged([cosmic_muons(source, rng) for _ in range(100)]).primaries
    momentum = np.stack([primaries[name] for name in ("px", "py", "pz")], axis=1)
    momentum /= np.linalg.norm(momentum, axis=1, keepdims=True)
    enter, leave = hull(source.targets).crossing(
        np.stack([primaries[name] for name in "xyz"], axis=1), momentum
    )
    box = hull(source.targets)
    world = World(low=np.array(box.low), high=np.array(box.high))
    given = transport(primaries, world, rng, TransportSettings(row_energy=100.0))
    muon = given.tracks["interaction"][given.deposits["track"]]
    left = np.bincount(muon, given.deposits["energy"], len(primaries))
    sample = np.stack([left, leave - enter], axis=1)
    scale = length * source.window.image_us / source.window.length_us / GEV
    return row(
        f"{label}: energy deposited within one image [GeV]",
        scale * ratio_of_sums(sample), _DEPOSITED, 0.1 * _DEPOSITED, _SOURCE["guan"],
        error=scale * sample_error(sample, ratio_of_sums),
    )  # fmt: skip
