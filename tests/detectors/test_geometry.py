"""Laws of the maps: what is seen in pixels comes back as the position, and nothing is moved inside."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argoscope.detectors import (
    PRESETS,
    Detector,
    detector_named,
    pixels_of,
    positions_of,
    project,
    tick_of,
    volume_of,
    wire_end_points,
)
from argoscope.errors import InvalidArgument

PAIRS = [(0, 1), (0, 2), (1, 2)]


def points_in(detector: Detector, seed: int, n: int = 50) -> np.ndarray:
    """Points inside the volumes, a micrometre away from their surface."""
    rng = np.random.default_rng(seed)
    boxes = [detector.volumes[i] for i in rng.integers(len(detector.volumes), size=n)]
    low = np.array([box.low_cm for box in boxes]) + 1e-4
    high = np.array([box.high_cm for box in boxes]) - 1e-4
    return low + rng.random((n, 3)) * (high - low)


@pytest.mark.parametrize("name", sorted(PRESETS))
@given(seed=st.integers(0, 2**32 - 1), t0=st.floats(-100, 100), pair=st.sampled_from(PAIRS))
def test_round_trip_of_continuous_coordinates(name: str, seed: int, t0: float, pair: tuple[int, int]) -> None:
    detector = PRESETS[name]
    points = points_in(detector, seed)
    seen = [project(detector, points, plane, t0) for plane in pair]
    whole = np.ones(len(points), dtype=bool)
    for one in seen:  # late charge runs past its volume's rows: pixels_of drops it, the inverse need not hold
        rows = one.coordinates[:, 1] - one.volume * detector.image.rows
        whole &= (rows > 0) & (rows < detector.image.rows) & ~np.isnan(one.coordinates[:, 0])
    back = positions_of(detector, pair, seen[0].coordinates[whole], seen[1].coordinates[whole], t0)
    assert back.kept.all()
    # 1e-7 cm: rounding of coordinates of 1e3 cm through a 2 x 2 system.
    np.testing.assert_allclose(back.points, points[whole], rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", sorted(PRESETS))
@given(seed=st.integers(0, 2**32 - 1), pair=st.sampled_from(PAIRS))
def test_round_trip_of_pixels(name: str, seed: int, pair: tuple[int, int]) -> None:
    """From pixel centres the position comes back within half a pixel on each plane."""
    detector = PRESETS[name]
    points = points_in(detector, seed)
    seen = [pixels_of(detector, points, plane) for plane in pair]
    both = seen[0].kept & seen[1].kept
    middles = [one.coordinates[both[one.kept]] + [0.0, 0.5] for one in seen]
    back = positions_of(detector, pair, *middles)
    for plane, one in zip(pair, seen, strict=True):
        again = project(detector, back.points, plane).coordinates
        shift = np.abs(again - (one.coordinates[both[one.kept]] + [0.0, 0.5])[back.kept])
        assert (shift[:, 0] < 1e-6).all()  # wires cross exactly
        assert (shift[:, 1] <= 1.5).all()  # rows of planes that are not aligned may differ by two
    distance = np.abs(back.points - points[both][back.kept])
    assert (distance[:, 0] <= detector.row_cm).all()
    # Half a wire off on both planes moves the crossing by at most the pitch over the sine between them.
    across = [detector.planes[plane].across for plane in pair]
    sine = abs(across[0][0] * across[1][1] - across[0][1] * across[1][0])
    assert (np.hypot(distance[:, 1], distance[:, 2]) <= 0.3 / sine + 1e-6).all()


@pytest.mark.parametrize("name", sorted(PRESETS))
@given(seed=st.integers(0, 2**32 - 1), t0=st.floats(-3000, 3000), plane=st.integers(0, 2))
def test_pixels_are_those_of_the_scalar_formula(name: str, seed: int, t0: float, plane: int) -> None:
    detector = PRESETS[name]
    points = np.concatenate([points_in(detector, seed, 10), points_in(detector, seed, 10) * 1.3])
    seen = pixels_of(detector, points, plane, t0)
    expected = [slow_pixel(detector, point, plane, t0) for point in points]
    assert seen.kept.tolist() == [pixel is not None for pixel in expected]
    assert seen.coordinates.tolist() == [pixel for pixel in expected if pixel is not None]
    assert seen.coordinates.dtype == np.int32


def slow_pixel(detector: Detector, point: np.ndarray, plane: int, t0: float) -> list[int] | None:
    """The map for one point, as one would write it on paper."""
    wires, image = detector.planes[plane], detector.image
    x, y, z = map(float, point)
    for number, box in enumerate(detector.volumes):
        if not all(a <= c <= b for a, b, c in zip(box.low_cm, box.high_cm, (x, y, z), strict=True)):
            continue
        angle = np.deg2rad(wires.angle_deg)
        wire = int(
            np.floor((-y * np.sin(angle) + z * np.cos(angle) - wires.first_wire_cm) / wires.pitch_cm + 0.5)
        )
        count = wires.wires
        if wires.split_z_cm is not None:
            count //= 2
        if not 0 <= wire < count:
            return None
        if wires.split_z_cm is not None and z > wires.split_z_cm:
            wire += count
        drift_us = abs(x - box.anode_cm) / detector.drift.velocity_cm_us
        if (x - box.anode_cm) * box.drift > 0:  # behind the anode
            drift_us = -drift_us
        tick = (
            detector.readout.trigger_tick + (drift_us + box.delays_us[plane] + t0) / detector.readout.tick_us
        )
        row = int(np.floor((tick - image.first_tick) / image.ticks_per_row))
        if not 0 <= row < image.rows:
            return None
        if box.drift > 0:
            row = image.rows - 1 - row
        return [wire + image.first_columns[plane], row + number * image.rows]
    return None


@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(1.0, 3.0))
def test_pixels_always_lie_in_the_image(seed: int, scale: float) -> None:
    for detector in PRESETS.values():
        points = points_in(detector, seed) * scale
        for plane in range(3):
            pixels = pixels_of(detector, points, plane).coordinates
            if plane in detector.image.planes:
                detector.grid(plane).ids(pixels)  # refuses what lies outside


def test_no_points_give_no_pixels() -> None:
    none = np.zeros((0, 3))
    for detector in PRESETS.values():
        assert pixels_of(detector, none, 0).coordinates.shape == (0, 2)
        assert project(detector, none, 0).coordinates.shape == (0, 2)
        assert positions_of(detector, (0, 1), np.zeros((0, 2)), np.zeros((0, 2))).points.shape == (0, 3)


def test_points_outside_are_dropped() -> None:
    sbnd = detector_named("sbnd-2018")
    points = np.array(
        [[0.0, 0.0, 250.0], [2.59, 0.0, 250.0], [2.6, 0.0, 250.0], [199.9, 0.0, 250.0], [50.0, 201.0, 250.0]]
    )
    assert volume_of(sbnd, points).tolist() == [-1, -1, 1, -1, -1]
    assert pixels_of(sbnd, points, 2).kept.tolist() == [False, False, True, False, False]
    assert np.isnan(project(sbnd, points, 2).coordinates[:, 0]).tolist() == [True, True, False, True, True]


def test_late_charge_does_not_enter_the_other_volume() -> None:
    sbnd = detector_named("sbnd-2018")
    points = np.array([[-5.0, 0.0, 250.0], [5.0, 0.0, 250.0]])
    assert pixels_of(sbnd, points, 2, t0=0.0).kept.tolist() == [True, True]
    assert pixels_of(sbnd, points, 2, t0=60.0).kept.tolist() == [False, False]
    assert pixels_of(sbnd, points, 2, t0=-1300.0).kept.tolist() == [False, False]


def test_every_point_has_its_own_time() -> None:
    detector = detector_named("microboone")
    points = np.array([[100.0, 0.0, 500.0]] * 3)
    rows = pixels_of(detector, points, 2, t0=np.array([0.0, 3.0, 6.0])).coordinates[:, 1]
    assert np.diff(rows).tolist() == [1, 1]


def test_pairs_of_two_volumes_do_not_cross() -> None:
    sbnd = detector_named("sbnd-2018")
    point = np.array([[-190.0, 0.0, 250.0]])
    seen = [project(sbnd, point, plane).coordinates for plane in (0, 1)]
    elsewhere = np.array([[seen[1][0, 0], 1000.0]])  # a row of the other volume; the mean x would lie inside
    assert positions_of(sbnd, (0, 1), *seen).kept.tolist() == [True]
    assert positions_of(sbnd, (0, 1), seen[0], elsewhere).kept.tolist() == [False]


def test_wires_that_cross_outside_are_dropped() -> None:
    microboone = detector_named("microboone")
    crossing = positions_of(microboone, (0, 1), np.array([[0.0, 500.0]]), np.array([[2399.0, 500.0]]))
    assert crossing.kept.tolist() == [False]  # y = 463 cm


def test_parallel_wires_are_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"projections \(=\(2, 2\)\) have parallel wires"):
        positions_of(detector_named("cube"), (2, 2), np.zeros((1, 2)), np.zeros((1, 2)))


@pytest.mark.parametrize("wire", [-1, 3456])
def test_end_points_of_no_wire_are_refused(wire: int) -> None:
    with pytest.raises(InvalidArgument, match=f"wire {wire} does not exist: plane 2 has wires 0 to 3455"):
        wire_end_points(detector_named("microboone"), 2, np.array([5, wire]))


def test_no_such_plane() -> None:
    with pytest.raises(InvalidArgument, match=r"projection \(=3\) must be one of the planes 0 to 2"):
        tick_of(detector_named("microboone"), np.zeros(1), 3)


def test_changed_velocity_changes_rows_only() -> None:
    microboone = detector_named("microboone")
    older = microboone.with_drift_velocity(0.1117)
    point = np.array([[200.0, 10.0, 500.0]])
    new, old = (pixels_of(d, point, 2).coordinates[0] for d in (microboone, older))
    assert new[0] == old[0]
    assert new[1] - old[1] == pytest.approx(
        200 / 0.3 * (1 / 1.098 - 1 / 1.117), abs=1
    )  # 0.3 cm/(mm/µs) a row
