"""Wire maps against public numbers: MicroBooNE's wire end points, SBND's true vertices, corners, windows."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from argoscope.detectors import (
    PRESETS,
    detector_named,
    image_format_named,
    pixels_of,
    project,
    tick_of,
    wire_end_points,
)
from argoscope.detectors.sbnd import stored_vertex_row

MICROBOONE = detector_named("microboone")
SBND_2018 = detector_named("sbnd-2018")

# x, y, z in cm; columns on planes 0, 1, 2; row of the stored vertex: public larcv3 sample, five events
SBND_VERTICES = [
    ((0.88, -43.83, 472.89), (1522, 1269, 1766), 640),
    ((-59.37, 132.30, 250.18), (642, 1406, 1024), 450),
    ((-45.81, -157.75, 252.35), (1483, 573, 1031), 493),
    ((155.26, 84.99, 77.66), (491, 982, 449), 1134),
    ((123.27, 171.50, 397.79), (775, 1765, 1516), 1032),
]


def public_end_points(plane: int, wires: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Start and end (x, y, z) of wires as MicroBooNE's OpenSamples give them, in cm."""
    w = wires.astype(float)
    start_z, end_z = np.maximum(-402.941 + 0.6 * w, 0.0352608), np.minimum(0.541 + 0.6 * w, 1036.96)
    if plane == 0:
        start_y = np.maximum(117.153 - 0.34641 * w, -115.505)
        end_y = np.minimum(715.8006 - 0.3464 * w, 117.445)
        x = 0.0
    elif plane == 1:
        start_y = np.minimum(-115.213 + 0.34641 * w, 117.445)
        end_y = np.maximum(-713.8606 + 0.3464 * w, -115.505)
        x = -0.3
    else:
        start_y, end_y = np.full(len(w), -115.53), np.full(len(w), 117.47)
        start_z = end_z = 0.25 + 0.3 * w
        x = -0.6
    return tuple(  # type: ignore[return-value]
        np.column_stack([np.full(len(w), x), y, z]) for y, z in ((start_y, start_z), (end_y, end_z))
    )


@pytest.mark.parametrize("plane", [0, 1, 2])
def test_microboone_end_points_lie_on_their_wire(plane: int) -> None:
    wires = np.arange(MICROBOONE.planes[plane].wires)
    for ends in public_end_points(plane, wires):
        # 0.02 wires (60 µm): the public formulas are rounded to 0.0001 cm a wire.
        np.testing.assert_allclose(MICROBOONE.planes[plane].wire_of(ends), wires, rtol=0, atol=0.02)


@pytest.mark.parametrize("plane", [0, 1, 2])
def test_microboone_end_points_are_ours(plane: int) -> None:
    wires = np.arange(MICROBOONE.planes[plane].wires)
    ours = wire_end_points(MICROBOONE, plane, wires)
    start, end = public_end_points(plane, wires)
    lower_first = start[:, 1] <= end[:, 1]
    lower = np.where(lower_first[:, None], start, end)
    upper = np.where(lower_first[:, None], end, start)
    # The public frame is smaller than the active box by up to 0.06 cm in z and 0.025 cm in y; along a
    # wire at 60 degrees 0.025 cm in y are 0.044 cm in z.
    np.testing.assert_allclose(ours[:, 0], lower, rtol=0, atol=0.12)
    np.testing.assert_allclose(ours[:, 1], upper, rtol=0, atol=0.12)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_end_points_lie_on_their_wire_and_in_the_box(name: str) -> None:
    detector = PRESETS[name]
    for volume, box in enumerate(detector.volumes):
        for plane, wires in enumerate(detector.planes):
            numbers = np.arange(wires.wires)
            ends = wire_end_points(detector, plane, numbers, volume)
            crosses = ~np.isnan(ends).any(axis=(1, 2))
            # Only the wire beyond the far corner, which ceil() + 1 adds to generic planes, may miss the box.
            assert crosses[:-1].all()
            middles = ends[crosses].mean(axis=1)
            np.testing.assert_allclose(wires.wire_of(middles), numbers[crosses], rtol=0, atol=1e-6)
            low, high = np.array(box.low_cm[1:]) - 1e-9, np.array(box.high_cm[1:]) + 1e-9
            assert ((ends[crosses][..., 1:] >= low) & (ends[crosses][..., 1:] <= high)).all()
            np.testing.assert_array_equal(ends[..., 0], box.plane_x_cm[plane])


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("microboone", (2400, 2400, 3456)),
        ("sbnd-2018", (1986, 1986, 1666)),
        ("sbnd", (1984, 1984, 1664)),
        ("icarus", (2112, 5600, 5600)),
    ],
)
def test_wire_counts(name: str, counts: tuple[int, ...]) -> None:
    assert tuple(plane.wires for plane in detector_named(name).planes) == counts


