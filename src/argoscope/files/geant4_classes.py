"""Particle ancestry, and the five classes of papers 3 and 4 from Geant4's process codes.

The class of a particle (larcv `SegLabelFiveTypes`, read as a rule):

    proton                                                       HIP
    muon, pion, kaon, other hadrons and leptons                  MIP
    photon; e± that is primary, from conversion, pair
      production by a charged particle, or neutron capture       shower
    e± from ionisation by a muon or hadron                       delta
    e± from a muon's decay or capture at rest                    Michel
    e± from another decay (Dalitz)                               shower

Electrons, positrons and photons that come from electrons, positrons or
photons have the class of the first of that chain: a Michel electron's
bremsstrahlung is Michel. Nuclei, ions and anything else are unlabelled.

Left out: the merging of short delta rays into their parent, which needs the
image, and any cut on energy.

References
----------
Geant4, `G4ProcessType`, `G4EmProcessSubType`, `G4HadronicProcessType`,
`G4DecayProcessType`: the codes.
"""

from __future__ import annotations

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS

__all__ = ["ancestors", "five_classes", "rows_of"]

ELECTROMAGNETIC, HADRONIC, DECAY = 2, 4, 6  # G4ProcessType
IONISATION, PAIRS_BY_CHARGED, CONVERSION = 2, 4, 14  # G4EmProcessSubType
NEUTRON_CAPTURE = 131  # G4HadronicProcessType
AT_REST = (132, 151, 152)  # G4HadronicProcessType: muon atomic capture, capture at rest of hadrons, of leptons
NUCLEUS = 1_000_000_000
"""PDG codes of nuclei start here."""


def rows_of(numbers: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Row of each wanted number in a table, -1 where the table has it not.

    Parameters
    ----------
    numbers : ndarray, shape (p,), integer
        The table's numbers, in any order; of repeated ones the first row counts.
    wanted : ndarray, shape (q,), integer

    Returns
    -------
    ndarray, shape (q,), int64

    Examples
    --------
    >>> rows_of(np.array([5, 2, 9]), np.array([9, 1, 5]))
    array([ 2, -1,  0])
    """
    numbers, wanted = np.asarray(numbers, dtype=np.int64), np.asarray(wanted, dtype=np.int64)
    if not len(numbers):
        return np.full(len(wanted), -1)
    order = np.argsort(numbers, kind="stable")
    at = np.minimum(np.searchsorted(numbers[order], wanted), len(numbers) - 1)
    return np.where(numbers[order][at] == wanted, order[at], -1)


def ancestors(parent_row: np.ndarray, within: np.ndarray | None = None) -> np.ndarray:
    """Follow parents to the first of the line.

    Parameters
    ----------
    parent_row : ndarray, shape (p,), integer
        Row of each particle's parent, -1 where it has none.
    within : ndarray, shape (p,), bool, optional
        Stay among these particles: stop where the parent is none of them.

    Returns
    -------
    ndarray, shape (p,), int64
        Row of the first; a particle without parent is its own.

    Raises
    ------
    InvalidArgument
        If a particle is its own ancestor.

    Examples
    --------
    >>> ancestors(np.array([-1, 0, 1, -1]))
    array([0, 0, 0, 3])
    """
    rows = np.arange(len(parent_row))
    climb = parent_row >= 0
    if within is not None:
        climb &= within & within[parent_row]
    top = np.where(climb, parent_row, rows)
    for _ in range(len(rows).bit_length() + 1):
        top = top[top]
    if climb[top].any():
        row = int(climb[top].argmax())
        raise InvalidArgument(f"the parents of particle {row} form a ring: it would be its own ancestor")
    return top


def five_classes(
    pdg: np.ndarray, parent_row: np.ndarray, process: np.ndarray, subprocess: np.ndarray
) -> np.ndarray:
    """Class of each particle in the scheme `FIVE_CLASS`.

    Parameters
    ----------
    pdg : ndarray, shape (p,), integer
        PDG codes.
    parent_row : ndarray, shape (p,), integer
        Row of each parent, -1 for primaries.
    process, subprocess : ndarray, shape (p,), integer
        Geant4's codes of the process that made the particle.

    Returns
    -------
    ndarray, shape (p,), int32

    Examples
    --------
    A muon, a delta ray, its Michel electron and that one's photon:

    >>> five_classes(np.array([13, 11, 11, 22]), np.array([-1, 0, 0, 2]),
    ...              np.array([0, 2, 6, 2]), np.array([0, 2, 201, 3]))
    array([1, 3, 4, 4], dtype=int32)
    """
    shower = np.isin(pdg, [11, -11, 22])
    parent_pdg = np.where(parent_row >= 0, np.asarray(pdg)[parent_row], 0) if len(pdg) else np.asarray(pdg)
    out = np.full(len(pdg), FIVE_CLASS.unlabelled, dtype=np.int32)
    out[~shower & (pdg != 0) & (np.abs(pdg) < NUCLEUS)] = FIVE_CLASS.index("MIP")
    out[np.abs(pdg) == 2212] = FIVE_CLASS.index("HIP")

    electromagnetic, hadronic = process == ELECTROMAGNETIC, process == HADRONIC
    freed = (process == DECAY) | (hadronic & np.isin(subprocess, AT_REST))
    radiated = (electromagnetic & np.isin(subprocess, [PAIRS_BY_CHARGED, CONVERSION])) | (
        hadronic & (subprocess == NEUTRON_CAPTURE)
    )
    out[shower & electromagnetic & (subprocess == IONISATION)] = FIVE_CLASS.index("delta")
    out[shower & (radiated | (process == 0) | (parent_row < 0) | freed)] = FIVE_CLASS.index("shower")
    out[shower & freed & (np.abs(parent_pdg) == 13)] = FIVE_CLASS.index("Michel")
    out[np.asarray(pdg) == 22] = FIVE_CLASS.index("shower")
    return np.where(shower, out[ancestors(parent_row, shower)], out)
