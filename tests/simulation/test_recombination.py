"""Recombination: published numbers, the order of the models, the floor and its count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from argoscope.errors import InvalidArgument
from argoscope.simulation.recombination import MODELS, WORK_FUNCTION, ionize, survival

# dE/dx 2.1 and 20 MeV/cm at 0.5 kV/cm, worked out by hand from the papers' formulas and parameters
BY_HAND = {
    "modified-box": (
        np.log(0.93 + 0.212 * 2.1 / 0.698) / (0.212 * 2.1 / 0.698),
        np.log(0.93 + 0.212 * 20 / 0.698) / (0.212 * 20 / 0.698),
    ),
    "birks": (0.8 / (1 + 0.0486 * 2.1 / 0.698), 0.8 / (1 + 0.0486 * 20 / 0.698)),
    "emb": (
        np.log(0.904 + 0.204 * 2.1 / 0.698) / (0.204 * 2.1 / 0.698),
        np.log(0.904 + 0.204 * 20 / 0.698) / (0.204 * 20 / 0.698),
    ),
}


@pytest.mark.parametrize("model", MODELS)
def test_models_give_the_formulas_of_the_papers(model: str) -> None:
    assert survival(np.array([2.1, 20.0]), 0.5, 0.0, model) == pytest.approx(BY_HAND[model], rel=1e-12)


@pytest.mark.parametrize("model", MODELS)
@given(dedx=st.floats(1.5, 60.0), field=st.floats(0.1, 1.0), more=st.floats(1.01, 3.0))
def test_denser_ionization_and_weaker_fields_lose_more(
    model: str, dedx: float, field: float, more: float
) -> None:
    """The logarithmic models turn over where ln(a + xi) = xi / (a + xi): at xi = 0.47 (a = 0.93) and 0.57 (a = 0.904)."""
    xi = 0.204 * dedx / (1.396 * field)
    assume(model == "birks" or xi > 0.6)
    share = survival(np.array([dedx, dedx * more]), field, 0.0, model)
    assert 0 < share[1] < share[0] < 1
    assert survival(np.array([dedx]), field * 0.99, 0.0, model)[0] < share[0]


def test_the_logarithmic_models_turn_over_near_minimum_ionization() -> None:
    """At 0.5 kV/cm modified Box has its maximum at 1.55 MeV/cm and EMB at 1.95, found on a grid."""
    dedx = np.arange(1.0, 3.0, 0.01)
    for model, peak in (("modified-box", 1.55), ("emb", 1.95)):
        assert dedx[survival(dedx, 0.5, 0.0, model).argmax()] == pytest.approx(peak, abs=0.03)


def test_only_emb_knows_the_angle() -> None:
    for model in MODELS:
        across, along = survival(np.array([10.0, 10.0]), 0.5, np.array([0.0, 1.0]), model)
        assert (across > along) == (model == "emb")
        back = survival(np.array([10.0]), 0.5, np.array([-1.0]), model)[0]
        assert back == along  # a track has no head for it


def test_electrons_scale_with_energy_and_count_the_floor() -> None:
    energy = np.array([0.3, 0.6, 0.03, 0.0])
    length = np.array([0.15, 0.30, 0.15, 0.15])  # 2, 2, 0.2 and 0 MeV/cm
    found = ionize(energy, length, np.zeros(4), 0.5)
    assert found.electrons[1] == pytest.approx(2 * found.electrons[0], rel=1e-12)
    assert found.floored == 1
    assert found.electrons[2] == pytest.approx(
        0.03 / WORK_FUNCTION * survival(np.array([1.0]), 0.5)[0], rel=1e-12
    )
    assert found.electrons[3] == 0.0
    assert ionize(energy, length, np.zeros(4), 0.5, scale=0.9).electrons == pytest.approx(
        0.9 * found.electrons
    )
    assert ionize(energy, length, np.zeros(4), 0.5, dedx_floor=0.1).floored == 0


def test_points_have_the_dedx_of_stopping_electrons() -> None:
    point = ionize(np.array([0.1]), np.array([0.0]), np.zeros(1), 0.5, point_dedx=12.0)
    assert point.electrons[0] == pytest.approx(0.1 / WORK_FUNCTION * survival(np.array([12.0]), 0.5)[0])


def test_nothing_gives_nothing() -> None:
    nothing = np.zeros(0)
    assert len(ionize(nothing, nothing, nothing, 0.5).electrons) == 0


@pytest.mark.parametrize(
    ("energy", "length", "field", "message"),
    [
        (np.nan, 0.15, 0.5, r"energy of deposit 1 is nan"),
        (-0.1, 0.15, 0.5, r"energy of deposit 1 is -0\.1"),
        (0.1, -0.15, 0.5, r"length of deposit 1"),
        (0.1, 0.15, 0.0, r"field \(=0\.0 kV/cm\) must be positive"),
    ],
)
def test_impossible_deposits_are_named(energy: float, length: float, field: float, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        ionize(np.array([0.1, energy]), np.array([0.15, length]), np.zeros(2), field)


def test_unknown_model_is_answered_with_the_nearest() -> None:
    with pytest.raises(InvalidArgument, match=r"no recombination model 'birk'. Did you mean 'birks'"):
        survival(np.array([2.0]), 0.5, 0.0, "birk")
