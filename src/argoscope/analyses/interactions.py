"""Which interaction an event is of: paper 0's three kinds, cosmic rays alone, or a neutrino outside.

The table of the neutrino (`particle_sbndneutrino` and its like) has the
neutrino in its first row and what it made below; it is empty where there was
none.

==========  ==============================================================
`nue`       charged current of an electron neutrino or antineutrino
`numu`      charged current of a muon neutrino or antineutrino
`nc`        neutral current of any neutrino
`cosmic`    no neutrino at all
`dirt`      a neutrino whose vertex lies outside the active volume
`other`     anything else: a tau neutrino, or a current that is not said
==========  ==============================================================

References
----------
Paper 0: arXiv:2012.01301, sections 3 and 5 (figure 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from argoscope.detectors import Detector
from argoscope.units import GEV

__all__ = ["KINDS", "NEUTRINO_KINDS", "Interaction", "interaction_of"]

NEUTRINO_KINDS = ("nue", "numu", "nc")
"""Paper 0's interactions, in the order of its table 3."""
KINDS = (*NEUTRINO_KINDS, "cosmic", "dirt", "other")
"""Every kind of event."""
CHARGED_CURRENT = {12: "nue", 14: "numu"}
"""Kind by the neutrino's PDG code (Particle Data Group, Monte Carlo particle numbering scheme), without its sign."""
OUTSIDE_CM = 1.0
"""A vertex must lie so far outside to count so; [E], boxes of generators are rounded to whole centimetres."""


@dataclass(frozen=True)
class Interaction:
    """What an event is of.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    energy_gev : float
        Energy of the neutrino, in GeV; not a number where there is none.
    """

    kind: str
    energy_gev: float = float("nan")


def interaction_of(
    neutrino: np.ndarray, *, energy_unit: str = "MeV", detector: Detector | None = None
) -> Interaction:
    """Tell the interaction from the table of the neutrino.

    Parameters
    ----------
    neutrino : ndarray, shape (k,), `PARTICLE_DTYPE`
        Row 0 is the neutrino; no row where there is none.
    energy_unit : {"MeV", "GeV"}
        Of the table.
    detector : Detector, optional
        Tells whether the vertex lies in the active volume, gaps between its boxes included. Without it every
        vertex counts as inside.

    Returns
    -------
    Interaction

    Examples
    --------
    >>> from argoscope.events import empty_particles
    >>> table = empty_particles(1)
    >>> table["pdg"], table["current_type"], table["energy_init"] = -14, 0, 1.5
    >>> interaction_of(table, energy_unit="GeV")
    Interaction(kind='numu', energy_gev=1.5)
    >>> interaction_of(empty_particles()).kind
    'cosmic'
    """
    if not len(neutrino):
        return Interaction("cosmic")
    row = neutrino[0]
    energy = float(row["energy_init"]) if energy_unit == "GeV" else float(row["energy_init"]) / GEV
    vertex = np.array([row["vtx"][axis] for axis in ("x", "y", "z")], dtype=np.float64)
    if detector is not None and _outside(vertex, detector):
        return Interaction("dirt", energy)
    if row["current_type"] == 1:
        return Interaction("nc", energy)
    charged = CHARGED_CURRENT.get(abs(int(row["pdg"])), "other") if row["current_type"] == 0 else "other"
    return Interaction(charged, energy)


def _outside(vertex: np.ndarray, detector: Detector) -> bool:
    """Whether a point lies clearly outside the box around all drift volumes."""
    low = np.min([volume.low_cm for volume in detector.volumes], axis=0) - OUTSIDE_CM
    high = np.max([volume.high_cm for volume in detector.volumes], axis=0) + OUTSIDE_CM
    return bool(((vertex < low) | (vertex > high)).any())
