"""The constants of liquid argon against PDG's tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from argoscope.simulation import argon


def test_density_effect_equals_pdgs_column(real_data: Path) -> None:
    table = np.loadtxt(real_data / "tables" / "pdg_muon_liquid_argon.txt", skiprows=1)
    table = table[(table[:, 0] >= 100) & (table[:, 0] <= 1e5)]
    delta = argon.density_effect(table[:, 1] / argon.MUON_MASS)
    # PDG rounds momenta to four digits: 5e-4 in ln(p) is 1e-3 in delta.
    assert np.abs(delta - table[:, 9]).max() < 3e-3


def test_density_effect_starts_at_x0_without_a_jump() -> None:
    below, above = argon.density_effect(10 ** np.array([0.2 - 1e-9, 0.2 + 1e-9]))
    assert below == 0.0
    assert abs(above) < 2e-3


@pytest.mark.parametrize(
    ("value", "expected", "relative"),
    [
        (argon.RADIATION_LENGTH, 14.00, 1e-3),  # cm, PDG
        (argon.ATOMS_PER_BARN_CM * 1e24, 2.104e22, 1e-3),  # atoms/cm³, physics notes 2.1
        (argon.ELECTRONS_PER_CM3, 3.788e23, 1e-3),  # physics notes 2.1
        (argon.RUTHERFORD, 0.0966, 1e-3),  # MeV/cm, physics notes 2.2
        (21.2052 * argon.RADIATION_LENGTH / argon.CRITICAL_ENERGY, argon.MOLIERE_RADIUS, 2e-3),  # PDG 34.38
        (1 / argon.ATOMS_PER_BARN_CM, 47.53, 1e-3),  # cm per barn, physics notes 2.8
        (argon.ATOMIC_NUMBER / argon.ATOMIC_MASS, argon.Z_OVER_A, 1e-4),
    ],
)
def test_constants_agree_with_one_another(value: float, expected: float, relative: float) -> None:
    assert value == pytest.approx(expected, rel=relative)
