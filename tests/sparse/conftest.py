"""Events to convolve, and what dense torch makes of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from argoscope.sparse import SparseTensor

SHAPES = {2: (9, 14), 3: (5, 8, 6)}
"""Unequal sides, odd and even: swapped axes cannot pass unseen."""


@pytest.fixture(autouse=True)
def one_thread():
    """The number of threads is torch's: the same for every test; those about threads set their own.

    On a busy machine torch's own operations wait long for a second thread.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def make_batch():
    """Function that makes a batch of events with the given numbers of sites."""

    def make(dimensions, sites, channels=3, seed=0, dtype=torch.float64, shape=None):
        shape = shape or SHAPES[dimensions]
        rng = np.random.default_rng(seed)
        rows = []
        for event, count in enumerate(sites):
            cells = rng.permutation(math.prod(shape))[:count]
            rows.append(np.column_stack([np.full(count, event), *np.unravel_index(cells, shape)]))
        coordinates = np.concatenate(rows).astype(np.int64)
        features = torch.from_numpy(rng.normal(size=(len(coordinates), channels))).to(dtype)
        return SparseTensor.from_coordinates(coordinates, features, shape=shape, batch_size=len(sites))

    return make


@pytest.fixture
def at_sites():
    """Function that reads dense images at the sites of an index; shape (sites, channels)."""

    def read(image, index):
        rows = torch.from_numpy(np.column_stack([index.events, index.coordinates]).astype(np.int64))
        return image.movedim(1, -1)[tuple(rows.unbind(1))]

    return read


@pytest.fixture
def dense_weight():
    """Function that turns (offsets, in, out) into the weight of `F.conv2d` and `F.conv3d`."""

    def turn(weight, kernel, dimensions):
        spread = weight.reshape(*[kernel] * dimensions, *weight.shape[1:])
        return spread.movedim((-1, -2), (0, 1))

    return turn


@pytest.fixture
def dense_convolution(dense_weight):
    """Function that convolves images as `argoscope.sparse.index` says: padding k // 2, 0 for kernel 2."""

    def convolve(image, weight, kernel, stride=1):
        dimensions = image.ndim - 2
        if kernel == 2:
            image = F.pad(image, [p for side in reversed(image.shape[2:]) for p in (0, side % 2)])
        function = F.conv2d if dimensions == 2 else F.conv3d
        pad = kernel // 2 if kernel % 2 else 0
        return function(image, dense_weight(weight, kernel, dimensions), stride=stride, padding=pad)

    return convolve
