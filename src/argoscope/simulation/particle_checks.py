"""Scattering, delta rays, decays and nuclear reactions: section 3.2 of the physics notes, and 2.7 to 2.9."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from argoscope.simulation.argon import ELECTRON_MASS, MUON_MASS, PION_MASS, PROTON_MASS, RADIATION_LENGTH
from argoscope.simulation.bookkeeping import azimuth, turned
from argoscope.simulation.check_inputs import argon_cube, beam
from argoscope.simulation.check_rows import Row, ratio_of_sums, row, sampled_row
from argoscope.simulation.compile import compiled
from argoscope.simulation.decays import michel_energy, muon_ends
from argoscope.simulation.random_numbers import new_state
from argoscope.simulation.records import Process
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.straggling import scattering_cosine
from argoscope.simulation.tables import (
    HEAVY_FIRST,
    HEAVY_STEP,
    INELASTIC,
    TOTAL_RANGE,
    highland_variance,
    tables,
)
from argoscope.simulation.transport import transport
from argoscope.simulation.world import World

__all__ = ["highland_angle", "particle_rows", "reaction_probability", "root_mean_square", "scattering_angles"]

_HIGHLAND = {
    (MUON_MASS, 100.0): (49.1, 170.0, 203.0), (MUON_MASS, 200.0): (18.7, 64.8, 77.6),
    (MUON_MASS, 500.0): (6.70, 23.2, 27.9), (MUON_MASS, 1000.0): (3.29, 11.4, 13.7),
    (ELECTRON_MASS, 100.0): (32.7, 113.0, 136.0), (ELECTRON_MASS, 500.0): (6.50, 22.7, 27.2),
}  # fmt: skip  # mass, momentum: mrad at 1, 10 and 14 cm, Highland
_SHORT = 1.05  # of Highland's angle at 1 cm, if its logarithm is taken at 3 cm
_DELTAS = {
    0.1: (96.6, 0.01),
    1.0: (9.6, 0.03),
    10.0: (0.92, 0.10),
}  # MeV: per metre of a 4 GeV muon; tolerance
_PION_REACTS = {50: 0.04, 100: 0.21, 200: 0.63, 300: 0.83, 500: 0.95}  # MeV: before it stops [E]
_PROTON_REACTS = {50: 0.037, 100: 0.105, 150: 0.18, 200: 0.27, 300: 0.45, 500: 0.74}  # MeV: Letaw and PSTAR


def highland_angle(momentum: float, mass: float, length: float) -> float:
    """Highland's projected scattering angle, radian (PDG 2022 equation 34.16).

    Parameters
    ----------
    momentum, mass : float
        MeV/c and MeV.
    length : float
        cm.

    Examples
    --------
    >>> round(1e3 * highland_angle(500.0, 105.658, 10.0), 1)
    23.2
    """
    beta2 = momentum**2 / (momentum**2 + mass**2)
    thickness = length / RADIATION_LENGTH
    return float(13.6 / (beta2**0.5 * momentum) * thickness**0.5 * (1.0 + 0.038 * np.log(thickness / beta2)))


@compiled
def _walk(state: np.ndarray, variance: float, steps: int, out: np.ndarray) -> None:
    """Fill `out`, shape (n, 2), with the projected angles after some steps of one variance each."""
    for sample in range(len(out)):
        u, v, w = 0.0, 0.0, 1.0
        for _ in range(steps):
            ca, sa, disc = azimuth(state)
            u, v, w = turned(u, v, w, scattering_cosine(variance, disc), ca, sa)
        out[sample, 0], out[sample, 1] = np.arctan2(u, w), np.arctan2(v, w)


@compiled
def _muon_sample(state: np.ndarray, negative: bool, out: np.ndarray) -> None:
    """Fill `out`, shape (n, 3), with captured or not, life and electron energy of muons at rest."""
    for sample in range(len(out)):
        captured, life, energy = muon_ends(state, negative)
        out[sample, 0], out[sample, 1], out[sample, 2] = 1.0 if captured else 0.0, life, energy


@compiled
def _michel_sample(state: np.ndarray, out: np.ndarray) -> None:
    """Fill `out` with kinetic energies of free muons' decay electrons."""
    for sample in range(len(out)):
        out[sample] = michel_energy(state, False)


