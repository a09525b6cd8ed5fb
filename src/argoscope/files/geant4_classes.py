"""The five classes of papers 3 and 4 from Geant4's process codes.

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

from argoscope.events import FIVE_CLASS
from argoscope.files.lineage import ancestors

__all__ = ["five_classes"]

ELECTROMAGNETIC, HADRONIC, DECAY = 2, 4, 6  # G4ProcessType
IONISATION, PAIRS_BY_CHARGED, CONVERSION = 2, 4, 14  # G4EmProcessSubType
NEUTRON_CAPTURE = 131  # G4HadronicProcessType
AT_REST = (
    132,
    151,
    152,
)  # G4HadronicProcessType: muon atomic capture, capture at rest of hadrons, of leptons
NUCLEUS = 1_000_000_000
"""PDG codes of nuclei start here."""


def five_classes(
    pdg: np.ndarray, parent_row: np.ndarray, process: np.ndarray, subprocess: np.ndarray
) -> np.ndarray:
    """Class of each particle in the scheme `FIVE_CLASS`.

    Parameters
    ----------
    pdg : ndarray, shape (p,), integer
        PDG codes.
    parent_row : ndarray, shape (p,), integer
        Row of each parent, -1 for primaries, -2 where the table has the parent not.
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
    parent_pdg = np.where(parent_row >= 0, np.append(pdg, 0)[np.maximum(parent_row, -1)], 0)
    out = np.full(len(pdg), FIVE_CLASS.unlabelled, dtype=np.int32)
    out[~shower & (pdg != 0) & (np.abs(pdg) < NUCLEUS)] = FIVE_CLASS.index("MIP")
    out[np.abs(pdg) == 2212] = FIVE_CLASS.index("HIP")

    electromagnetic, hadronic = process == ELECTROMAGNETIC, process == HADRONIC
    freed = (process == DECAY) | (hadronic & np.isin(subprocess, AT_REST))
    radiated = (electromagnetic & np.isin(subprocess, [PAIRS_BY_CHARGED, CONVERSION])) | (
        hadronic & (subprocess == NEUTRON_CAPTURE)
    )
    out[shower & electromagnetic & (subprocess == IONISATION)] = FIVE_CLASS.index("delta")
    out[shower & (radiated | (process == 0) | (parent_row == -1) | freed)] = FIVE_CLASS.index("shower")
    out[shower & freed & (np.abs(parent_pdg) == 13)] = FIVE_CLASS.index("Michel")
    out[np.asarray(pdg) == 22] = FIVE_CLASS.index("shower")
    return np.where(shower, out[ancestors(parent_row, shower)], out)
