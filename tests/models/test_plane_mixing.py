"""The mixing of planes, against its definition in plain loops: numbers, gradients, and the laws it keeps."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from argoscope.models.plane_mixing import DriftBins, PlaneMixing
from argoscope.sparse import SiteIndex, SparseTensor

SHAPE = (7, 5)
CHANNELS = 3
TOLERANCE = {"rtol": 0.0, "atol": 1e-12}
"""Double precision; sums of at most a few dozen numbers of order 1."""


def planes_of(sizes, seed=0, channels=CHANNELS):
    """Images with these numbers of random sites."""
    rng = np.random.default_rng(seed)
    rows = [
        (image, *divmod(int(cell), SHAPE[1]))
        for image, size in enumerate(sizes)
        for cell in np.sort(rng.permutation(SHAPE[0] * SHAPE[1])[:size])
    ]
    features = torch.from_numpy(rng.normal(size=(len(rows), channels)))
    coordinates = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return SparseTensor.from_coordinates(coordinates, features, shape=SHAPE, batch_size=len(sizes))


def mixing(planes=3, seed=1):
    torch.manual_seed(seed)
    made = PlaneMixing(CHANNELS, planes=planes).double().eval()
    for norm in (made.norm, made.hidden_norm):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2.0)
    return made


def normalized(values, norm):
    """Norm of evaluation and ReLU, of one row."""
    scale = norm.weight / (norm.running_var + norm.epsilon).sqrt()
    return ((values - norm.running_mean) * scale + norm.bias).clamp(min=0)


def slow_mixing(made, x):
    """The formulas of the module's text, site by site."""
    image = [int(e) for e in x.index.events]
    drift = [int(c) for c in x.index.coordinates[:, 1]]
    hidden = [normalized(row, made.norm) for row in x.features]

    def summary(plane, bin_):
        inside = [h for h, i, d in zip(hidden, image, drift, strict=True) if (i, d) == (plane, bin_)]
        if not inside:
            return torch.zeros(2 * CHANNELS, dtype=torch.float64)
        return torch.cat([torch.stack(inside).mean(0), torch.stack(inside).max(0).values])

    out = []
    for row, h, i, d in zip(x.features, hidden, image, drift, strict=True):
        event = i // made.planes
        others = [p for p in range(event * made.planes, (event + 1) * made.planes) if p != i]
        around = sum((summary(p, d) for p in others), torch.zeros(2 * CHANNELS, dtype=torch.float64))
        inner = h @ made.site.weight + summary(i, d) @ made.own.weight + around @ made.others.weight
        out.append(row + normalized(inner, made.hidden_norm) @ made.out.weight)
    return torch.stack(out) if out else x.features


@pytest.mark.parametrize(
    "sizes", [(0, 0, 0), (1, 0, 0), (4, 9, 6), (35, 35, 35), (6, 0, 3, 0, 0, 0, 2, 30, 1)], ids=str
)
def test_numbers_and_gradients_are_those_of_the_definition(sizes):
    made = mixing()
    x = planes_of(sizes)
    inputs = (x.features.requires_grad_(), *made.parameters())
    got, want = made(x).features, slow_mixing(made, x)
    assert_close(got, want, **TOLERANCE)
    upstream = torch.randn(got.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    if len(got):
        found = torch.autograd.grad(got, inputs, upstream, allow_unused=True)
        expected = torch.autograd.grad(want, inputs, upstream, allow_unused=True)
        for one, other in zip(found, expected, strict=True):
            assert_close(one, torch.zeros_like(one) if other is None else other, **TOLERANCE)


@pytest.mark.parametrize("planes", [1, 2, 4])
def test_any_number_of_planes_is_mixed(planes):
    made, x = mixing(planes), planes_of([3, 8, 0, 5] * 2)
    assert_close(made(x).features, slow_mixing(made, x), **TOLERANCE)


def test_bins_are_those_of_each_image():
    x = planes_of((4, 0, 6))
    bins = DriftBins.of(x.index)
    for site, (image, drift) in enumerate(zip(x.index.events, x.index.coordinates[:, 1], strict=True)):
        row = int(bins.bin_of[site])
        assert (bins.index.events[row], bins.index.coordinates[row].tolist()) == (image, [0, drift])
    assert int(bins.sizes.sum()) == 10
    assert int(bins.sizes.min()) > 0


def test_exchanging_planes_exchanges_the_answers():
    """To the bit, for three planes: the sum over two others knows no order."""
    made, x = mixing(), planes_of((9, 4, 12))
    rows = np.column_stack([x.index.events, x.index.coordinates])
    for order in ([1, 0, 2], [2, 1, 0], [1, 2, 0]):
        moved = rows.copy()
        moved[:, 0] = np.array(order)[rows[:, 0]]
        y = SparseTensor.from_coordinates(moved, x.features, shape=SHAPE, batch_size=3)
        assert torch.equal(made(y).in_given_order(), made(x).features)


def test_mirrored_drift_gives_mirrored_answers():
    made, x = mixing(), planes_of((9, 4, 12))
    rows = np.column_stack([x.index.events, x.index.coordinates]).astype(np.int64)
    rows[:, 2] = SHAPE[1] - 1 - rows[:, 2]
    mirrored = SparseTensor.from_coordinates(rows, x.features, shape=SHAPE, batch_size=3)
    assert_close(made(mirrored).in_given_order(), made(x).features, **TOLERANCE)


def test_a_site_reads_only_its_bin_and_event():
    """Charge of another event, and charge of another drift time, change nothing; charge at the same time does."""
    made = mixing()
    rows = np.array([[0, 1, 2], [1, 3, 2], [2, 0, 4], [3, 1, 2]])
    features = torch.from_numpy(np.random.default_rng(0).normal(size=(4, CHANNELS)))

    def first(changed=None):
        values = features.clone()
        if changed is not None:
            values[changed] += 1.0
        x = SparseTensor(values, SiteIndex.from_coordinates(rows, shape=SHAPE, batch_size=6))
        return made(x).features[0]

    assert torch.equal(first(), first(2))
    assert torch.equal(first(), first(3))
    assert not torch.equal(first(), first(1))