@pytest.mark.parametrize(
    ("name", "plane", "lowest", "highest"),
    [
        ("microboone", 0, -0.8, 2399.8),
        ("microboone", 1, -0.8, 2399.8),
        ("microboone", 2, -0.5, 3455.5),
        # Columns 30 and 2018 (planes 0, 1), 190 and 1857 (plane 2) lie just outside the active ones.
        ("sbnd-2018", 0, 29.7 - 31, 2017.75 - 31),
        ("sbnd-2018", 2, 189.97 - 191, 1856.63 - 191),
        # 5,695 wires would cover the planes, 48 are missing at each corner.
        ("icarus", 1, -48.0, 5647.0),
        ("icarus", 2, -48.0, 5647.0),
    ],
)
def test_corners(name: str, plane: int, lowest: float, highest: float) -> None:
    detector = detector_named(name)
    box = detector.volumes[0]
    corners = [[0.0, y, z] for y in (box.low_cm[1], box.high_cm[1]) for z in (box.low_cm[2], box.high_cm[2])]
    wires = detector.planes[plane].wire_of(np.array(corners))
    assert wires.min() == pytest.approx(lowest, abs=0.06)  # the numbers are given to 0.1
    assert wires.max() == pytest.approx(highest, abs=0.06)


def test_corners_beyond_the_last_wire_are_dropped_not_moved() -> None:
    box = MICROBOONE.volumes[0]
    corner = np.array([[10.0, box.high_cm[1], box.low_cm[2]]])  # U = -0.81
    assert not pixels_of(MICROBOONE, corner, 0).kept[0]
    assert pixels_of(MICROBOONE, corner, 2).kept[0]


@pytest.mark.parametrize(("vertex", "columns", "row"), SBND_VERTICES)
def test_sbnd_vertices(vertex: tuple[float, ...], columns: tuple[int, ...], row: int) -> None:
    point = np.array([vertex])
    for plane, column in enumerate(columns):
        seen = SBND_2018.planes[plane].wire_of(point)[0] + SBND_2018.image.first_columns[plane]
        assert abs(np.round(seen) - column) <= 1
    assert abs(np.floor(stored_vertex_row(point[:, 0])[0]) - row) <= 1


@pytest.mark.real
def test_sbnd_vertices_of_the_real_file(real_data: Path) -> None:
    with h5py.File(real_data / "sbnd_larcv3_events0-2.h5") as file:
        particles, group = file["Data/particle_sbndneutrino_group"], file["Data/cluster2d_sbndneutrino_group"]
        first = particles["extents"]["first"]
        vertices = particles["particles"]["vtx"][first]
        clusters = group["cluster_extents"][:]
        voxels = group["voxels"]["id"]
    assert len(clusters) == 9  # three events of three planes with one cluster of 3 x 3 pixels each
    for number, cluster in enumerate(clusters):
        event, plane = divmod(number, 3)
        ids = voxels[cluster["first"] : cluster["first"] + cluster["N"]].astype(np.int64)
        column, row = np.median(SBND_2018.grid(plane).coordinates(ids), axis=0)
        point = np.array([[vertices[event][axis] for axis in "xyz"]])
        seen = SBND_2018.planes[plane].wire_of(point)[0] + SBND_2018.image.first_columns[plane]
        assert abs(np.round(seen) - column) <= 1, (event, plane)
        assert abs(np.floor(stored_vertex_row(point[:, 0])[0]) - row) <= 1, (event, plane)


@pytest.mark.real
def test_active_columns_of_the_real_file_are_our_wires(real_data: Path) -> None:
    with h5py.File(real_data / "sbnd_larcv3_events0-2.h5") as file:
        group = file["Data/sparse2d_sbndwire_group"]
        extents, ids = group["voxel_extents"][:], group["voxels"]["id"]
    for extent in extents:
        columns = ids[extent["first"] : extent["first"] + extent["N"]] // 1280
        plane = int(extent["ID"])
        start = SBND_2018.image.first_columns[plane]
        end = start + SBND_2018.planes[plane].wires - 1
        assert start <= columns.min() <= start + 1
        assert end - 1 <= columns.max() <= end


def test_microboone_time_axis() -> None:
    ends = np.array([[0.0, 0.0, 500.0], [254.8, 0.0, 500.0]])
    assert np.floor(tick_of(MICROBOONE, ends[:, 0], 2)).tolist() == [3200, 7841]
    assert pixels_of(MICROBOONE, ends, 2).coordinates[:, 1].tolist() == [133, 906]
    assert MICROBOONE.row_cm == pytest.approx(0.3294)