def scattering_angles(
    momentum: float, mass: float, length: float, count: int, settings: TransportSettings
) -> np.ndarray:
    """Projected scattering angles of the kernels at fixed momentum, radian, shape (count, 2).

    Parameters
    ----------
    momentum, mass : float
        MeV/c and MeV.
    length : float
        cm.
    count : int
        Tracks.
    settings : TransportSettings

    Examples
    --------
    >>> angles = scattering_angles(500.0, 105.658, 10.0, 1000, TransportSettings())
    >>> 0.020 < root_mean_square(angles) < 0.024
    True
    """
    kinetic = np.array([np.hypot(momentum, mass) - mass])
    variance = float(highland_variance(kinetic, mass, settings.scattering_reference)[0]) * settings.step
    angles = np.empty((count, 2))
    _walk(new_state(np.random.default_rng(31), 1)[0], variance, round(length / settings.step), angles)
    return angles


def reaction_probability(index: int, mass: float, kinetic: float, settings: TransportSettings) -> float:
    """Probability that a hadron reacts before it stops, from the tables of the kernels.

    Parameters
    ----------
    index : int
        Row of the heavy tables: 1 pion, 3 proton.
    mass, kinetic : float
        MeV.
    settings : TransportSettings

    Examples
    --------
    >>> round(reaction_probability(3, 938.272, 200.0, TransportSettings()), 2)
    0.27
    """
    table = tables(settings).heavy[index]
    energy = mass * np.exp(HEAVY_FIRST + HEAVY_STEP * np.arange(len(table)))
    fine = np.geomspace(energy[0], kinetic, 4000)
    reach = np.interp(np.log(fine), np.log(energy), table[:, TOTAL_RANGE])
    rate = np.interp(np.log(fine), np.log(energy), table[:, INELASTIC])
    return float(1.0 - np.exp(-np.trapezoid(rate, reach)))


def _scattering_rows(settings: TransportSettings, quick: bool) -> list[Row]:
    out = []
    for (mass, momentum), references in _HIGHLAND.items():
        name = f"{'muon' if mass == MUON_MASS else 'electron'} {momentum:g} MeV/c"
        for length, highland in zip((1.0, 10.0, 14.0), references, strict=True):
            short = length < 10.0  # and cheap: precise enough for a tolerance of 3 %
            count = (2000 if quick else 8000) if short else (500 if quick else 2000)
            angles = 1e3 * scattering_angles(momentum, mass, length, count, settings)
            reference, share, source = (
                (_SHORT * highland, 0.03, "Highland, logarithm at 3 cm")
                if short
                else (highland, 0.1, "Highland")
            )
            quantity = f"scattering, {name}, {length:g} cm [mrad]"
            out.append(
                sampled_row(
                    quantity, angles, reference, share * reference, source, statistic=root_mean_square
                )
            )
    return out


def root_mean_square(values: np.ndarray) -> float:
    """Width about zero.

    Examples
    --------
    >>> root_mean_square(np.array([3.0, -3.0]))
    3.0
    """
    return float(np.sqrt((values**2).mean()))


def _delta_rows(settings: TransportSettings, quick: bool) -> list[Row]:
    """Delta rays of 4 GeV muons along 50 cm."""
    length, count = 50.0, 700 if quick else 2800
    world = World(low=np.array([-50.0, -50.0, -1e-6]), high=np.array([50.0, 50.0, length]), margin=0.0)
    seen = replace(settings, row_energy=settings.electron_cut)
    tracks = transport(beam(13, 4000.0, count), world, np.random.default_rng(32), seen).tracks
    metres = tracks["end_z"][tracks["parent"] == -1].mean() / 100.0
    deltas = tracks[tracks["process"] == Process.muIoni]
    return [
        sampled_row(
            f"delta rays per m above {cut} MeV, 4 GeV muon",
            np.bincount(deltas["interaction"][deltas["kinetic"] > cut], minlength=count) / metres,
            reference, share * reference, "knock-on spectrum",
        )
        for cut, (reference, share) in _DELTAS.items()
    ]  # fmt: skip


def _muon_rows(quick: bool) -> list[Row]:
    count = 100_000 if quick else 400_000
    state = new_state(np.random.default_rng(33), 1)[0]
    ends, energy = np.empty((count, 3)), np.empty(count)
    _muon_sample(state, True, ends)
    _michel_sample(state, energy)
    total = energy + ELECTRON_MASS
    return [
        sampled_row("mu- captured", ends[:, 0], 0.756, 0.01, "measured in argon"),
        sampled_row("mu- lifetime [ns]", 1e3 * ends[:, 1], 537.0, 0.01 * 537.0, "measured in argon"),
        row("Michel endpoint, kinetic [MeV]", float(energy.max()), 52.32, 0.01 * 52.32, "PDG"),
        sampled_row("Michel mean total energy [MeV]", total, 36.98, 0.01 * 36.98, "PDG"),
    ]


