"""Neutrino interactions against what the recipe should give: spectra, quasi-elastic kinematics, multiplicities.

References are those of the design of this generator: a toy of the same recipe
and the multiplicities that generators of the field give for argon. They test
the code, not nature. Statistical errors stay below a third of each tolerance.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from argoscope.simulation.check_rows import Row, median, ratio_of_sums, row, sampled_row
from argoscope.simulation.generators import scattering
from argoscope.simulation.generators.box import Box
from argoscope.simulation.generators.kinematics import FourVector
from argoscope.simulation.generators.neutrino_beam import NUE_CC, NUMU_CC, mode_weights
from argoscope.simulation.generators.neutrinos import NeutrinoSource, neutrino
from argoscope.simulation.generators.records import Generated, Mode, merged
from argoscope.simulation.generators.species import (
    ELECTRON,
    MUON,
    NEUTRON,
    PION_MINUS,
    PION_PLUS,
    PION_ZERO,
    PROTON,
    SPECIES,
)
from argoscope.units import GEV

__all__ = ["rows"]

_SOURCE = "design values of the beam-like generator"
_TOY = "toy of the same recipe"
_SEED = 4303
"""Seed of the checks, so that a row fails or passes each time."""
_EVENTS = {False: 6000, True: 3500}
"""Events of each class: 2,800 keep the rarest share within a third of its tolerance."""
_BOX = (Box((0.0, 0.0, 0.0), (100.0, 100.0, 100.0)),)


def rows(*, quick: bool = False) -> list[Row]:
    """Compare neutrino interactions with their references.

    Parameters
    ----------
    quick : bool
        Fewer events, still within the statistical rule.

    Returns
    -------
    list of Row
    """
    rng = np.random.default_rng(_SEED)
    charged = _events("numu", _EVENTS[quick], rng)
    neutral = _events("nc", _EVENTS[quick], rng)
    return [
        *_spectrum_rows(rng),
        *_quasi_elastic_rows(rng),
        *_multiplicity_rows(charged, neutral),
        *_share_rows(charged),
        _closure_row(merged([charged, neutral])),
    ]


def _events(interaction: str, count: int, rng: np.random.Generator) -> Generated:
    source = NeutrinoSource(boxes=_BOX, interaction=interaction)
    return merged([neutrino(source, rng) for _ in range(count)])


def _spectrum_rows(rng: np.random.Generator) -> list[Row]:
    """Energies of interacting neutrinos."""
    numu = mode_weights(NUMU_CC)
    energies = np.array([numu.energy(None, rng) for _ in range(50_000)]) / GEV
    found = [sampled_row("nu_mu CC: mean energy [GeV]", energies, 1.04, 0.03, _SOURCE)]
    for percent, reference in ((10, 0.44), (50, 0.94), (90, 1.77)):
        quantity = f"nu_mu CC: {percent} % quantile of the energy [GeV]"
        quantile = partial(_quantile, share=percent / 100)
        found.append(sampled_row(quantity, energies, reference, 0.03, _SOURCE, statistic=quantile))
    nue = mode_weights(NUE_CC)
    energies = np.array([nue.energy(None, rng) for _ in range(50_000)]) / GEV
    return [*found, sampled_row("nu_e CC: mean energy [GeV]", energies, 1.40, 0.03, _SOURCE)]


def _quantile(values: np.ndarray, share: float) -> float:
    return float(np.quantile(values, share))


def _quasi_elastic_rows(rng: np.random.Generator) -> list[Row]:
    """Quasi-elastic kinematics over the whole spectrum, as in the toy.

    The toy's muon is that of a free nucleon, before Pauli's principle takes
    out small transfers; its proton is after. In the generator quasi-elastic
    events have less energy than the mean, because the other reactions take
    the energetic neutrinos.
    """
    weights, mass = mode_weights(NUMU_CC), SPECIES[MUON].mass
    free = FourVector(SPECIES[NEUTRON].mass, 0.0, 0.0, 0.0)
    muons, cosines, protons = [], [], []
    for _ in range(20_000):
        energy = weights.energy(None, rng)
        incoming = FourVector(energy, 0.0, 0.0, energy)
        pair = scattering.dipole_scatter(incoming, free, mass, SPECIES[PROTON].mass, rng)
        if pair is not None:
            muons.append(pair[0].energy - mass)
            cosines.append(pair[0].z / pair[0].momentum)
        struck = scattering.quasi_elastic(incoming, mass, True, rng)
        if struck is not None:
            protons.append(struck.hadrons[0].vector.energy - SPECIES[PROTON].mass)
    fast = np.array(protons) / GEV
    return [
        sampled_row(
            "nu_mu QE, free nucleon: mean muon energy [GeV]", np.array(muons) / GEV, 0.78, 0.04, _TOY
        ),
        sampled_row("nu_mu QE, free nucleon: mean cosine of the muon", np.array(cosines), 0.69, 0.03, _TOY),
        sampled_row("nu_mu QE: median proton energy [GeV]", fast, 0.10, 0.015, _TOY, statistic=median),
        sampled_row("nu_mu QE: protons > 50 MeV", fast > 0.05, 0.70, 0.05, _TOY),
    ]


def _kinetic(primaries: np.ndarray) -> np.ndarray:
    """Kinetic energies in MeV; of a neutral pion the total energy, which its photons show."""
    mass = np.array([SPECIES[pdg].mass for pdg in primaries["pdg"].tolist()])
    squared = primaries["px"] ** 2 + primaries["py"] ** 2 + primaries["pz"] ** 2
    energy = np.sqrt(squared + mass**2)
    return np.asarray(np.where(primaries["pdg"] == PION_ZERO, energy, energy - mass))


def _visible(event: Generated) -> np.ndarray:
    """Energy of each interaction that a detector may see, in MeV."""
    seen = np.isin(event.primaries["pdg"], [ELECTRON, MUON, PION_PLUS, PION_MINUS, PION_ZERO, PROTON])
    count = len(event.interactions)
    return np.bincount(event.primaries["interaction"][seen], _kinetic(event.primaries)[seen], count)


def _multiplicity_rows(charged: Generated, neutral: Generated) -> list[Row]:
    """Protons and pions of charged currents; what neutral currents leave visible."""
    primaries, events = charged.primaries, len(charged.interactions)

    def number(chosen: np.ndarray) -> np.ndarray:
        return np.bincount(primaries["interaction"][chosen], minlength=events)

    fast = number((primaries["pdg"] == PROTON) & (_kinetic(primaries) > 50))
    charged_pions = number(np.isin(primaries["pdg"], [PION_PLUS, PION_MINUS]))
    neutral_pions = number(primaries["pdg"] == PION_ZERO)
    visible = np.stack([_visible(neutral), _visible(charged)], axis=1)
    quantity = "visible energy, NC over nu_mu CC (0 to 0.5)"
    return [
        sampled_row("nu_mu CC: protons > 50 MeV", fast, 0.85, 0.15, _SOURCE),
        sampled_row("nu_mu CC: share with a charged pion", charged_pions > 0, 0.23, 0.03, _SOURCE),
        sampled_row("nu_mu CC: share with a neutral pion", neutral_pions > 0, 0.10, 0.02, _SOURCE),
        sampled_row(quantity, visible, 0.25, 0.25, _SOURCE, statistic=ratio_of_sums),
    ]


def _share_rows(charged: Generated) -> list[Row]:
    """Reactions of charged currents."""
    tolerances = {Mode.DIS: 0.015, Mode.COH: 0.006}
    return [
        sampled_row(
            f"nu_mu CC: share of {mode.name}",
            charged.interactions["mode"] == mode,
            share,
            tolerances.get(mode, 0.03),
            _SOURCE,
        )
        for mode, share in NUMU_CC.shares
    ]


def _closure_row(events: Generated) -> Row:
    """Energy of the particles and the nucleus against what the neutrino brought, from the tables alone."""
    primaries, table = events.primaries, events.interactions
    total = np.array([SPECIES[pdg].mass for pdg in primaries["pdg"].tolist()])
    total = np.sqrt(total**2 + primaries["px"] ** 2 + primaries["py"] ** 2 + primaries["pz"] ** 2)
    out = np.bincount(primaries["interaction"], weights=total, minlength=len(table))
    unseen = np.sqrt(table["lepton_px"] ** 2 + table["lepton_py"] ** 2 + table["lepton_pz"] ** 2)
    out += np.where(np.isin(table["lepton_pdg"], [ELECTRON, MUON]), 0.0, unseen)
    protons = 18 - table["remnant_z"]
    neutrons = 40 - table["remnant_a"] - protons
    masses = protons * SPECIES[PROTON].mass + neutrons * SPECIES[NEUTRON].mass
    off = np.abs(table["energy"] + masses - out - table["missing_energy"]).max()
    # Rounding of energies of a few GeV, some twenty terms: 1e-9 MeV.
    return row("neutrinos: largest energy not accounted for [MeV]", off, 0.0, 1e-6, "conservation of energy")
