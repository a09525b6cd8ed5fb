"""Sparse and dense backbones with the same weights: where they must agree, and how far apart they are elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

from argoscope.errors import InvalidArgument
from argoscope.models.bottlenecks import DENSE, SPARSE, FrozenAffine, stage
from argoscope.models.mask_rcnn_backbones import DenseC4, SparseC4, converted, receptive_radius
from argoscope.models.mask_rcnn_config import BackboneConfig
from argoscope.sparse import SparseTensor

SMALL = {"width": 16, "blocks": (1, 2, 1, 1)}
ROUNDING = {"rtol": 1e-9, "atol": 1e-9}
"""A dozen convolutions of double precision, their sums of up to a thousand products."""


def images(active, seed=0):
    """Charges of order 1 on the active pixels of images, shape (images, wires, times)."""
    rng = torch.Generator().manual_seed(seed)
    charge = torch.rand(len(active), 1, *active.shape[1:], generator=rng, dtype=torch.float64) + 0.5
    return SparseTensor.from_dense(charge, active)


def pair(seed=0, shift=None, **options):
    """A dense backbone with norms as if trained, and the sparse one with its weights."""
    torch.manual_seed(seed)
    config = {**SMALL, **options}
    dense, sparse = (
        kind(BackboneConfig(sparse=kind is SparseC4, **config)).double() for kind in (DenseC4, SparseC4)
    )
    for module in dense.modules():
        if isinstance(module, (FrozenAffine, nn.BatchNorm2d)):
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.uniform_(*(shift or (-0.5, 0.5)))
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 1.5)
    sparse.load_state_dict(converted(dense.state_dict(), sparse=True))
    return dense.eval(), sparse.eval()


@pytest.mark.parametrize("stride_in_1x1", [True, False])
@pytest.mark.parametrize("norm", ["affine", "batch"])
def test_on_a_full_image_both_are_the_same(norm, stride_in_1x1):
    dense, sparse = pair(norm=norm, stride_in_1x1=stride_in_1x1)
    x = images(torch.ones(2, 37, 50, dtype=torch.bool))  # no side is a multiple of 16
    got, want = sparse(x), dense(x)
    assert got.index.shape == want.index.shape == (3, 4)
    np.testing.assert_array_equal(got.index.coordinates, want.index.coordinates)
    assert_close(got.features, want.features, **ROUNDING)
    upstream = torch.randn(
        want.features.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    for cells in (got, want):
        (cells.features * upstream).sum().backward()
    gradients = converted({name: weight.grad for name, weight in dense.named_parameters()}, sparse=True)
    for name, weight in sparse.named_parameters():
        assert_close(weight.grad, gradients[name], **ROUNDING)


@pytest.mark.parametrize("stride_in_1x1", [True, False])
def test_cells_whose_receptive_field_is_active_are_the_same(stride_in_1x1):
    """A filled block in an empty image.

    The stem and the pooling see 5 pixels further than their site and make sites active 5 pixels beyond the block;
    from 11 pixels less than the receptive field on, a convolution meets a site that only the dense network has.
    """
    dense, sparse = pair(stride_in_1x1=stride_in_1x1)
    radius = receptive_radius(BackboneConfig(**SMALL, stride_in_1x1=stride_in_1x1))
    centre, side = 80, 161
    for reach, same in ((radius, True), (radius - 11, False)):
        active = torch.zeros(1, side, side, dtype=torch.bool)
        active[0, centre - reach : centre + reach + 1, centre - reach : centre + reach + 1] = True
        x = images(active)
        got, want = (cells.to_dense()[0, :, centre // 16, centre // 16] for cells in (sparse(x), dense(x)))
        assert (got - want).abs().max().item() < 1e-9 if same else (got - want).abs().max().item() > 1e-6


def test_stem_and_first_block_agree_at_every_active_site_if_nothing_shifts_upwards():
    dense, sparse = pair(shift=(-0.05, 0.0))
    x = images(torch.rand(2, 45, 38, generator=torch.Generator().manual_seed(4)) < 0.02)
    seen = {}
    for name, network in (("dense", dense), ("sparse", sparse)):
        network.stages[0][0].register_forward_hook(lambda _m, _i, out, name=name: seen.update({name: out}))
        network(x)
    sites = seen["sparse"]
    assert 0 < len(sites.index) < 2 * 12 * 10
    assert (sites.features > 0.1).any()
    assert_close(sites.read_dense(seen["dense"]).features, sites.features, **ROUNDING)
    # Beyond it the dense network has spread, and the two are different functions.
    far = sparse(x)
    assert (far.read_dense(dense(x).to_dense()).features - far.features).abs().max().item() > 1e-3


def test_sites_spread_at_the_stem_only():
    """One pixel: windows of 7 with stride 2 that hold it, then of 3; later only even sites stay."""
    _, sparse = pair()
    active = torch.zeros(1, 64, 64, dtype=torch.bool)
    active[0, 32, 35] = True
    shapes = []
    for block in (module for blocks in sparse.stages for module in blocks):
        block.register_forward_hook(lambda _m, _i, out: shapes.append(out.index.coordinates.tolist()))
    sparse(images(active))
    # 2p - 3 <= 32 <= 2p + 3: p = 15 ... 17; of these 2q - 1 <= p <= 2q + 1: q = 7 ... 9. For 35: 16 ... 19, 8 ... 10.
    wires, times = (7, 8, 9), (8, 9, 10)
    assert shapes[0] == [[w, t] for w in wires for t in times]
    assert shapes[1] == shapes[2] == [[4, 4], [4, 5]]
    assert shapes[3] == [[2, 2]]


def test_submanifold_blocks_keep_their_sites():
    layers = stage(SPARSE, 4, 2, 3, norm="batch", halves=False, stride_in_1x1=True)
    x = SparseTensor.from_coordinates([[0, 1, 1], [0, 1, 2], [1, 3, 3]], torch.randn(3, 4), shape=(5, 4))
    assert layers(x).index is x.index


def test_frozen_norms_have_no_gradient_and_batch_norms_have():
    for norm, trained in (("affine", False), ("batch", True)):
        network = SparseC4(BackboneConfig(**SMALL, norm=norm))
        names = {name for name, _ in network.named_parameters()}
        assert any("norm" in name for name in names) == trained
        assert any("norm" in name for name in network.state_dict())


@pytest.mark.parametrize("kind", [DenseC4, SparseC4])
def test_images_without_active_pixels(kind):
    network = kind(BackboneConfig(sparse=kind is SparseC4, **SMALL)).double()
    x = images(torch.zeros(2, 33, 20, dtype=torch.bool))
    cells = network(x)
    assert len(cells.index) == (2 * 3 * 2 if kind is DenseC4 else 0)
    cells.features.sum().backward()


def test_conversion_is_undone_and_not_done_twice():
    dense, sparse = pair()
    back = converted(sparse.state_dict(), sparse=False)
    for name, weight in dense.state_dict().items():
        assert torch.equal(back[name], weight)
    with pytest.raises(InvalidArgument, match="state is that of a sparse backbone already"):
        converted(sparse.state_dict(), sparse=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 3}, r"width \(=3\) must divide 64"),
        ({"blocks": (3, 4, 0, 3)}, "must be at least 1"),
    ],
)
def test_impossible_shapes_are_refused(options, message):
    with pytest.raises(InvalidArgument, match=message):
        BackboneConfig(**options)


def test_there_is_no_group_norm_on_sites():
    with pytest.raises(InvalidArgument, match=r"norm \(='group'\) must be one of 'affine', 'batch'"):
        SparseC4(BackboneConfig(norm="group"))
    assert isinstance(DENSE.norm("group", 48), nn.GroupNorm)
