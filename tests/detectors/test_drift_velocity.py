"""The drift velocity against the values that LArSoft's formula is known to give."""

from __future__ import annotations

import pytest

from argoscope.detectors import detector_named, drift_velocity
from argoscope.detectors.drift_velocity import MICROBOONE_VELOCITY_SCALE
from argoscope.errors import InvalidArgument


@pytest.mark.parametrize(
    ("field_kv_cm", "temperature_k", "mm_us"),
    [(0.5, 88.4, 1.5627), (0.5, 87.3, 1.596), (0.2739, 89.0, 1.1166), (0.4938, 87.5, 1.581)],
)
def test_known_values(field_kv_cm: float, temperature_k: float, mm_us: float) -> None:
    assert drift_velocity(field_kv_cm, temperature_k) * 10 == pytest.approx(mm_us, abs=6e-4)  # given to 0.001


@pytest.mark.parametrize("field_kv_cm", [0.2739, 0.4, 0.5])
def test_agrees_with_the_independent_fit(field_kv_cm: float) -> None:
    """The polynomial of MicroBooNE and ICARUS data; the two differ by up to 2 % at low field."""
    e = field_kv_cm
    polynomial = 5.53416 * e - 6.53093 * e**2 + 3.20752 * e**3 + 0.389696 * e**4 - 0.556184 * e**5
    fit = (1 - 0.0184 * (88.4 - 89)) * polynomial
    assert drift_velocity(e, 88.4) * 10 == pytest.approx(fit, rel=0.025)


def test_microboone_preset_is_the_scaled_formula() -> None:
    drift = detector_named("microboone").drift
    scaled = drift_velocity(drift.field_kv_cm, drift.temperature_k) * MICROBOONE_VELOCITY_SCALE
    assert scaled == pytest.approx(drift.velocity_cm_us, abs=1e-5)
    assert scaled * 10 == pytest.approx(1.0979, abs=1e-4)


@pytest.mark.parametrize("name", ["sbnd-2018", "sbnd", "icarus"])
def test_presets_are_near_the_formula(name: str) -> None:
    drift = detector_named(name).drift
    assert drift_velocity(drift.field_kv_cm, drift.temperature_k) == pytest.approx(
        drift.velocity_cm_us, rel=0.005
    )


@pytest.mark.parametrize(
    ("field_kv_cm", "temperature_k", "name"),
    [
        (0.08, 88.0, "field_kv_cm"),
        (0.63, 88.0, "field_kv_cm"),
        (0.5, 70.0, "temperature_k"),
        (float("nan"), 88.0, "field"),
    ],
)
def test_outside_its_range_it_refuses(field_kv_cm: float, temperature_k: float, name: str) -> None:
    with pytest.raises(InvalidArgument, match=f"{name}.*must lie between"):
        drift_velocity(field_kv_cm, temperature_k)


def test_ends_of_the_range_are_taken() -> None:
    assert 0 < drift_velocity(0.09, 88.0) < drift_velocity(0.62, 88.0)
