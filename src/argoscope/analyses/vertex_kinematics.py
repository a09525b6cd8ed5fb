"""Energies and angle of the particles that start at a vertex: what paper 2's errors are drawn against.

References
----------
Paper 2: arXiv:1808.07269, figure 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from argoscope.units import GEV

__all__ = ["Kinematics", "kinematics_of"]

LEPTONS, PROTON = (11, 13), 2212
"""PDG codes of the electron, the muon and the proton, without their sign."""


@dataclass(frozen=True)
class Kinematics:
    """What is known of the primary particles; not a number where it does not apply.

    Parameters
    ----------
    opening_angle_deg : float
        Between the two primary particles, if there are two.
    lepton_mev, proton_mev : float
        Kinetic energy of the electron or muon, and of the proton, if there is one of them.
    """

    opening_angle_deg: float = float("nan")
    lepton_mev: float = float("nan")
    proton_mev: float = float("nan")


def kinematics_of(particles: np.ndarray, energy_unit: str = "MeV") -> Kinematics:
    """Kinematics of the primary particles of a table.

    Parameters
    ----------
    particles : ndarray, shape (p,), `PARTICLE_DTYPE`
    energy_unit : {"MeV", "GeV"}
        Of the table.

    Returns
    -------
    Kinematics

    Examples
    --------
    An electron of 50 MeV/c along z, and a proton of 400 MeV/c along y:

    >>> from argoscope.events import empty_particles
    >>> table = empty_particles(2)
    >>> table["process"], table["pdg"] = b"primary", [11, 2212]
    >>> table["pz"], table["py"], table["energy_init"] = [50.0, 0.0], [0.0, 400.0], [50.003, 1019.98]
    >>> found = kinematics_of(table)
    >>> found.opening_angle_deg, round(found.lepton_mev, 1), round(found.proton_mev)
    (90.0, 49.5, 82)
    """
    table = particles[particles["process"] == b"primary"]
    momentum = np.column_stack([table[name] for name in ("px", "py", "pz")])
    squared = (momentum**2).sum(axis=1)
    mass = np.sqrt(np.maximum(table["energy_init"] ** 2 - squared, 0.0))  # rounding takes photons below 0
    kinetic = (table["energy_init"] - mass) * (GEV if energy_unit == "GeV" else 1.0)
    code = np.abs(table["pdg"])
    return Kinematics(
        _angle(momentum) if len(table) == 2 else np.nan,
        _of_one(kinetic[np.isin(code, LEPTONS)]),
        _of_one(kinetic[code == PROTON]),
    )


def _angle(momentum: np.ndarray) -> float:
    """Angle between two momenta, in degrees."""
    one, other = momentum
    across = np.linalg.norm(np.cross(one, other))
    return float(np.degrees(np.arctan2(across, one @ other)))


def _of_one(values: np.ndarray) -> float:
    return float(values[0]) if len(values) == 1 else np.nan
