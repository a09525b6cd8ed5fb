"""The colour scale says what it is and leaves the charges their colours."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.display.scale import ChargeScale, charge_scale_of
from argoscope.errors import InvalidArgument


def test_wide_positive_charge_is_logarithmic_and_says_so() -> None:
    scale = charge_scale_of([np.geomspace(5, 3000, 2000)], "ADC")
    assert scale.kind == "log"
    assert scale.words.startswith("charge [ADC], logarithmic, clipped at 5.")


def test_negative_charge_is_linear() -> None:
    scale = charge_scale_of([np.array([-40.0, 700.0])], "PIU")
    assert (scale.kind, scale.low, scale.high) == ("linear", -40.0, 700.0)
    assert scale.words == "charge [PIU], linear"


def test_one_hot_pixel_does_not_take_the_colours() -> None:
    charge = np.full(5000, 10.0)
    charge[::2] = 20.0
    charge[7] = 1e6
    scale = charge_scale_of([charge], "ADC")
    assert scale.high == 20.0
    assert scale.clipped_high
    assert scale.fraction(np.array([1e6])).tolist() == [1.0]


@pytest.mark.parametrize("share", [0.01, 0.05, 0.3])
def test_what_is_more_than_a_few_pixels_keeps_colours_of_its_own(share: float) -> None:
    charge = np.full(5000, 10.0)
    charge[: int(share * len(charge))] = 90.0
    scale = charge_scale_of([charge], "ADC")
    assert scale.high == 90.0
    assert not scale.clipped_high


@pytest.mark.parametrize("charges", [[], [np.empty(0)], [np.zeros(3)], [np.full(3, 7.0)]])
def test_no_charge_and_equal_charge_have_a_scale(charges: list[np.ndarray]) -> None:
    scale = charge_scale_of(charges, "ADC")
    assert scale.low < scale.high
    assert np.isfinite(scale.fraction(np.concatenate([np.empty(0), *charges]))).all()


def test_planes_share_one_scale() -> None:
    one, other = np.array([5.0, 10.0]), np.array([5.0, 400.0])
    assert charge_scale_of([one, other], "ADC").high == 400.0


def test_impossible_scales_are_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"low \(=2\) must be below high \(=2\)"):
        ChargeScale("linear", 2, 2, "ADC")
    with pytest.raises(InvalidArgument, match="must be positive"):
        ChargeScale("log", 0, 2, "ADC")
