"""What checks of the simulation are made of: beams of particles, cubes of argon, straight tracks."""

from __future__ import annotations

import numpy as np

from argoscope.detectors import Detector
from argoscope.simulation.machine import MASS_OF_KIND, PDG_OF_KIND
from argoscope.simulation.records import DEPOSIT_DTYPE, PRIMARY_DTYPE, TRACK_DTYPE, Origin, Transported
from argoscope.simulation.world import World

__all__ = ["argon_cube", "beam", "straight_tracks"]


def beam(pdg: int, kinetic: float, count: int) -> np.ndarray:
    """Particles that start at the origin along z.

    Parameters
    ----------
    pdg : int
        PDG code.
    kinetic : float
        Kinetic energy in MeV.
    count : int

    Returns
    -------
    ndarray, shape (count,), `PRIMARY_DTYPE`

    Examples
    --------
    >>> beam(13, 100.0, 2)["pz"].round(1).tolist()
    [176.4, 176.4]
    """
    mass = float(MASS_OF_KIND[PDG_OF_KIND.tolist().index(pdg)])
    out = np.zeros(count, PRIMARY_DTYPE)
    out["pdg"], out["origin"] = pdg, Origin.NEUTRINO
    out["interaction"] = np.arange(count)
    out["pz"] = np.sqrt(kinetic * (kinetic + 2.0 * mass))
    return out


def argon_cube(half: float) -> World:
    """Active cube about the origin without margin, `half` cm from the middle to a face.

    Examples
    --------
    >>> argon_cube(10.0).high.tolist()
    [[10.0, 10.0, 10.0]]
    """
    return World(low=np.full(3, -half), high=np.full(3, half), margin=0.0)


def straight_tracks(
    detector: Detector,
    volume: int,
    directions: np.ndarray,
    length: float,
    rng: np.random.Generator,
) -> Transported:
    """Straight minimum-ionizing tracks through the middle of one drift volume, each a group of its own.

    Deposits of 1.5 mm whose energy follows a gamma law with a spread of a third,
    about that of muons.

    Parameters
    ----------
    detector : Detector
    volume : int
    directions : ndarray, shape (n, 3)
        Need not have length one.
    length : float
        In cm.
    rng : numpy.random.Generator
        Draws the energies, and middles within 30 cm along y and z and 10 cm along x.

    Returns
    -------
    Transported

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> tracks = straight_tracks(detector_named("sbnd"), 0, np.eye(3), 30.0, np.random.default_rng(1))
    >>> len(tracks.tracks), len(tracks.deposits)
    (3, 600)
    """
    box = detector.volumes[volume]
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    middle = (np.asarray(box.low_cm) + np.asarray(box.high_cm)) / 2
    middle = middle + rng.uniform(-1.0, 1.0, (len(unit), 3)) * np.array([10.0, 30.0, 30.0])
    steps = round(length / 0.15)
    along = (np.arange(steps) + 0.5) * 0.15 - length / 2
    track = np.repeat(np.arange(len(unit)), steps)
    place = middle[track] + unit[track] * np.tile(along, len(unit))[:, None]
    deposits, tracks = np.zeros(len(track), DEPOSIT_DTYPE), np.zeros(len(unit), TRACK_DTYPE)
    deposits["track"], deposits["length"] = track, 0.15
    deposits["x"], deposits["y"], deposits["z"] = place.T
    deposits["drift_cosine"] = unit[track, 0]
    deposits["energy"] = rng.gamma(9.0, 2.1 * 0.15 / 9.0, len(track))  # MeV; 2.1 MeV/cm on average
    tracks["group"] = np.arange(len(unit))
    return Transported(tracks, deposits)
