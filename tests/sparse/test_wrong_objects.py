"""Objects of another kind than wanted are refused with what to do, not with what Python says of their insides."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from argoscope.errors import InvalidArgument
from argoscope.models.dense import DenseUResNet
from argoscope.models.uresnet import UResNet, UResNetConfig
from argoscope.sparse import (
    BatchNorm,
    GlobalPool,
    InverseConvolution,
    Linear,
    MaxPool,
    MeanPool,
    ReLU,
    SiteIndex,
    SparseTensor,
    StridedConvolution,
    SubmanifoldConvolution,
    concatenate,
    inverse_convolution,
    pointwise_convolution,
    strided_convolution,
    submanifold_convolution,
    union,
    warm_up,
)

ROWS = torch.ones(1, 1)
X = SparseTensor.from_coordinates([[0, 1, 1]], ROWS, shape=(4, 5))
HALF = X.to(torch.float16)
META = SparseTensor(torch.ones(1, 1, device="meta"), X.index)
NETWORK = UResNet(UResNetConfig(filters=4, depth=2))


@pytest.mark.parametrize(
    "layer",
    [
        SubmanifoldConvolution(1, 1, dimensions=2, kernel=3),
        StridedConvolution(1, 1, dimensions=2, kernel=2),
        Linear(1, 1),
        BatchNorm(1),
        ReLU(),
        MaxPool(),
        MeanPool(),
        GlobalPool(),
        NETWORK,
    ],
    ids=lambda layer: type(layer).__name__,
)
@pytest.mark.parametrize("value", [ROWS, None, X.index])
def test_a_layer_is_given_something_else_than_a_sparse_tensor(layer, value):
    message = (
        rf"x \(={type(value).__name__}\) must be a SparseTensor; make one with SparseTensor.from_coordinates"
    )
    with pytest.raises(InvalidArgument, match=message):
        layer(value)
    with torch.no_grad(), pytest.raises(InvalidArgument, match=message):
        layer.eval()(value)


WEIGHT = torch.ones(4, 1, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: submanifold_convolution(X, torch.ones(9, 1, 1), addend=ROWS), r"addend \(=Tensor\) must be a SparseTensor"),
        (lambda: submanifold_convolution(X, None), r"weight \(=NoneType\) must be a torch.Tensor"),
        (lambda: submanifold_convolution(X, torch.ones(9, 1, 1), 0.5), r"bias \(=float\) must be a torch.Tensor"),
        (lambda: strided_convolution(X, np.ones((4, 1, 1))), r"weight \(=ndarray\) must be a torch.Tensor; .*from_numpy"),
        (lambda: pointwise_convolution(X, None), r"weight \(=NoneType\) must be a torch.Tensor"),
        (lambda: pointwise_convolution(X, torch.ones(1)), r"weight has shape \(1,\); .*\(1, channels out\)"),
        (lambda: inverse_convolution(X, WEIGHT, onto=X), r"onto \(=SparseTensor\) must be a SiteIndex; .*\.index"),
        (lambda: InverseConvolution(1, 1, dimensions=2, kernel=2)(X, X), r"onto \(=SparseTensor\) must be a SiteIndex"),
        (lambda: inverse_convolution(ROWS, WEIGHT, onto=X.index), r"x \(=Tensor\) must be a SparseTensor"),
        (lambda: SparseTensor(ROWS, X), r"index \(=SparseTensor\) must be a SiteIndex"),
        (lambda: concatenate([X, ROWS]), r"number 1 of the tensors to concatenate \(=Tensor\) must be a SparseTensor"),
        (lambda: concatenate(X), r"the tensors to concatenate \(=SparseTensor\) must be a list"),
        (lambda: union([ROWS]), r"number 0 of the tensors to unite \(=Tensor\) must be a SparseTensor"),
        (lambda: union(3), r"the tensors to unite \(=int\) must be a list"),
        (lambda: UResNet({"filters": 4}), r"config \(=dict\) must be a UResNetConfig; .*UResNetConfig.from_dict"),
        (lambda: DenseUResNet({"filters": 4}), r"config \(=dict\) must be a UResNetConfig"),
        (lambda: concatenate([X, X.to(torch.float64)]), r"number 1 of the tensors to concatenate is torch.float64 and number 0 torch.float32.*\.to"),
        (lambda: union([X, HALF]), r"number 1 of the tensors to unite is torch.float16 and number 0 torch.float32"),
        (lambda: concatenate([X, META]), r"number 1 of the tensors to concatenate is on meta and number 0 on cpu.*\.to"),
        (lambda: union([X, X, META]), r"number 2 of the tensors to unite is on meta"),
        (lambda: SparseTensor.from_events([([[1, 2]], ROWS), ([[1, 2]], ROWS.double())], shape=(4, 5)), r"number 1 of the features of the events is torch.float64"),
        (lambda: warm_up(torch.float16), r"dtype \(=torch.float16\) must be torch.float32 or torch.float64.*numba"),
        (lambda: warm_up("float32"), r"dtype \(='float32'\) must be"),
    ],
)  # fmt: skip
def test_message(call, message):
    with pytest.raises(InvalidArgument, match=message):
        call()


@pytest.mark.parametrize(
    ("image", "active", "message"),
    [
        (torch.ones(1, 1, 3, 4), torch.ones(1, 3, 4), r"active \(=torch.float32\) must be a tensor of bool.*active > 0"),
        (torch.ones(1, 1, 3, 4), torch.ones(1, 3, 4).int(), r"active \(=torch.int32\)"),
        (torch.ones(1, 1, 3, 4), [[[True]]], r"active \(=list\)"),
        (torch.ones(1, 1, 3, 4), torch.ones(3, 4) > 0, r"active has shape \(3, 4\); images of shape \(1, 1, 3, 4\) need \(1, 3, 4\)"),
        (torch.ones(1, 1, 3, 4), torch.ones(1, 1, 3, 4) > 0, r"active has shape \(1, 1, 3, 4\)"),
        (torch.ones(1, 1, 3, 4), torch.ones(1, 3, 4, device="meta") > 0, r"active is on meta and the image on cpu"),
        (torch.ones(3, 4), None, r"image has shape \(3, 4\); .*\(events, channels, \*sides\)"),
        (torch.ones(1, 1, 3, 4, 5, 6), None, r"image has shape"),
        (np.ones((1, 1, 3, 4)), None, r"image \(=ndarray\) must be a torch.Tensor"),
        (torch.ones(1, 1, 3, 4).int(), None, r"image \(=torch.int32\) must be a floating-point tensor"),
    ],
)  # fmt: skip
def test_dense_images_that_cannot_be_read(image, active, message):
    with pytest.raises(InvalidArgument, match=message):
        SparseTensor.from_dense(image, active)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (torch.ones(4, 5), r"image has shape \(4, 5\); these sites need \(1, channels, 4, 5\)"),
        (torch.ones(1, 2, 5, 5), r"image has shape \(1, 2, 5, 5\)"),
        (torch.ones(2, 2, 4, 5), r"image has shape \(2, 2, 4, 5\)"),
        (None, r"image \(=NoneType\) must be a torch.Tensor"),
    ],
)
def test_dense_images_of_other_sites_are_not_read(image, message):
    with pytest.raises(InvalidArgument, match=message):
        X.read_dense(image)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (torch.ones(1, 3, dtype=torch.bfloat16), r"dtype torch.bfloat16; they must be integers.*floor"),
        (torch.ones(1, 3), r"dtype torch.float32; they must be integers"),
        ([[0, 1, 1], [0, 1]], r"rows of different length.*event number, then 2 pixel indices"),
        (np.array([[0, 2**63, 1]], np.uint64), r"9223372036854775808.*below 2\*\*31"),
        ([[0, 2**70, 1]], r"dtype object; they must be integers"),
        ("here", r"dtype <U4"),
    ],
)
def test_coordinates_that_are_none(rows, message):
    with pytest.raises(InvalidArgument, match=message):
        SiteIndex.from_coordinates(rows, shape=(4, 5))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (torch.ones(1, 2, dtype=torch.bfloat16), r"coordinates of event 0 have dtype torch.bfloat16"),
        ([[1, 1], [1]], r"coordinates of event 0 have rows of different length.*2 pixel indices"),
        (np.array([[2**63, 1]], np.uint64), r"coordinates of event 0 .*9223372036854775808"),
    ],
)
def test_coordinates_of_an_event_that_are_none(rows, message):
    with pytest.raises(InvalidArgument, match=message):
        SparseTensor.from_events([(rows, torch.ones(len(rows), 1))], shape=(4, 5))


def test_batches_and_images_too_large_to_number():
    with pytest.raises(InvalidArgument, match=r"batch_size \(=10000000000000\) must be .* 100,000,000"):
        SiteIndex.from_coordinates([[0, 1, 1]], shape=(4, 5), batch_size=10**13)
    with pytest.raises(
        InvalidArgument, match=r"exceeds 2\*\*62 positions; crop the image or lower its resolution"
    ):
        SiteIndex.from_coordinates([[0, 1, 1, 1]], shape=(2**21,) * 3)
    with pytest.raises(InvalidArgument, match=r"times 9 events exceeds 2\*\*62 positions; split the batch"):
        SiteIndex.from_coordinates([[8, 1, 1, 1]], shape=(2**20,) * 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"momentum": None}, r"momentum \(=None\) must be a number from 0 to 1"),
        ({"momentum": 1.5}, r"momentum \(=1.5\) must be a number from 0 to 1"),
        ({"epsilon": -1e-4}, r"epsilon \(=-0.0001\) must be a number of at least 0"),
        ({"epsilon": float("nan")}, r"epsilon \(=nan\)"),
        ({"epsilon": "1e-4"}, r"epsilon \(='1e-4'\)"),
        ({"epsilon": True}, r"epsilon \(=True\)"),
        ({"relu": 1}, r"relu \(=1\) must be True or False"),
    ],
)
def test_normalizations_that_cannot_be(options, message):
    with pytest.raises(InvalidArgument, match=message):
        BatchNorm(3, **options)


def test_another_dtype_on_the_meta_device_is_refused():
    """It knows no autocast: asking torch about it is an error."""
    x = SparseTensor(torch.ones(1, 1, device="meta", dtype=torch.float64), X.index)
    with pytest.raises(InvalidArgument, match=r"weight is torch.float32 and features are torch.float64"):
        submanifold_convolution(x, torch.ones(9, 1, 1, device="meta"))
    with pytest.raises(InvalidArgument, match=r"weight is torch.float32 and features are torch.float64"):
        BatchNorm(1).to("meta")(x)


def test_features_follow_as_torch_tensors_do():
    assert X.to(dtype=torch.float64).features.dtype == torch.float64
    assert X.to("meta", non_blocking=True).features.is_meta
    assert X.to(device="meta", dtype=torch.float16).features.dtype == torch.float16
    assert X.to(torch.float32, copy=True).features.data_ptr() != X.features.data_ptr()
