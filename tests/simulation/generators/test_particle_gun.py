"""The particle gun, the names of particles, and putting events together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest
from tests.simulation.generators.conftest import energies, masses, momenta

from argoscope.errors import InvalidArgument
from argoscope.simulation.generators.particle_gun import ParticleGun, particle_gun
from argoscope.simulation.generators.records import merged, nothing
from argoscope.simulation.generators.species import SPECIES, species_named, species_of
from argoscope.simulation.records import PRIMARY_DTYPE

GUN = {"particle": "mu-", "kinetic_mev": 500.0, "position_cm": (1.0, 2.0, 3.0)}


@pytest.mark.parametrize("name", ["mu-", "e-", "gamma", "pi+", "p", "K+", "-13", "pi0", "neutron"])
def test_energy_is_the_one_asked_for(name: str, rng) -> None:
    event = particle_gun(ParticleGun(**{**GUN, "particle": name}, direction=(1.0, -2.0, 2.0)), rng)
    assert event.primaries.dtype == PRIMARY_DTYPE
    assert energies(event.primaries) - masses(event.primaries) == pytest.approx([500.0], rel=1e-12)
    size = np.linalg.norm(momenta(event.primaries))
    assert momenta(event.primaries)[0] / size == pytest.approx(np.array([1, -2, 2]) / 3, abs=1e-12)
    assert event.interactions["energy"] == pytest.approx(energies(event.primaries))


def test_momentum_may_be_given_instead(rng) -> None:
    gun = ParticleGun(
        particle="p", momentum_mev_c=300.0, position_cm=(0.0, 0.0, 0.0), direction=(0.0, 0.0, 1.0)
    )
    assert particle_gun(gun, rng).primaries["pz"].tolist() == [300.0]


def test_many_particles_are_isotropic_and_one_interaction(rng) -> None:
    event = particle_gun(ParticleGun(**GUN, count=5000, time_us=7.0), rng)
    unit = momenta(event.primaries) / np.linalg.norm(momenta(event.primaries), axis=1, keepdims=True)
    for axis in range(3):
        assert kstest((unit[:, axis] + 1) / 2, "uniform").pvalue > 1e-4
    assert len(event.interactions) == 1
    assert (event.primaries["interaction"] == 0).all()
    assert (event.primaries["t"] == 7.0).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"particle": "moun"}, "Did you mean 'muon'"),
        ({"particle": "99"}, "PDG number 99"),
        ({"particle": "nu_mu"}, "leaves no charge"),
        ({"kinetic_mev": -1.0}, "must lie between 0 and"),
        ({"kinetic_mev": float("inf")}, "must lie between 0 and"),
        ({"kinetic_mev": None}, "exactly one"),
        ({"momentum_mev_c": 5.0}, "exactly one"),
        ({"particle": "gamma", "kinetic_mev": 0.0}, "positive energy"),
        ({"position_cm": (0.0, float("nan"), 0.0)}, "finite numbers"),
        ({"direction": (0.0, 0.0, 0.0)}, "length above 0"),
        ({"count": 0}, "must lie between 1 and"),
    ],
)
def test_impossible_guns_are_refused(change: dict, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        ParticleGun(**{**GUN, **change})


def test_every_species_is_found_by_name_and_number() -> None:
    for pdg, species in SPECIES.items():
        assert species_named(species.name) is species is species_of(pdg) is species_named(str(pdg))


def test_merging_numbers_interactions_on(rng) -> None:
    gun = particle_gun(ParticleGun(**GUN, count=2), rng)
    event = merged([gun, nothing(), gun])
    assert event.primaries["interaction"].tolist() == [0, 0, 1, 1]
    assert len(event.interactions) == 2
    assert gun.primaries["interaction"].tolist() == [0, 0]  # the parts stay as they were
    assert len(merged([]).primaries) == 0
