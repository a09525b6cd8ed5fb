"""Bad input: an error that names the argument, its value, the rule and the remedy."""

from __future__ import annotations

import pytest
import torch

from argoscope.errors import InvalidArgument
from argoscope.sparse import (
    BatchNorm,
    SparseTensor,
    concatenate,
    global_pool,
    inverse_convolution,
    map_events,
    max_pool,
    strided_convolution,
    submanifold_convolution,
    union,
)

ONE = torch.ones(1, 1)


def tensor(rows, features=None, shape=(4, 5), **options):
    features = torch.ones(len(rows), 1) if features is None else features
    return SparseTensor.from_coordinates(rows, features, shape=shape, **options)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tensor([[0, 1, 1], [0, 2, 2], [0, 1, 1]]), r"1 of 3 coordinates repeat .*\[0, 1, 1\].* rows 0 and 2.*'sum'"),
        (lambda: tensor([[0, 1, 1], [0, 4, 2]]), r"1 of 2 coordinates lie outside the \(4, 5\) image; .*row 1, \[0, 4, 2\].*Crop"),
        (lambda: tensor([[0, 1, -1]]), r"outside .*\[0, 1, -1\]"),
        (lambda: tensor([[2, 1, 1]], batch_size=2), r"outside the \(4, 5\) image of a batch of 2.*batch_size"),
        (lambda: tensor([[0.0, 1.0, 1.5]]), r"dtype float64; they must be integers.*floor"),
        (lambda: tensor([[0, 1]]), r"shape \(1, 2\).*needs \(sites, 3\)"),
        (lambda: tensor([[0, 1, 1]], shape=(4,)), r"shape \(=\(4,\)\) must be 2 or 3"),
        (lambda: tensor([[0, 1, 1]], shape=(4, 0)), r"shape \(=\(4, 0\)\) must be"),
        (lambda: tensor([[0, 1, 1]], torch.ones(2, 1)), r"features have shape \(2, 1\); the 1 sites .* \(1, channels\)"),
        (lambda: tensor([[0, 1, 1]], torch.ones(1)), r"features have shape \(1,\)"),
        (lambda: tensor([[0, 1, 1]], torch.ones(1, 1, dtype=torch.int64)), r"features \(=torch.int64\).*\.float\(\)"),
        (lambda: tensor([[0, 1, 1]], [[1.0]]), r"features \(=list\)"),
        (lambda: tensor([[9, 1, 1, 1]], shape=(2**20,) * 3), r"2\*\*62 positions; split"),
        (lambda: SparseTensor.from_events([], shape=(4, 5)), r"at least one event"),
        (lambda: submanifold_convolution(tensor([[0, 1, 1]]), torch.ones(4, 1, 1), kernel=2), r"kernel \(=2\).*odd.*strided"),
        (lambda: submanifold_convolution(tensor([[0, 1, 1]]), torch.ones(81, 1, 1), kernel=9), r"kernel \(=9\)"),
        (lambda: submanifold_convolution(tensor([[0, 1, 1]]), torch.ones(8, 1, 1)), r"weight has shape \(8, 1, 1\).*\(9, 1, channels out\)"),
        (lambda: submanifold_convolution(tensor([[0, 1, 1]]), torch.ones(9, 2, 1)), r"features of 1 channels"),
        (lambda: submanifold_convolution(tensor([[0, 1, 1]]), torch.ones(9, 1, 1).double()), r"weight is torch.float64 and features are torch.float32.*\.to\(dtype\)"),
        (lambda: submanifold_convolution(tensor([[0, 1, 1]]), torch.ones(9, 1, 1, device="meta")), r"weight is on meta and features are on cpu.*\.to\(device\)"),
        (lambda: submanifold_convolution(tensor([[0, 1, 1]]), torch.ones(9, 1, 1), backend="cuda"), r"backend \(='cuda'\) must be 'auto'"),
        (lambda: submanifold_convolution(tensor([[0, 1, 1]]).to(torch.float16), torch.ones(9, 1, 1).half(), backend="numba"), r"float32 and float64; features are torch.float16.*backend='torch'"),
        (lambda: submanifold_convolution(tensor([[0, 1, 1]]), torch.ones(9, 1, 1), addend=tensor([[0, 1, 1]])), r"x and the addend lie on different indexes.*with_features"),
        (lambda: strided_convolution(tensor([[0, 1, 1]]), torch.ones(16, 1, 1), kernel=4), r"kernel \(=4\) of a strided"),
        (lambda: max_pool(tensor([[0, 1, 1]]), kernel=1), r"kernel \(=1\)"),
        (lambda: inverse_convolution(tensor([[0, 1, 1]]), torch.ones(4, 1, 1), onto=tensor([[0, 1, 1]]).index), r"coarser sites of `onto`.* different indexes"),
        (lambda: concatenate([tensor([[0, 1, 1]]), tensor([[0, 1, 1]])]), r"concatenate lie on different indexes"),
        (lambda: union([tensor([[0, 1, 1]]), tensor([[0, 1, 1]], shape=(4, 6))]), r"images of \(4, 5\) and .* \(4, 6\); both must be the same"),
        (lambda: BatchNorm(3)(tensor([[0, 1, 1]])), r"features have 1 channels and the normalization 3.*BatchNorm\(1\)"),
        (lambda: global_pool(tensor([[0, 1, 1]]), kind="median"), r"kind \(='median'\)"),
        (lambda: list(map_events(abs, [1], workers=0)), r"workers \(=0\)"),
    ],
)  # fmt: skip
def test_message(call, message):
    with pytest.raises(InvalidArgument, match=message):
        call()
