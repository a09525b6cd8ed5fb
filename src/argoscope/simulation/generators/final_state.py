"""How hadrons leave the nucleus: pions absorbed, exchanged or scattered, protons scattered, slow nucleons.

Every collision is with a bound nucleon or a pair of them and spreads its
products evenly over phase space, so energy and momentum hold exactly and each
nucleon taken costs the removal energy. One generation: products of a pion's
collision are not followed further, but for protons that an absorption made.

The probabilities are engineering values, independent of energy.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from argoscope.simulation.generators.kinematics import decay
from argoscope.simulation.generators.nucleus import Hadron, bound_nucleon, nucleon_in_argon
from argoscope.simulation.generators.species import (
    NEUTRON,
    PION_MINUS,
    PION_PLUS,
    PION_ZERO,
    PROTON,
    SPECIES,
)

__all__ = ["absorbed_pion", "through_nucleus"]

_ABSORBED = 0.22  # probability per pion; engineering value
_EXCHANGED = 0.07  # probability per pion; engineering value
_SCATTERED = 0.20  # probability per pion; engineering value
_PROTON_SCATTERED = 0.25  # probability per proton; engineering value
_MIXED_PAIRS = 0.8  # share of proton-neutron pairs among those that absorb, no unit; engineering value

_PIONS = (PION_PLUS, PION_MINUS, PION_ZERO)

Left = tuple[list[Hadron], list[int]]
"""Hadrons after a collision, and the nucleons that it took from the nucleus."""


def through_nucleus(hadrons: Sequence[Hadron], absorb: bool, rng: np.random.Generator) -> Left:
    """Take hadrons from the point of interaction out of the nucleus.

    Parameters
    ----------
    hadrons : sequence of Hadron
    absorb : bool
        Whether pions must be absorbed.
    rng : numpy.random.Generator

    Returns
    -------
    hadrons : list of Hadron
    taken : list of int
        PDG numbers of further nucleons taken from the nucleus.

    Examples
    --------
    >>> through_nucleus([], False, np.random.default_rng(1))
    ([], [])
    """
    protons: list[Hadron] = []
    others: list[Hadron] = []
    taken: list[int] = []
    for hadron in hadrons:
        products, again = [hadron], hadron.pdg == PROTON
        lost: list[int] = []
        if hadron.pdg in _PIONS:
            u = 0.0 if absorb else rng.random()
            if u < _ABSORBED:
                products, lost = absorbed_pion(hadron, rng)
                again = bool(lost)
            elif u < _ABSORBED + _EXCHANGED + _SCATTERED:
                products, lost = _scattered_pion(hadron, u < _ABSORBED + _EXCHANGED, rng)
        taken += lost
        for product in products:
            (protons if again and product.pdg == PROTON else others).append(product)
    for proton in protons:
        if rng.random() < _PROTON_SCATTERED:
            products, lost = _collision(proton, PROTON, nucleon_in_argon(rng), None, rng)
            others += products
            taken += lost
        else:
            others.append(proton)
    return others, taken


def absorbed_pion(pion: Hadron, rng: np.random.Generator) -> Left:
    """A pion taken in by two nucleons, which share its energy.

    Of the pairs that can take its charge, 80 % are proton-neutron pairs.

    Parameters
    ----------
    pion : Hadron
    rng : numpy.random.Generator

    Returns
    -------
    hadrons, taken
        The two nucleons, and what they were before.
    """
    u = rng.random()
    like = (1 + _MIXED_PAIRS) / 2  # a neutral pion meets pp and nn as often
    if pion.pdg == PION_ZERO:
        before = (
            (PROTON, NEUTRON) if u < _MIXED_PAIRS else (PROTON, PROTON) if u < like else (NEUTRON, NEUTRON)
        )
        after = before
    elif pion.pdg == PION_PLUS:
        before = (PROTON, NEUTRON) if u < _MIXED_PAIRS else (NEUTRON, NEUTRON)
        after = (PROTON, PROTON) if u < _MIXED_PAIRS else (PROTON, NEUTRON)
    else:
        before = (PROTON, NEUTRON) if u < _MIXED_PAIRS else (PROTON, PROTON)
        after = (NEUTRON, NEUTRON) if u < _MIXED_PAIRS else (PROTON, NEUTRON)
    total = pion.vector
    for nucleon in before:
        total = total.plus(bound_nucleon(nucleon, rng).vector)
    bodies = decay(total, [SPECIES[nucleon].mass for nucleon in after], rng)
    if bodies is None:
        return [pion], []
    return [Hadron(pdg, vector) for pdg, vector in zip(after, bodies, strict=True)], list(before)


def _scattered_pion(pion: Hadron, exchange: bool, rng: np.random.Generator) -> Left:
    """A pion that scatters off a nucleon, with or without exchange of charge."""
    if not exchange:
        return _collision(pion, pion.pdg, nucleon_in_argon(rng), None, rng)
    if pion.pdg == PION_ZERO:
        nucleon = nucleon_in_argon(rng)
        new = PION_PLUS if nucleon == PROTON else PION_MINUS
    else:
        nucleon = NEUTRON if pion.pdg == PION_PLUS else PROTON
        new = PION_ZERO
    return _collision(pion, new, nucleon, NEUTRON if nucleon == PROTON else PROTON, rng)


def _collision(hadron: Hadron, new: int, nucleon: int, becomes: int | None, rng: np.random.Generator) -> Left:
    """Hadron and bound nucleon to two bodies; nothing happens if their energy does not free the nucleon."""
    after = nucleon if becomes is None else becomes
    total = hadron.vector.plus(bound_nucleon(nucleon, rng).vector)
    bodies = decay(total, (SPECIES[new].mass, SPECIES[after].mass), rng)
    if bodies is None:
        return [hadron], []
    return [Hadron(new, bodies[0]), Hadron(after, bodies[1])], [nucleon]
