"""A particle that is made at rest has its mass in the particle table."""

from __future__ import annotations

import pytest

from argoscope.simulation.argon import MUON_MASS
from argoscope.simulation.chain import simulation_named
from argoscope.simulation.generators.particle_gun import ParticleGun


@pytest.mark.parametrize("kinetic", [0.0, 1e-3, 50.0])
def test_total_energy_is_mass_and_kinetic_energy(kinetic: float) -> None:
    gun = ParticleGun(particle="mu+", position_cm=(128.0, 0.0, 500.0), kinetic_mev=kinetic)
    particles = simulation_named("gun", seed=5, gun=gun).event(0).event.particles
    [energy] = particles["energy_init"][particles["pdg"] == -13]
    assert energy == pytest.approx(MUON_MASS + kinetic, rel=1e-6)
