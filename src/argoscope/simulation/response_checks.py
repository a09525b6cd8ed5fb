"""Checks of the detector response against reference numbers.

`rows` gives the whole table. The rows of recombination and drift are here:
formulas against published numbers, and through the settings of each detector
a point at the cathode, a track beside the anode, and dead wires.
`signal_checks` has images of toy tracks, `noise_checks` the noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from argoscope.detectors import Detector, detector_named, drift_velocity
from argoscope.detectors.drift_velocity import MICROBOONE_VELOCITY_SCALE
from argoscope.simulation.check_rows import Row, row, sampled_row
from argoscope.simulation.dead_channels import draw_channels
from argoscope.simulation.drift import attenuation, diffusion_width, drift
from argoscope.simulation.noise_checks import noise_rows
from argoscope.simulation.recombination import ionize, survival
from argoscope.simulation.records import DEPOSIT_DTYPE, TRACK_DTYPE, Transported
from argoscope.simulation.response import respond, response_streams
from argoscope.simulation.response_presets import adjusted, settings_for
from argoscope.simulation.signal_checks import signal_rows
from argoscope.simulation.variations import varied

__all__ = ["detector_rows", "rows"]

# dE/dx in MeV/cm; surviving share with Birks, modified Box, EMB across, EMB along at 0.5 kV/cm,
# then Birks and modified Box at 0.2739 kV/cm; computed from the published formulas
RECOMBINATION = (
    (1.7, 0.715, 0.715, 0.678, 0.680, 0.658, 0.666),
    (2.1, 0.698, 0.705, 0.680, 0.669, 0.631, 0.635),
    (3.0, 0.662, 0.670, 0.658, 0.633, 0.579, 0.573),
    (5.0, 0.593, 0.590, 0.589, 0.550, 0.489, 0.472),
    (10.0, 0.472, 0.454, 0.459, 0.415, 0.352, 0.337),
    (20.0, 0.334, 0.320, 0.327, 0.288, 0.226, 0.224),
    (30.0, 0.259, 0.253, 0.259, 0.226, 0.166, 0.172),
)
COLUMNS = (
    ("birks", 0.5, 0.0, "Birks, 0.5 kV/cm"),
    ("modified-box", 0.5, 0.0, "modified Box, 0.5 kV/cm"),
    ("emb", 0.5, 0.0, "EMB across the field, 0.5 kV/cm"),
    ("emb", 0.5, 1.0, "EMB along the field, 0.5 kV/cm"),
    ("birks", 0.2739, 0.0, "Birks, 0.2739 kV/cm"),
    ("modified-box", 0.2739, 0.0, "modified Box, 0.2739 kV/cm"),
)
ROUNDING = 0.0006  # none: the tables have three decimals
WIDE = 32  # wires: a group of dead ones that is more than a chip


def rows(*, quick: bool = False, changes: Sequence[str] = ()) -> list[Row]:
    """Every check of the response.

    Parameters
    ----------
    quick : bool
        With a tenth of the noise and a third of the tracks; statistical errors grow to match.
    changes : sequence of str
        Variations NAME=VALUE of the settings, to see that rows fail.

    Returns
    -------
    list of Row

    Examples
    --------
    >>> found = rows(quick=True)
    >>> sorted(found[0])
    ['ok', 'quantity', 'reference', 'source', 'tolerance', 'value']
    """
    return [
        *_recombination_rows(),
        *_drift_rows(),
        *_dead_wire_rows(20 if quick else 100),
        *detector_rows(changes),
        *signal_rows(quick=quick, changes=changes),
        *noise_rows(quick=quick, changes=changes),
    ]


def detector_rows(changes: Sequence[str] = (), *, velocity_factor: float = 1.0) -> list[Row]:
    """Checks of recombination, drift and gain through the settings of each detector; nothing in them is drawn.

    Parameters
    ----------
    changes : sequence of str
        Variations NAME=VALUE of the settings, to see that rows fail.
    velocity_factor : float
        Factor on the drift velocity, likewise: in the settings it follows the field.

    Examples
    --------
    >>> [found["quantity"] for found in detector_rows() if not found["ok"]]
    []
    """
    return [*_charge_rows(changes), *_arrival_rows(changes, velocity_factor), *_gain_rows(changes)]


def _recombination_rows() -> list[Row]:
    return [
        row(
            f"surviving share, {name}, dE/dx {line[0]} MeV/cm",
            survival(np.array([line[0]]), field, cosine, model)[0],  # type: ignore[arg-type]
            line[1 + column],
            ROUNDING,
            "ArgoNeuT 2013, ICARUS 2004, ICARUS 2025",
        )
        for column, (model, field, cosine, name) in enumerate(COLUMNS)
        for line in RECOMBINATION
    ]


def _charge_rows(changes: Sequence[str]) -> list[Row]:
    """Electrons of minimum-ionizing pieces with the settings of the detectors."""
    found = []
    for name, dedx, length, reference, what in (
        ("sbnd", 2.1, 1.0, 62700.0, "mean"),
        ("microboone", 2.1, 1.0, 56500.0, "mean"),
        ("sbnd", 1.65, 0.3, 15000.0, "most probable, 3 mm"),
        ("microboone", 1.65, 0.3, 14200.0, "most probable, 3 mm"),
    ):
        settings = varied(settings_for(name), changes)
        electrons = ionize(
            np.array([dedx * length]), np.array([length]), np.zeros(1), settings.field_kv_cm,
            model=settings.recombination, scale=settings.recombination_scale,
        ).electrons[0]  # fmt: skip
        quantity = f"electrons of a minimum-ionizing track, {name}, {what}"
        found.append(row(quantity, electrons, reference, 0.02 * reference, "ArgoNeuT 2013, W 23.6 eV"))
    return found


def _drift_rows() -> list[Row]:
    """Formulas of drift velocity, attenuation and diffusion."""
    found = [
        row(f"drift velocity {e} kV/cm {t} K, mm/us", 10 * scale * drift_velocity(e, t), want, 0.003 * want, "Walkowiak 2000, LArSoft")
        for e, t, scale, want in (
            (0.5, 88.4, 1.0, 1.5627),
            (0.5, 87.3, 1.0, 1.596),
            (0.2739, 89.0, MICROBOONE_VELOCITY_SCALE, 1.0979),
            (0.4938, 87.5, 1.0, 1.581),
        )
    ]  # fmt: skip
    for time, lifetime, want in (
        (2332.0, 8000.0, 0.747), (2332.0, 10400.0, 0.799), (1280.0, 3000.0, 0.653),
        (1280.0, 10000.0, 0.880), (1280.0, 35000.0, 0.964), (950.0, 3000.0, 0.729),
    ):  # fmt: skip
        quantity = f"attenuation after {time:.0f} us, lifetime {lifetime / 1000:g} ms"
        found.append(
            row(quantity, attenuation(np.array([time]), lifetime)[0], want, ROUNDING, "exp(-t / lifetime)")
        )
    for time, constant, want in (
        (2332.0, 6.4, 1.73), (2332.0, 3.74, 1.32), (2332.0, 9.8, 2.14), (2332.0, 5.85, 1.65),
        (1280.0, 4.0, 1.01), (1280.0, 6.2, 1.26), (1280.0, 8.8, 1.50), (1280.0, 16.3, 2.04),
    ):  # fmt: skip
        quantity = f"diffusion after {time:.0f} us with {constant} cm2/s, mm"
        found.append(
            row(quantity, 10 * diffusion_width(np.array([time]), constant)[0], want, 0.006, "sqrt(2 D t)")
        )
    return found


def _arrival_rows(changes: Sequence[str], velocity_factor: float) -> list[Row]:
    """A point at the cathode, through the settings of the detectors."""
    found = []
    for name, x, time, share, along, across, velocity in (
        ("microboone", 254.8, 2320.6, 0.748, 1.57, 2.133, 1.098),
        ("sbnd-2018", 2.6, 1262.4, 0.657, 0.80, 2.029, 1.5625),
        ("sbnd", 0.45, 1289.8, 0.879, 0.65, 1.507, 1.563),
        ("icarus", 210.30, 945.9, 0.730, 0.552, 1.290, 1.5756),
    ):
        detector = detector_named(name)
        detector = detector.with_drift_velocity(detector.drift.velocity_cm_us * velocity_factor)
        detector = adjusted(detector, varied(settings_for(detector), changes))
        deposit = np.zeros(1, DEPOSIT_DTYPE)
        deposit["x"], deposit["z"] = x, 250.0
        arrival = drift(deposit, detector)
        for quantity, value, reference, tolerance in (
            ("drift velocity, mm/us", 10 * detector.drift.velocity_cm_us, velocity, 0.003 * velocity),
            ("drift time from the cathode, us", arrival.time_us[0], time, 0.003 * time),
            ("share of electrons from the cathode", arrival.share[0], share, 0.003),
            ("time width from the cathode, us", arrival.along_us[0], along, 0.01 * along),
            ("width across the drift from the cathode, mm", 10 * arrival.across_cm[0], across, 0.01 * across),
        ):
            found.append(row(f"{name}: {quantity}", value, reference, tolerance, "geometry, Walkowiak 2000"))
    return found


def _gain_rows(changes: Sequence[str]) -> list[Row]:
    """Charge on a collection wire, from 3 mm of a track that has the most probable dE/dx all along."""
    found = []
    for name, reference in (("microboone", 71.0), ("sbnd", 75.0)):
        detector = detector_named(name)
        settings = replace(
            varied(settings_for(detector), changes), noise="none", lifetime_us=1e12,
            dead_map=False, dead_fraction=0.0, weak_wires=False,
        )  # fmt: skip
        wires = 200
        response = respond(_line(detector, wires), detector, settings, response_streams(900_300, 0))
        value = response.planes[2].truth.charge.sum() / wires
        quantity = f"{name}: image units of a minimum-ionizing track on a wire, most probable"
        found.append(row(quantity, value, reference, 0.02 * reference, "ArgoNeuT 2013, 200 electrons a unit"))
    return found


def _line(detector: Detector, wires: int) -> Transported:
    """A line beside the anode, along the beam and across so many collection wires, of 1.65 MeV/cm."""
    deposits, tracks = np.zeros(2 * wires, DEPOSIT_DTYPE), np.zeros(1, TRACK_DTYPE)
    deposits["length"], deposits["energy"] = 0.15, 1.65 * 0.15  # cm, MeV
    deposits["x"] = detector.volumes[0].x_of(np.array(5.0))
    deposits["z"] = 200.0 + 0.15 * np.arange(2 * wires)
    return Transported(tracks, deposits)


def _dead_wire_rows(events: int) -> list[Row]:
    """Dead collection wires of MicroBooNE: how many, and how many of them side by side."""
    detector = detector_named("microboone")
    settings, counts = settings_for(detector), []
    for event in range(events):
        dead = draw_channels(detector, settings, np.random.default_rng((20123, event))).dead[2][0]
        edges = np.flatnonzero(np.diff(dead.astype(int), prepend=0, append=0))
        runs = edges[1::2] - edges[::2]
        counts.append((len(dead), runs.sum(), runs[runs >= WIDE].sum()))
    every, dead, wide = np.array(counts, dtype=np.float64).T
    return [
        sampled_row("microboone: dead collection wires", dead / every, 0.10, 0.01, "papers 1 and 2"),
        sampled_row(
            f"microboone: dead collection wires in groups of {WIDE} or more", wide / dead,
            0.75, 0.15, "engineering value; paper 2: some groups are wide",
        ),
    ]  # fmt: skip