def test_sbnd_2018_time_axis() -> None:
    """Charge rows of the first TPC rise with x, those of the second too, mirrored at row 640."""
    x = np.array([-199.85 + 0.3125 * 100, 199.85 - 0.3125 * 100])
    points = np.column_stack([x, [0.0, 0.0], [250.0, 250.0]])
    early = 1.2 + np.array([1.63, 0.77, 0.0])  # rows; first induction, second induction, collection
    for plane, first_tpc, second_tpc in ((0, 0, 1), (1, 1, 0), (2, 2, 2)):
        rows = project(SBND_2018, points, plane).coordinates[:, 1]
        assert rows == pytest.approx([100 - early[first_tpc], 1280 - 100 + early[second_tpc]])
        later = project(SBND_2018, points, plane, t0=np.array([10.0, 10.0])).coordinates[:, 1]
        assert later - rows == pytest.approx([5.0, -5.0])  # 2 µs a row, towards the cathode


def test_sbnd_2018_has_an_empty_cathode_at_time_zero() -> None:
    x = np.concatenate([np.linspace(-199.85, -2.6, 5000), np.linspace(2.6, 199.85, 5000)])
    points = np.column_stack([x, np.zeros(10000), np.full(10000, 250.0)])
    rows = np.concatenate([pixels_of(SBND_2018, points, plane).coordinates[:, 1] for plane in range(3)])
    gap = np.setdiff1d(np.arange(600, 680), rows)
    assert abs(gap[0] - 631) <= 2  # rows 631 to 648 are empty, +-2
    assert abs(gap[-1] - 648) <= 2


@pytest.mark.parametrize(
    ("name", "window_us", "drift_us", "tolerance_us"),
    [
        ("microboone", 3024, 2326, 1),
        ("sbnd-2018", 1280, 1262, 1),
        ("sbnd", 1408, 1290, 1),
        ("icarus", 1638.4, 945, 2),  # the table says 941 to 945 for volumes of 148.2 to 149.2 cm
    ],
)
def test_windows(name: str, window_us: float, drift_us: float, tolerance_us: float) -> None:
    detector = detector_named(name)
    assert detector.window_us == pytest.approx(window_us)
    assert detector.max_drift_us == pytest.approx(drift_us, abs=tolerance_us)


def test_sbnd_now_has_its_cathode_at_row_704() -> None:
    sbnd = detector_named("sbnd")
    points = np.array([[-0.45, 0.0, 250.0], [0.45, 0.0, 250.0]])
    rows = project(sbnd, points, 2).coordinates[:, 1]
    assert rows == pytest.approx([704, 704], abs=1.5)  # half a cathode of 0.45 cm is 1.4 rows
    grid = sbnd.grid(0)
    assert grid.shape == (2048, 1408)
    assert grid.origin == pytest.approx((-9.6, -18.103), abs=0.03)  # v 0.13 % above that of the image header
    assert grid.size == pytest.approx((614.4, 439.466), abs=0.7)


def test_paper_2_image_covers_all_ticks() -> None:
    old = MICROBOONE.with_image(image_format_named("paper2"))
    assert old.window_us == 4800
    point = np.array([[0.0, 0.0, 500.0]])
    assert pixels_of(old, point, 2).coordinates.tolist() == [[1666, 3200 // 6]]
    assert old.grid(2).shape == (3456, 1600)


def test_open_data_position_of_a_tick() -> None:
    """The public x = (tick - 800) 0.0548965 cm, to the rounding of 1.098 mm/µs."""
    public_tick = np.array([800.0, 3000.0, 5400.0])
    ours = tick_of(MICROBOONE, (public_tick - 800) * 0.0548965, 2) - 2400
    np.testing.assert_allclose(ours, public_tick, rtol=1e-4)


def test_order_of_planes_swaps_between_sbnd_volumes() -> None:
    for name in ("sbnd-2018", "sbnd"):
        assert [v.plane_order for v in detector_named(name).volumes] == [(0, 1, 2), (1, 0, 2)]
    assert MICROBOONE.volumes[0].plane_order == (0, 1, 2)


def test_icarus_cuts_horizontal_wires_in_two() -> None:
    icarus = detector_named("icarus")
    points = np.array([[-300.0, 100.0, -1.0], [-300.0, 100.0, 1.0], [300.0, 100.0, 1.0]])
    columns = pixels_of(icarus, points, 0).coordinates[:, 0]
    assert columns.tolist() == [117, 117 + 1056, 117 + 1056]  # (134.96 - 100) / 0.3 = 116.5
    ends = wire_end_points(icarus, 0, np.array([10, 1066]))
    assert ends[:, :, 2].tolist() == [[-894.95, 0.0], [0.0, 894.95]]


@pytest.mark.parametrize("name", ["cube", "cube-dual"])
def test_generic_planes_cover_their_box(name: str) -> None:
    detector = detector_named(name)
    box = detector.volumes[0]
    corners = [[0.0, y, z] for y in (box.low_cm[1], box.high_cm[1]) for z in (box.low_cm[2], box.high_cm[2])]
    for plane in detector.planes:
        wires = plane.wire_of(np.array(corners))
        assert wires.min() == pytest.approx(0, abs=1e-9)
        assert plane.wires - 2 < wires.max() + 1e-6
        assert wires.max() <= plane.wires - 1 + 1e-6
