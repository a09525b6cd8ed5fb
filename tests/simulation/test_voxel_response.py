"""Volumes of voxels: energy is conserved, the slow twin agrees, groups add up."""

from __future__ import annotations

import math

import numpy as np
import pytest

from argoscope.detectors import VoxelVolume, voxel_volume_named
from argoscope.errors import InvalidArgument
from argoscope.simulation.records import DEPOSIT_DTYPE, TRACK_DTYPE, Transported
from argoscope.simulation.voxel_response import VoxelSettings, axis_shares, respond_in_voxels

VOLUME = VoxelVolume(name="small", voxels=12, voxel_cm=0.3)
ALL = VoxelSettings(threshold_mev=0.0, threshold_units=0.0)


def event(count: int, seed: int = 1, reach: float = 0.0) -> Transported:
    rng = np.random.default_rng(seed)
    tracks, deposits = np.zeros(4, TRACK_DTYPE), np.zeros(count, DEPOSIT_DTYPE)
    tracks["group"] = [0, 1, 1, 3]
    deposits["track"] = rng.integers(0, 4, count)
    for axis in "xyz":
        deposits[axis] = rng.uniform(-reach, VOLUME.side_cm + reach, count)
    deposits["energy"], deposits["length"] = rng.uniform(0.05, 0.6, count), 0.15
    return Transported(tracks, deposits)


def slowly(transported: Transported, sigma: float) -> dict[tuple[int, int, int, int], float]:
    """Every deposit over the 27 voxels around it, one at a time, with the error function."""

    def share(place: float, voxel: int) -> float:
        low, high = ((edge - place) / sigma / math.sqrt(2) for edge in (voxel, voxel + 1))
        return (math.erf(high) - math.erf(low)) / 2

    found: dict[tuple[int, int, int, int], float] = {}
    for deposit in transported.deposits:
        place = [deposit[axis] / 0.3 for axis in "xyz"]
        if not all(0 <= p < 12 for p in place):
            continue
        axes = []
        for p in place:
            near = [v for v in range(int(p) - 1, int(p) + 2) if 0 <= v < 12]
            total = sum(share(p, v) for v in near)
            axes.append({v: share(p, v) / total for v in near})
        group = int(transported.tracks["group"][deposit["track"]])
        for i, a in axes[0].items():
            for j, b in axes[1].items():
                for k, c in axes[2].items():
                    key = (group, i, j, k)
                    found[key] = found.get(key, 0.0) + float(deposit["energy"]) * a * b * c
    return found


@pytest.mark.parametrize("sigma", [0.3, 1.0])
def test_the_slow_twin_agrees(sigma: float) -> None:
    transported = event(80, reach=0.2)
    settings = VoxelSettings(smear_voxels=sigma, threshold_mev=0.0)
    truth = respond_in_voxels(transported, VOLUME, settings).truth
    coordinates = VOLUME.grid.coordinates(truth.ids)
    got = {(int(g), *c): e for g, c, e in zip(truth.group, coordinates.tolist(), truth.energy, strict=True)}
    want = slowly(transported, sigma)
    assert len(got) == len(truth.ids)
    for key in set(got) | set(want):
        assert got.get(key, 0.0) == pytest.approx(want.get(key, 0.0), abs=1e-9), key


@pytest.mark.parametrize("sigma", [0.0, 0.5, 1.0])
def test_energy_is_conserved(sigma: float) -> None:
    transported = event(500)
    response = respond_in_voxels(transported, VOLUME, VoxelSettings(smear_voxels=sigma, threshold_mev=0.0))
    assert response.truth.energy.sum() == pytest.approx(transported.deposits["energy"].sum(), rel=1e-12)
    assert response.values.sum() == pytest.approx(transported.deposits["energy"].sum(), rel=1e-5)


