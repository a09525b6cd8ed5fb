"""Drift and space charge: published numbers, symmetry, what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from argoscope.detectors import detector_named, tick_of
from argoscope.errors import InvalidArgument
from argoscope.simulation.drift import attenuation, diffusion_width, drift, fluctuated
from argoscope.simulation.records import DEPOSIT_DTYPE
from argoscope.simulation.space_charge import SpaceCharge, displace

MICROBOONE, SBND = detector_named("microboone"), detector_named("sbnd-2018")


def deposits(x: object, y: float = 10.0, z: float = 250.0) -> np.ndarray:
    out = np.zeros(np.size(x), DEPOSIT_DTYPE)
    out["x"], out["y"], out["z"], out["energy"] = x, y, z, 0.3
    return out


def test_arrival_is_what_the_geometry_says() -> None:
    """`tick_of` counts from the trigger tick; the drift leaves out delays."""
    x = np.array([3.0, 100.0, 250.0])
    want = (tick_of(MICROBOONE, x, 2) - MICROBOONE.readout.trigger_tick) * MICROBOONE.readout.tick_us
    np.testing.assert_allclose(drift(deposits(x), MICROBOONE).time_us, want, rtol=1e-12)


def test_volumes_are_mirrored() -> None:
    left, right = (drift(deposits(np.array([-1, -1, -1]) * s * [50.0, 100.0, 199.0]), SBND) for s in (1, -1))
    for name in ("time_us", "share", "along_us", "across_cm"):
        np.testing.assert_allclose(getattr(left, name), getattr(right, name), rtol=1e-12)
    assert left.volume.tolist() == [0, 0, 0]
    assert right.volume.tolist() == [1, 1, 1]


def test_charge_outside_and_behind_the_anode_is_left_out() -> None:
    x = np.array([-1.0, 0.0, 254.8, 255.0])
    assert drift(deposits(x), MICROBOONE).deposit.tolist() == [1, 2]
    assert drift(deposits(np.array([-2.7, -2.5, 0.0, 2.7, 199.85, 199.9])), SBND).deposit.tolist() == [
        0,
        3,
        4,
    ]
    assert len(drift(deposits(np.zeros(0)), SBND).deposit) == 0


def test_segments_have_the_width_of_a_line() -> None:
    """At the anode there is no diffusion: a line of length l has variance l² / 12."""
    one = deposits(np.array([0.0, 0.0]))
    one["length"], one["drift_cosine"] = 0.15, [1.0, 0.0]
    found = drift(one, MICROBOONE)
    velocity = MICROBOONE.drift.velocity_cm_us
    np.testing.assert_allclose(found.along_us, [0.15 / np.sqrt(12) / velocity, 0.0], atol=1e-9)
    np.testing.assert_allclose(found.across_cm, [0.0, 0.15 / np.sqrt(24)], atol=1e-9)


def test_attenuation_and_diffusion_compose() -> None:
    """Two drifts one after the other are one long drift."""
    t = np.array([300.0, 700.0])
    assert attenuation(t, 3000.0).prod() == pytest.approx(float(attenuation(np.array(1000.0), 3000.0)))
    assert np.hypot(*diffusion_width(t, 6.4)) == pytest.approx(float(diffusion_width(np.array(1000.0), 6.4)))


def test_fluctuations_have_the_mean_and_variance_of_the_binomial_law(rng: np.random.Generator) -> None:
    left = fluctuated(np.full(100_000, 10_000.0), np.full(100_000, 0.8), rng)
    assert left.mean() == pytest.approx(8000.0, abs=4 * 40 / np.sqrt(1e5))  # four errors
    assert left.std() == pytest.approx(40.0, rel=4 / np.sqrt(2e5))
    assert left.max() <= 10_000.0


@pytest.mark.parametrize(("name", "value"), [("x", np.nan), ("t", np.inf), ("z", -np.inf)])
def test_deposits_without_a_place_are_named(name: str, value: float) -> None:
    bad = deposits(np.array([10.0, 20.0]))
    bad[name][1] = value
    with pytest.raises(InvalidArgument, match="deposit 1 lies at"):
        drift(bad, MICROBOONE)


@pytest.mark.parametrize("lifetime", [0.0, -3.0, np.nan])
def test_impossible_lifetimes_are_refused(lifetime: float) -> None:
    with pytest.raises(InvalidArgument, match="lifetime_us"):
        attenuation(np.array([1.0]), lifetime)


def test_negative_times_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="drift times must not be negative"):
        diffusion_width(np.array([-1.0]), 6.0)


FULL = SpaceCharge(transverse_cm=15.0, drift_cm=3.0, field=0.09)


def test_space_charge_is_zero_where_the_formulas_say() -> None:
    box = MICROBOONE.volumes[0]
    middle = (np.asarray(box.low_cm) + np.asarray(box.high_cm)) / 2
    anode = displace(np.array([[0.0, 100.0, 900.0]]), box, FULL)
    assert anode.points[0].tolist() == [0.0, 100.0, 900.0]
    axis = displace(np.array([[box.cathode_cm, middle[1], middle[2]]]), box, FULL)
    np.testing.assert_allclose(axis.points[0, 1:], middle[1:], atol=1e-9)
    np.testing.assert_allclose(axis.distance, 254.8, atol=1e-9)
    assert axis.field[0] == pytest.approx(1.09)


def test_space_charge_pulls_inwards_most_at_the_cathode() -> None:
    box = MICROBOONE.volumes[0]
    top = box.high_cm[1]
    x = np.array([60.0, 120.0, 250.0])
    moved = displace(np.stack([x, np.full(3, top), np.full(3, 518.0)], axis=1), box, FULL)
    inwards = top - moved.points[:, 1]
    assert (np.diff(inwards) > 0).all()
    assert inwards[-1] == pytest.approx(15.0, rel=0.01)
    middle = (box.low_cm[1] + box.high_cm[1]) / 2
    half_way = np.array([[250.0, (middle + top) / 2, 518.0]])
    assert half_way[0, 1] - displace(half_way, box, FULL).points[0, 1] == pytest.approx(inwards[-1] / 8)
    halved = displace(np.array([[250.0, top, 518.0]]), box, FULL.scaled(0.5))
    assert top - halved.points[0, 1] == pytest.approx(inwards[-1] / 2)


def test_space_charge_off_is_no_space_charge() -> None:
    x = deposits(np.linspace(1.0, 250.0, 20))
    plain, zero = drift(x, MICROBOONE), drift(x, MICROBOONE, SpaceCharge())
    for one, other in zip(plain, zero, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    np.testing.assert_allclose(drift(x, MICROBOONE, FULL).field.max(), 0.2739 * 1.087, rtol=0.01)


def test_impossible_space_charge_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="transverse_cm"):
        SpaceCharge(transverse_cm=-1.0)
    with pytest.raises(InvalidArgument, match="below 1"):
        replace(FULL, field=1.0)
