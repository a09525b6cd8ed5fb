"""Truth of the neutrino: its own table, and what every particle of the particle table came from.

The columns are larcv's: `mct_index` is the row of the interaction (that of
cluster2d_interaction too), `current_type` 0 for charged and 1 for neutral
currents, `interaction_type` LArSoft's number of the interaction: NUANCE's code
where one fits, else that of the mode. The last two are -1 for all but neutrinos.
"""

from __future__ import annotations

import numpy as np

from argoscope.events import empty_particles
from argoscope.simulation.generators.records import Current, InteractionKind, Mode
from argoscope.simulation.generators.species import species_of
from argoscope.units import NS

__all__ = ["neutrino_table", "with_interactions"]

_NUMBERS = {
    (Mode.QE, Current.CC): 1001,
    (Mode.QE, Current.NC): 1002,
    (Mode.DIS, Current.CC): 1091,
    (Mode.DIS, Current.NC): 1092,
    (Mode.COH, Current.NC): 1096,
    (Mode.COH, Current.CC): 1097,
    (Mode.RES, Current.CC): 1,
    (Mode.RES, Current.NC): 1,
    (Mode.MEC, Current.CC): 10,
    (Mode.MEC, Current.NC): 10,
}
"""LArSoft's numbers (`simb::int_type_`): NUANCE's codes from 1001; those of a resonance name its pion and nucleon,
which is not known here, and two nucleons have none, so that these two have the number of the mode."""


def with_interactions(particles: np.ndarray, interaction: np.ndarray, interactions: np.ndarray) -> np.ndarray:
    """Fill in which interaction each particle is of, and what it was.

    Parameters
    ----------
    particles : ndarray, shape (k,), `PARTICLE_DTYPE`
    interaction : ndarray, shape (k,), int64
        Interaction of each.
    interactions : ndarray, shape (i,), `INTERACTION_DTYPE`

    Returns
    -------
    ndarray, shape (k,), `PARTICLE_DTYPE`
    """
    out = particles.copy()
    out["mct_index"] = interaction
    current, number = _codes(interactions)
    out["current_type"], out["interaction_type"] = current[interaction], number[interaction]
    return out


def neutrino_table(interactions: np.ndarray, primaries: np.ndarray, mev: float = 1.0) -> np.ndarray:
    """The neutrino, then what it made; without a neutrino, no row.

    Parameters
    ----------
    interactions : ndarray, shape (i,), `INTERACTION_DTYPE`
    primaries : ndarray, shape (p,), `PRIMARY_DTYPE`
    mev : float
        Unit of momenta and energies, in MeV.

    Returns
    -------
    ndarray, `PARTICLE_DTYPE`
        In cm, ns and the unit. `energy_init` of the first row is the energy of the neutrino.
    """
    rows = np.flatnonzero(np.isin(interactions["kind"], (InteractionKind.NEUTRINO, InteractionKind.DIRT)))
    if not len(rows):
        return empty_particles()
    row = interactions[rows[0]]
    final = primaries[primaries["interaction"] == rows[0]]
    table = with_interactions(empty_particles(1 + len(final)), np.full(1 + len(final), rows[0]), interactions)
    table["process"] = b"primary"
    table["pdg"][0], table["pdg"][1:] = row["pdg"], final["pdg"]
    table["pz"][0] = table["energy_init"][0] = row["energy"] / mev
    squared = np.zeros(len(final))
    for axis in ("px", "py", "pz"):
        table[axis][1:] = final[axis] / mev
        squared += final[axis] ** 2
    masses = np.array([species_of(int(code)).mass for code in final["pdg"]], dtype=np.float64)
    table["energy_init"][1:] = np.sqrt(squared + masses**2) / mev
    for axis in ("x", "y", "z"):
        table["vtx"][axis] = row[axis]
    table["vtx"]["t"] = row["t"] / NS
    table["trackid"] = np.arange(len(table))
    return table


def _codes(interactions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Current and number of every interaction, as larcv's tables have them."""
    kinds = [(Mode(int(row["mode"])), Current(int(row["current"]))) for row in interactions]
    current = [{Current.CC: 0, Current.NC: 1}.get(kind[1], -1) for kind in kinds]
    return np.array(current, dtype=np.int16), np.array(
        [_NUMBERS.get(kind, -1) for kind in kinds], dtype=np.int16
    )