def test_groups_add_up_to_the_volume_and_the_threshold_cuts() -> None:
    response = respond_in_voxels(event(300), VOLUME, VoxelSettings(threshold_mev=0.1))
    total = np.zeros(VOLUME.grid.pixels)
    np.add.at(total, response.truth.ids, response.truth.energy)
    np.testing.assert_array_equal(response.ids, np.flatnonzero(total >= 0.1))
    np.testing.assert_allclose(response.values, total[response.ids], rtol=1e-6)
    assert set(response.truth.group.tolist()) == {0, 1, 3}
    assert (np.diff(response.truth.group) >= 0).all()


def test_no_smearing_is_one_voxel_each() -> None:
    response = respond_in_voxels(event(1), VOLUME, VoxelSettings(smear_voxels=0.0))
    assert len(response.truth.ids) == 1


def test_mirrored_events_are_mirrored() -> None:
    one = event(100)
    other = Transported(one.tracks, one.deposits.copy())
    other.deposits["x"] = VOLUME.side_cm - other.deposits["x"]
    a, b = (respond_in_voxels(e, VOLUME, ALL).image().dense().pixels for e in (one, other))
    np.testing.assert_allclose(a, b[::-1], atol=1e-6)


def test_many_voxels_grow_the_table() -> None:
    """More voxels than the first table holds, in a volume too large for a full map."""
    rng = np.random.default_rng(4)
    deposits = np.zeros(3000, DEPOSIT_DTYPE)
    for axis in "xyz":
        deposits[axis] = rng.uniform(0, 230.0, 3000)
    deposits["energy"] = 1.0
    response = respond_in_voxels(
        Transported(np.zeros(1, TRACK_DTYPE), deposits), voxel_volume_named("cube-768"), ALL
    )
    assert len(response.truth.ids) > 40_000
    assert response.truth.energy.sum() == pytest.approx(3000.0, rel=1e-12)
    assert len(np.unique(response.truth.ids)) == len(response.truth.ids)


def test_empty_events_and_events_outside_are_empty() -> None:
    assert len(respond_in_voxels(event(0), VOLUME).ids) == 0
    outside = event(5)
    outside.deposits["x"] = -1.0
    assert len(respond_in_voxels(outside, VOLUME).truth.ids) == 0


def test_drifted_volumes_lose_charge_and_widen_with_x() -> None:
    volume = voxel_volume_named("cube-768")
    deposits = np.zeros(2, DEPOSIT_DTYPE)
    deposits["x"], deposits["y"], deposits["z"] = [1.0, 229.0], 100.0, 100.0
    deposits["energy"], deposits["length"], deposits["track"] = 1.0, 0.3, [0, 1]
    tracks = np.zeros(2, TRACK_DTYPE)
    tracks["group"] = [0, 1]
    settings = VoxelSettings(drifted=True, smear_voxels=0.0, threshold_units=0.0)
    truth = respond_in_voxels(Transported(tracks, deposits), volume, settings).truth
    near, far = (truth.charge[truth.group == g] for g in (0, 1))
    assert far.sum() / near.sum() == pytest.approx(math.exp(-228.0 / 0.16 / 10000.0), rel=1e-9)
    assert (far > 0.01 * far.sum()).sum() > 3 * (near > 0.01 * near.sum()).sum()


def test_shares_add_up_to_one_at_the_border_too() -> None:
    place = np.array([0.0, 0.01, 5.5, 11.99])
    shares = axis_shares(place, np.full(4, 0.8), 2, 12)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-12)
    assert shares[0, :2].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("name", "value"), [("x", np.nan), ("energy", np.nan), ("energy", -1.0)])
def test_impossible_deposits_are_named(name: str, value: float) -> None:
    bad = event(3)
    bad.deposits[name][2] = value
    with pytest.raises(InvalidArgument, match="deposit 2 has"):
        respond_in_voxels(bad, VOLUME)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"smear_voxels": -1.0}, "smear_voxels"),
        ({"lifetime_us": 0.0}, "lifetime_us"),
        ({"threshold_mev": float("nan")}, "threshold_mev"),
    ],
)
def test_impossible_settings_are_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        VoxelSettings(**change)  # type: ignore[arg-type]