def _michel_extent_rows(settings: TransportSettings, quick: bool) -> list[Row]:
    """Voxels of 3 mm above 0.05 MeV, and energy near, of the positrons of mu+ at rest."""
    count = 100 if quick else 400
    world = argon_cube(500.0)
    muons = beam(-13, 0.0, count)
    given = transport(muons, world, np.random.default_rng(34), settings)
    event = given.tracks["interaction"][given.deposits["track"]]
    place = np.stack([given.deposits[name] for name in "xyz"], axis=1)
    energy = given.deposits["energy"]
    voxel = np.floor(place / 0.3).astype(np.int64) + 4096
    _, first, number = np.unique(
        ((event * 8192 + voxel[:, 0]) * 8192 + voxel[:, 1]) * 8192 + voxel[:, 2],
        return_index=True,
        return_inverse=True,
    )
    voxels = np.bincount(event[first][np.bincount(number, energy) > 0.05], minlength=count)
    close = np.sqrt((place**2).sum(axis=1)) < 30.0
    near = np.stack([np.bincount(event, part, count) for part in (energy * close, energy)], axis=1)
    return [
        sampled_row("Michel voxels of 3 mm", voxels, 100.0, 15.0, "physics notes"),
        sampled_row(
            "Michel energy within 30 cm", near, 0.87, 0.15 * 0.87, "physics notes", statistic=ratio_of_sums
        ),
    ]


def _pion_mass_row(settings: TransportSettings) -> Row:
    world = argon_cube(10.0)
    tracks = transport(beam(111, 200.0, 20), world, np.random.default_rng(35), settings).tracks
    photons = tracks[tracks["process"] == Process.Decay]
    four = np.stack([photons[name] for name in ("kinetic", "px", "py", "pz")], axis=1)
    pair = np.stack([four[photons["interaction"] == n].sum(axis=0) for n in range(20)])
    mass = np.sqrt(pair[:, 0] ** 2 - (pair[:, 1:] ** 2).sum(axis=1))
    worst = float(mass[np.abs(mass - 134.9768).argmax()])
    return row("pi0 mass from its photons [MeV]", worst, 134.9768, 1e-6, "PDG")


def _reaction_rows(settings: TransportSettings, quick: bool) -> list[Row]:
    out = []
    for index, mass, name, values, source in (
        (1, PION_MASS, "pion", _PION_REACTS, "section 2.8"),
        (3, PROTON_MASS, "proton", _PROTON_REACTS, "Letaw, PSTAR"),
    ):
        for kinetic, reference in values.items():
            value = reaction_probability(index, mass, float(kinetic), settings)
            quantity = f"{name} reacts before it stops, {kinetic} MeV"
            out.append(row(quantity, value, reference, 0.02, source))
    count = 1500 if quick else 6000
    world = argon_cube(1000.0)
    fewer = replace(settings, row_energy=100.0)
    for pdg, process, index, mass in (
        (211, Process.piPlusInelastic, 1, PION_MASS),
        (2212, Process.protonInelastic, 3, PROTON_MASS),
    ):
        tracks = transport(beam(pdg, 200.0, count), world, np.random.default_rng(36), fewer).tracks
        primary = tracks["parent"] == -1
        reacted = tracks[(tracks["process"] == process) & primary[tracks["parent"]]]
        ended = np.bincount(reacted["interaction"], minlength=count) > 0
        expected = reaction_probability(index, mass, 200.0, settings)
        quantity = f"{pdg} of 200 MeV reacts, kernels beside tables"
        out.append(sampled_row(quantity, ended, expected, 0.02, "own tables"))
    return out


def particle_rows(settings: TransportSettings, *, quick: bool = False) -> list[Row]:
    """Every row of scattering, delta rays, decays and reactions.

    Parameters
    ----------
    settings : TransportSettings
    quick : bool
        A quarter of the statistics.
    """
    return [
        *_scattering_rows(settings, quick),
        *_delta_rows(settings, quick),
        *_muon_rows(quick),
        *_michel_extent_rows(settings, quick),
        _pion_mass_row(settings),
        *_reaction_rows(settings, quick),
    ]
