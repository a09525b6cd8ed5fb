"""RoIAlign against its definition, point by point, and against the published operator where onnxruntime has it."""

from __future__ import annotations

import math

import pytest
import torch
from torch.testing import assert_close

from argoscope.errors import InvalidArgument
from argoscope.models.roi_align import roi_align, roi_align_dense
from argoscope.sparse import SparseTensor

MAPS, CHANNELS, WIRES, TIMES = 2, 3, 11, 7  # unequal sides: swapped axes cannot pass unseen
SCALE = 0.25
BOXES = [
    [0.0, 0.0, 43.0, 27.0],  # the whole image
    [3.2, 4.9, 17.7, 9.1],
    [8.0, 8.0, 8.0, 8.0],  # a single pixel: read as one cell
    [-30.0, -9.0, 60.0, 50.0],  # beyond every border
    [39.5, 20.0, 43.9, 27.9],  # at the far corner
    [0.0, 12.0, 43.0, 13.0],  # one pixel thick
]
ROUNDING = {"rtol": 0.0, "atol": 1e-12}
"""A bin sums at most a hundred products of order 1 in double precision."""


def bilinear(cells, y, x):
    """One channel-vector between four cells, as the operator was published."""
    wires, times = cells.shape[1:]
    if y < -1 or y > wires or x < -1 or x > times:
        return torch.zeros_like(cells[:, 0, 0])
    y, x = min(max(y, 0.0), wires - 1.0), min(max(x, 0.0), times - 1.0)
    top, left = int(y), int(x)
    bottom, right = min(top + 1, wires - 1), min(left + 1, times - 1)
    down, across = y - top, x - left
    return (
        cells[:, top, left] * (1 - down) * (1 - across)
        + cells[:, top, right] * (1 - down) * across
        + cells[:, bottom, left] * down * (1 - across)
        + cells[:, bottom, right] * down * across
    )


def slow_roi_align(maps, boxes, images, *, scale, bins, points=0, aligned=False):
    """The definition: for every box, bin and point."""
    results = []
    for box, image in zip(boxes.tolist(), images.tolist(), strict=True):
        corner = [end * scale - 0.5 * aligned for end in box]
        size = [corner[axis + 2] - corner[axis] for axis in (0, 1)]
        size = [length if aligned else max(length, 1.0) for length in size]
        count = [points or math.ceil(length / bins) for length in size]
        for i in range(bins):
            for j in range(bins):
                total = torch.zeros_like(maps[0, :, 0, 0])
                for k in range(count[0]):
                    for m in range(count[1]):
                        y = corner[0] + size[0] / bins * (i + (k + 0.5) / count[0])
                        x = corner[1] + size[1] / bins * (j + (m + 0.5) / count[1])
                        total = total + bilinear(maps[image], y, x)
                results.append(total / max(count[0] * count[1], 1))
    shape = (len(boxes), bins, bins, maps.shape[1])
    return torch.stack(results).reshape(shape).movedim(-1, 1)


@pytest.fixture
def maps():
    rng = torch.Generator().manual_seed(3)
    return torch.randn(MAPS, CHANNELS, WIRES, TIMES, generator=rng, dtype=torch.float64, requires_grad=True)


