"""Boxes: volumes, straight lines through them, even points, boxes of detectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from argoscope.detectors import detector_named, voxel_volume_named
from argoscope.errors import InvalidArgument
from argoscope.simulation.generators.box import Box, active_boxes, hull, uniform_points
from argoscope.simulation.generators.directions import isotropic


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        ((0.0, 0.0, 0.0), (1.0, 0.0, 1.0), "has no volume.*first corner"),
        ((0.0, 2.0, 0.0), (1.0, 1.0, 1.0), "has no volume"),
        ((0.0, 0.0, float("nan")), (1.0, 1.0, 1.0), "must be finite"),
        ((0.0, 0.0, 0.0), (1.0, float("inf"), 1.0), "must be finite"),
    ],
)
def test_a_box_without_volume_is_refused(low, high, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        Box(low, high)


def test_moving_the_walls_in_too_far_is_refused() -> None:
    box = Box((0.0, 0.0, 0.0), (10.0, 20.0, 30.0))
    assert box.expanded(-4.0) == Box((4.0, 4.0, 4.0), (6.0, 16.0, 26.0))
    with pytest.raises(InvalidArgument, match="smaller than half"):
        box.expanded(-5.0)


@given(seed=st.integers(0, 2**32 - 1))
def test_crossings_are_the_ends_of_the_points_inside(seed: int) -> None:
    """Definition: walk along the line in small steps and see where it is inside."""
    rng = np.random.default_rng(seed)
    box = Box((-1.0, 2.0, 3.0), (1.5, 6.0, 9.0))
    point, direction = rng.uniform(-2, 10, (1, 3)), isotropic(1, rng)
    (enter,), (leave,) = box.crossing(point, direction)
    steps = np.linspace(-30, 30, 6001)
    inside = steps[box.inside(point + steps[:, None] * direction)]
    if len(inside):
        # A step is 0.01; the true ends lie up to one step outside of the last points found.
        assert inside[0] - 0.0101 <= enter <= inside[0]
        assert inside[-1] <= leave <= inside[-1] + 0.0101
    else:
        assert leave - enter < 0.0101


@pytest.mark.parametrize(("y", "hits"), [(4.0, True), (1.0, False), (7.0, False)])
def test_lines_along_an_axis(y: float, hits: bool) -> None:
    box = Box((-1.0, 2.0, 3.0), (1.5, 6.0, 9.0))
    enter, leave = box.crossing(np.array([[0.0, y, 0.0]]), np.array([[0.0, 0.0, 1.0]]))
    assert (leave > enter)[0] == hits
    if hits:
        assert (enter[0], leave[0]) == (3.0, 9.0)


def test_points_are_even_over_boxes_of_unequal_size(rng: np.random.Generator) -> None:
    small, large = Box((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)), Box((5.0, -2.0, 0.0), (6.0, 1.0, 2.0))
    points = uniform_points((small, large), 20_000, rng)
    inside = small.inside(points)
    assert (inside | large.inside(points)).all()
    # Volumes 1 and 6: a seventh lies in the small one; five standard deviations.
    assert inside.mean() == pytest.approx(1 / 7, abs=5 * np.sqrt(6 / 49 / 20_000))
    for axis in range(3):
        low, side = large.low[axis], large.sides[axis]
        assert kstest((points[~inside, axis] - low) / side, "uniform").pvalue > 1e-4


@pytest.mark.parametrize(
    ("name", "x"),
    [
        ("microboone", [(-1.55, 254.8)]),
        ("sbnd-2018", [(-199.85, 199.85)]),
        ("icarus", [(-359.33, -61.1), (61.1, 359.33)]),
    ],
)
def test_boxes_of_detectors_have_their_cathodes_inside(name: str, x: list[tuple[float, float]]) -> None:
    assert [(box.low[0], box.high[0]) for box in active_boxes(detector_named(name))] == x


def test_box_of_a_cube() -> None:
    assert active_boxes(voxel_volume_named("cube-192")) == (Box((0.0, 0.0, 0.0), (57.6, 57.6, 57.6)),)


def test_hull_of_nothing_is_refused(rng: np.random.Generator) -> None:
    with pytest.raises(InvalidArgument, match="boxes is empty"):
        hull(())
    with pytest.raises(InvalidArgument, match="boxes is empty"):
        uniform_points((), 1, rng)