@pytest.fixture
def boxes():
    return torch.tensor(BOXES, dtype=torch.float64), torch.tensor([0, 1, 1, 0, 0, 1])


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("points", [0, 1, 2])
@pytest.mark.parametrize("bins", [1, 2, 5])
def test_bins_and_gradients_are_those_of_the_definition(maps, boxes, bins, points, aligned):
    options = {"scale": SCALE, "bins": bins, "points": points, "aligned": aligned}
    got, want = roi_align_dense(maps, *boxes, **options), slow_roi_align(maps, *boxes, **options)
    assert_close(got, want, **ROUNDING)
    upstream = torch.randn(want.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    gradients = [torch.autograd.grad(values, maps, upstream)[0] for values in (got, want)]
    assert_close(*gradients, **ROUNDING)


def test_cells_without_features_count_as_0(maps, boxes):
    active = torch.rand(MAPS, WIRES, TIMES, generator=torch.Generator().manual_seed(1)) < 0.3
    sparse = SparseTensor.from_dense(maps, active)
    got = roi_align(sparse, *boxes, scale=SCALE, bins=4)
    assert_close(got, roi_align_dense(maps * active[:, None], *boxes, scale=SCALE, bins=4), **ROUNDING)
    empty = SparseTensor.from_dense(maps, torch.zeros_like(active))
    assert not roi_align(empty, *boxes, scale=SCALE, bins=4).any()


def test_boxes_are_read_one_by_one(maps):
    """More boxes than are done at once; each as if it were alone."""
    rng = torch.Generator().manual_seed(5)
    corners = torch.rand(150, 2, generator=rng, dtype=torch.float64) * 30
    boxes = torch.cat([corners, corners + torch.rand(150, 2, generator=rng, dtype=torch.float64) * 40], dim=1)
    images = torch.randint(0, MAPS, (150,), generator=rng)
    together = roi_align_dense(maps, boxes, images, scale=SCALE, bins=3)
    for row in (0, 63, 64, 149):
        alone = roi_align_dense(maps, boxes[row : row + 1], images[row : row + 1], scale=SCALE, bins=3)
        assert_close(together[row : row + 1], alone, **ROUNDING)


def test_a_plane_is_read_where_the_bins_are():
    """Of features that grow linearly, the mean of a bin is their value at its centre."""
    grid = torch.arange(40.0, dtype=torch.float64)
    plane = (2 * grid[:, None] - 3 * grid)[None, None]
    box = torch.tensor([[20.0, 40.0, 76.0, 84.0]], dtype=torch.float64)
    got = roi_align_dense(plane, box, torch.tensor([0]), scale=SCALE, bins=4)[0, 0]
    wires = 5 + 14 / 4 * (torch.arange(4, dtype=torch.float64) + 0.5)
    times = 10 + 11 / 4 * (torch.arange(4, dtype=torch.float64) + 0.5)
    assert_close(got, 2 * wires[:, None] - 3 * times, **ROUNDING)


def test_no_boxes(maps):
    none = roi_align_dense(maps, torch.zeros(0, 4), torch.zeros(0, dtype=torch.long), scale=SCALE, bins=2)
    assert none.shape == (0, CHANNELS, 2, 2)


@pytest.mark.parametrize(
    ("box", "image", "message"),
    [
        ([0.0, 0.0, math.nan, 1.0], 0, "box 1, .*must be finite"),
        ([0.0, 0.0, 1.0, 1.0], 2, "on map 2, must be finite and on one of the 2 maps"),
        ([0.0, 0.0, 1.0, 1.0], -1, "on map -1"),
    ],
)
def test_impossible_boxes_are_named(maps, box, image, message):
    boxes = torch.tensor([[0.0, 0.0, 1.0, 1.0], box])
    with pytest.raises(InvalidArgument, match=message):
        roi_align_dense(maps, boxes, torch.tensor([0, image]), scale=SCALE)
    with pytest.raises(InvalidArgument, match=r"images \(1,\); they must be"):
        roi_align_dense(maps, boxes, torch.tensor([0]), scale=SCALE)


@pytest.mark.parametrize("mode", ["output_half_pixel", "half_pixel"])
@pytest.mark.parametrize("points", [0, 2])
def test_the_published_operator_agrees(maps, boxes, mode, points):
    """RoiAlign of onnxruntime; its x is our time, its y our wire. Single precision: 1e-5."""
    onnx = pytest.importorskip("onnx", reason="the extra 'onnx' is not installed")
    runtime = pytest.importorskip("onnxruntime", reason="the extra 'onnx' is not installed")
    kinds = {"X": 1, "rois": 1, "batch": 7, "Y": 1}
    inputs, outputs = (
        [onnx.helper.make_tensor_value_info(name, kinds[name], None) for name in names]
        for names in (("X", "rois", "batch"), ("Y",))
    )
    node = onnx.helper.make_node(
        "RoiAlign", ["X", "rois", "batch"], ["Y"], output_height=5, output_width=5, sampling_ratio=points,
        spatial_scale=SCALE, mode="avg", coordinate_transformation_mode=mode,
    )  # fmt: skip
    graph = onnx.helper.make_graph([node], "align", inputs, outputs)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 16)], ir_version=8)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    features, (rois, images) = maps.detach().float(), boxes
    given = {"X": features.numpy(), "rois": rois[:, [1, 0, 3, 2]].float().numpy(), "batch": images.numpy()}
    aligned = mode == "half_pixel"
    got = roi_align_dense(features, rois, images, scale=SCALE, bins=5, points=points, aligned=aligned)
    assert_close(got, torch.from_numpy(session.run(["Y"], given)[0]), rtol=0.0, atol=1e-5)
